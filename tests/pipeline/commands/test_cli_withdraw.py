"""`echodesk withdraw`, and what other verbs know of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bulk_labels import NOW, fill_workspace
from click.testing import Result
from sqlmodel import col, select
from typer.testing import CliRunner

from db.access.desk_key import load_or_create_desk_key
from db.access.patient_key import load_or_create_secret, patient_key
from db.events import DRAFT_STORED, append_event, row_sha256
from db.files.at_work import alone_at_work
from db.files.manifest import manifest_bytes
from db.store.engine import open_database
from db.store.images import ImageStore
from db.store.key_mark import mark_database
from db.tables.cases import Case, CaseImage
from db.tables.consent import WithdrawnPatient
from db.tables.drafts import Draft
from db.workspace import Workspace
from pipeline.cli import app
from pipeline.curation.withdrawn import holdings_of

runner = CliRunner()
RECORDS = 40
ID = "MRN 0017"
FREEZE = ("--override", "vigilance")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty reviewed records, two of them MRN 0017's, and a snapshot of all."""
    folder = tmp_path_factory.mktemp("withdraw") / "space"
    workspace = Workspace(workspace=folder, database_url="")
    fill_workspace(workspace, RECORDS, with_log=True)
    secret = load_or_create_secret(workspace.patient_key_file)
    database = open_database(workspace)
    with database.write() as session:
        mark_database(session, secret)
        for case in session.exec(select(Case)):
            patient = case.patient_key[:8] if case.id not in (7, 8) else ID
            case.patient_key = patient_key(patient, secret)
        for draft in session.exec(select(Draft).order_by(col(Draft.id))):
            append_event(
                session,
                kind=DRAFT_STORED,
                actor="test",
                subject=f"draft:{draft.id}",
                payload={"row_sha256": row_sha256(draft)},
                now=NOW,
            )
    database.close()
    run(folder, "snapshot", "create", "may", *FREEZE)
    return folder


@pytest.fixture
def space(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(filled, tmp_path / "space")
    return tmp_path / "space"


@pytest.fixture
def ids(tmp_path: Path) -> Path:
    """A file with the patient's id."""
    file = tmp_path / "ids.txt"
    file.write_text(f"# asked on the ward\n{ID}\n")
    return file


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own settings are not the test's."""
    for name in ("ECHODESK_SECRET", "ECHODESK_DATABASE_URL", "ECHODESK_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    yield


def run(space: Path, *words: str, code: int = 0, typed: str | None = None) -> Result:
    answer = runner.invoke(app, [*words, "-w", str(space)], input=typed)
    assert answer.exit_code == code, answer.output + answer.stderr
    return answer


def told(space: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(space, *words, "--json").stdout)
    return found


def cases(space: Path) -> set[int]:
    database = open_database(Workspace(workspace=space))
    try:
        with database.read() as session:
            return {int(number or 0) for number in session.exec(select(Case.id))}
    finally:
        database.close()


def everything(space: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(space)): path.read_bytes()
        for path in space.rglob("*")
        if path.is_file() and "at-work" not in path.parts and not path.name.endswith("-next")
    }


def test_a_plan_says_what_would_go_and_writes_nothing(space: Path, ids: Path) -> None:
    before = everything(space)
    plan = told(space, "withdraw", "--from", str(ids), "--plan")
    assert (plan["patients"], plan["records"], plan["snapshots"]) == (1, [7, 8], ["may"])
    assert (plan["would_go"]["record"], plan["would_go"]["decision"], plan["would_go"]["picture"]) == (
        2,
        2,
        4,
    )
    words = run(space, "withdraw", "--from", str(ids), "--plan").stdout
    assert ID not in words
    assert "snapshot remove may" in words
    assert everything(space) == before


def test_the_id_is_asked_for_and_then_the_person_once_more(space: Path) -> None:
    answer = run(space, "withdraw", typed=f"{ID}\nn\n", code=2)
    assert "Take all of this out for good?" in answer.output
    assert len(cases(space)) == RECORDS
    run(space, "withdraw", typed="mrn0017\ny\n")  # however it is spaced and cased
    assert cases(space) == set(range(1, RECORDS + 1)) - {7, 8}
    assert "chain unbroken" in run(space, "audit", "verify").stdout


@pytest.mark.parametrize("typed", ["MRN 0018", "MRN 017", "MRN 00170", "MRN O017"])
def test_a_spelling_near_another_is_never_guessed(space: Path, typed: str) -> None:
    answer = run(space, "withdraw", "--yes", typed=f"{typed}\n", code=1)
    assert "of no record here" in answer.stderr
    assert typed not in answer.stderr.replace("Patient id: ", "")
    assert len(cases(space)) == RECORDS
    assert not (space / "withdrawn.txt").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--plan", "--again"),
        ("--noted",),
        ("--noted", "--plan"),
        ("--list",),
        ("--list", "--plan"),
        ("--again", "--unclaimed"),
        ("--again", "--noted"),
    ],
)
def test_two_things_at_once_are_refused_and_neither_is_done(
    space: Path, ids: Path, words: tuple[str, ...]
) -> None:
    run(space, "withdraw", "--from", str(ids), "--yes")
    before = everything(space)
    refused = run(space, "withdraw", "--from", str(ids), "--yes", *words, code=2)
    assert "nothing was done" in refused.stderr
    assert everything(space) == before


