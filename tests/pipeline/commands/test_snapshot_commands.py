"""`echodesk snapshot` and `echodesk lineage` on a workspace."""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bulk_labels import NOW, fill_workspace
from click.testing import Result
from PIL import Image as Picture
from sqlmodel import Session
from typer.testing import CliRunner

from db.events import append_event
from db.files.manifest import hash_folder
from db.store.engine import open_database
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.people import User
from db.tables.queue import QueueItem, Recheck
from db.tables.reviews import Review
from db.workspace import Workspace
from pipeline.cli import app
from pipeline.dataset.filters import COLUMNS
from pipeline.dataset.pictures import picture_faults
from pipeline.dataset.records import ImageRef

runner = CliRunner()
OVERRIDE = ("--override", "vigilance")
RECORDS = 80


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty reviewed records."""
    folder = tmp_path_factory.mktemp("commands") / "space"
    fill_workspace(Workspace(workspace=folder, database_url=""), RECORDS)
    (folder / "desk.key").write_text("ab" * 32 + "\n")
    return folder


@pytest.fixture
def space(filled: Path, tmp_path: Path) -> Path:
    """A copy of them."""
    shutil.copytree(filled, tmp_path / "space")
    return tmp_path / "space"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own settings are not the test's."""
    for name in ("ECHODESK_SECRET", "ECHODESK_DATABASE_URL", "ECHODESK_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    yield


def run(space: Path, *words: str, code: int = 0) -> Result:
    answer = runner.invoke(app, [*words, "-w", str(space)])
    assert answer.exit_code == code, answer.output + answer.stderr
    return answer


def create(space: Path, name: str, *words: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        run(space, "snapshot", "create", name, *OVERRIDE, "--json", *words).stdout
    )
    return told


def later(space: Path, change: Any) -> None:
    """Something done an hour after everything else, with an event."""
    database = open_database(Workspace(workspace=space, database_url=""))
    with database.write() as session:
        change(session)
        when = NOW + timedelta(hours=1)
        append_event(session, kind="changed", actor="test", subject="case:1", payload={}, now=when)
    database.close()


def another_review(session: Session, like: int, **changed: Any) -> None:
    old = session.get_one(Review, like)
    values = old.model_dump(exclude={"id"}) | {
        "created_at": NOW + timedelta(hours=1),
        "request_id": f"again {like}",
    }
    session.add(Review(**{**values, **changed}))
    session.flush()


def test_one_workspace_and_its_copy_freeze_to_the_same_bytes(
    filled: Path, space: Path, tmp_path: Path
) -> None:
    shutil.copytree(filled, tmp_path / "other")
    create(space, "earlier")  # an own event of an earlier snapshot changes nothing
    create(space, "v1")
    create(tmp_path / "other", "v1")
    one, other = (hash_folder(folder / "snapshots/v1") for folder in (space, tmp_path / "other"))
    assert one == other
    manifests = [
        (folder / "snapshots/v1/manifest.json").read_bytes() for folder in (space, tmp_path / "other")
    ]
    assert manifests[0] == manifests[1]


def test_create_says_what_it_made_and_list_and_verify_know_it(space: Path) -> None:
    shown = run(space, "snapshot", "create", "v1", *OVERRIDE).stdout
    assert "Snapshot v1: 80 rows of 72 patients, 80 pairs" in shown
    assert "Overridden: vigilance" in shown
    assert "Not certified: no audit sample was drawn." in shown
    assert "v1" in run(space, "snapshot", "list").stdout
    (listed,) = json.loads(run(space, "snapshot", "list", "--json").stdout)
    assert listed["row_count"] == 80
    assert "80 rows are as they were frozen" in run(space, "snapshot", "verify", "v1").stdout
    assert run(
        space, "audit", "verify", code=1
    )  # the bulk rows have no events; the snapshot's own link holds
    assert "snapshot create" not in run(space, "snapshot", "list").stdout


def test_the_card_has_the_probe_for_shortcuts_where_it_was_asked_for(space: Path) -> None:
    run(space, "snapshot", "create", "plain", *OVERRIDE)
    run(space, "snapshot", "create", "probed", *OVERRIDE, "--probe")
    plain, probed = ((space / "snapshots" / name / "README.md").read_text() for name in ("plain", "probed"))
    assert "Not tried for this snapshot." in plain
    assert "Not tried for this snapshot." not in probed
    assert re.search(r"^\| colour \| \d+ \| 0\.\d\d \(", probed, re.MULTILINE)


def test_without_an_override_the_freeze_stops_and_nothing_is_left(space: Path) -> None:
    answer = run(space, "snapshot", "create", "v1", code=1)
    assert "vigilance: no practice draft was answered" in answer.stderr
    assert "--override vigilance" in answer.stderr
    assert not (space / "snapshots").exists()
    assert run(space, "snapshot", "list").stdout.startswith("No snapshot has been made")


def test_a_name_is_used_once_even_when_its_folder_is_gone(space: Path) -> None:
    create(space, "v1")
    answer = run(space, "snapshot", "create", "v1", *OVERRIDE, code=1)
    assert "there is already a snapshot v1" in answer.stderr
    shutil.rmtree(space / "snapshots/v1")
    assert "choose another name" in run(space, "snapshot", "create", "v1", *OVERRIDE, code=1).stderr


@pytest.mark.parametrize("name", ["../v1", "a/b", ""])
def test_a_name_that_could_be_a_path_is_wrong_use(space: Path, name: str) -> None:
    assert "cannot be the name" in run(space, "snapshot", "create", name, code=2).stderr


def test_an_unknown_column_is_wrong_use_and_the_valid_ones_are_named(space: Path) -> None:
    answer = run(space, "snapshot", "create", "v1", "--where", "ward = '3'", code=2)
    assert "no column 'ward'" in answer.stderr
    assert all(name in answer.stderr for name in COLUMNS)


def test_an_unknown_check_is_wrong_use(space: Path) -> None:
    assert (
        "There are: conflicts" in run(space, "snapshot", "create", "v1", "--override", "all", code=2).stderr
    )


def test_a_filter_chooses_and_is_written_down_without_names(space: Path) -> None:
    told = create(
        space, "v1", "--where", "site = 'Ward 1' and ef_percent >= 58", "--override", "class-counts"
    )
    assert 0 < told["counts"]["rows"] < 20
    manifest = (space / "snapshots/v1/manifest.json").read_text("utf-8")
    assert "site = 'site 1' and ef_percent >= 58" in manifest
    assert "Ward" not in manifest


def test_pictures_that_are_gone_changed_or_no_pictures_stop_the_freeze(space: Path) -> None:
    files = sorted(path for path in (space / "images").rglob("*") if path.is_file())
    files[0].unlink()
    files[1].chmod(0o644)
    files[1].write_bytes(files[1].read_bytes() + b"x")
    answer = run(space, "snapshot", "create", "v1", *OVERRIDE, code=1)
    assert "unreadable-images: 2 stored pictures cannot be read (1 changed, 1 missing)" in answer.stderr


def test_large_pictures_are_hashed_beside_each_other_and_told_apart(tmp_path: Path) -> None:
    refs, size = [], (400, 400)
    for number in range(6):
        stream = io.BytesIO()
        Picture.frombytes("RGB", size, random.Random(number).randbytes(400 * 400 * 3)).save(stream, "PNG")
        digest = hashlib.sha256(stream.getvalue()).hexdigest()
        (tmp_path / digest).write_bytes(stream.getvalue() + (b"x" if number == 2 else b""))
        refs.append(ImageRef(digest, "ecg", number, *size, "image/png", "0"))
    (tmp_path / refs[4].sha256).unlink()
    refs[5] = replace(refs[5], width_px=9)
    assert picture_faults(refs, lambda sha256: tmp_path / sha256) == {
        refs[2].sha256: "changed",
        refs[4].sha256: "missing",
        refs[5].sha256: "undecodable",
    }


def test_verify_finds_a_flipped_byte_and_an_unregistered_or_exchanged_folder(space: Path) -> None:
    create(space, "v1")
    create(space, "v2")
    folder = space / "snapshots/v1"
    file = folder / "data/pairs.csv"
    file.chmod(0o644)
    data = file.read_bytes()
    file.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])
    answer = run(space, "snapshot", "verify", "v1", "--json", code=1)
    assert json.loads(answer.stdout)["problems"] == ["data/pairs.csv was changed"]
    file.write_bytes(data)
    run(space, "snapshot", "verify", "v1")
    assert run(space, "snapshot", "verify", str(folder)).exit_code == 0
    shutil.copytree(folder, space / "snapshots/v3")
    problems = run(space, "snapshot", "verify", "v3", code=1).stdout
    assert "the folder is called v3, the snapshot v1" in problems
    assert "the database does not know this snapshot" in problems
    assert run(space, "snapshot", "verify", "gone", code=2)


