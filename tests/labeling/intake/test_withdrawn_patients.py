"""Whoever withdrew their consent is not taken in again, whichever way their files come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from intake_state import NOW
from page_files import saved, sheet
from sqlmodel import select

from db.access.own_ids import OwnIds
from db.access.patient_key import load_or_create_secret, load_secret, patient_key
from db.consent.patients import give_consent_again
from db.consent.removing import withdraw_consent
from db.errors import EchoDeskError
from db.events import verify_database
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tables.cases import Case, CaseImage
from db.tables.consent import WithdrawnPatient
from db.workspace import Workspace
from labeling.intake.planning import plan_intake
from labeling.intake.register import intake
from labeling.intake.report import IntakeReport
from labeling.intake.sites import SiteNames

SAID = "this patient withdrew their consent"


class Desk:
    """A workspace in which A17 withdrew; 0042 and B2 did not."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "files"
        for number, name in enumerate(("A17_report.png", "A17_ecg.png", "B2.png", "0042.png"), start=1):
            saved(sheet(number), self.files / name)
        self.workspace = Workspace(workspace=folder / "workspace")
        self.database: Database = open_database(self.workspace)
        self.take_in(keep_ids=True)
        self.withdraw("A17")

    def take_in(self, **more: Any) -> IntakeReport:
        return intake([self.files], workspace=self.workspace, database=self.database, now=NOW, **more)

    def key(self, written: str) -> str:
        return patient_key(written, load_secret(self.workspace.patient_key_file))

    def withdraw(self, written: str) -> None:
        withdraw_consent(self.database, self.workspace, patient_key=self.key(written), actor="lead", now=NOW)

    def keys(self) -> set[str]:
        with self.database.read() as session:
            return set(session.exec(select(Case.patient_key)))

    def pictures(self) -> set[str]:
        return {path.name for path in self.workspace.images.rglob("*") if path.is_file()}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def refused(report: Any) -> dict[str, tuple[str, str]]:
    return {item.path.name: (item.code, item.reason) for item in report.refused}


def test_their_files_are_refused_and_nothing_of_them_is_stored(desk: Desk) -> None:
    before = desk.pictures()
    report = desk.take_in()
    assert refused(report) == dict.fromkeys(("A17_report.png", "A17_ecg.png"), ("withdrawn", SAID))
    assert "echodesk withdraw --again" in report.refused[0].remedy
    assert (report.duplicates, desk.keys(), desk.pictures()) == (
        2,
        {desk.key("B2"), desk.key("0042")},
        before,
    )


def test_the_list_of_refused_files_does_not_name_them(desk: Desk) -> None:
    (desk.files / "B3_ecg.png").write_bytes(b"no picture")
    report = desk.take_in()
    assert report.report_file is not None
    told = report.report_file.read_text(encoding="utf-8-sig")
    assert told.count(SAID) == 2
    assert "A17_report.png" not in told
    assert "B3_ecg.png" in told


@pytest.mark.parametrize("written", ["a17", " A 17", "\uff2117"])
def test_however_the_id_is_written(desk: Desk, written: str) -> None:
    manifest = desk.files / "list.csv"
    manifest.write_text(f"patient_id,report\n{written},A17_report.png\n", encoding="utf-8")
    assert refused(desk.take_in(manifest=manifest))["A17_report.png"] == ("withdrawn", SAID)


def test_an_id_that_lost_its_zeros_is_not_let_in(desk: Desk) -> None:
    desk.withdraw("0042")
    (desk.files / "0042.png").rename(desk.files / "42.png")
    code, reason = refused(desk.take_in())["42.png"]
    assert (code, "zeros in front" in reason) == ("withdrawn", True)
    assert desk.keys() == {desk.key("B2")}


def test_a_lost_or_other_key_lets_nobody_in_again(desk: Desk) -> None:
    for other in ("B2", "0042"):
        desk.withdraw(other)
    key = desk.workspace.patient_key_file
    right = key.read_bytes()
    key.unlink()
    with pytest.raises(EchoDeskError, match="missing"):
        desk.take_in()
    assert not key.exists()
    load_or_create_secret(key)
    with pytest.raises(EchoDeskError, match="is not the key"):
        desk.take_in()
    assert desk.keys() == set()
    key.write_bytes(right)
    assert {code for code, _ in refused(desk.take_in()).values()} == {"withdrawn"}


