"""Ids that a spreadsheet changed are refused or read as they look; two ids never become one, nor one two."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.access.patient_key import patient_key
from labeling.intake.cells import as_stored
from labeling.intake.manifest import Manifest, read_manifest
from labeling.intake.manifest_table import read_rows
from labeling.intake.number_formats import UnknownNumber, shown_number
from labeling.intake.patient_ids import mixed_up, other_zeros, spelling, why_no_id, written_id

SECRET = bytes(32)


def workbook(folder: Path, *rows: tuple[Any, str, Any], number_format: str = "General") -> Manifest:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["patient_id", "report", "site"])
    for row in rows:
        sheet.append(list(row))
        sheet.cell(sheet.max_row, 1).number_format = number_format
    path = folder / "list.xlsx"
    book.save(path)
    return read_manifest(path)


def listed(folder: Path, *ids: str) -> Manifest:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["patient_id", "report"], *([one, f"{n}.png"] for n, one in enumerate(ids))])
    path = folder / "list.csv"
    path.write_bytes(out.getvalue().encode())
    return read_manifest(path)


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (42, "General", "42"),
        (42, "00000", "00042"),
        (1234567, "00000", "1234567"),
        (42, '"P-"0000', "P-0042"),
        (42, "\\A000", "A042"),
        (1234567, "000-00-00", "123-45-67"),
        (42, "0000;[Red]-0000", "0042"),
        (42, "[$-409]000_)", "042"),
        (12345, "#,##0", "12345"),
        (123456789012, "0.00E+00", "123456789012"),
        (123456789012.0, "General", "123456789012"),
    ],
)
def test_a_number_is_read_as_excel_shows_it(value: float, number_format: str, shown: str) -> None:
    assert shown_number(value, number_format) == shown


@pytest.mark.parametrize(
    ("value", "number_format"),
    [(1e15, "General"), (2024.1, "General"), (7, "0.00"), (7, "0%"), (7, "[>5]00;0"), (7, "0,"), (-7, "000")],
)
def test_a_number_whose_look_is_unsure_is_no_text(value: float, number_format: str) -> None:
    with pytest.raises(UnknownNumber):
        shown_number(value, number_format)


def test_a_number_format_gives_the_same_patient_as_the_text(tmp_path: Path) -> None:
    manifest = workbook(tmp_path, (7, "a.png", ""), (12, "b.png", ""), number_format="0000")
    assert [row.patient_id for row in manifest.rows] == ["0007", "0012"]


def test_a_number_nobody_reads_stays_in_the_list_that_is_given_back(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["patient_id", "report", "creatinine"])
    sheet.append(["A1", "a.png", 1.25])
    book.save(tmp_path / "list.xlsx")
    assert len(read_manifest(tmp_path / "list.xlsx").rows) == 1
    assert as_stored(read_rows(tmp_path / "list.xlsx")[1][1][2]) == "1.25"


def test_a_formula_without_its_value_is_named_and_an_empty_one_is_empty(tmp_path: Path) -> None:
    manifest = workbook(
        tmp_path, ('="A"&1', '="a"&".png"', None), ("A2", "b.png", None), ("A3", "c.png", "=1")
    )
    assert [(error.row, error.code) for error in manifest.errors] == [(2, "bad_row"), (4, "bad_row")]
    assert "formula" in manifest.errors[0].reason and "Text" in manifest.errors[0].remedy
    assert [row.patient_id for row in manifest.rows] == ["A2"]


@pytest.mark.parametrize(
    "left",
    "4.56E+10 1,2e+11 3E7 #N/A #REF! #DIV/0! #BEZUG! #NAME? ##### NaN null none unknown N/A - ? ... "
    "TRUE falsch 12-Apr-24 Mar-12 2-Jan 2024-01-02 03/04/2024 123.0 '00042 =A1".split(),
)
def test_what_a_spreadsheet_leaves_of_an_id_is_refused_by_row(tmp_path: Path, left: str) -> None:
    manifest = listed(tmp_path, left, "B7")
    assert [(error.row, error.code) for error in manifest.errors] == [(2, "bad_row")]
    assert [row.patient_id for row in manifest.rows] == ["B7"]
    assert manifest.errors[0].remedy


@pytest.mark.parametrize(
    "good", "1 00001 A-17 E12 12E #17 2024-0117 12-34-5678 NAN1 अ१२ Müller 2/2024 P+1".split()
)
def test_ordinary_ids_are_ids(good: str) -> None:
    assert not why_no_id(good)


def test_excels_own_text_formula_is_read_for_its_text() -> None:
    assert written_id('="00042"') == "00042"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1", "00001"),
        ("12 3", "1 23"),
        ("A 1", "A1"),
        ("१२", "12"),
        ("A²", "A2"),
        ("A-1", "A–1"),
        ("Groß", "Gross"),
    ],
)
def test_two_ids_that_could_be_one_are_both_refused(tmp_path: Path, first: str, second: str) -> None:
    manifest = listed(tmp_path, first, "C3", second)
    assert [(error.row, error.code) for error in manifest.errors] == [(2, "id_clash"), (4, "id_clash")]
    assert "row 4" in manifest.errors[0].reason and "row 2" in manifest.errors[1].reason


def test_one_id_in_another_case_or_width_is_one_patient(tmp_path: Path) -> None:
    manifest = listed(tmp_path, "ab 12", "AB  12 ", "ＡＢ 12")
    assert not manifest.errors
    assert len({patient_key(row.patient_id, SECRET) for row in manifest.rows}) == 1


def test_other_zeros_are_those_a_spreadsheet_may_have_dropped() -> None:
    assert {"42", "0042"} <= set(other_zeros("00042")) and "00042" not in other_zeros("00042")
    assert not other_zeros("A42")


ids = st.text(st.sampled_from("aAbB01２²ßs é\u0301.-–_१"), min_size=1, max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ids, max_size=8))
def test_no_two_ids_of_a_list_give_one_key_and_no_one_id_two(tmp_path: Path, written: list[str]) -> None:
    rows = listed(tmp_path, *written).rows
    keys = {(spelling(row.patient_id), patient_key(row.patient_id, SECRET)) for row in rows}
    assert len({key for _, key in keys}) == len({one for one, _ in keys}) == len(keys)
    assert not mixed_up(row.patient_id for row in rows)


@pytest.mark.parametrize(("text", "why"), [("A\u200b1", "cannot be seen"), ("7" * 201, "more than 200")])
def test_what_two_people_could_not_compare_is_no_id(text: str, why: str) -> None:
    assert why in why_no_id(text)
