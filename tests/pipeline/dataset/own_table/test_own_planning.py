"""Which rows of a researcher's table can be taken, which contradict each other, and what is said of each."""

from __future__ import annotations

import shutil
import unicodedata
from itertools import combinations
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_tables import cells, draw_ecgs, planned, written

from db.errors import EchoDeskError, WrongUse
from db.labels import Findings
from labeling.intake.patient_ids import why_no_id
from pipeline.dataset.own_table.agreeing import Photographed, agreed
from pipeline.dataset.own_table.columns import find_columns, mapping_of
from pipeline.dataset.own_table.planning import OwnPlan, ungraded
from pipeline.dataset.own_table.reading import OwnRow


def reasons(plan: OwnPlan) -> dict[int | None, str]:
    """Row -> why it can't be taken."""
    return {one.row: one.reason for one in plan.refused}


def plan_of(folder: Path, *rows: dict[str, Any]) -> OwnPlan:
    return planned(written(folder, rows))


def test_a_table_with_usual_other_names_and_semicolons_is_understood(tmp_path: Path) -> None:
    rows = [
        {"Hospital No": f"000{n}", "Photo": f"ecg_{n}.jpg", "LVEF (%)": "55,5", "RWMA": "No", "Gender": "F",
         "Age (years)": 61, "Echo Date": "13/03/2024", "Remarks": "none", "Patient Name": "Asha Rao"}
        for n in range(1, 4)
    ]  # fmt: skip
    draw_ecgs(tmp_path, "ecg_1.jpg", "ecg_2.jpg", "ecg_3.jpg")
    plan = planned(written(tmp_path, rows, delimiter=";"))
    assert not plan.refused and len(plan.rows) == 3 == plan.patients
    assert plan.table.columns == {
        "patient_id": "Hospital No", "ecg": "Photo", "ef_percent": "LVEF (%)", "rwma": "RWMA",
        "sex": "Gender", "age_years": "Age (years)", "report_date": "Echo Date",
    }  # fmt: skip
    assert plan.table.unused == ("Remarks", "Patient Name")
    assert plan.table.people == ("Patient Name",)
    first = plan.rows[0].row
    assert (first.patient_id, first.findings.ef_percent, first.people) == ("0001", 55.5, ("Asha Rao",))
    assert str(first.report_date) == "2024-03-13"
    assert dict(plan.table.taken)["rwma", "no", "absent"] == 3


def test_an_excel_number_is_the_id_that_excel_shows_and_what_it_broke_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["patient_id", "ecg", "ef_percent"])
    for number, (patient, ef) in enumerate(
        ((42, 37.5), (1.23e20, 55), (None, 55), ("H4", 55), ("H5", 0.55), ("H6", None)), start=1
    ):
        sheet.append([patient, f"ecg_{number}.jpg", ef])
    sheet["A2"].number_format = "00000"
    sheet["A4"], sheet["C7"] = "=1/0", "=10+5"  # openpyxl stores formulas without their values
    sheet["C5"].number_format, sheet["C6"].number_format = "0.0", "0%"
    draw_ecgs(tmp_path, *(f"ecg_{number}.jpg" for number in range(1, 7)))
    book.save(tmp_path / "labels.xlsx")
    plan = planned(tmp_path / "labels.xlsx")
    assert [(one.row.patient_id, one.row.findings.ef_percent) for one in plan.rows] == [
        ("00042", 37.5),
        ("H4", 55),
        ("H5", 55),  # typed as 55%, and shown so
    ]
    assert set(reasons(plan)) == {3, 4, 7}
    assert "formula" in reasons(plan)[7]