def test_a_snapshot_verifies_anywhere_without_the_database(space: Path, tmp_path: Path) -> None:
    create(space, "v1")
    shutil.copytree(space / "snapshots/v1", tmp_path / "elsewhere/v1")
    run(tmp_path / "no workspace", "snapshot", "verify", str(tmp_path / "elsewhere/v1"))


def changes_of(space: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(space, "snapshot", "diff", "v1", "v2", "--json").stdout)
    return told


def test_nothing_decided_in_between_is_no_difference(space: Path) -> None:
    create(space, "v1")
    create(space, "v2")
    told = changes_of(space)
    assert (told["is_matched"], told["same"], told["changes"]) == (True, 80, [])
    assert told["added"] == told["removed"] == []


def test_every_changed_cell_is_told_with_who_why_and_when(space: Path) -> None:
    create(space, "v1")
    later(space, lambda session: another_review(session, 3, pah="severe", decision="correct", reason="grade"))
    create(space, "v2")
    told = changes_of(space)
    changes = {change["column"]: change for change in told["changes"]}
    assert set(changes) == {"pah", "decision"}
    assert (changes["pah"]["old"], changes["pah"]["new"], changes["pah"]["why"]) == (
        "none",
        "severe",
        "grade",
    )
    assert changes["pah"]["when"] == "2026-03-04T06:06:07+00:00"
    rows = [
        json.loads(line)
        for line in (space / "snapshots/v2/data/labels.jsonl").read_text("utf-8").splitlines()
    ]
    row = next(row for row in rows if row["row_id"] == changes["pah"]["row_b"])
    assert changes["pah"]["who"] == row["annotator"]
    assert told["summary"][1] == "0 rows came, 0 went, 1 changed, 79 are the same."
    table = run(space, "snapshot", "diff", "v1", "v2").stdout
    assert "pah: 1 changed" in table
    assert "severe" in table and "grade" in table and "2026-03-04T06:06" in table


