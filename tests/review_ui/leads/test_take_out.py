"""Labels and datasets are taken out in the browser by whom the table says; what was made for it goes."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from desk_fixture import clean_record, desk_record
from desk_halls import SeededFolders, hall_over
from desk_people import DeskHall
from raw_requests import HOST, ORIGIN, RawBrowser, Reply
from typer.testing import CliRunner

from db.access.patient_key import load_or_create_secret, patient_key
from db.decisions import Role
from db.exports.interchange import Form
from db.markup.elements import rendered_markdown
from db.store.backup import backup_database
from db.tables.cases import Case
from db.tabular import FileFormat
from pipeline.cli import app
from pipeline.commands.datasets.desk_datasets import DeskDatasets
from pipeline.dataset.choosing import Require
from review_ui.desk.datasets import AskedSnapshot
from review_ui.server import build_shell
from review_ui.text import take_out as said

CHECKS = ("class-counts", "vigilance")


@pytest.fixture(scope="module")
def hall(seeded_folders: SeededFolders, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskHall]:
    """Two records, one decided by Asha, at a desk that can freeze."""
    folder = tmp_path_factory.mktemp("take-out") / "workspace"
    made = hall_over(seeded_folders.copy(folder, (desk_record(), clean_record(2))))
    asha = made.sit_down("Asha")
    asha.decide(asha.open(), confirmed=["ef"])
    space = made.seeded.workspace
    desk = replace(made.desk, workspace=space, datasets=DeskDatasets(space, made.desk.database))
    yield DeskHall(made.seeded, desk, made.clock)
    made.seeded.database.close()


@pytest.fixture(scope="module")
def browsers(hall: DeskHall) -> dict[Role, RawBrowser]:
    shell = build_shell(hall.desk, hall.seeded.store, hosts=frozenset({HOST}))
    return {
        role: RawBrowser(shell, hall.sit_down(f"a person who is {role}", role).session_id) for role in Role
    }


@pytest.fixture(scope="module")
def lead(browsers: dict[Role, RawBrowser]) -> RawBrowser:
    return browsers[Role.LEAD]


def frozen(lead: RawBrowser, name: str, **fields: str) -> Reply:
    overrides = {f"override.{check}": "1" for check in CHECKS}
    return lead.submit(
        "/take-out/freeze", {"name": name, "require": "accepted", "licence": "", **overrides, **fields}
    )


def test_what_a_killed_freeze_of_another_name_left_goes_with_the_next(
    hall: DeskHall, lead: RawBrowser
) -> None:
    folder = hall.seeded.workspace.snapshots
    left = folder / ".killed.partial"
    left.mkdir(parents=True)
    (left / "labels.csv").touch()
    assert frozen(lead, "after-a-kill").status == 303
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_no_restore_takes_the_database_away_while_a_lead_freezes(
    hall: DeskHall, lead: RawBrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = hall.seeded.workspace
    copy = shutil.move(backup_database(space, now=hall.clock.wall()), tmp_path / "copy.db")
    tried = []

    def meanwhile(*_given: object, **_more: object) -> None:
        tried.append(CliRunner().invoke(app, ["restore", str(copy), "-w", str(space.root)]))

    monkeypatch.setattr("pipeline.dataset.snapshot.build_snapshot", meanwhile)
    assert frozen(lead, "held").status == 303
    assert tried[0].exit_code == 1
    assert "at work in this workspace: a snapshot (since" in tried[0].stderr


def left_over(hall: DeskHall) -> list[Path]:
    return [path for path in hall.seeded.workspace.root.iterdir() if path.name.startswith(".take-out")]


def test_every_format_is_offered_and_comes_as_a_file(hall: DeskHall, lead: RawBrowser) -> None:
    assert list(said.FORMATS) == ["csv", "xlsx", "jsonl", "parquet", *Form]
    assert set(FileFormat) <= set(said.FORMATS)
    page = lead.get("/take-out").text
    for form in said.FORMATS:
        assert f'href="/take-out/labels/{form}"' in page
        reply = lead.get(f"/take-out/labels/{form}")
        assert reply.status == 200, form
        assert reply.headers["content-disposition"].startswith("attachment; filename=")
        assert reply.headers["cache-control"] == "no-store"
        assert reply.body
    assert left_over(hall) == []


def test_the_table_says_what_was_decided(browsers: dict[Role, RawBrowser]) -> None:
    text = browsers[Role.ADMIN].get("/take-out/labels/csv").text
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["case_id"], row["decision"], row["is_flagged"]) == ("1", "accept", "false")


def test_a_dataset_is_looked_over_frozen_shown_and_packed(hall: DeskHall, lead: RawBrowser) -> None:
    looked = lead.get("/take-out?name=v1&require=accepted&licence=cc-by-4.0").text
    assert "1 label would go in. 7 of 9 checks pass." in looked
    assert all(f'name="override.{check}"' in looked for check in CHECKS)
    done = frozen(lead, "v1", licence="cc-by-4.0")
    assert (done.status, done.headers["location"]) == (303, "/take-out?snapshot=v1")
    card = lead.get("/take-out?snapshot=v1").text
    assert "CC-BY-4.0" in card
    assert "<img" not in card
    packed = lead.get("/take-out/snapshot/v1")
    with zipfile.ZipFile(io.BytesIO(packed.body)) as archive:
        manifest = json.loads(archive.read("v1/manifest.json"))
    assert manifest["overrides"] == list(CHECKS)
    assert left_over(hall) == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "v1 again"}, "cannot be the name"),
        ({"name": "../v1"}, "cannot be the name"),
        ({"require": "hope"}, "choose how well founded"),
        ({"licence": "free"}, "no SPDX identifier"),
        ({"override.luck": "1"}, "no check"),
    ],
)
def test_what_cannot_be_frozen_is_said_and_nothing_is_made(
    hall: DeskHall, lead: RawBrowser, fields: dict[str, str], told: str
) -> None:
    done = frozen(lead, **{"name": "odd", **fields})
    assert done.status == 400
    assert told in done.text
    assert not (hall.seeded.workspace.snapshots / "odd").exists()


def test_a_check_that_nobody_settled_stops_the_freeze(lead: RawBrowser) -> None:
    done = lead.submit("/take-out/freeze", {"name": "unsettled", "require": "accepted"})
    assert done.status == 400
    assert "class-counts" in done.text


def test_a_researcher_sees_what_is_frozen_and_nothing_else(browsers: dict[Role, RawBrowser]) -> None:
    frozen(browsers[Role.LEAD], "seen")
    researcher = browsers[Role.RESEARCHER]
    page = researcher.get("/take-out").text
    assert "/take-out/snapshot/seen" in page
    assert "/take-out/labels/" not in page
    assert said.FREEZE not in page
    assert researcher.get("/take-out?name=v2&require=accepted").text.count(said.LOOK) == 0
    assert researcher.get("/take-out/snapshot/seen").status == 200
    assert researcher.get("/take-out/labels/csv").status == 403
    assert researcher.submit("/take-out/freeze", {"name": "v2", "require": "accepted"}).status == 403


@pytest.mark.parametrize(
    "path", ["/take-out/labels/exe", "/take-out/snapshot/none", "/take-out?snapshot=../x"]
)
def test_what_is_not_there_is_said(hall: DeskHall, lead: RawBrowser, path: str) -> None:
    assert lead.get(path).status == 400
    assert left_over(hall) == []


def test_the_ways_to_found_a_label_are_those_of_the_command(hall: DeskHall) -> None:
    assert hall.desk.datasets is not None
    assert [name for name, _ in hall.desk.datasets.requirements] == [one.value for one in Require]


def test_a_failed_download_leaves_nothing(
    hall: DeskHall, lead: RawBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("review_ui.leads.take_out_files.parts_of", full)
    reply = lead.get("/take-out/labels/fhir")
    assert (reply.status, "No space left on device" in reply.text) == (400, True)
    assert left_over(hall) == []


def test_looking_over_writes_nothing(hall: DeskHall) -> None:
    assert hall.desk.datasets is not None
    hall.desk.datasets.look_over(AskedSnapshot("looked", "accepted"))  # makes the key of the desk
    before = sorted(hall.seeded.workspace.root.rglob("*"))
    hall.desk.datasets.look_over(AskedSnapshot("looked", "accepted"))
    assert sorted(hall.seeded.workspace.root.rglob("*")) == before


def sent_list(who: RawBrowser, listing: bytes, *, name: str = "list", more: bytes = b"") -> Reply:
    """What a browser sends for a form with a file."""
    head = f'--BOUND\r\ncontent-disposition: form-data; name="{name}"; filename="my list.csv"\r\n\r\n'
    body = head.encode() + listing + b"\r\n" + more + b"--BOUND--\r\n"
    return who.send_raw("/take-out/list", body, content_type="multipart/form-data; boundary=BOUND")


@pytest.fixture(scope="module")
def listed(hall: DeskHall) -> bytes:
    """A list of the first record's patient and of a stranger."""
    secret = load_or_create_secret(hall.seeded.workspace.patient_key_file)
    with hall.desk.database.write() as session:
        case = session.get_one(Case, 1)
        case.patient_key = patient_key("UHID-7", secret)
    return b"Sr No,UHID,File name\r\n1,UHID-7,gone.jpg\r\n2,UHID-8,other.jpg\r\n"


