"""Lists as further programs save them: sheets, hidden rows, letters, columns, and cells that name nobody."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from db.errors import EchoDeskError
from db.workspace import Workspace
from labeling.intake.dates import DateError, DateOrder, looks_like_a_date, parse_date
from labeling.intake.manifest import Manifest, read_manifest
from labeling.intake.number_formats import UnknownNumber, shown_number
from labeling.intake.plan import Plan
from labeling.intake.planning import plan_intake
from labeling.intake.sites import SiteNames

HEADER = ("patient_id", "report")


def as_csv(folder: Path, text: str | bytes, name: str = "list.csv") -> Path:
    """A list in a file, with files r1.png to r4.png beside it."""
    for number in range(1, 5):
        (folder / f"r{number}.png").write_bytes(b"page %d" % number)
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def as_xlsx(folder: Path, rows: Sequence[Sequence[Any]], edit: Callable[[Any], None] | None = None) -> Path:
    """A workbook with one sheet, and whatever `edit` does to it."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    if edit:
        edit(book)
    stream = io.BytesIO()
    book.save(stream)
    return as_csv(folder, stream.getvalue(), "list.xlsx")


def ids(found: Manifest) -> list[str]:
    """The ids of the rows that can be used."""
    return [row.patient_id for row in found.rows]


def planned(folder: Path, listing: Path) -> Plan:
    """What an intake of the folder by this list would do."""
    workspace = Workspace(workspace=folder / "workspace")
    return plan_intake([folder], listing, workspace, datetime(2026, 3, 5, tzinfo=UTC), SiteNames())


def test_a_hidden_sheet_is_not_the_list_and_other_sheets_are_named(tmp_path: Path) -> None:
    def hide_first(book: Any) -> None:
        book.worksheets[0].sheet_state = "hidden"
        other = book.create_sheet("March")
        other.append(HEADER)
        other.append(("B1", "r2.png"))
        book.create_sheet("empty")
        book.active = 1

    found = read_manifest(as_xlsx(tmp_path, [HEADER, ("A1", "r1.png")], hide_first))
    assert ids(found) == ["B1"]
    assert found.about == ("only the sheet 'March' is read, and not 'Sheet'",)


def test_a_list_behind_a_cover_says_which_sheet_was_looked_at(tmp_path: Path) -> None:
    def add_list(book: Any) -> None:
        book.create_sheet("patients").append(HEADER)

    with pytest.raises(EchoDeskError, match="no column") as caught:
        read_manifest(as_xlsx(tmp_path, [("Study of hearts",)], add_list))
    assert "only the sheet 'Sheet' is read, and not 'patients'" in caught.value.hint


def test_rows_that_a_filter_hides_are_read_and_told(tmp_path: Path) -> None:
    def filter_out(book: Any) -> None:
        book.worksheets[0].auto_filter.ref = "A1:B4"
        book.worksheets[0].row_dimensions[3].hidden = True

    rows = [HEADER, ("A1", "r1.png"), ("A2", "r2.png"), ("A3", "r3.png")]
    plan = planned(tmp_path, as_xlsx(tmp_path, rows, filter_out))
    assert len(plan.cases) == 3
    assert plan.notes[0] == "rows that are hidden or filtered out are read, too: 3"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-8-sig"])
def test_text_of_two_bytes_a_letter_needs_no_mark(tmp_path: Path, encoding: str) -> None:
    text = "patient_id\treport\tsite\nA1\tr1.png\tKöln\n"
    found = read_manifest(as_csv(tmp_path, text.encode(encoding)))
    assert [(row.patient_id, row.site) for row in found.rows] == [("A1", "Köln")] and not found.about


def test_letters_that_had_to_be_guessed_are_shown(tmp_path: Path) -> None:
    path = as_csv(tmp_path, "patient_id,report,site\nA1,r1.png,Köln\n".encode("mac_roman"))
    (note,) = read_manifest(path).about
    assert "look at 'Kšln'" in note


