"""Pairing by file name: the documented rule, and nothing left unnamed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.decisions import ImageRole
from labeling.intake.file_names import split_stem
from labeling.intake.files import FoundFile
from labeling.intake.pairing import pair_files

ROOT = Path("/given")


def pair(*names: str) -> tuple[dict[str, tuple[list[str], list[str]]], dict[str, str]]:
    """Patient id -> (report names, ECG names), and refused name -> code."""
    cases, refused = pair_files([FoundFile(ROOT, ROOT / name) for name in names])

    def short(paths: tuple[Path, ...]) -> list[str]:
        return [str(path.relative_to(ROOT)) for path in paths]

    assert len({case.patient_id for case in cases}) == len(cases), "use pair_files where ids repeat"
    return (
        {case.patient_id: (short(case.reports), short(case.ecgs)) for case in cases},
        {str(item.path.relative_to(ROOT)): item.code for item in refused},
    )


def test_a_shared_name_pairs_report_pages_with_the_ecg() -> None:
    cases, refused = pair("A17_report_p2.jpg", "A17_ecg.png", "A17_report_p1.jpg", "B2.pdf", "B2-ECG.jpg")
    assert cases == {
        "A17": (["A17_report_p1.jpg", "A17_report_p2.jpg"], ["A17_ecg.png"]),
        "B2": (["B2.pdf"], ["B2-ECG.jpg"]),
    }
    assert not refused


def test_folders_called_reports_and_ecg_decide_the_kind() -> None:
    cases, refused = pair("reports/0001.jpg", "ecg/0001.jpg", "north/Reports/0002.jpg", "north/ECG/0002.png")
    assert cases == {
        "0001": (["reports/0001.jpg"], ["ecg/0001.jpg"]),
        "0002": (["north/Reports/0002.jpg"], ["north/ECG/0002.png"]),
    }
    assert not refused


def test_a_folder_given_by_itself_still_decides_the_kind() -> None:
    files = [
        FoundFile(ROOT / "reports", ROOT / "reports/7.jpg"),
        FoundFile(ROOT / "ecg", ROOT / "ecg/7.jpg"),
    ]
    (case,), refused = pair_files(files)
    assert (case.patient_id, [p.name for p in case.reports], len(case.ecgs), refused) == (
        "7",
        ["7.jpg"],
        1,
        [],
    )


def test_a_folder_for_each_patient_gives_the_id_when_the_names_do_not() -> None:
    cases, refused = pair(
        "A17/report_p1.jpg", "A17/report_p2.jpg", "A17/ecg.jpg", "B2/echo.pdf", "report.jpg"
    )
    assert cases == {
        "A17": (["A17/report_p1.jpg", "A17/report_p2.jpg"], ["A17/ecg.jpg"]),
        "B2": (["B2/echo.pdf"], []),
    }
    assert refused == {"report.jpg": "bad_name"}


def test_equal_names_in_two_folders_are_two_cases_of_one_id() -> None:
    files = [FoundFile(ROOT, ROOT / name) for name in ("n/1.jpg", "s/1.jpg", "s/ecg/1.jpg")]
    cases, refused = pair_files(files)
    assert [(case.patient_id, len(case.ecgs)) for case in cases] == [("1", 0), ("1", 1)]
    assert not refused


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["A1_p1.jpg", "A1_p3.jpg"], "missing_page"),
        (["A1_p2.jpg"], "missing_page"),
        (["A.jpg", "A.png"], "clash"),
        (["A1.jpg", "A1_p1.jpg"], "clash"),
        (["a.jpg", "A.png"], "clash"),
        (["A_ecg.jpg"], "no_report"),
        (["A_report_ecg.jpg"], "bad_name"),
    ],
)
def test_what_does_not_pair_is_named_file_by_file(names: list[str], code: str) -> None:
    assert pair(*names) == ({}, dict.fromkeys(names, code))


words = st.text("ABCxyz0123456789", min_size=1, max_size=6).filter(
    lambda word: not word.lower().startswith("p")
)


@given(
    ident=st.lists(words, min_size=1, max_size=3),
    separator=st.sampled_from("_-. "),
    role=st.sampled_from(["", "report", "ECHO", "ecg", "EKG"]),
    page=st.sampled_from(["", "p1", "P02", "page3", "pg4"]),
    role_first=st.booleans(),
)
def test_the_id_is_what_remains_of_the_name(
    ident: list[str], separator: str, role: str, page: str, role_first: bool
) -> None:
    patient_id = separator.join(ident)
    parts = [role, patient_id, page] if role_first else [patient_id, role, page]
    found = split_stem(separator.join(part for part in parts if part))
    assert found.patient_id == patient_id
    assert found.roles == ({ImageRole.ECG if role in ("ecg", "EKG") else ImageRole.REPORT} if role else set())
    assert found.page == {"": 0, "p1": 1, "P02": 2, "page3": 3, "pg4": 4}[page]


@given(st.lists(st.text("abp12_-. /ecgrport", min_size=1, max_size=14), max_size=8, unique=True))
def test_every_file_is_in_one_case_or_named(names: list[str]) -> None:
    paths = {ROOT / f"x{name}y.jpg".replace("//", "/") for name in names}
    cases, refused = pair_files([FoundFile(ROOT, path) for path in sorted(paths)])
    seen = [path for case in cases for path in (*case.reports, *case.ecgs)] + [item.path for item in refused]
    assert sorted(seen) == sorted(paths)
    assert all(case.reports for case in cases)