def test_a_label_sent_back_is_told_as_that(space: Path) -> None:
    create(space, "v1")
    asked = NOW + timedelta(hours=1)

    def send_back(session: Session) -> None:
        session.add(QueueItem(case_id=3, purpose="adjudication"))
        session.add(Recheck(case_id=3, after_review_id=10_000, created_at=asked))

    later(space, send_back)
    create(space, "v2", "--override", "conflicts")
    (change,) = changes_of(space)["changes"]
    assert (change["column"], change["old"], change["new"]) == ("status", "single", "in_conflict")
    assert (change["why"], change["who"], change["when"]) == ("sent back", None, asked.isoformat())


def test_rows_that_came_and_went_are_told(space: Path) -> None:
    create(space, "v1", "--where", "site != 'Ward 1'")
    create(space, "v2", "--where", "site != 'Ward 2'")
    told = changes_of(space)
    assert (len(told["added"]), len(told["removed"]), told["same"]) == (20, 20, 40)


def test_without_the_database_only_counts_are_compared_and_it_says_how_to_do_better(
    space: Path, tmp_path: Path
) -> None:
    create(space, "v1", "--where", "site != 'Ward 1'")
    create(space, "v2")
    folders = [str(space / "snapshots" / name) for name in ("v1", "v2")]
    answer = runner.invoke(app, ["snapshot", "diff", *folders, "-w", str(tmp_path / "nowhere")])
    assert answer.exit_code == 0
    assert "snapshot diff A B --workspace DIR" in answer.stdout
    assert "ef_stratum" in answer.stdout


