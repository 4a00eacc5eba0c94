"""What a person types about files whose names say nothing: the rules and the sentences of a list."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PIL import Image

from db.workspace import Workspace
from labeling.intake.manifest import read_manifest
from labeling.intake.plan import Plan
from labeling.intake.planning import TypedPage, plan_from_typing, plan_intake
from labeling.intake.sites import SiteNames

TODAY = date(2026, 11, 29)


def pages(*typed: tuple[str, str, str, str]) -> list[TypedPage]:
    return [TypedPage(Path(name), patient, day, kind) for name, patient, day, kind in typed]


def test_pages_and_an_ecg_join_the_report_of_their_patient_before_them() -> None:
    cases, refused = plan_from_typing(
        pages(
            ("1.jpg", "A17", "2026-03-05", "report"),
            ("2.jpg", "a17", "", "page"),
            ("3.jpg", "B2", "", "report"),
            ("4.jpg", "A17", "", "ecg"),
            ("5.jpg", "A17", "2026-04-05", "report"),
        ),
        TODAY,
    )
    assert refused == []
    told = [(one.patient_id, len(one.reports), len(one.ecgs), one.report_date) for one in cases]
    assert told == [
        ("A17", 2, 1, date(2026, 3, 5)),
        ("B2", 1, 0, None),
        ("A17", 1, 0, date(2026, 4, 5)),
    ]


def test_an_ecg_photographed_first_waits_for_its_report() -> None:
    cases, refused = plan_from_typing(
        pages(("1.jpg", "A17", "", "ecg"), ("2.jpg", "A17", "", "report")), TODAY
    )
    assert (len(cases), refused) == (1, [])
    assert ([*cases[0].reports], [*cases[0].ecgs]) == ([Path("2.jpg")], [Path("1.jpg")])


@pytest.mark.parametrize(
    ("patient", "day"),
    [
        ("n/a", ""),
        ("1.2E+11", ""),
        ("=A1", ""),
        ("05/03/2024", ""),
        ("A17", "2026-31-02"),
        ("A17", "1.1.1900"),
    ],
)
def test_what_a_list_refuses_is_refused_by_the_same_sentence(tmp_path: Path, patient: str, day: str) -> None:
    listing = tmp_path / "list.csv"
    listing.write_text(f"patient_id,report,report_date\n{patient},1.jpg,{day}\n", encoding="utf-8")
    (of_list,) = read_manifest(listing).errors
    cases, (refused,) = plan_from_typing(pages(("1.jpg", patient, day, "report")), TODAY)
    assert cases == []
    assert (refused.code, refused.reason, refused.remedy) == (of_list.code, of_list.reason, of_list.remedy)
    assert (refused.path, refused.row) == (Path("1.jpg"), None)


def test_a_day_to_come_and_two_spellings_of_one_id_are_refused() -> None:
    _, (future,) = plan_from_typing(pages(("1.jpg", "A17", "2027-01-01", "report")), TODAY)
    assert future.reason == "the row has a date in the future"
    cases, refused = plan_from_typing(
        pages(("1.jpg", "017", "", "report"), ("2.jpg", "17", "", "report")), TODAY
    )
    assert (cases, [one.code for one in refused]) == ([], ["id_clash", "id_clash"])


def test_one_id_and_one_day_given_twice_are_pointed_at(tmp_path: Path) -> None:
    for name in ("photo-1.jpg", "photo-2.jpg", "photo-3.jpg", "photo-4.jpg"):
        Image.new("L", (8, 8)).save(tmp_path / name)
    twice = [TypedPage(tmp_path / f"photo-{number}.jpg", "A17", "2026-03-05") for number in (1, 2)]
    other = TypedPage(tmp_path / "photo-3.jpg", "A17", "2026-04-05")
    (note,) = planned(tmp_path, *twice, other, TypedPage(tmp_path / "photo-4.jpg", "B2")).notes
    assert note.startswith("photo-1.jpg and photo-2.jpg: the same patient and date. ")
    further = TypedPage(tmp_path / "photo-2.jpg", "A17", "", "page")
    assert planned(tmp_path, twice[0], further, other).notes == []
    listing = tmp_path / "list.csv"
    listing.write_text("patient_id,report\nA17,photo-1.jpg\nB2,photo-2.jpg\na 17,photo-3.jpg\n")
    workspace = Workspace(workspace=tmp_path.parent / "workspace")
    plan = plan_intake([tmp_path], listing, workspace, datetime(2026, 11, 29, tzinfo=UTC), SiteNames([]))
    assert plan.notes == [] and {one.code for one in plan.refused} == {"id_clash"}
    listing.write_text("patient_id,report\nA17,photo-1.jpg\nB2,photo-2.jpg\nA17,photo-3.jpg\n")
    plan = plan_intake([tmp_path], listing, workspace, datetime(2026, 11, 29, tzinfo=UTC), SiteNames([]))
    assert plan.notes[0].startswith("row 2 and row 4: the same patient, and no date to tell")


def planned(folder: Path, *typed: TypedPage) -> Plan:
    workspace = Workspace(workspace=folder.parent / "workspace")
    now = datetime(2026, 11, 29, tzinfo=UTC)
    return plan_intake([folder], None, workspace, now, SiteNames([]), typed)


def test_typing_settles_what_a_name_leaves_open_and_is_held_beside_the_other_names(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("photo-101112.jpg", "A17_report.jpg", "2026-03-05.jpg"):
        Image.new("L", (8, 8)).save(folder / name)
    plan = planned(folder)
    nameless = {"photo-101112.jpg", "2026-03-05.jpg"}
    assert {path.name for path in plan.nameless} == nameless
    typed = [TypedPage(folder / name, f"B;{name[0]}") for name in sorted(nameless)]
    plan = planned(folder, *typed)
    assert [(case.patient_id, case.why.partition(",")[0]) for case in plan.cases] == [
        ("B;2", "as it was typed"),
        ("B;p", "as it was typed"),
        ("A17", "file name"),
    ]
    assert (plan.nameless, plan.by_device, plan.refused) == ([], [], [])
    plan = planned(folder, TypedPage(folder / "photo-101112.jpg", "A 17"))
    assert {one.code for one in plan.refused} == {"bad_name", "id_clash"}, "A17 and A 17 would be one patient"
