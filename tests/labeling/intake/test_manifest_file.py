"""The manifest: tolerant of how hospitals write tables, strict about dates, every bad row named."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.errors import EchoDeskError
from labeling.intake.cells import is_nothing
from labeling.intake.dates import DateError, DateOrder, parse_date, written_order
from labeling.intake.manifest import Manifest, ManifestRow, read_manifest

PLAIN = "patient_id,report,ecg,report_date,ecg_date,site\nA1,a.jpg,a_ecg.jpg,2024-03-05,2024-03-04,North\n"
PLAIN_ROW = ManifestRow(2, "A1", ("a.jpg",), ("a_ecg.jpg",), date(2024, 3, 5), date(2024, 3, 4), "North")


def read_text(folder: Path, text: str, encoding: str = "utf-8") -> Manifest:
    path = folder / "manifest.csv"
    path.write_bytes(text.encode(encoding))
    return read_manifest(path)


def test_a_plain_manifest_is_read(tmp_path: Path) -> None:
    assert read_text(tmp_path, PLAIN) == Manifest((PLAIN_ROW,), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_separators_and_line_ends_make_no_difference(
    tmp_path: Path, encoding: str, separator: str, line_end: str
) -> None:
    text = PLAIN.replace("North", "Nîmes").replace(",", separator).replace("\n", line_end)
    (row,) = read_text(tmp_path, text, encoding).rows
    assert (row.patient_id, row.reports, row.site) == ("A1", ("a.jpg",), "Nîmes")


def test_excels_separator_line_is_understood_and_counted(tmp_path: Path) -> None:
    (row,) = read_text(tmp_path, "sep=;\npatient_id;report\nA1;a.jpg\n").rows
    assert (row.row, row.reports) == (3, ("a.jpg",))


@pytest.mark.parametrize(
    "header",
    [
        "Patient ID,Echo Report",
        "PATIENT-ID,report file",
        "MRN,Echo_Image",
        "UHID,Reports",
        "patientId,ReportPath",
        "Hosp. No.,Photo",
        "MRD No,File",
        "IP No.,Scan Name",
    ],
)
def test_usual_column_names_are_known(tmp_path: Path, header: str) -> None:
    (row,) = read_text(tmp_path, f"remarks,{header}\nnothing,A1,a.jpg\n").rows
    assert (row.patient_id, row.reports) == ("A1", ("a.jpg",))


def test_a_plainer_name_wins_over_a_loose_one(tmp_path: Path) -> None:
    text = "IP No,UHID,OP No,File name,Visit date,Echo Date\n7,A1,8,a.jpg,2024-01-01,2024-03-05\n"
    (row,) = read_text(tmp_path, text).rows
    assert (row.patient_id, row.report_date) == ("A1", date(2024, 3, 5))
    with pytest.raises(EchoDeskError, match="two columns for patient_id: 'IP No' and 'OP No'"):
        read_text(tmp_path, text.replace("UHID", "Ward"))


def test_a_date_is_taken_from_a_shortened_heading_and_a_strange_one_is_named(tmp_path: Path) -> None:
    (row,) = read_text(tmp_path, "UHID,File,Echo Dt\nA1,a.jpg,2024-03-05\n").rows
    assert row.report_date == date(2024, 3, 5)
    strange = read_text(tmp_path, "March\nUHID,File,Reported Date,Name\nA1,a.jpg,2024-03-05,X\n")
    assert strange.rows[0].report_date is None
    (note,) = strange.notes
    assert note.row == 2
    assert note.text.startswith("the column 'Reported Date' is not used")
    beside = read_text(tmp_path, "UHID,File,Echo date,Birth date\nA1,a.jpg,2024-03-05,1960-01-01\n")
    assert beside.notes == ()


def test_a_missing_column_is_named_with_those_found(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match=r"no column report; found: 'patient_id', 'drawing'"):
        read_text(tmp_path, "patient_id,drawing\nA1,a.jpg\n")


def test_a_column_there_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="two columns for patient_id"):
        read_text(tmp_path, "patient_id,MRN,report\nA1,A1,a.jpg\n")


def test_several_report_files_share_a_cell(tmp_path: Path) -> None:
    text = 'patient_id;report\nA1;"p1.jpg; p2.jpg;"\nA2;p1.jpg;p2.jpg\n'
    manifest = read_text(tmp_path, text)
    assert manifest.rows[0].reports == ("p1.jpg", "p2.jpg")
    (error,) = manifest.errors
    assert (error.row, error.code) == (3, "bad_row")


def test_bad_rows_are_named_and_the_others_stay(tmp_path: Path) -> None:
    text = "patient_id,report,date\n,a.jpg,\nA2,,\n\nA3,c.jpg,05/03/2024\nA4,d.jpg,2024-02-31\nA5,e.jpg,\n"
    manifest = read_text(tmp_path, text)
    assert [(error.row, error.code) for error in manifest.errors] == [
        (2, "bad_row"),
        (3, "bad_row"),
        (5, "bad_date"),
        (6, "bad_date"),
    ]
    assert [(row.row, row.patient_id) for row in manifest.rows] == [(7, "A5")]
    assert all(error.reason and error.remedy for error in manifest.errors)


def test_xlsx_cells_keep_their_meaning(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Patient ID", "Report", "Report date", "ECG"])
    sheet.append([1234, "a.jpg", datetime(2024, 3, 5), None])
    sheet.append(["0012", "b.jpg", "13/03/2024", "b_ecg.jpg"])
    path = tmp_path / "manifest.bin"
    book.save(path)
    assert read_manifest(path).rows == (
        ManifestRow(2, "1234", ("a.jpg",), (), date(2024, 3, 5)),
        ManifestRow(3, "0012", ("b.jpg",), ("b_ecg.jpg",), date(2024, 3, 13)),
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 not really", "Excel table"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "old or locked"),
        (b"patient_id,report\x00\n", "not a text table"),
        (b'patient_id,report\nA1,"never closed\n', "not well-formed"),
    ],
)
def test_what_is_no_table_is_an_error_that_names_the_file(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "manifest.csv"
    path.write_bytes(data)
    with pytest.raises(EchoDeskError, match=words) as caught:
        read_manifest(path)
    assert "manifest.csv" in caught.value.message


def test_an_absent_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="can't be opened"):
        read_manifest(tmp_path / "absent.csv")


def test_day_first_is_believed_only_when_the_table_shows_it() -> None:
    assert written_order(["05/03/2024", "13/03/2024"]) is DateOrder.DAY_FIRST
    assert written_order(["05/03/2024", "2024-03-13"]) is DateOrder.UNKNOWN
    assert written_order(["13/03/2024", "03/13/2024"]) is DateOrder.UNKNOWN
    assert parse_date("05/03/2024", DateOrder.DAY_FIRST) == date(2024, 3, 5)
    assert parse_date("05/05/2024", DateOrder.UNKNOWN) == date(2024, 5, 5)
    assert parse_date("25.12.2023", DateOrder.UNKNOWN) == date(2023, 12, 25)
    for cell in (
        "05/03/2024",
        "03/13/2024",
        "2024-13-01",
        "5/3/24",
        "45000",
        "March 5",
        "0024-01-01",
        "05/03-2024",
    ):
        with pytest.raises(DateError):
            parse_date(cell, DateOrder.UNKNOWN)


@pytest.mark.parametrize(
    "cell",
    "5 Apr 2024|05-APR-24|5. April 2024|April 5, 2024|Apr 5th 2024|Fri, 5 Apr 2024|5Apr2024".split("|"),
)
def test_a_month_in_letters_leaves_no_doubt(cell: str) -> None:
    assert parse_date(cell, DateOrder.UNKNOWN) == date(2024, 4, 5)


@pytest.mark.parametrize("cell", ["5 Ma 2024", "Ju 5 2024", "31 Apr 2024", "April 2024", "5 Brumaire 2024"])
def test_a_month_that_is_not_sure_is_refused(cell: str) -> None:
    with pytest.raises(DateError):
        parse_date(cell, DateOrder.UNKNOWN)


def test_no_date_in_words_is_an_empty_date_and_told(tmp_path: Path) -> None:
    text = "patient_id,report,date,ecg_date\nA1,a.jpg,N/A,\nA2,b.jpg,-,nil\nA3,c.jpg,5 Apr 2024,\n"
    manifest = read_text(tmp_path, text)
    assert [row.report_date for row in manifest.rows] == [None, None, date(2024, 4, 5)]
    assert [(note.row, note.text.split()[0]) for note in manifest.notes] == [
        (2, "report_date"),
        (3, "report_date"),
        (3, "ecg_date"),
    ]


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 1, 1)))
def test_a_date_that_is_read_is_the_date_that_was_written(day: date) -> None:
    assert parse_date(day.isoformat(), DateOrder.UNKNOWN) == day
    assert parse_date(f"{day.isoformat()} 00:00:00", DateOrder.UNKNOWN) == day
    written = day.strftime("%d/%m/%Y")
    assert parse_date(written, DateOrder.DAY_FIRST) == day
    try:
        assert parse_date(written, DateOrder.UNKNOWN) == day
    except DateError:
        assert day.day <= 12 and day.day != day.month


cell = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cell, cell, cell, cell), max_size=8), st.sampled_from(",;\t"))
def test_every_row_is_either_read_or_named(
    tmp_path: Path, cells: list[tuple[str, str, str, str]], separator: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(["patient_id", "report", "report_date", "site"])
    writer.writerows(cells)
    manifest = read_text(tmp_path, out.getvalue())
    numbers = sorted([row.row for row in manifest.rows] + [error.row for error in manifest.errors])
    assert numbers == [n for n, row in enumerate(cells, start=2) if any(value.strip() for value in row)]
    for row in manifest.rows:
        patient_id, _, _, site = (value.strip() for value in cells[row.row - 2])
        assert (row.patient_id, row.site) == (patient_id, "" if is_nothing(site) else site)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_a_manifest_or_one_plain_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "manifest.csv"
    path.write_bytes(b"patient_id,report\n" + data)
    try:
        read_manifest(path)
    except EchoDeskError as error:
        assert error.hint


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_list_whose_columns_are_unknown_names_them_one_by_one(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(separator.join(("Kennung", "Bild", "Wert")) + "\n" + separator.join(("1", "2", "3")))
    with pytest.raises(EchoDeskError, match="found: 'Kennung', 'Bild', 'Wert'"):
        read_manifest(path)