def test_a_list_comes_back_with_what_was_decided_and_is_not_kept(
    hall: DeskHall, lead: RawBrowser, listed: bytes
) -> None:
    reply = sent_list(lead, listed)
    assert reply.status == 200, reply.text
    assert "list-with-labels.csv" in reply.headers["content-disposition"]
    first, second = csv.DictReader(io.StringIO(reply.body.decode("utf-8-sig")))
    told = [first[name] for name in ("Sr No", "UHID", "Status", "EchoDesk record")]
    assert told == ["1", "UHID-7", "decided", "1"]
    assert first["Decided by"] == "Asha"
    assert (second["UHID"], second["Status"]) == ("UHID-8", "not taken in")
    assert left_over(hall) == []
    kept = b"".join(path.read_bytes() for path in hall.seeded.workspace.root.rglob("*") if path.is_file())
    assert b"UHID-7" not in kept


def test_a_workbook_comes_back_as_one(lead: RawBrowser, listed: bytes) -> None:
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(listed.decode())):
        book.worksheets[0].append(row)
    stream = io.BytesIO()
    book.save(stream)
    reply = sent_list(lead, stream.getvalue())
    assert "list-with-labels.xlsx" in reply.headers["content-disposition"]
    rows = list(openpyxl.load_workbook(io.BytesIO(reply.body)).worksheets[0].values)
    assert [row[3] for row in rows] == ["Status", "decided", "not taken in"]


