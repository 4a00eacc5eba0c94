"""Exported tables: typed, complete, whole or absent, and no formula gets through."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from extraction_runs import NOW, add_cases

from db.access.own_ids import OwnIds
from db.cases import get_case
from db.decisions import Decision
from db.drafts import store_draft
from db.errors import EchoDeskError
from db.exports.tables import DRAFT_COLUMNS, LABEL_COLUMNS, Table, draft_row, export_table
from db.labels import EfOperator, EfState, Evidence, Findings, Rwma, RwmaSeverity
from db.queue.leases import take_lease
from db.reviews import record_decision
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tabular import FileFormat
from db.users import ensure_local_user
from db.workspace import Workspace
from labeling.extraction.drafting import draft_of_reading
from labeling.readers.base import Generation, Opinion, ReaderIdentity, Reading

FOUND = Findings(
    ef_percent=37.5,
    ef_low=35,
    ef_high=40,
    ef_operator=EfOperator.ABOUT,
    ef_state=EfState.STATED,
    lv_function="=HYPERLINK(1)",
    rwma=Rwma.PRESENT,
    rwma_severity=RwmaSeverity.SEVERE,
    rwma_walls=("anterior", "apical"),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Two cases, the first drafted and corrected, the second drafted."""
    workspace = Workspace(workspace=tmp_path / "workspace")
    opened = open_database(workspace)
    add_cases(opened, ImageStore(workspace.images), 2)
    quote = {"ef_percent": Evidence(quote="EF 35-40 %")}
    with opened.write() as session:
        for case_id in (1, 2):
            case = get_case(session, case_id=case_id)
            assert case is not None
            case.report_date = date(2024, 3, 5)
            reading = Reading(FOUND if case_id == 1 else Findings(), quote, {"ef_percent": 0.9})
            draft = draft_of_reading(
                reading,
                case_id=case_id,
                report_sha256=case.report_sha256,
                identity=ReaderIdentity("rules", "7"),
                code_version="0.1+abc",
                elapsed_s=1.25,
            )
            store_draft(session, draft=draft, actor="test", now=NOW)
        user = ensure_local_user(session, name="Dr Named Person", now=NOW)
        take_lease(session, case_id=1, annotator_id=int(user.id or 0), now=NOW, lease_s=7200)
        record_decision(
            session,
            case_id=1,
            draft_id=1,
            annotator_id=int(user.id or 0),
            decision=Decision.CORRECT,
            findings=FOUND.model_copy(update={"lv_function": None}),
            note="a private note",
            active_s=3,
            request_id="r1",
            now=NOW + timedelta(hours=1),
        )
    yield opened
    opened.close()


def exported(database: Database, table: Table, file_format: FileFormat, folder: Path) -> Path:
    target = folder / f"out.{file_format}"
    export_table(database, table, target, file_format=file_format)
    return target


def test_csv_drafts_have_every_column_and_plain_values(database: Database, tmp_path: Path) -> None:
    target = exported(database, Table.DRAFTS, FileFormat.CSV, tmp_path)
    with target.open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert list(first) == [column.name for column in DRAFT_COLUMNS]
    assert (
        first
        | {
            "draft_id": "1",
            "case_id": "1",
            "patient_key": "0" * 64,
            "is_synthetic": "true",
            "report_date": "2024-03-05",
            "ecg_date": "",
            "ef_percent": "37.5",
            "ef_low": "35",
            "ef_operator": "~",
            "lv_function": "'=HYPERLINK(1)",
            "rwma_walls": "anterior;apical",
            "confidence_ef_percent": "0.9",
            "confidence_pah": "",
            "light_ef_percent": "green",
            "reader": "rules",
            "reader_version": "7",
            "code_version": "0.1+abc",
            "elapsed_s": "1.25",
            "created_at": "2026-03-05T12:00:00Z",
        }
        == first
    )
    assert json.loads(first["evidence"])["ef_percent"]["quote"] == "EF 35-40 %"
    assert (second["ef_percent"], second["ef_state"]) == ("", "not_stated")


def test_jsonl_labels_name_the_reviewer_by_number_and_keep_the_note_back(
    database: Database, tmp_path: Path
) -> None:
    target = exported(database, Table.LABELS, FileFormat.JSONL, tmp_path)
    (line,) = target.read_text(encoding="utf-8").splitlines()
    label = json.loads(line)
    assert list(label) == [column.name for column in LABEL_COLUMNS]
    assert (label["case_id"], label["reviewer_id"], label["decision"]) == (1, 1, "correct")
    assert (label["reader"], label["reader_version"], label["draft_id"]) == ("rules", "7", 1)
    assert (label["ef_percent"], label["lv_function"], label["rwma_walls"]) == (
        37.5,
        None,
        ["anterior", "apical"],
    )
    assert label["decided_at"] == "2026-03-05T13:00:00Z"
    assert "Named" not in line and "private" not in line


