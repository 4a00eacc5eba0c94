"""A name means one thing or is refused: pages, copies, ECGs, and whose the file is."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.access.patient_key import patient_key
from db.decisions import ImageRole
from labeling.intake.file_names import NameUnclear, split_stem, without_copy
from labeling.intake.files import FoundFile
from labeling.intake.pairing import PUT_AN_ID, pair_files
from labeling.intake.patient_ids import spelling
from labeling.intake.plan import PlannedCase
from labeling.intake.report import Refused


def laid_out(folder: Path, *names: str, same: bool = True) -> tuple[list[PlannedCase], list[Refused]]:
    """Pair files of these names; all of them hold the same bytes or each its own."""
    paths = [folder / name for name in names]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"page" if same else b"page %d" % number)
    return pair_files([FoundFile(folder, path) for path in paths])


@pytest.mark.parametrize(
    ("stem", "patient_id", "page", "total"),
    [
        ("A17_report_page 1 of 2", "A17", 1, 2),
        ("A17 report (2 of 3)", "A17", 2, 3),
        ("A17_pg2of2", "A17", 2, 2),
        ("A17 - report (page 4)", "A17", 4, 0),
        ("A17_p1_report", "A17", 1, 0),
        ("P001_report", "P001", 0, 0),
        ("report_p2", "", 2, 0),
        ("page7", "", 7, 0),
        ("12-34", "12-34", 0, 0),
    ],
)
def test_a_page_is_told_by_a_page_word(stem: str, patient_id: str, page: int, total: int) -> None:
    found = split_stem(stem)
    assert (found.patient_id, found.page, found.total) == (patient_id, page, total)


@pytest.mark.parametrize(
    "stem",
    "A_ecg2|A_ECG_2|A_12leadECG|A_12-lead ecg|A ekg photo|A_ecg scan|A-electrocardiogram|ECG_photo_A".split(
        "|"
    ),
)
def test_an_ecg_is_known_however_its_word_is_joined(stem: str) -> None:
    found = split_stem(stem)
    assert (found.patient_id, set(found.roles)) == ("A", {ImageRole.ECG})


@pytest.mark.parametrize(
    "stem",
    "P1|P-101|A_P001|A_report2|A_report_2|A_ecg_old|A_ECG-2024|A_echo_2024-03-05|A_rhythmecgstrip".split("|"),
)
def test_a_name_that_means_two_things_is_refused_with_a_way_out(stem: str) -> None:
    with pytest.raises(NameUnclear) as caught:
        split_stem(stem)
    assert str(caught.value) and caught.value.remedy


@pytest.mark.parametrize(
    ("name", "plain", "said"),
    [
        ("A17_report copy", "A17_report", "copy"),
        ("A17_report copy 2", "A17_report", "copy"),
        ("A17_report - Copy (3)", "A17_report", "copy"),
        ("A17_report - Kopie", "A17_report", "copy"),
        ("Copy of A17_report", "A17_report", "copy"),
        ("A17 (copy)", "A17", "copy"),
        ("A17_report (1)", "A17_report", "numbered"),
        ("copy", "copy", ""),
        ("A17_photocopy", "A17_photocopy", ""),
        ("(1)", "(1)", ""),
    ],
)
def test_what_file_managers_add_to_a_copy_is_no_part_of_the_id(name: str, plain: str, said: str) -> None:
    assert without_copy(name) == (plain, said)


def test_a_folder_of_p_and_a_number_is_never_pages_of_the_ward(tmp_path: Path) -> None:
    names = ["WardB/P1.png", "WardB/P2.png", "WardC/p2_report.png", "WardC/P07_ecg.png"]
    cases, refused = laid_out(tmp_path, *names)
    assert not cases
    assert [item.path.relative_to(tmp_path).as_posix() for item in refused] == names
    (case,), _ = laid_out(tmp_path, "P12_report.png", "P12_ecg.png")
    assert (case.patient_id, len(case.ecgs)) == ("P12", 1)


def test_many_pages_told_by_p_alone_may_be_patients(tmp_path: Path) -> None:
    cases, refused = laid_out(tmp_path, *(f"North_p{number}.png" for number in range(1, 13)))
    assert not cases and {item.code for item in refused} == {"bad_name"} and len(refused) == 12
    (case,), _ = laid_out(tmp_path, *(f"North_page{number}.png" for number in range(1, 13)))
    assert len(case.reports) == 12


def test_the_last_page_that_a_name_announces_must_be_there(tmp_path: Path) -> None:
    _, refused = laid_out(tmp_path, "A page 1 of 2.png")
    assert [(item.code, item.reason) for item in refused] == [
        ("missing_page", "page 2 of the report is missing")
    ]


def test_a_copy_with_the_same_bytes_is_left_out(tmp_path: Path) -> None:
    (case,), refused = laid_out(tmp_path, "A_report.png", "A_report (1).png", "A_ecg.png", "A_ecg copy.png")
    assert [path.name for path in (*case.reports, *case.ecgs)] == ["A_report.png", "A_ecg.png"]
    assert sorted(path.name for path in case.copies) == ["A_ecg copy.png", "A_report (1).png"]
    assert not refused


def test_a_changed_copy_stays_with_its_patient_and_a_changed_number_is_refused(tmp_path: Path) -> None:
    cases, refused = laid_out(tmp_path / "c", "A_report.png", "A_report copy.png", same=False)
    assert [case.patient_id for case in cases] == ["A", "A"] and not refused
    cases, refused = laid_out(tmp_path / "n", "A_report.png", "A_report (1).png", same=False)
    assert not cases and {item.code for item in refused} == {"clash"}
    cases, refused = laid_out(tmp_path / "w", "Rao (1).png", "Rao (2).png", same=False)
    assert not cases and len(refused) == 2


def test_a_mac_and_a_windows_name_are_one_patient(tmp_path: Path) -> None:
    composed, apart = unicodedata.normalize("NFC", "Zoë"), unicodedata.normalize("NFD", "Zoë")
    (case,), refused = laid_out(tmp_path, f"{composed}/{composed}_report.png", f"{apart}/{apart}_ecg.png")
    assert (len(case.ecgs), refused) == (1, [])


def test_a_cameras_name_in_two_folders_is_no_patient(tmp_path: Path) -> None:
    cases, refused = laid_out(tmp_path, "A17/IMG_0001.jpg", "B2/IMG_0001.jpg", "B2/IMG_0002.jpg")
    assert [case.patient_id for case in cases] == ["IMG_0002"]
    assert {item.code for item in refused} == {"id_clash"}


def test_a_persons_name_in_two_folders_may_be_two_patients(tmp_path: Path) -> None:
    cases, refused = laid_out(tmp_path, "A/ram kumar.png", "B/Ram Kumar.png", "B/sita.png")
    assert [case.patient_id for case in cases] == ["sita"]
    assert {(item.code, item.remedy) for item in refused} == {("id_clash", PUT_AN_ID)}


@pytest.mark.parametrize("stem", ["unknown_report", "2024-03-05", "N_A", "12-Apr-24_ecg"])
def test_a_date_or_nobody_is_no_patient(tmp_path: Path, stem: str) -> None:
    cases, refused = laid_out(tmp_path, f"{stem}.png")
    assert not cases and refused[0].code == "bad_name"


words = st.sampled_from("A a 1 01 1_1 11 2 á a\u0301 ß ss P1 report ecg copy (1) p2 -".split())


@given(st.lists(st.lists(words, min_size=1, max_size=4).map("_".join), max_size=6, unique=True))
def test_no_two_names_merge_or_split_a_patient(stems: list[str]) -> None:
    root = Path("/given")
    cases, _ = pair_files([FoundFile(root, root / f"{stem}.png") for stem in stems])
    keys = {(spelling(case.patient_id), patient_key(case.patient_id, bytes(32))) for case in cases}
    assert len({key for _, key in keys}) == len({one for one, _ in keys}) == len(keys)