def workbook(folder: Path, *rows: tuple[Any, ...], merged: str = "", percent: str = "") -> OwnPlan:
    """The plan of a workbook whose photographs are there."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    for cell in percent.split():
        sheet[cell].number_format = "0.0%"
    draw_ecgs(folder, *(f"ecg_{number}.jpg" for number in range(1, len(rows))))
    book.save(folder / "labels.xlsx")
    return planned(folder / "labels.xlsx")


def test_what_excel_shows_in_percent_is_taken_in_percent(tmp_path: Path) -> None:
    efs = (0.55, 0.375, 0.07, 1, 55)
    rows = [(f"H{number}", f"ecg_{number}.jpg", ef) for number, ef in enumerate(efs, start=1)]
    plan = workbook(tmp_path, ("patient_id", "ecg", "EF"), *rows, percent="C2 C3 C4 C5 C6")
    assert [one.row.findings.ef_percent for one in plan.rows] == [55, 37.5, 7]
    assert "'100%' is outside" in reasons(plan)[5]
    assert "'5500%' is no ejection fraction" in reasons(plan)[6]


@pytest.mark.parametrize(
    ("merged", "said"), [("C2:C4", "ef_percent"), ("A2:A4", "patient_id"), ("C2:D4", "")]
)
def test_cells_merged_over_rows_lose_no_label_without_a_word(tmp_path: Path, merged: str, said: str) -> None:
    rows = [(f"H{number}", f"ecg_{number}.jpg", 40, "no") for number in range(1, 6)]
    plan = workbook(tmp_path, ("patient_id", "ecg", "EF", "rwma"), *rows, merged=merged)
    assert [one.row.row for one in plan.rows] == [2, 5, 6]
    assert set(reasons(plan)) == {3, 4}
    assert f"the cell of {said}" in reasons(plan)[3]
    assert "unmerge them, and fill in each row" in reasons(plan)[3]


def test_a_title_merged_over_rows_above_the_header_is_passed_over(tmp_path: Path) -> None:
    rows = [("Echo list",), (), ("patient_id", "ecg", "EF"), ("H1", "ecg_1.jpg", 40)]
    plan = workbook(tmp_path, *rows, merged="A1:C2")
    assert [one.row.row for one in plan.rows] == [4]
    assert not plan.refused


def test_columns_with_names_of_their_own_are_mapped(tmp_path: Path) -> None:
    rows = [{"Pat": f"P{n}", "Bild": f"ecg_{n}.jpg", "Auswurf": 50} for n in (1, 2)]
    listing = written(tmp_path, rows, delimiter=";")
    draw_ecgs(tmp_path, "ecg_1.jpg", "ecg_2.jpg")
    with pytest.raises(
        EchoDeskError, match="no column patient_id and no column ecg; found: 'Pat', 'Bild'"
    ) as e:
        planned(listing)
    assert "--column patient_id=" in e.value.hint
    with pytest.raises(EchoDeskError, match="no column ef_percent or rwma"):
        planned(listing, patient_id="Pat", ecg="Bild")
    plan = planned(listing, patient_id="pat", ecg="Bild", ef_percent="Auswurf")
    assert [one.row.findings.ef_percent for one in plan.rows] == [50.0, 50.0]
    with pytest.raises(EchoDeskError, match="no column called 'Foto'"):
        planned(listing, patient_id="Pat", ecg="Foto")


def test_one_column_may_be_id_and_photograph_and_endings_may_be_left_out(tmp_path: Path) -> None:
    listing = written(tmp_path, [{"Record": f"R{n}", "EF": 50} for n in (1, 2)])
    draw_ecgs(tmp_path, "R1.JPG", "R2.JPG")
    plan = planned(listing, patient_id="Record", ecg="Record")
    assert [[file.name for file in one.files] for one in plan.rows] == [["R1.JPG"], ["R2.JPG"]]


@pytest.mark.parametrize("asked", ["ef_percent", "=x", "ef_percent=", "ejection=EF", "rwma=A;rwma=B"])
def test_a_mapping_that_means_nothing_is_wrong_use(asked: str) -> None:
    with pytest.raises(WrongUse, match="FIELD=NAME"):
        mapping_of(asked.split(";"))


def test_a_bare_id_counts_only_where_nothing_names_the_patient_better() -> None:
    path = Path("labels.csv")
    assert find_columns(path, ["id", "file", "ef"], {})["patient_id"] == 0
    assert find_columns(path, ["id", "patient_id", "file", "ef"], {})["patient_id"] == 1
    assert find_columns(path, ["UHID", "photo", "ecg file", "ef"], {})["ecg"] == 2
    with pytest.raises(EchoDeskError, match="two columns for ef_percent: 'EF' and 'LVEF'") as error:
        find_columns(path, ["uhid", "photo", "EF", "LVEF"], {})
    assert "--column" in error.value.hint
    assert find_columns(path, ["uhid", "photo", "EF", "LVEF"], {"ef_percent": "LVEF"})["ef_percent"] == 3


def test_a_folder_that_is_not_there_is_told_once_and_not_by_row(tmp_path: Path) -> None:
    listing = written(tmp_path, [cells(1)])
    (tmp_path / "photos").rename(tmp_path / "pictures")
    with pytest.raises(EchoDeskError, match="there is no folder"):
        planned(listing)


def test_an_empty_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(EchoDeskError, match="is empty"):
        planned(empty)
    empty.write_text("patient_id,ecg,ef_percent\n")
    with pytest.raises(EchoDeskError, match="no row below its header"):
        planned(empty)


def test_rows_that_cannot_be_used_are_named_with_the_remedy_and_the_others_stay(tmp_path: Path) -> None:
    listing = written(
        tmp_path,
        [
            cells(1),
            cells(2, ef_percent=0.55),
            cells(3, ecg=""),
            cells(4, patient_id=""),
            cells(5, patient_id="1.23E+11"),
            cells(6, rwma="apical", rwma_severity=""),
            cells(7, report_date="05/03/2024"),
            cells(8, report_date="2044-01-01"),
        ],
    )
    draw_ecgs(tmp_path, "nobody.jpg")
    plan = planned(listing)
    assert [one.row.row for one in plan.rows] == [2]
    found = reasons(plan)
    assert "is a share" in found[3]
    assert "names no photograph" in found[4]
    assert "no patient id" in found[5]
    assert "digits are lost" in found[6]
    assert "'apical' is no answer" in found[7]
    assert "day first or month first" in found[8]
    assert "in the future" in found[9]
    assert all(one.remedy for one in plan.refused)
    # A photograph of a row that can't be used is spoken of; one without a row is told and not used.
    assert [path.name for path in plan.not_listed] == ["nobody.jpg"]
    assert plan.rows_refused == 7


def test_a_missing_photograph_is_named_with_what_may_be_meant(tmp_path: Path) -> None:
    listing = written(tmp_path, [cells(1), cells(2, ecg="ecg_x.jpg")])
    (tmp_path / "photos" / "ecg_x.jpg").rename(tmp_path / "photos" / "ecg_2.jpg")
    (one,) = planned(listing).refused
    assert (one.row, one.code) == (3, "missing")
    assert "Did you mean ecg_2.jpg?" in one.remedy


def test_names_are_compared_with_files_for_the_first_missing_photographs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = written(tmp_path, [cells(number, ecg=f"ecg {number}.png") for number in range(1, 131)])
    draw_ecgs(tmp_path, "ecg_1.jpg")
    compared: list[str] = []

    def counting(name: str, *_: Any, **__: Any) -> list[str]:
        compared.append(name)
        return []

    monkeypatch.setattr("labeling.intake.plan.get_close_matches", counting)
    plan = planned(listing)
    assert len(plan.refused) == 130
    assert len(compared) == 100


def test_one_photograph_for_two_patients_is_refused_by_name_and_by_bytes(tmp_path: Path) -> None:
    listing = written(tmp_path, [cells(1), cells(2, ecg="ecg_1.jpg"), cells(3), cells(4)])
    shutil.copy(tmp_path / "photos" / "ecg_3.jpg", tmp_path / "photos" / "ecg_4.jpg")
    plan = planned(listing)
    assert plan.rows == ()
    found = reasons(plan)
    assert "several patients, in rows 2, 3" in found[2] == found[3]
    assert "several patients, in rows 4, 5" in found[4] == found[5]


def test_one_patient_with_two_answers_on_one_date_is_refused(tmp_path: Path) -> None:
    day = {"report_date": "2024-03-05"}
    plan = plan_of(
        tmp_path,
        cells(1, **day),
        cells(2, patient_id="H0001", ef_percent=30, rwma="yes", rwma_severity="mild", **day),
        cells(3, **day),
        cells(4, patient_id="H0003", report_date="2024-06-05"),
        cells(5, **day),
        cells(6, patient_id="H0005", ef_percent="", rwma="", rwma_severity="", **day),
    )
    assert set(reasons(plan)) == {2, 3}
    assert "rows 2, 3 are of one patient and date, and differ in ef_percent" in reasons(plan)[2]
    # Other days are other echos, and a row that says nothing contradicts nobody.
    assert [one.row.row for one in plan.rows] == [4, 5, 6, 7]


def test_rows_of_one_patient_without_a_date_that_differ_are_told(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, cells(1), cells(2, patient_id="H0001"))
    assert len(plan.rows) == 2 and plan.patients == 1
    assert any("rows 2, 3 are of one patient, have no date and differ" in note for note in plan.notes)


def test_the_same_row_again_is_left_out_and_told(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, cells(1), cells(1), cells(2, ecg="ecg_2.jpg"), cells(2, rwma_severity="severe"))
    assert plan.copies == (3,)
    assert any("rows 3" in note for note in plan.notes)
    # The same photograph with another answer is no copy.
    assert set(reasons(plan)) == {4, 5}
    assert [one.row.row for one in plan.rows] == [2]


def test_one_patient_of_two_sexes_is_two_patients_or_a_mistake(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, cells(1, sex="M"), cells(2, patient_id="H0001", sex="F"), cells(3, sex=""))
    assert set(reasons(plan)) == {2, 3}
    assert [one.row.row for one in plan.rows] == [4]


def test_what_is_the_same_in_every_row_is_told(tmp_path: Path) -> None:
    rows = [cells(number, rwma="no", rwma_severity="", ef_percent=60) for number in (1, 2, 3)]
    rows.append(cells(4, rwma="", rwma_severity="", ef_percent=""))
    notes = plan_of(tmp_path / "alike", *rows).notes
    assert "wall motion is absent in every row that states it; a training learns nothing of it" in notes
    assert "EF is 60 % in every row that states it; a training learns nothing of it" in notes
    notes = plan_of(tmp_path / "both", *rows, cells(5)).notes
    assert not any("in every row" in note for note in notes)


def test_a_title_that_stands_twice_is_to_be_renamed(tmp_path: Path) -> None:
    header = ["patient_id", "ecg", "EF", "EF"]
    with pytest.raises(EchoDeskError) as error:
        find_columns(tmp_path / "x.csv", header, {})
    assert "rename one in the table" in (error.value.hint or "")
    with pytest.raises(EchoDeskError) as error:
        find_columns(tmp_path / "x.csv", header, {"ef_percent": "EF"})
    assert error.value.hint == "Rename one of them in the table."


def test_wall_motion_without_a_grade_is_counted(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, cells(1, rwma_severity=""), cells(2), cells(4))
    assert ungraded(plan) == 1


def told_apart(one: str) -> str:
    """An id as people tell ids apart: capitals and the width of spaces and letters make no other."""
    return " ".join(unicodedata.normalize("NFKC", one).lower().split())


def as_number(one: str) -> str:
    """An id of digits alone as a spreadsheet may have left it: without its zeros, in plain digits."""
    plain = "".join(str(unicodedata.digit(letter, letter)) for letter in "".join(one.split()))
    return str(int(plain)) if plain.isascii() and plain.isdecimal() else ""


ids = st.text(st.sampled_from("01239Aa-. \u0661\uff11"), min_size=1, max_size=5)


@given(st.lists(ids, min_size=1, max_size=8, unique=True))
def test_no_two_ids_that_are_kept_are_one_patient_or_two_by_a_trifle(written_ids: list[str]) -> None:
    usable = [one.strip() for one in written_ids if one.strip() and not why_no_id(one.strip())]
    rows = [
        Photographed(OwnRow(number, one, (), Findings()), (Path(str(number)),), (str(number),))
        for number, one in enumerate(usable, start=2)
    ]
    sorted_out = agreed(rows)
    assert len(sorted_out.rows) + len(sorted_out.errors) == len(rows)
    for one, other in combinations(sorted_out.rows, 2):
        first, second = one.row.patient_id, other.row.patient_id
        assert (one.patient == other.patient) == (told_apart(first) == told_apart(second))
        if one.patient != other.patient and as_number(first):
            assert as_number(first) != as_number(second)