def test_one_wrong_id_in_a_list_stops_all_of_it(space: Path, ids: Path) -> None:
    ids.write_text(f"{ID}\nMRN 99\n")
    assert "id 2 of 2" in run(space, "withdraw", "--from", str(ids), "--yes", code=1).stderr
    assert len(cases(space)) == RECORDS


def test_another_key_file_is_told_from_the_right_one(space: Path, ids: Path) -> None:
    (space / "patient.key").write_bytes(bytes(32))
    assert "is not the key" in run(space, "withdraw", "--from", str(ids), "--yes", code=1).stderr
    (space / "patient.key").unlink()
    assert "is missing" in run(space, "withdraw", "--from", str(ids), "--yes", code=1).stderr
    assert "there is no record 99" in run(space, "withdraw", "--record", "99", "--yes", code=1).stderr
    run(space, "withdraw", "--record", "7", "--yes")  # a number needs no key
    assert cases(space) == set(range(1, RECORDS + 1)) - {7, 8}


@pytest.mark.parametrize(
    ("content", "said"), [(None, "can't be read"), (b"\n# nobody\n", "holds no id"), (b"\xff\xfe", "UTF-8")]
)
def test_a_list_that_is_none_is_named(space: Path, ids: Path, content: bytes | None, said: str) -> None:
    ids.unlink()
    if content is not None:
        ids.write_bytes(content)
    assert said in run(space, "withdraw", "--from", str(ids), "--yes", code=1).stderr


def test_ids_come_from_standard_input_only_with_yes(space: Path) -> None:
    assert "--yes" in run(space, "withdraw", "--from", "-", typed=f"{ID}\n", code=2).stderr
    assert len(cases(space)) == RECORDS
    run(space, "withdraw", "--from", "-", "--yes", typed=f"{ID}\n")
    assert cases(space) == set(range(1, RECORDS + 1)) - {7, 8}


def test_backups_lines_of_reports_and_pictures_without_a_record(space: Path, ids: Path) -> None:
    run(space, "backup")
    (space / "reports").mkdir()
    report = space / "reports" / "intake-20260101T000000Z.csv"
    lines = ["file,manifest_row,code,reason,remedy", "in/MRN-0017_p1.png,,x,y,z", "in/MRN 0017.png,,x,y,z"]
    report.write_text("\n".join([*lines, "in/MRN 00171.png,,x,y,z", ""]), encoding="utf-8-sig")
    orphan = space / "images" / "ab" / ("ab" * 32)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"whose?")
    first = told(space, "withdraw", "--from", str(ids), "--yes")
    assert (first["report_lines"], len(first["backups"]), first["backups_deleted"]) == (1, 1, 0)
    assert report.read_text(encoding="utf-8-sig").count("MRN") == 2
    assert orphan.exists()
    again = told(space, "withdraw", "--from", str(ids), "--yes", "--delete-backups", "--unclaimed")
    assert (again["taken_out"]["record"], again["backups_deleted"], again["unclaimed"]) == (0, 1, 1)
    assert (again["backups"], orphan.exists()) == ([], False)
    assert len(list((space / "backups").iterdir())) == 1