@pytest.mark.parametrize("listing", [b"", b"no list", b"PK\x03\x04 broken", b"a,b\r\n1,2\r\n"])
def test_what_is_no_list_is_said_without_our_paths(
    hall: DeskHall, lead: RawBrowser, listed: bytes, listing: bytes
) -> None:
    reply = sent_list(lead, listing)
    assert reply.status == 400
    assert str(hall.seeded.workspace.root) not in reply.text
    assert left_over(hall) == []


def test_only_one_whole_file_is_taken(
    browsers: dict[Role, RawBrowser], lead: RawBrowser, listed: bytes
) -> None:
    second = b'--BOUND\r\ncontent-disposition: form-data; name="x"\r\n\r\n1\r\n'
    assert sent_list(lead, listed, more=second).status == 400
    assert lead.submit("/take-out/list", {"list": "x"}).status == 400
    assert browsers[Role.RESEARCHER].submit("/take-out/list", {"list": "x"}).status == 403
    too_long = {"origin": ORIGIN, "content_length": "20000001", "content_type": "multipart/form-data"}
    assert lead.send("POST", "/take-out/list", too_long, b"").status == 413


def test_what_a_killed_desk_left_is_swept_and_what_is_being_sent_is_not(hall: DeskHall) -> None:
    old, new = (hall.seeded.workspace.root / f".take-out-{name}" for name in ("old", "new"))
    now_s = hall.clock.wall().timestamp()
    for folder, made_s in ((old, now_s - 7200), (new, now_s)):
        folder.mkdir()
        (folder / "labels.csv").write_text("left")
        os.utime(folder, (made_s, made_s))
    build_shell(hall.desk, hall.seeded.store, hosts=frozenset({HOST}))
    assert (old.exists(), new.exists()) == (False, True)
    shutil.rmtree(new)


def test_a_table_of_a_card_has_no_heading_that_heads_nothing() -> None:
    html = rendered_markdown("| | |\n|---|---|\n| a | b |\n\ntext\n\n| | n |\n|---|---|\n| x | 1 |\n")
    assert "<th></th>" not in html
    assert html.count("<thead>") == 1
    assert "<td>a</td>" in html and "<th>n</th>" in html


def test_a_card_brings_no_style_of_its_own_and_of_links_the_words() -> None:
    html = rendered_markdown(
        "See [certificate.json](certificate.json).\n\n| a | n |\n|---|---:|\n| x | 1 |\n"
    )
    assert "<p>See certificate.json.</p>" in html
    assert "style=" not in html
    assert '<td class="right">1</td>' in html
