"""The list that was taken in comes back whole, and each row has what was decided about its own report."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from page_files import saved, sheet
from sqlmodel import select
from typer.testing import CliRunner

from db.decisions import Decision
from db.drafts import store_draft
from db.errors import EchoDeskError
from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from db.queue.leases import take_lease
from db.reviews import record_decision
from db.store.engine import Database, open_database
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from db.users import ensure_local_user
from db.workspace import Workspace
from labeling.intake.list_out import COLUMNS, NOT_TAKEN_IN, OTHER_PATIENT, SEVERAL, write_list
from labeling.intake.register import intake
from pipeline.cli import app

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
FOUND = Findings(
    ef_percent=42.5,
    ef_low=40,
    ef_high=45,
    ef_operator=EfOperator.EQUAL,
    ef_state=EfState.STATED,
    rwma=Rwma.PRESENT,
    rwma_severity=RwmaSeverity.MODERATE,
    rwma_walls=("anterior", "apical"),
    pah=Pah.MILD,
    rvsp_mmhg=38,
)


class Clerk:
    """Twenty photographs' worth of work on a small scale: a folder, a list, and a workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "photos"
        self.folder.mkdir()
        self.workspace = Workspace(workspace=folder / "workspace")
        self.database: Database = open_database(self.workspace)
        for number in range(1, 5):
            saved(sheet(number), self.folder / f"IMG_000{number}.PNG")

    def list_of(self, *rows: list[Any]) -> Path:
        """An Excel list with a title over its header."""
        book = openpyxl.Workbook()
        page = book.worksheets[0]
        page.append(["City Heart Hospital", None, "March 2026"])
        page.append([])
        page.append(["Sr No", "UHID", "Name", "Echo date", "File name", "Remarks"])
        for row in rows:
            page.append(row)
        path = self.folder / "list.xlsx"
        book.save(path)
        return path

    def take_in(self, listing: Path) -> list[str]:
        """What was refused, by code."""
        report = intake(
            [self.folder], manifest=listing, workspace=self.workspace, database=self.database, now=NOW
        )
        return [item.code for item in report.refused]

    def decide(self, case_id: int, decision: Decision, note: str = "") -> None:
        """Draft a record, unless it is drafted, and decide about it."""
        with self.database.write() as session:
            person = int(ensure_local_user(session, name="Asha", now=NOW).id or 0)
            draft = Draft(
                case_id=case_id, report_sha256="a" * 64, reader="rules", reader_version="1",
                code_version="test", evidence={}, confidence={}, elapsed_s=1, **findings_columns(Findings()),
            )  # fmt: skip
            stored = session.exec(select(Draft).where(Draft.case_id == case_id)).first()
            stored = stored or store_draft(session, draft=draft, actor="test", now=NOW)
            take_lease(session, case_id=case_id, annotator_id=person, now=NOW, lease_s=7200)
            record_decision(
                session, case_id=case_id, draft_id=stored.id, annotator_id=person, decision=decision,
                findings=FOUND if decision is Decision.CORRECT else Findings(), note=note, active_s=3,
                request_id=f"request {case_id} {decision}", now=NOW + timedelta(hours=1),
            )  # fmt: skip

    def given_back(self, listing: Path, name: str = "out.xlsx") -> list[list[Any]]:
        """The rows of the written list, from its header on."""
        target = self.folder.parent / name
        write_list(
            listing, target, [self.folder], workspace=self.workspace, database=self.database, overwrite=True
        )
        if name.endswith(".csv"):
            rows: list[list[Any]] = list(csv.reader(target.open(encoding="utf-8-sig", newline="")))
        else:
            rows = [list(row) for row in openpyxl.load_workbook(target).worksheets[0].values]
        assert rows[0][0] == "City Heart Hospital"
        return [row for row in rows[1:] if any(row)]


@pytest.fixture
def clerk(tmp_path: Path) -> Iterator[Clerk]:
    made = Clerk(tmp_path)
    yield made
    made.database.close()


ROWS: list[list[Any]] = [
    [1, "UH/001", "One Person", "2026-02-01", "IMG_0001.png", "came walking"],  # other capitals
    [2, "UH/002", "Other Person", "2026-02-02", "IMG_0002", ""],  # no ending
    [3, "UH/003", "Third Person", "2026-02-03", "IMG_0003.PNG", "=1+1"],
]


