"""The data dictionary against the columns and values that are really in a snapshot."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow.parquet
import pytest
from snapshot_card import frozen
from snapshot_rows import collected, findings, label

from db.fields.columns import FINDINGS
from db.tabular import Column, Kind, read_jsonl
from pipeline.dataset.describe.dictionary import HEADINGS, TYPES, dictionary_csv, missing_values

PARQUET = {
    TYPES[Kind.INTEGER]: "int64",
    TYPES[Kind.NUMBER]: "double",
    TYPES[Kind.TEXT]: "string",
    TYPES[Kind.YES_NO]: "bool",
    TYPES[Kind.DATE]: "date32[day]",
    TYPES[Kind.TEXTS]: "list<element: string>",
}


def lines_of(given: bytes, table: str) -> list[dict[str, str]]:
    return [line for line in csv.DictReader(io.StringIO(given.decode())) if line["table"] == table]


@pytest.mark.parametrize("has_notes", [False, True])
def test_every_real_column_is_described_in_order_with_its_type(tmp_path: Path, has_notes: bool) -> None:
    made = dictionary_csv(frozen(tmp_path, with_notes=has_notes))
    for table in ("labels", "pairs"):
        schema = pyarrow.parquet.read_schema(tmp_path / f"v1/data/{table}.parquet")
        lines = lines_of(made, table)
        assert [line["name"] for line in lines] == schema.names
        assert [PARQUET[line["type"]] for line in lines] == [str(kind) for kind in schema.types]
    assert ("note" in {line["name"] for line in lines_of(made, "labels")}) is has_notes


def test_codes_and_missing_values_hold_for_real_rows(tmp_path: Path) -> None:
    rows = [label(number) for number in range(1, 40)]
    bare = label(
        40, findings=findings(None), draft=None, draft_id=None, reader="", reader_version="", arm=None,
        ecg_date=None,
        report_date=None, confidence={}, light={}, layout="",
    )  # fmt: skip
    made = dictionary_csv(frozen(tmp_path, collected([*rows, bare])))
    for table in ("labels", "pairs"):
        found = read_jsonl((tmp_path / f"v1/data/{table}.jsonl").read_bytes())
        for line in lines_of(made, table):
            values = [row[line["name"]] for row in found]
            codes = set(line["codes"].replace("'", "").split("; ")) - {""}
            if codes:
                assert {value for value in values if value is not None} <= codes, line["name"]
            assert (None in values) <= (line["missing_values"] != "never missing"), line["name"]


def test_every_line_says_what_it_means_and_where_it_comes_from(tmp_path: Path) -> None:
    for line in csv.DictReader(io.StringIO(dictionary_csv(frozen(tmp_path)).decode())):
        assert tuple(line) == HEADINGS
        assert line["meaning"] and line["missing_values"] and line["source"]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line.values())
    units = {
        line["name"]: line["unit"] for line in lines_of(dictionary_csv(frozen(tmp_path / "b")), "labels")
    }
    assert (units["ef_percent"], units["rvsp_mmhg"], units["days_between"]) == ("percent", "mmHg", "days")


def test_an_empty_finding_is_explained_by_words_of_its_own() -> None:
    """What is said of any other column would say of a finding that nobody looked at a draft."""
    of_any = missing_values(Column("some_other_column", Kind.TEXT))
    assert [column.name for column in FINDINGS if missing_values(column) == of_any] == []
