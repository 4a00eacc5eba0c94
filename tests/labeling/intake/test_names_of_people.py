"""Files called after people: a name is no id, so it is named, and never joins an earlier patient."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_state import NOW
from page_files import saved, sheet

from db.store.engine import open_database
from db.workspace import Workspace
from labeling.intake.naming.no_ids import is_speaking
from labeling.intake.pairing import PUT_AN_ID
from labeling.intake.register import intake
from labeling.intake.report import IntakeReport


@pytest.mark.parametrize(
    ("patient_id", "is_no_id"),
    [
        ("grandma", True), ("ram kumar", True), ("Ram Kumar 2024-03-05", True), ("ram kumar 05.03.24", True),
        ("sita_20240305", True), ("Ram 67y", True), ("Ram 67 yrs", True), ("राम", True), ("A", True),
        ("A17", False), ("ram kumar 4711", False), ("P-0003", False), ("UH20240305", False), ("७", False),
        ("12345678", False), ("case2", False), ("2024-0031", False),
    ],
)  # fmt: skip
def test_a_name_without_a_number_is_no_id(patient_id: str, is_no_id: bool) -> None:
    assert is_speaking(patient_id) is is_no_id


def test_photos_called_after_people_are_named_and_never_join_an_earlier_patient(tmp_path: Path) -> None:
    files, workspace = tmp_path / "files", Workspace(workspace=tmp_path / "workspace")
    database = open_database(workspace)

    def take_in(manifest: Path | None = None) -> IntakeReport:
        return intake([files], manifest=manifest, workspace=workspace, database=database, now=NOW)

    photo = saved(sheet(1), files / "grandma.png")
    saved(sheet(2), files / "IMG_0001.png")
    report = take_in()
    assert (report.registered, report.refused) == (2, [])
    assert [note.split(":")[0] for note in report.notes] == ["IMG_0001.png", "grandma.png"]
    assert all(PUT_AN_ID.removesuffix(".") in note for note in report.notes)
    again = take_in()
    assert (again.duplicates, again.refused) == (2, []), "who has such files may run it as often as before"
    photo.unlink()
    saved(sheet(3), files / "Grandma.png")  # somebody else's, a month later
    report = take_in()
    named = [(item.path.name, item.code, item.remedy) for item in report.refused]
    assert named == [("Grandma.png", "id_clash", PUT_AN_ID)]
    listing = tmp_path / "list.csv"
    listing.write_text("patient_id,report\ngrandma,Grandma.png\n")
    report = take_in(listing)
    assert (report.registered, report.refused) == (1, []), "a list may say so"
    database.close()