@pytest.mark.parametrize("name", ["out.xlsx", "out.csv"])
def test_the_list_comes_back_with_what_was_decided_beside_its_rows(clerk: Clerk, name: str) -> None:
    listing = clerk.list_of(*ROWS)
    assert clerk.take_in(listing) == []
    clerk.decide(1, Decision.CORRECT, note="=HYPERLINK(1)")
    clerk.decide(2, Decision.FLAG, note="two patients on one page")
    header, first, second, third = clerk.given_back(listing, name)
    assert header[6:] == list(COLUMNS)
    assert [str(cell) for cell in first[:6]] == [str(cell) for cell in ROWS[0]]
    values = {column: str(cell) for column, cell in zip(COLUMNS, first[6:], strict=True)}
    assert values["Status"] == "decided"
    assert (values["EF %"], values["EF range or sign"]) == ("42.5", "40-45")
    assert (values["RWMA"], values["RWMA walls"]) == ("present (moderate)", "anterior, apical")
    assert (values["PAH"], values["RVSP mmHg"].removesuffix(".0")) == ("mild", "38")
    assert values["Decided by"] == "Asha"
    assert values["Decided at"] == "2026-03-01 10:00 UTC"
    assert values["Note"].lstrip("'") == "=HYPERLINK(1)"
    assert second[6] == "flagged, not settled"
    assert not any(second[7:13])
    assert "two patients on one page" in second
    assert third[6] == "not read yet"


def test_a_flag_settled_without_a_word_leaves_its_question_in_the_list(clerk: Clerk) -> None:
    listing = clerk.list_of(*ROWS)
    clerk.take_in(listing)
    clerk.decide(1, Decision.FLAG, note="is this the right hand side?")
    clerk.decide(1, Decision.CORRECT)
    clerk.decide(2, Decision.FLAG, note="page cut off")
    clerk.decide(2, Decision.CORRECT, note="second page found")
    _, first, second, third = ([str(cell) for cell in row] for row in clerk.given_back(listing))
    assert first[6] == second[6] == "decided"
    assert "is this the right hand side?" in first
    assert "second page found" in second and "page cut off" not in second
    assert not third[6 + COLUMNS.index("Note")].strip("None")


def test_a_note_is_never_a_formula(clerk: Clerk) -> None:
    listing = clerk.list_of(*ROWS)
    clerk.take_in(listing)
    clerk.decide(1, Decision.CORRECT, note="=1+1")
    clerk.given_back(listing)
    page = openpyxl.load_workbook(clerk.folder.parent / "out.xlsx").worksheets[0]
    (cell,) = [cell for row in page.iter_rows() for cell in row if cell.value == "=1+1" and cell.column > 6]
    assert cell.data_type == "s"


def test_without_its_file_a_row_is_found_by_patient_and_date(clerk: Clerk) -> None:
    rows = [*ROWS[:1], [2, "UH/001", "One Person", "2026-02-09", "IMG_0002.PNG", ""]]
    listing = clerk.list_of(*rows)
    clerk.take_in(listing)
    clerk.decide(2, Decision.CORRECT)
    for photo in clerk.folder.glob("*.PNG"):
        photo.unlink()
    _, first, second = clerk.given_back(listing)
    assert (first[6], second[6]) == ("not read yet", "decided")
    asked = clerk.list_of([1, "uh/ 001", "", None, "gone.png", ""], [2, "UH/9", "", None, "gone.png", ""])
    _, several, unknown = clerk.given_back(asked)
    assert (several[6], unknown[6]) == (SEVERAL, NOT_TAKEN_IN)


def test_a_file_of_another_patient_gives_no_findings(clerk: Clerk) -> None:
    clerk.take_in(clerk.list_of(*ROWS))
    clerk.decide(1, Decision.CORRECT)
    _, row = clerk.given_back(clerk.list_of([1, "UH/777", "Somebody", None, "IMG_0001.PNG", ""]))
    assert row[6] == OTHER_PATIENT
    assert not any(row[7:])


def test_what_cannot_be_written_is_said(clerk: Clerk) -> None:
    listing = clerk.list_of(*ROWS)
    clerk.take_in(listing)
    other = clerk.folder / "out.pdf"
    for target, reason in ((listing, "the list itself"), (other, "neither .xlsx nor .csv")):
        with pytest.raises(EchoDeskError, match=reason):
            write_list(listing, target, [], workspace=clerk.workspace, database=clerk.database)


def test_a_name_that_is_nearly_right_is_offered(clerk: Clerk) -> None:
    listing = clerk.list_of([1, "UH/1", "", None, "IMG_00O1.PNG", ""])
    report = intake(
        [clerk.folder], manifest=listing, workspace=clerk.workspace, database=clerk.database, now=NOW
    )
    assert [item.remedy for item in report.refused if item.code == "missing"] == [
        "Did you mean IMG_0001.PNG? Write it so in the list."
    ]


def test_the_command_says_how_many_rows_have_which_status(clerk: Clerk) -> None:
    listing = clerk.list_of(*ROWS)
    clerk.take_in(listing)
    clerk.decide(1, Decision.CORRECT)
    target = clerk.folder.parent / "back.xlsx"
    asked = ["export", "labels", "--join", listing, "-o", target, "-w", clerk.workspace.workspace]
    done = CliRunner().invoke(app, [str(word) for word in asked])
    assert done.exit_code == 0, done.output
    assert "3 rows" in done.output
    assert "1  decided" in done.output
    assert "2  not read yet" in done.output
    assert "UH/001" not in done.output
    assert "--photos" not in done.output
    (clerk.folder / "IMG_0003.PNG").rename(clerk.folder.parent / "IMG_0003.PNG")
    asked = [*asked, "--overwrite"]
    done = CliRunner().invoke(app, [str(word) for word in asked])
    assert (
        "Without the files of 1 row: matched by patient id and date. Where are the files? --photos"
        in done.output
    )


