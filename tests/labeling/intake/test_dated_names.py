"""Names with a time beside the id: two reports of one patient, or two patients; no guess without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_state import NOW
from test_file_names import laid_out

from db.workspace import Workspace
from labeling.intake.naming.dated import same_but_for_the_day, without_day
from labeling.intake.patient_ids import look_alikes
from labeling.intake.planning import plan_intake
from labeling.intake.sites import SiteNames


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A17_2023-05-01", "A17_2024-06-02"), ("A17_01.05.2023", "A17_02.06.2024"), ("A17", "A17_20230501"),
        ("A17 (2023-05-01)", "A17 (2023-05-02)"), ("2023-05-01_A17", "2024-06-02_A17"),
        ("A17_1 May 2023", "A17_02Jun2024"), ("0017-23.04.21", "0017-24.05.21"), ("A17_01-05-23", "A17"),
    ],
)  # fmt: skip
def test_two_days_of_one_id_are_refused_with_what_helps(tmp_path: Path, first: str, second: str) -> None:
    cases, refused = laid_out(tmp_path, f"{first}.png", f"{second}.png", same=False)

    assert not cases and {item.code for item in refused} == {"id_clash"}
    assert all("two reports of one patient" in item.reason and "manifest" in item.remedy for item in refused)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A17_2023", "A17_2024"), ("A17", "A17_2023"), ("A17 (2023)", "A17 (2024)"), ("2023_A17", "2024_A17"),
        ("A17_Jan2023", "A17_Feb2023"), ("A17-2023-05", "A17-2023-06"), ("123_2023", "123_2024"),
    ],
)  # fmt: skip
def test_years_beside_an_id_are_told_as_the_guess_they_are(first: str, second: str) -> None:
    ((one, other, what),) = look_alikes([first, "Z99", second, "B18_2022"])
    assert {one, other} == {first, second} and "year" in what


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        ("A17_18", "A17_19", "may be a year"), ("A17", "A17_19", "may be a year"),
        ("A17_FU1", "A17_FU2", "a visit"), ("A17_0m", "A17_6m", "a visit"), ("A17", "A17_6months", "a visit"),
        ("A17_Q1_2023", "A17_Q2_2023", "a visit"), ("A17_scan0001", "A17_scan0002", "a visit"),
        ("A17M", "A17B", "a letter"), ("AB-1234m", "AB-1234f", "a letter"),
    ],
)  # fmt: skip
def test_a_letter_or_two_digits_behind_an_id_are_told(first: str, second: str, what: str) -> None:
    ((one, other, told),) = look_alikes([first, "Z99", second, "B18_22"])
    assert {one, other} == {first, second} and what in told


def test_numbers_of_a_site_are_not_told() -> None:
    assert look_alikes([f"S01_{number}" for number in range(10, 33)]) == []


@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        ("A17-A20", True), ("A17 to A20", True), ("MR100–MR140", True), ("pt_1-pt_9", True),
        ("A17_bis_A20", True), ("pts A1-A9", True), ("A1...A9", True),
        ("A17-B20", False), ("A20-A17", False), ("A17-20", False), ("C01-S002", False),
    ],
)  # fmt: skip
def test_a_name_from_one_id_to_another_is_told(tmp_path: Path, name: str, is_told: bool) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"{name}.png").write_bytes(b"\x89PNG")

    plan = plan_intake([tmp_path / "in"], None, Workspace(root=tmp_path / "w"), NOW, SiteNames([]))

    assert [case.patient_id for case in plan.cases] == [name]
    assert any("from one to the other" in note for note in plan.notes) == is_told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A17_2023-05-01", "B18_2023-05-01"),
        ("20230501", "20230502"),
        ("00012345", "00012346"),
        ("A17", "B17"),
    ],
)
def test_other_ids_on_one_day_and_numbers_that_look_like_days_are_left_alone(one: str, other: str) -> None:
    assert same_but_for_the_day([one, other]) == {}


def test_a_day_that_became_part_of_an_id_is_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("A17_2023-05-01.png", "B18.png"):
        (tmp_path / "in" / name).write_bytes(b"\x89PNG")

    plan = plan_intake([tmp_path / "in"], None, Workspace(root=tmp_path / "w"), NOW, SiteNames([]))

    assert plan.notes == [
        "A17_2023-05-01.png: the day is part of the patient id, so another day would be another patient"
    ]
    assert not without_day("IMG_20230501_101010") and not without_day("B18")
