"""PTB-XL is read in its official layout, one record at a time, and a folder that is not whole is refused."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from ptbxl_folder import REAL, REAL_CLASSES, Row, counts, needs_real_records, write_folder, write_record

from db.errors import EchoDeskError
from pipeline.waveforms.leads import LEADS
from pipeline.waveforms.ptbxl import open_ptbxl
from pipeline.waveforms.ptbxl_table import SUPERCLASSES, patients_in_several_folds, read_rows

ROWS = [
    Row(1),
    Row(2, codes="{'IMI': 15.0, 'CLBBB': 0.0, 'SR': 0.0}", fold=9, age="300.0", sex="0"),
    Row(3, codes="{'AFIB': 100.0}", fold=10, age=""),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "ptbxl", ROWS)


@pytest.mark.parametrize("rate", [100, 500])
def test_records_of_both_rates_are_read_with_their_labels_and_folds(folder: Path, rate: int) -> None:
    first, second, third = open_ptbxl(folder, sampling_rate_hz=rate).recordings()
    np.testing.assert_allclose(first.signal_mv, counts(1, rate).T / 1000, rtol=1e-6)
    assert (first.sampling_rate_hz, first.duration_s) == (rate, 10)
    assert (first.recording_id, first.patient_key, first.fold) == ("ptbxl-00001", "ptbxl-1", 1)
    assert first.labels == {"NORM": 1, "MI": 0, "STTC": 0, "CD": 0, "HYP": 0}
    assert second.labels == {"NORM": 0, "MI": 1, "STTC": 0, "CD": 1, "HYP": 0}
    assert not first.is_synthetic
    assert (third.labels, third.fold) == ({}, 10)


def test_a_rhythm_without_a_diagnosis_is_not_called_normal(folder: Path) -> None:
    assert read_rows(folder, 500)[2].superclasses == ()


def test_age_above_89_and_sex_are_said_as_they_are_meant(folder: Path) -> None:
    rows = read_rows(folder, 500)
    assert [row.age_years for row in rows] == [56, 90, None]
    assert [row.sex for row in rows] == ["female", "male", "female"]


def test_leads_are_put_in_order_by_their_printed_names(folder: Path) -> None:
    turned = tuple(reversed([lead.upper() for lead in LEADS]))
    write_record(folder / "records500/00000/00001_hr", counts(1, 500)[:, ::-1], 500, turned)
    first = next(open_ptbxl(folder).recordings())
    np.testing.assert_allclose(first.signal_mv, counts(1, 500).T / 1000, rtol=1e-6)


def test_no_signal_is_read_before_it_is_asked_for(folder: Path) -> None:
    ptbxl = open_ptbxl(folder)
    second = folder / "records500/00000/00002_hr.dat"
    second.write_bytes(b"")
    recordings = ptbxl.recordings()
    assert next(recordings).recording_id == "ptbxl-00001"
    with pytest.raises(EchoDeskError, match=r"00002_hr\.dat is damaged"):
        next(recordings)


def test_half_a_folder_says_how_much_is_missing_and_what_to_do(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, [Row(number) for number in range(1, 11)], rates=(500,))
    for number in range(3, 9):
        (folder / f"records500/00000/{number:05d}_hr.dat").unlink()
    (folder / "records500/00000/00009_hr.hea").unlink()
    with pytest.raises(EchoDeskError) as found:
        open_ptbxl(folder)
    assert "lacks 7 of the 10 records" in found.value.message
    assert "records500/00000/00003_hr, " in found.value.message
    assert "and 2 more" in found.value.message
    assert "Finish the download" in found.value.hint


def test_the_other_sampling_rate_is_offered_where_one_is_absent(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, ROWS, rates=(500,))
    with pytest.raises(EchoDeskError, match="has no records100/") as found:
        open_ptbxl(folder, sampling_rate_hz=100)
    assert "500 Hz" in found.value.hint
    with pytest.raises(EchoDeskError, match="no records at 250 Hz"):
        open_ptbxl(folder, sampling_rate_hz=250)


def test_a_folder_without_any_records_says_so(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError) as found:
        open_ptbxl(write_folder(tmp_path, ROWS, rates=()))
    assert "none at all" in found.value.hint


@pytest.mark.parametrize("name", ["ptbxl_database.csv", "scp_statements.csv"])
def test_a_missing_table_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(EchoDeskError, match=f"{name} is missing"):
        open_ptbxl(folder)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (Row(4, codes="__import__('os').getcwd()"), "Line 2 of"),
        (Row(4, codes="['NORM']"), "Line 2 of"),
        (Row(4, fold=11), "Line 2 of"),
        (Row(4, age="old"), "Line 2 of"),
        (Row(4, files={"filename_hr": "../records500/4"}), "Line 2 of"),
        (Row(4, files={"filename_hr": ""}), "Line 2 of"),
    ],
)
def test_a_row_nobody_can_understand_is_named_by_its_line(tmp_path: Path, row: Row, problem: str) -> None:
    write_folder(tmp_path, [row], rates=())
    with pytest.raises(EchoDeskError, match=problem):
        read_rows(tmp_path, 500)


def test_a_table_without_a_needed_column_or_row_is_refused(folder: Path) -> None:
    table = folder / "ptbxl_database.csv"
    header, *_ = table.read_text().splitlines()
    table.write_text(header + "\n")
    with pytest.raises(EchoDeskError, match="has no rows"):
        read_rows(folder, 500)
    table.write_text(header.replace("strat_fold", "fold") + "\n")
    with pytest.raises(EchoDeskError, match="no column 'strat_fold'"):
        read_rows(folder, 500)
    table.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EchoDeskError, match="cannot be read as a table"):
        read_rows(folder, 500)


def test_statements_without_one_of_the_classes_are_refused(folder: Path) -> None:
    statements = folder / "scp_statements.csv"
    statements.write_text(statements.read_text().replace("HYP", ""))
    with pytest.raises(EchoDeskError, match="does not name all of"):
        read_rows(folder, 500)


def test_a_patient_in_two_folds_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, [Row(1, patient_id=7, fold=1), Row(2, patient_id=7, fold=9)], rates=())
    with pytest.raises(EchoDeskError, match="1 patient"):
        read_rows(tmp_path, 500)


def test_a_record_named_twice_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, [Row(1), Row(1)], rates=())
    with pytest.raises(EchoDeskError, match="more than once"):
        read_rows(tmp_path, 500)


def test_a_record_of_another_rate_or_without_a_lead_is_refused(folder: Path) -> None:
    ptbxl = open_ptbxl(folder)
    target = folder / "records500/00000/00001_hr"
    write_record(target, counts(1, 100), 100)
    with pytest.raises(EchoDeskError, match="100 Hz where 500 Hz belong"):
        ptbxl.read(ptbxl.rows[0])
    write_record(target, counts(1, 500), 500, (*LEADS[:-1], "V7"))
    with pytest.raises(EchoDeskError, match="no lead V6"):
        ptbxl.read(ptbxl.rows[0])


@needs_real_records
def test_superclasses_of_the_real_records_are_the_published_ones() -> None:
    with REAL_CLASSES.open(encoding="utf-8", newline="") as lines:
        published = {int(cells["ecg_id"]): cells for cells in csv.DictReader(lines)}
    rows = open_ptbxl(REAL).rows
    known = [row for row in rows if row.ecg_id in published]
    for row in known:
        cells = published[row.ecg_id]
        assert row.superclasses == tuple(name for name in SUPERCLASSES if cells[name] == "1"), row.ecg_id
        split = {9: "val", 10: "test"}.get(row.fold, "train")
        assert cells["official_split"] == split
    counted = Counter(name for row in known for name in row.superclasses)
    assert (len(rows), len(known)) == (500, 488)
    assert counted == {"NORM": 293, "MI": 71, "STTC": 93, "CD": 76, "HYP": 38}
    assert sum(not row.superclasses for row in rows) == 12


@needs_real_records
def test_the_official_folds_keep_real_patients_whole() -> None:
    rows = open_ptbxl(REAL).rows
    assert len({row.patient_id for row in rows}) == 466
    assert patients_in_several_folds(rows) == []
