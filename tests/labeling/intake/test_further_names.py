"""Further habits of naming files: pages, papers, folders, devices, and places where somebody lay."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_state import NOW
from test_file_names import laid_out

from db.access.patient_key import load_or_create_secret, patient_key
from db.workspace import Workspace
from labeling.intake.naming.no_ids import is_of_a_device, is_speaking
from labeling.intake.patient_ids import look_alikes
from labeling.intake.plan import PlannedCase
from labeling.intake.planning import plan_intake
from labeling.intake.sites import SiteNames


def shape(cases: list[PlannedCase]) -> dict[str, tuple[int, int]]:
    """Patient id -> how many report pages and ECGs."""
    return {case.patient_id: (len(case.reports), len(case.ecgs)) for case in cases}


@pytest.mark.parametrize(
    "names",
    [
        ("B2_recto", "B2_verso"), ("B2_front", "B2_back"), ("B2_Vorderseite", "B2_Rückseite"),
        ("B2_first page", "B2_second page"), ("B2_page_one", "B2_page_two"), ("B2 page ii", "B2 page i"),
        ("B2_Blatt 1", "B2_Blatt 2"), ("B2_part1", "B2_part2"), ("B2_पेज 1", "B2_पेज २"),
        ("page1_B2", "page2_B2"), ("B2_report_Seite 1 von 2", "B2_report_Seite 2 von 2"),
        ("B2_2nd page", "B2_1st page"),
    ],
)  # fmt: skip
def test_further_page_words_make_one_report(tmp_path: Path, names: tuple[str, str]) -> None:
    cases, refused = laid_out(tmp_path, *(f"{name}.png" for name in names), same=False)
    assert (shape(cases), refused) == ({"B2": (2, 0)}, [])


@pytest.mark.parametrize(
    "ward", ["WardC", "Ward 12", "Bed7", "ICU", "OPD 3", "Northgate", "MaleWard2", "Clinic-1"]
)
def test_pages_called_p_of_a_place_are_perhaps_so_many_patients(tmp_path: Path, ward: str) -> None:
    cases, refused = laid_out(tmp_path, f"{ward}_P1.png", f"{ward}_P2.png", same=False)
    assert not cases and {item.code for item in refused} == {"bad_name"}
    assert all(ward in item.reason and item.remedy for item in refused)


@pytest.mark.parametrize(
    ("ecgs", "reports"),
    [
        ("ECG photos", "Echo reports"), ("EKG-Bilder", "Echo"), ("ecg_images", "echo_images"),
        ("ECGs 2024", "Reports 2024"), ("12 lead", "2D Echo"), ("E.C.G", "Befunde"),
    ],
)  # fmt: skip
def test_folders_say_in_several_words_what_they_hold(tmp_path: Path, ecgs: str, reports: str) -> None:
    cases, refused = laid_out(tmp_path, f"{ecgs}/C3.png", f"{reports}/C3.png", same=False)
    assert (shape(cases), refused) == ({"C3": (1, 1)}, [])


@pytest.mark.parametrize("folder", ["ECG reports", "Holter", "X-ray", "Lab reports"])
def test_a_folder_of_something_else_is_refused_and_words_in_the_name_go_before_it(
    tmp_path: Path, folder: str
) -> None:
    cases, refused = laid_out(tmp_path, f"{folder}/C3.png", f"{folder}/C4_echo.png", same=False)
    assert shape(cases) == {"C4": (1, 0)}
    assert [item.code for item in refused] == ["bad_name"] and "folder" in refused[0].remedy


@pytest.mark.parametrize("word", ["Befund", "TTE", "echobefund", "रिपोर्ट", "2D Echo", "Color Doppler Echo"])
def test_further_words_for_a_report_pair_with_the_ecg(tmp_path: Path, word: str) -> None:
    cases, refused = laid_out(tmp_path, f"C3_{word}.png", "C3_e.c.g.png", same=False)
    assert (shape(cases), refused) == ({"C3": (1, 1)}, [])


@pytest.mark.parametrize(
    "word", "12-lead|rhythm strip|cardiogram|tracing|Holter|TMT|xray|x-ray|CT|lab|discharge|rx".split("|")
)
def test_what_may_be_an_ecg_and_other_papers_are_no_echo_reports(tmp_path: Path, word: str) -> None:
    cases, refused = laid_out(tmp_path, "C3_echo.png", f"C3_{word}.png", same=False)
    assert shape(cases) == {"C3": (1, 0)}
    assert [(item.code, item.path.name) for item in refused] == [("bad_name", f"C3_{word}.png")]


@pytest.mark.parametrize("stem", ["CT_001", "LAB-17", "Lead 4 A17", "RX2024-7"])
def test_such_words_in_front_may_belong_to_an_id(tmp_path: Path, stem: str) -> None:
    cases, refused = laid_out(tmp_path, f"{stem}.png")
    assert (shape(cases), refused) == ({stem: (1, 0)}, [])


def test_a_number_in_front_of_an_id_is_refused_and_a_word_in_brackets_is_a_word(tmp_path: Path) -> None:
    cases, refused = laid_out(
        tmp_path, "(1) C3.png", "(2) C3.png", "C4 [ECG].png", "C4(Echo).png", same=False
    )
    assert shape(cases) == {"C4": (1, 1)}
    assert {item.code for item in refused} == {"bad_name"} and len(refused) == 2


@pytest.mark.parametrize("stem", ["case2", "sub4", "B2", "17"])
def test_pages_called_p_of_an_id_are_pages(tmp_path: Path, stem: str) -> None:
    cases, refused = laid_out(tmp_path, f"{stem}_p1.png", f"{stem}_p2.png", same=False)
    assert (shape(cases), refused) == ({stem: (2, 0)}, [])


def test_what_was_done_to_a_picture_is_no_part_of_the_id(tmp_path: Path) -> None:
    cases, refused = laid_out(tmp_path, "C3_scan.png", "C3_ecg.png", same=False)
    assert (shape(cases), refused) == ({"C3": (1, 1)}, [])
    cases, refused = laid_out(tmp_path / "two", "C3_old.png", "C3_new.png", same=False)
    assert not cases and {item.code for item in refused} == {"clash"}


@pytest.mark.parametrize(
    "name", ["A17 – Kopie (2)", "A17 duplicate", "A17 (Ram's conflicted copy 2024-03-04)"]
)
def test_further_copies_are_left_out(tmp_path: Path, name: str) -> None:
    (case,), refused = laid_out(tmp_path, "A17.png", f"{name}.png")
    assert ([path.name for path in case.copies], refused) == ([f"{name}.png"], [])


def test_a_second_ending_is_no_part_of_the_id(tmp_path: Path) -> None:
    cases, _ = laid_out(tmp_path, "A17.jpg.png", "A17_ecg.pdf.png", same=False)
    assert shape(cases) == {"A17": (1, 1)}


@pytest.mark.parametrize(
    "name",
    [
        "IMG-20240304-WA0001", "20240304_101213", "MVIMG_20240304_101213", "IMG_E0123",
        "PXL_20240304_101213.MP", "Bild 2", "Foto1", "फोटो 1", "EPSON001", "CCF_000123",
        "SKM_C25824030410120", "Adobe Scan 04-Mar-2024", "CamScanner 03-04-2024 10.12",
        "New Doc 2024-03-04 10.12.13_1", "Bildschirmfoto 2024-03-04",
        "FB_IMG_1709547133", "received_1234567890", "signal-2024-03-04-101213", "download (1)", "Unbenannt-1",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "Scan 4 Mar 2024 at 10.12", "attachment1",
    ],
)  # fmt: skip
def test_further_devices_and_programs_are_known(name: str) -> None:
    assert is_of_a_device(name)


@pytest.mark.parametrize(
    "name", ["Foto A17", "HP123", "P1010001", "101_0001", "BILD-X4", "20240304-17", "doc17b"]
)
def test_an_id_that_begins_like_a_devices_name_is_one(name: str) -> None:
    assert not is_of_a_device(name)


@pytest.mark.parametrize(
    ("name", "is_no_id"),
    [
        ("Ward 3", True),
        ("bed12", True),
        ("ICU-2", True),
        ("März 2024", True),
        ("Ward3_A17", False),
        ("OPD 4711", False),
    ],
)
def test_a_place_is_nobody(name: str, is_no_id: bool) -> None:
    assert is_speaking(name) is is_no_id


def test_numbered_photos_of_a_device_are_the_next_photos(tmp_path: Path) -> None:
    names = ["WhatsApp Image 2024-03-04 at 10.12.13.png", "WhatsApp Image 2024-03-04 at 10.12.13 (1).png"]
    cases, refused = laid_out(tmp_path, *names, same=False)
    assert ([case.patient_id for case in cases], refused) == ([name[:-4] for name in names], [])
    assert not any("copy" in case.why for case in cases)
    (case,), _ = laid_out(tmp_path / "same", *names)
    assert [path.name for path in case.copies] == names[1:]
    _, refused = laid_out(tmp_path / "ecg", "IMG_0001_ecg.png", "IMG_0001_ecg (1).png", same=False)
    assert len(refused) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("O07", "007"), ("A1O", "A10"), ("l01", "101"), ("A017", "A17"), ("MRN 017", "MRN 17"),
        ("UHID4711", "4711"), ("4711 Ram", "4711"), ("A-17", "A17"), ("A17a", "A17b"),
        ("A17-01", "A17-02"), ("A17_S1", "A17_S2"), ("A17 visit 1", "A17 visit 2"),
    ],
)  # fmt: skip
def test_ids_that_look_alike_are_told(first: str, second: str) -> None:
    ((one, other, what),) = look_alikes([first, "Z99", second, "B17"])
    assert (one, other) == (first, second) and what


@pytest.mark.parametrize(
    "stem", ["A17&B18", "A17,B18_report", "A17 and B18", "A17 + A18", "A17_und_A18", "patients 1-20"]
)
def test_a_name_of_several_patients_is_refused(tmp_path: Path, stem: str) -> None:
    cases, (refused,) = laid_out(tmp_path, f"{stem}.png")
    assert not cases and "several patients" in refused.reason and "manifest" in refused.remedy


@pytest.mark.parametrize("stem", ["A17-A20", "Ram & Sita 4711", "A17, 50Y", "B-1-20"])
def test_other_names_with_signs_are_ids(tmp_path: Path, stem: str) -> None:
    cases, refused = laid_out(tmp_path, f"{stem}.png")
    assert [case.patient_id for case in cases] == [stem] and not refused


def test_names_of_devices_are_not_told_as_look_alikes(tmp_path: Path) -> None:
    for name in ("image1", "image (1)", "IMG_001", "IMG_01"):
        (tmp_path / f"{name}.png").write_bytes(name.encode())
    workspace = Workspace(workspace=tmp_path / "workspace")
    assert not plan_intake([tmp_path], None, workspace, NOW, SiteNames()).notes


def test_ids_under_one_year_or_ward_are_not_told() -> None:
    assert look_alikes([f"{name} 2024" for name in ("Asha", "Bina", "Chitra", "Dev", "Esha")]) == []
    assert look_alikes(["A17", "B17", "17-A-3", "17-B-3", "lio", "110x"]) == []


def test_letters_of_another_script_that_look_the_same_are_refused(tmp_path: Path) -> None:
    _, refused = laid_out(tmp_path, "B17.png", "\u041217.png", same=False)
    assert {item.code for item in refused} == {"id_clash"} and len(refused) == 2


@pytest.mark.parametrize(
    ("registered", "new"),
    [
        ("007", "O07"), ("A17", "A017"), ("A017", "A17"), ("4711", "UHID 4711"), ("MRN-4711", "4711"),
        ("A-17", "A17"),
    ],
)  # fmt: skip
def test_an_id_that_looks_like_that_of_a_registered_patient_is_told(
    tmp_path: Path, registered: str, new: str
) -> None:
    workspace = Workspace(workspace=tmp_path / "workspace")
    secret = load_or_create_secret(workspace.patient_key_file)
    for name in (new, registered, "B18"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}_report.png").write_bytes(name.encode())

    def is_told(name: str) -> bool:
        known = {patient_key(registered, secret)}
        plan = plan_intake([tmp_path / name], None, workspace, NOW, SiteNames(), known=known)
        return any("looks like that of a registered patient" in note for note in plan.notes)

    assert is_told(new) and not is_told(registered) and not is_told("B18")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A17_pageA", "A17_pageB"), ("A17_page-A", "A17_page-B"), ("A17 Seite A", "A17 Seite B"),
        ("A17_pagei", "A17_pageii"), ("A17 page I", "A17 page II"), ("A17 S. 1", "A17 S. 2"),
        ("A17_pag1", "A17_pag2"), ("A17 feuille 1", "A17 feuille 2"), ("A17_hoja1", "A17_hoja2"),
        ("A17_página 1", "A17_página 2"), ("A17_стр1", "A17_стр2"), ("A17_ಪುಟ1", "A17_ಪುಟ2"),
        ("A17_vorn", "A17_hinten"), ("pageA_A17", "pageB_A17"), ("A17_page_1_2", "A17_page_2_2"),
        ("A17_Page01", "A17_Page02"), ("A17", "A17_pageB"), ("A17_partI", "A17_partII"),
        ("A17 1. Seite", "A17 2. Seite"), ("A17 第1页", "A17 第2页"), ("A17 oldal 1", "A17 oldal 2"),
        ("A17_page", "A17_page2"),
    ],
)  # fmt: skip
def test_pages_told_by_letters_and_in_other_languages_are_of_one_patient(
    first: str, second: str, tmp_path: Path
) -> None:
    cases, refused = laid_out(tmp_path, f"{first}.png", f"{second}.png", same=False)

    assert [(case.patient_id, [path.stem for path in case.reports]) for case in cases] == [
        ("A17", [first, second])
    ]
    assert refused == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A17_1-2", "A17_2-2"), ("A17_pt1", "A17_pt2"), ("p1 A17", "p2 A17"), ("A17_first", "A17_second"),
        ("A17_i", "A17_ii"), ("A17_p1a", "A17_p1b"), ("A17_pA", "A17_pB"), ("A17 S 1", "A17 S 2"),
        ("A17_reportA", "A17_reportB"), ("A17_partA", "A17_partB"), ("A17_1st", "A17_2nd"),
    ],
)  # fmt: skip
def test_names_that_count_pages_or_patients_are_refused_with_the_remedy(
    first: str, second: str, tmp_path: Path
) -> None:
    cases, refused = laid_out(tmp_path, f"{first}.png", f"{second}.png", same=False)

    assert cases == []
    assert {item.path.stem for item in refused} == {first, second}
    assert all("A17_" in item.remedy for item in refused)


@pytest.mark.parametrize(
    "names",
    [
        ("P1_V1", "P2_V1"), ("P01_2024", "P02_2024"), ("Part A 001", "Part B 001"), ("A17_3-4", "A17_4-4"),
        ("2024_1-2", "2025_1-2"), ("A17_first", "B18_second"),
    ],
)  # fmt: skip
def test_names_of_two_patients_stay_two(names: tuple[str, str], tmp_path: Path) -> None:
    cases, refused = laid_out(tmp_path, *(f"{name}.png" for name in names), same=False)

    assert (sorted(case.patient_id for case in cases), refused) == (sorted(names), [])


@pytest.mark.parametrize(
    "ends",
    [("scan1", "scan2"), ("left", "right"), ("f1", "f2"), ("img_1", "img_2"), ("1st visit", "2nd visit")],
)
def test_ids_that_differ_in_their_end_alone_are_told(ends: tuple[str, str]) -> None:
    (told,) = look_alikes([f"A17_{end}" for end in ends])
    assert told[:2] == (f"A17_{ends[0]}", f"A17_{ends[1]}")


@pytest.mark.parametrize(
    "further", ["A17_cont", "A17 continued", "A17_addendum", "A17_corrected", "A17_draft", "A17report2"]
)
def test_what_may_be_a_further_page_or_report_makes_no_patient(further: str, tmp_path: Path) -> None:
    cases, refused = laid_out(tmp_path, "A17.png", f"{further}.png", same=False)

    assert [case.patient_id for case in cases] == ["A17"]
    assert [item.path.stem for item in refused] == [further] and "A17_" in refused[0].remedy