def test_parquet_columns_are_typed(database: Database, tmp_path: Path) -> None:
    drafts = pyarrow.parquet.read_table(exported(database, Table.DRAFTS, FileFormat.PARQUET, tmp_path))
    types = {field.name: field.type for field in drafts.schema}
    assert types["case_id"] == pyarrow.int64()
    assert types["ef_percent"] == types["elapsed_s"] == pyarrow.float64()
    assert types["is_synthetic"] == pyarrow.bool_()
    assert types["report_date"] == types["ecg_date"] == pyarrow.date32()
    assert types["created_at"] == pyarrow.timestamp("us", tz="UTC")
    assert types["rwma_walls"] == pyarrow.list_(pyarrow.string())
    rows = drafts.to_pylist()
    assert [row["ef_percent"] for row in rows] == [37.5, None]
    assert rows[0]["created_at"] == datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert rows[0]["rwma_walls"] == ["anterior", "apical"]


@pytest.mark.parametrize("file_format", list(FileFormat))
def test_an_empty_table_is_still_a_table(tmp_path: Path, file_format: FileFormat) -> None:
    database = open_database(Workspace(workspace=tmp_path / "empty"))
    for table in Table:
        target = tmp_path / f"{table}.{file_format}"
        assert export_table(database, table, target, file_format=file_format) == 0
        assert target.exists()
    database.close()


def test_a_file_is_not_overwritten_unless_asked(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("precious")
    with pytest.raises(EchoDeskError, match="exists already"):
        export_table(database, Table.DRAFTS, target, file_format=FileFormat.CSV)
    assert target.read_text() == "precious"
    assert export_table(database, Table.DRAFTS, target, file_format=FileFormat.CSV, overwrite=True) == 2
    assert target.read_text().startswith("draft_id,")
    assert target.stat().st_mode & 0o077 == 0


def test_a_failed_export_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "there"
    with pytest.raises(EchoDeskError, match="can't be written"):
        export_table(database, Table.DRAFTS, folder / "out.csv", file_format=FileFormat.CSV)
    folder.mkdir()
    database.close()
    os.rename(tmp_path / "workspace" / "echodesk.db", tmp_path / "gone.db")
    with pytest.raises(Exception, match="no such table|unable to open"):
        export_table(database, Table.DRAFTS, folder / "out.csv", file_format=FileFormat.CSV)
    assert list(folder.iterdir()) == []
    with pytest.raises(EchoDeskError, match="is a folder"):
        export_table(database, Table.DRAFTS, folder, file_format=FileFormat.CSV, overwrite=True)


def test_a_draft_says_how_a_model_came_to_it_but_not_what_it_printed(database: Database) -> None:
    generation = Generation(
        model="m", revision="r", prompt_id="read-1", raw_text="Mrs Example, EF 55", answer_tokens=9
    )
    reading = Reading(FOUND, opinions=[Opinion("rules", "1", FOUND)], generation=generation)
    identity = ReaderIdentity("qwen2vl", "1", "r", "read-1")
    with database.read() as session:
        case = get_case(session, case_id=1)
    assert case is not None
    draft = draft_of_reading(
        reading, case_id=1, report_sha256=case.report_sha256, identity=identity, code_version="x", elapsed_s=1
    )
    assert draft.generation is not None and draft.generation["raw_text"] == "Mrs Example, EF 55"
    row = draft_row(draft, case)
    assert json.loads(row["generation"])["answer_tokens"] == 9
    assert json.loads(row["opinions"])[0]["findings"]["ef_percent"] == 37.5
    assert row["grounding"] is None
    assert "Example" not in json.dumps(row, default=str)


def test_own_ids_stand_beside_the_hashes_only_where_they_are_asked_for(
    database: Database, tmp_path: Path
) -> None:
    ids = OwnIds(Workspace(workspace=tmp_path / "workspace"))
    ids.keep("0" * 64, "UHID 7")
    for own_ids in (None, ids):
        target = tmp_path / f"{own_ids is None}.csv"
        export_table(database, Table.DRAFTS, target, file_format=FileFormat.CSV, own_ids=own_ids)
        with target.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row.get("own_id") for row in rows] == ([None, None] if own_ids is None else ["UHID 7", ""])