def test_written_again_the_list_has_its_columns_once(clerk: Clerk) -> None:
    listing = clerk.list_of(*ROWS)
    clerk.take_in(listing)
    clerk.given_back(listing)
    clerk.decide(1, Decision.CORRECT)
    rows = clerk.given_back(clerk.folder.parent / "out.xlsx", "again.xlsx")
    assert rows[0][6:] == list(COLUMNS)
    assert rows[1][6] == "decided"


def test_a_jotting_beside_the_table_costs_a_row_nothing(clerk: Clerk) -> None:
    listing = clerk.list_of([*ROWS[0], None, None, "ask the ward"], *ROWS[1:])
    assert clerk.take_in(listing) == []


def test_no_cell_of_a_text_table_is_a_formula_and_whole_numbers_stay_whole(clerk: Clerk) -> None:
    listing = clerk.list_of([1, "UH/001", "-cmd", None, "IMG_0001.PNG", "+91 98450"], *ROWS[1:])
    clerk.take_in(listing)
    clerk.decide(1, Decision.CORRECT)
    _, row, *_ = clerk.given_back(listing, "out.csv")
    assert (row[2], row[5]) == ("'-cmd", "'+91 98450")
    assert row[6 + COLUMNS.index("RVSP mmHg")] == "38"


def test_ids_that_a_spreadsheet_spoils_are_told_and_those_guarded_against_it_stay_so(clerk: Clerk) -> None:
    listing = clerk.folder / "list.csv"
    listing.write_text('UHID,File name\n="00042",IMG_0001.PNG\n0043,IMG_0002.PNG\n=1+1,IMG_0003.PNG\n')
    clerk.take_in(listing)
    target = clerk.folder.parent / "out.csv"
    arguments = ["export", "labels", "--join", str(listing), "-w", str(clerk.workspace.root), "-o"]
    told = CliRunner().invoke(app, [*arguments, str(target)]).stdout
    assert "Excel drops zeros of 1 row when it opens a CSV: take .xlsx." in told
    with target.open(encoding="utf-8-sig", newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["UHID", '="00042"', "0043", "'=1+1"]
    book = target.with_suffix(".xlsx")
    assert "Excel drops" not in CliRunner().invoke(app, [*arguments, str(book)]).stdout
    cells = openpyxl.load_workbook(book).worksheets[0]
    assert [cells[f"A{row}"].value for row in (2, 3)] == ["00042", "0043"]


def test_a_folder_that_is_not_there_is_said(clerk: Clerk) -> None:
    listing = clerk.list_of(*ROWS)
    clerk.take_in(listing)
    with pytest.raises(EchoDeskError, match="can't be written"):
        write_list(
            listing, clerk.folder / "no" / "out.xlsx", [], workspace=clerk.workspace, database=clerk.database
        )


def test_another_rows_file_is_never_offered(clerk: Clerk) -> None:
    for number in (2, 3, 4):
        (clerk.folder / f"IMG_000{number}.PNG").unlink()
    listing = clerk.list_of(
        [1, "UH/1", "", None, "IMG_0001.PNG", ""], [2, "UH/2", "", None, "IMG_0011.PNG", ""]
    )
    report = intake(
        [clerk.folder], manifest=listing, workspace=clerk.workspace, database=clerk.database, now=NOW
    )
    assert not [item.remedy for item in report.refused if "Did you mean IMG" in item.remedy]


def test_a_list_given_back_names_its_records_also_without_the_files(clerk: Clerk) -> None:
    twice = [[1, "UH/001", "One", None, "IMG_0001.PNG", ""], [2, "UH/001", "One", None, "IMG_0002.PNG", ""]]
    listing = clerk.list_of(*twice)
    assert clerk.take_in(listing) == []
    clerk.given_back(listing, "first.xlsx")
    for photo in clerk.folder.glob("*.PNG"):
        photo.unlink()
    _, *rows = clerk.given_back(listing)
    assert {row[6] for row in rows} == {SEVERAL}, "patient and date do not tell them apart"
    again = clerk.folder.parent / "first.xlsx"
    _, first, second = clerk.given_back(again)
    assert (first[-1], second[-1]) == (1, 2)
    book = openpyxl.load_workbook(again)
    book.worksheets[0]["B4"] = "UH/999"  # now somebody else's row: the number beside it is not believed
    book.save(again)
    _, other, second = clerk.given_back(again)
    assert (other[6], second[-1]) == (NOT_TAKEN_IN, 2)