def test_a_restored_backup_loses_them_again(space: Path, ids: Path) -> None:
    run(space, "backup")
    (backup,) = (space / "backups").iterdir()
    run(space, "withdraw", "--from", str(ids), "--yes")
    answer = run(space, "restore", str(backup))
    assert "1 patient who withdrew consent since" in answer.stdout
    assert backup.name in answer.stderr
    assert cases(space) == set(range(1, RECORDS + 1)) - {7, 8}
    assert "chain unbroken" in run(space, "audit", "verify").stdout
    store = ImageStore(space / "images")
    database = open_database(Workspace(workspace=space))
    with database.read() as session:
        assert all(store.verify(name) for name in session.exec(select(CaseImage.image_sha256)))
    database.close()


def test_a_lost_list_is_made_anew_from_the_database_before_an_older_one_comes(space: Path, ids: Path) -> None:
    run(space, "backup")
    (backup,) = (space / "backups").iterdir()
    run(space, "withdraw", "--from", str(ids), "--yes")
    (space / "withdrawn.txt").unlink()
    assert "whom withdrawn.txt lacks: 1" in runner.invoke(app, ["doctor", "-w", str(space)]).output
    assert "1 patient who withdrew consent since" in run(space, "restore", str(backup)).stdout
    assert cases(space) == set(range(1, RECORDS + 1)) - {7, 8}
    (space / "withdrawn.txt").unlink()
    assert "on the database's list alone" in run(space, "withdraw", "--noted").stderr
    assert "lacks" not in runner.invoke(app, ["doctor", "-w", str(space)]).output


def test_a_database_that_came_back_another_way_is_found_by_the_doctor(space: Path, ids: Path) -> None:
    old = (space / "echodesk.db").read_bytes()
    run(space, "withdraw", "--from", str(ids), "--yes")
    (space / "echodesk.db").write_bytes(old)  # as pg_restore or a copied file would
    assert "withdraw --noted" in run(space, "doctor", code=1).stdout
    assert "still in this database" in run(space, "withdraw", "--list").stdout
    for verb in (("status",), ("extract",), ("export", "labels", "-o", str(space / "out.csv"))):
        assert "withdraw --noted" in run(space, *verb, code=1).stderr
    assert "chain unbroken" in run(space, "audit", "verify").stdout
    run(space, "withdraw", "--noted", "--yes")
    assert cases(space) == set(range(1, RECORDS + 1)) - {7, 8}
    assert "Everybody on the list has been taken out" in run(space, "withdraw", "--noted").stdout


def test_a_damaged_list_stops_a_restore_before_anything_is_touched(space: Path) -> None:
    run(space, "backup")
    (backup,) = (space / "backups").iterdir()
    (space / "withdrawn.txt").write_text("rubbish\n")
    before = everything(space)
    assert "withdrawn.txt" in run(space, "restore", str(backup), code=1).stderr
    assert everything(space) == before


def test_snapshots_made_before_are_warned_of_made_anew_compared_and_deleted(space: Path, ids: Path) -> None:
    run(space, "withdraw", "--from", str(ids), "--yes")
    assert "2 rows" in run(space, "snapshot", "verify", "may").stderr
    assert "2 rows" in run(space, "snapshot", "export", "may", "--to", str(space / "out.zip")).stderr
    run(space, "snapshot", "create", "june", *FREEZE)
    assert run(space, "snapshot", "verify", "june").stderr == ""
    difference = told(space, "snapshot", "diff", "may", "june")
    assert (difference["withdrawn"], len(difference["removed"]), difference["added"]) == (2, 2, [])
    assert "2 of those that went" in run(space, "snapshot", "diff", "may", "june").stdout
    manifest = json.loads((space / "snapshots" / "may" / "manifest.json").read_bytes())
    assert "nothing was deleted" in run(space, "snapshot", "remove", "may", typed="n\n", code=2).stderr
    removed = run(space, "snapshot", "remove", "may", typed="y\n").stdout
    assert manifest["content_sha256"] in removed
    assert not list((space / "snapshots").glob("*may*"))
    listed = json.loads(run(space, "snapshot", "list", "--json").stdout)
    assert [(one["name"], bool(one["removed_at"])) for one in listed] == [("may", True), ("june", False)]
    assert listed[0]["content_sha256"] == manifest["content_sha256"]
    run(space, "snapshot", "remove", "may", "--yes")  # again: nothing more happens
    assert "already a snapshot may" in run(space, "snapshot", "create", "may", *FREEZE, code=1).stderr
    assert "chain unbroken" in run(space, "audit", "verify").stdout