def test_letters_that_another_program_spoilt_are_shown(tmp_path: Path) -> None:
    spoilt = "patient_id,report,site\nA1,r1.png,München\n".encode().decode("cp1252")
    assert read_manifest(as_csv(tmp_path, spoilt)).about == (
        "letters of the list seem to be spoilt: look at 'MÃ¼nchen'",
    )
    assert not read_manifest(as_csv(tmp_path, "patient_id,report,site\nA1,r1.png,München Ä\n")).about


def test_a_year_of_two_digits_is_refused_with_the_reason() -> None:
    for written in ("13-04-24", "13.4.24", "24/04/13 10:00"):
        with pytest.raises(DateError, match="year of two digits"):
            parse_date(written, DateOrder.DAY_FIRST)


@pytest.mark.parametrize(
    "text",
    [
        "patient_id|report\nA1|r1.png\n",
        "sep=;\npatient_id;report\nA1;r1.png\n",
        '"sep=;"\npatient_id;report\nA1;r1.png\n',
        "sep=\t\npatient_id\treport\nA1\tr1.png\n",
        "Patientennummer;Befund\nA1;r1.png\n",
        "मरीज आईडी,रिपोर्ट\nA1,r1.png\n",
    ],
)
def test_further_separators_and_names_of_columns(tmp_path: Path, text: str) -> None:
    assert ids(read_manifest(as_csv(tmp_path, text))) == ["A1"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [("content.xml", "LibreOffice"), ("Index/Document.iwa", "Numbers"), ("xl/workbook.bin", "binary")],
)
def test_tables_of_other_programs_are_named(tmp_path: Path, entry: str, said: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(entry, "x")
    with pytest.raises(EchoDeskError, match=said):
        read_manifest(as_csv(tmp_path, stream.getvalue(), "list.ods"))


def test_a_web_page_called_xls_is_named(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="web page") as caught:
        read_manifest(as_csv(tmp_path, "<html><table><tr><td>patient_id</td></tr></table>", "list.xls"))
    assert "save it as .xlsx" in caught.value.hint


def test_a_second_column_of_pages_is_refused_and_lines_of_a_cell_are_pages(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="'report 2' beside 'report'") as caught:
        read_manifest(as_csv(tmp_path, "patient_id,report,report 2\nA1,r1.png,r2.png\n"))
    assert "separated by ;" in caught.value.hint
    assert ids(read_manifest(as_csv(tmp_path, "patient_id,report,report 2\nA1,r1.png,\n"))) == ["A1"]
    found = read_manifest(as_csv(tmp_path, 'patient_id,report\nA1,"r1.png\nr2.png"\n'))
    assert found.rows[0].reports == ("r1.png", "r2.png")


@pytest.mark.parametrize("cell", ['"r1.png, r2.png"', "r1.png|r2.png", "r1.png & r2.png", "r1.png r2.png"])
def test_files_joined_by_something_else_are_refused_with_what_joins_them(tmp_path: Path, cell: str) -> None:
    plan = planned(tmp_path, as_csv(tmp_path, f"patient_id,report\nA1,{cell}\n"))
    assert not plan.cases and "Put a ; between" in plan.refused[0].remedy


@pytest.mark.parametrize(
    "cell",
    "ditto|Same|as above|-do-|उपरोक्त|unbekannt|keine Angabe|xxx|pending|No ID|to be filled|0|000"
    "|?12|A17?|\ufffd12|Err:502|#¡VALOR!|1.23457E 11|1. Mrz|02. Apr|Mrz 24|5.Mai".split("|"),
)
def test_further_cells_that_name_nobody_are_refused(tmp_path: Path, cell: str) -> None:
    found = read_manifest(as_csv(tmp_path, f"patient_id,report\n{cell},r1.png\n{cell},r2.png\nA1,r3.png\n"))
    assert ids(found) == ["A1"]
    assert [error.row for error in found.errors] == [2, 3] and all(error.remedy for error in found.errors)


def test_names_in_the_place_of_ids_and_files_of_two_patients_are_told(tmp_path: Path) -> None:
    text = "patient_id,report\nRam Kumar,r1.png\nA1,r2.png\nA2,r2.png\n"
    plan = planned(tmp_path, as_csv(tmp_path, text))
    assert any(note.startswith("row 2: the patient id holds no number") for note in plan.notes)
    assert any("r2.png is named for 2 patient ids" in note for note in plan.notes)


def test_a_ward_is_a_site_no_site_is_none_and_two_spellings_are_told(tmp_path: Path) -> None:
    text = "patient_id,report,Ward,Unit\nA1,r1.png,Ward 3,II\nA2,r2.png,ward-3,II\nA3,r3.png,N/A,I\n"
    plan = planned(tmp_path, as_csv(tmp_path, text))
    assert [case.site for case in plan.cases] == ["Ward 3", "ward-3", ""]
    assert "the sites 'Ward 3' and 'ward-3' are two; if that is one, write it in one way" in plan.notes


@pytest.mark.parametrize(
    "written",
    [
        "2024/04/13", "2024.04.13", "20240413", "13/4/2024 2:30 PM", "13\u201304\u20132024", "13 / 04 / 2024",
        "\u0967\u0969/\u0966\u096a/\u0968\u0966\u0968\u096a", "13. Apr. 2024", "13 अप्रैल 2024",
        "१३ अप्रैल २०२४",
    ],
)  # fmt: skip
def test_further_dates_that_mean_one_day(written: str) -> None:
    assert parse_date(written, DateOrder.UNKNOWN) == date(2024, 4, 13)


@pytest.mark.parametrize(
    ("written", "month"),
    [("5. Mai 2024", 5), ("5. Mrz. 2024", 3), ("5 März 2024", 3), ("5-Dez-24", 12), ("5. Okt 2024", 10),
     ("5 Juli 2024", 7), ("5 दिसंबर 2024", 12), ("5 फ़रवरी 2024", 2)],
)  # fmt: skip
def test_german_and_hindi_months(written: str, month: int) -> None:
    assert parse_date(written, DateOrder.UNKNOWN) == date(2024, month, 5)


@pytest.mark.parametrize("text", ["UH20240305", "20240413", "SEP-1", "12/2024", "A1. Mrz"])
def test_such_ids_are_no_dates(text: str) -> None:
    assert not looks_like_a_date(text)


def test_not_done_is_no_date(tmp_path: Path) -> None:
    found = read_manifest(as_csv(tmp_path, "patient_id,report,ecg_date\nA1,r1.png,not done\n"))
    assert found.rows[0].ecg_date is None and "was taken as no date" in found.notes[0].text


@pytest.mark.parametrize("number_format", ["# ?/?", "0000/00", "[$MRN-409]0000", "[DBNum1]0", "[$₹-4009] 0"])
def test_formats_that_show_something_else_are_refused(number_format: str) -> None:
    with pytest.raises(UnknownNumber):
        shown_number(42, number_format)


def test_a_country_and_a_colour_change_no_digit_and_naught_has_its_own_format() -> None:
    assert shown_number(42, "[Red][$-409]0000") == "0042"
    assert shown_number(0, "000;-000;00000") == "00000"
    with pytest.raises(UnknownNumber):
        shown_number(0, "000;-000;")


def test_a_cell_that_is_struck_out_names_nobody(tmp_path: Path) -> None:
    rich = CellRichText(TextBlock(InlineFont(strike=True), "A16"), "A17")
    rows = [HEADER, (rich, "r1.png"), ("A18", "r2.png"), ("A19", "r3.png")]
    path = as_xlsx(tmp_path, rows, lambda book: setattr(book.worksheets[0]["A3"], "font", Font(strike=True)))

    manifest = read_manifest(path)

    assert [row.patient_id for row in manifest.rows] == ["A19"]
    assert [(error.row, "struck out" in error.reason) for error in manifest.errors] == [(2, True), (3, True)]


def test_a_list_with_a_row_for_each_page_is_refused_with_the_remedy(tmp_path: Path) -> None:
    by_page = "patient_id,report,page\nA17,r1.png,1\nA17,r2.png,2\n"
    one_each = "patient_id,report,page\nA17,r1.png,1\nA18,r2.png,1\n"

    with pytest.raises(EchoDeskError, match="a row for each page"):
        read_manifest(as_csv(tmp_path, by_page))
    assert len(read_manifest(as_csv(tmp_path, one_each)).rows) == 2