def test_another_key_is_noticed_instead_of_finding_nothing(space: Path) -> None:
    create(space, "v1")
    create(space, "v2")
    (space / "desk.key").write_text("cd" * 32 + "\n")
    answer = run(space, "snapshot", "diff", "v1", "v2", code=1)
    assert "another workspace's key" in answer.stderr


def test_lineage_walks_from_a_row_back_to_the_boxes_on_the_page(space: Path) -> None:
    create(space, "v1")
    row = json.loads((space / "snapshots/v1/data/lineage.jsonl").read_text("utf-8").splitlines()[0])
    steps = json.loads(run(space, "lineage", row["row_id"], "--json").stdout)
    kinds = [step["kind"] for step in steps]
    assert kinds == ["snapshot", "row", "case", "review", "draft", "value", "page", "page"]
    value = steps[5]
    assert (value["id"], value["facts"]["page"], value["facts"]["boxes"]) == ("rwma", 1, [[1, 2, 3, 4]])
    assert steps[3]["facts"]["is_label"] is True
    assert "NO RWMA" not in json.dumps(steps)
    assert row["evidence"] == {"rwma": {"page": 1, "boxes": [[1, 2, 3, 4]]}}
    shown = run(space, "lineage", row["row_id"]).stdout
    assert "snapshot v1" in shown and "(1, 2, 3, 4)" in shown and "person" not in shown


def test_the_words_of_the_report_come_only_with_quotes(space: Path) -> None:
    create(space, "v1")
    assert "NO RWMA" not in run(space, "lineage", "case:5").stdout
    assert "NO RWMA" in run(space, "lineage", "case:5", "--quotes").stdout


@pytest.mark.parametrize("asked", ["review:7", "draft:7", "case:7"])
def test_lineage_begins_anywhere(space: Path, asked: str) -> None:
    steps = json.loads(run(space, "lineage", asked, "--json").stdout)
    assert steps[0]["id"] == "case:7"


@pytest.mark.parametrize("asked", ["review:999", "r0123456789abcdef", "x", "case:" + "9" * 30, "case:x"])
def test_lineage_of_nothing_says_what_could_be_named(space: Path, asked: str) -> None:
    assert "row_id" in run(space, "lineage", asked, code=1).stderr


def test_real_and_synthetic_records_are_refused_together(space: Path) -> None:
    def add(session: Session) -> None:
        case = session.get_one(Case, 1).model_dump(exclude={"id"})
        new = Case(**{**case, "is_synthetic": False, "report_sha256": "0" * 64, "patient_key": "0" * 64})
        session.add(new)
        session.flush()
        number = int(new.id or 0)
        draft = session.get_one(Draft, 1).model_dump(exclude={"id"})
        session.add(Draft(**{**draft, "case_id": number}))
        session.add(User(id=77, name="real", created_at=NOW))
        session.flush()
        another_review(session, 1, case_id=number, draft_id=None, request_id="real")

    later(space, add)
    answer = run(space, "snapshot", "create", "v1", *OVERRIDE, code=1)
    assert "real and synthetic records never share a snapshot" in answer.stderr
    assert create(space, "v1", "--where", "is_synthetic = true")["counts"]["rows"] == 80