def test_runs_and_bundles_of_a_snapshot_are_found_by_content(space: Path, ids: Path) -> None:
    content = json.loads((space / "snapshots/may/manifest.json").read_bytes())["content_sha256"]
    for folder, values in (("mine", content), ("other", "0" * 64)):
        run_folder = space / "runs" / folder
        (run_folder / "evaluation").mkdir(parents=True)
        (run_folder / "manifest.json").write_bytes(
            manifest_bytes({"run": folder, "content_sha256": values}, {})
        )
        bundle = space / "bundles" / f"bundle-{folder}"
        bundle.mkdir(parents=True)
        (bundle / "bundle.json").write_text(json.dumps({"run": folder, "content_sha256": values}))
    (space / "runs" / ".begun.partial" / "work").mkdir(parents=True)
    words = run(space, "withdraw", "--from", str(ids), "--plan").stdout
    assert str(space / "runs/.begun.partial") in words
    assert str(space / "runs/mine") in words
    assert str(space / "bundles/bundle-mine") in words
    assert "other" not in words
    run(space, "withdraw", "--from", str(ids), "--yes")
    removed = run(space, "snapshot", "remove", "may", "--yes").stdout
    assert removed.count("and still here") == 2


def test_a_snapshot_of_another_key_may_hold_them(space: Path, ids: Path) -> None:
    workspace = Workspace(workspace=space)
    load_or_create_desk_key(workspace)
    (found,) = holdings_of(workspace, ["0" * 64], b"another key")
    assert (found.is_told, found.rows) == (False, 0)
    assert holdings_of(workspace, ["0" * 64], load_or_create_desk_key(workspace)) == []
    assert ids.exists()


def test_somebody_not_here_yet_and_consent_given_again(space: Path) -> None:
    run(space, "withdraw", "--yes", typed="MRN 5000\n", code=1)
    run(space, "withdraw", "--yes", "--ahead", typed="MRN 5000\n")
    listed = json.loads(run(space, "withdraw", "--list", "--json").stdout)
    assert [one["is_taken_out"] for one in listed] == [True]
    assert "1 patient taken off" in run(space, "withdraw", "--again", typed="MRN 5000\n").stdout
    assert "had not been on it" in run(space, "withdraw", "--again", typed="MRN 5000\n").stderr
    assert "Nobody" in run(space, "withdraw", "--list").stdout
    database = open_database(Workspace(workspace=space))
    with database.read() as session:
        (row,) = session.exec(select(WithdrawnPatient))
        assert row.again_at is not None
    database.close()


def test_their_row_of_a_list_given_back_says_so(space: Path, ids: Path, tmp_path: Path) -> None:
    listing = tmp_path / "list.csv"
    listing.write_text(f"patient_id,report\n{ID},a.png\nMRN 99,b.png\n")
    run(space, "withdraw", "--from", str(ids), "--yes")
    run(space, "export", "labels", "--join", str(listing), "-o", str(tmp_path / "back.csv"))
    rows = (tmp_path / "back.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert [row.split(",")[2] for row in rows] == ["withdrew their consent", "not taken in"]


def test_a_restore_at_work_is_waited_for(space: Path, ids: Path) -> None:
    with alone_at_work(space):
        answer = run(space, "withdraw", "--from", str(ids), "--yes", code=1)
    assert "a backup is being put" in answer.stderr
    assert len(cases(space)) == RECORDS