def test_a_plan_says_so_and_writes_nothing(desk: Desk) -> None:
    plan = plan_intake([desk.files], None, desk.workspace, NOW, SiteNames([]))
    assert [case.patient_id for case in plan.cases] == ["0042", "B2"]
    assert set(refused(plan)) == {"A17_report.png", "A17_ecg.png"}


def test_the_list_in_the_file_is_enough_where_an_older_database_came_back(desk: Desk) -> None:
    with desk.database.write() as session:
        for row in session.exec(select(WithdrawnPatient)):
            session.delete(row)
    assert set(refused(desk.take_in())) == {"A17_report.png", "A17_ecg.png"}


def test_the_list_in_the_database_is_enough_where_the_file_is_on_another_machine(desk: Desk) -> None:
    desk.workspace.withdrawn_file.unlink()
    assert set(refused(desk.take_in())) == {"A17_report.png", "A17_ecg.png"}


def test_a_damaged_list_lets_nobody_in(desk: Desk) -> None:
    desk.workspace.withdrawn_file.write_text("rubbish\n")
    with pytest.raises(EchoDeskError, match="withdrawn.txt"):
        desk.take_in()


def test_whoever_consents_again_is_taken_in_under_a_new_number(desk: Desk) -> None:
    give_consent_again(desk.database, desk.workspace, patient_key=desk.key("A17"), actor="lead", now=NOW)
    report = desk.take_in()
    assert (report.registered, report.refused) == (1, [])
    with desk.database.read() as session:
        numbers = list(session.exec(select(Case.id).order_by(Case.id)))  # type: ignore[arg-type]
    assert len(numbers) == 3
    assert numbers[-1] == 4
    assert verify_database(desk.database).reason == ""


def test_their_own_id_can_be_forgotten(desk: Desk) -> None:
    own = OwnIds(desk.workspace)
    assert own.of([desk.key("A17")]) == {desk.key("A17"): "A17"}
    assert own.forget(desk.key("A17"))
    assert not own.forget(desk.key("A17"))
    assert own.of([desk.key("A17"), desk.key("B2")]) == {desk.key("B2"): "B2"}


def meanwhile(desk: Desk, monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Something happens after the pictures of a case were stored and before it is registered."""
    keep, turns = ImageStore.keep, iter([True])

    def and_then(self: ImageStore, *given: Any, **named: Any) -> Any:
        stored = keep(self, *given, **named)
        if next(turns, False):
            do()
        return stored

    monkeypatch.setattr(ImageStore, "keep", and_then)


def test_whoever_withdraws_while_their_files_are_stored_leaves_no_picture(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.pictures()
    saved(sheet(7), desk.files / "C3.png")
    meanwhile(desk, monkeypatch, lambda: desk.withdraw("C3"))
    report = desk.take_in()
    assert refused(report)["C3.png"] == ("withdrawn", SAID)
    assert (desk.pictures(), desk.key("C3") in desk.keys()) == (before, False)
    assert verify_database(desk.database).reason == ""


def test_a_page_that_goes_with_another_patient_while_it_is_taken_in_is_stored_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B2's page is the second page of a new report, too, and B2 withdraws between storing and registering."""
    saved(sheet(8), desk.files / "D4_p1.png")
    saved(sheet(3), desk.files / "D4_p2.png")  # the very page of B2
    with desk.database.read() as session:
        pages = set(session.exec(select(CaseImage.image_sha256)))
    meanwhile(desk, monkeypatch, lambda: desk.withdraw("B2"))
    (desk.files / "B2.png").unlink()
    report = desk.take_in()
    assert report.registered == 1
    with desk.database.read() as session:
        names = session.exec(select(CaseImage.image_sha256)).all()
    store = ImageStore(desk.workspace.images)
    assert all(store.verify(name) for name in names)
    assert len(pages & set(names)) == 2
