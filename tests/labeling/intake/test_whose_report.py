"""Whose a report is across intakes and spellings: zeros, sites, copies."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from intake_state import NOW, state_of
from page_files import saved, sheet

from db.store.engine import Database, open_database
from db.workspace import Workspace
from labeling.intake.register import intake
from labeling.intake.report import IntakeReport


class Desk:
    """One workspace with its database, and a folder to put files into."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "files"
        self.files.mkdir()
        self.workspace = Workspace(workspace=folder / "workspace")
        self.database: Database = open_database(self.workspace)

    def intake(self, listing: str = "") -> IntakeReport:
        path = self.files / "list.csv"
        if listing:
            path.write_text(listing, "utf-8")
        return intake(
            [] if listing else [self.files],
            manifest=path if listing else None,
            workspace=self.workspace,
            database=self.database,
            now=NOW,
        )

    def report(self, name: str, seed: int) -> Path:
        return saved(sheet(seed), self.files / name)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.database.close()


def test_an_id_whose_zeros_were_dropped_is_not_a_second_patient(desk: Desk) -> None:
    for number in range(4):
        desk.report(f"{number}.png", number)
    first = desk.intake("patient_id,report\n00042,0.png\nA7,1.png\n")
    later = desk.intake("patient_id,report\n42,2.png\nA7,3.png\n")
    assert (first.registered, later.registered) == (2, 1)
    assert [(item.code, item.row) for item in later.refused] == [("id_clash", 2)]


def test_a_site_has_one_spelling_from_its_first_day_on(desk: Desk) -> None:
    for number in range(3):
        desk.report(f"{number}.png", number)
    desk.intake("patient_id,report,site\nA,0.png,Köln Nord\n")
    text = "patient_id,report,site\nB,1.png,KO\u0308LN  nord\nC,2.png,Bonn\n"
    report = desk.intake(text)
    assert [note for note in report.notes if "Köln Nord" in note]
    assert sorted(site for _, _, site, _, _ in state_of(desk.workspace)["cases"]) == [
        "Bonn",
        "Köln Nord",
        "Köln Nord",
    ]


def test_a_copy_is_left_out_and_counted(desk: Desk) -> None:
    original = desk.report("A_report.png", 1)
    shutil.copy(original, original.with_name("A_report (1).png"))
    report = desk.intake()
    assert (report.registered, report.refused, len(report.copies)) == (1, [], 1)
