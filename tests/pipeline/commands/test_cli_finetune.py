"""`echodesk finetune`: what it refuses at once, and the whole way to an adapter that `extract` reads with."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import PIL.Image
import PIL.ImageDraw
import pytest
import typer
from typer.testing import CliRunner, Result

from db.cases import register_case
from db.decisions import Decision
from db.drafts import store_draft
from db.labels import EfOperator, EfState, Evidence, Findings, Pah, Rwma, RwmaSeverity
from db.queue.leases import take_lease
from db.reviews import record_decision
from db.store.engine import open_database
from db.store.images import ImageStore
from db.tables.people import User
from db.workspace import Workspace
from labeling.extraction.drafting import draft_of_reading
from labeling.finetuning.expectation import finetune as taught_expectation
from labeling.finetuning.expectation.corpus import KnownText
from labeling.readers.base import ReaderIdentity, Reading
from labeling.rules.expectation.numbers import NUMBERS
from pipeline.cli import EchoDeskGroup
from pipeline.commands.labels.finetune import finetune

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def run(*arguments: object) -> Result:
    """The verb by itself, in this process."""
    app = typer.Typer(cls=EchoDeskGroup, rich_markup_mode=None)
    app.command("finetune")(finetune)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["finetune", *(str(word) for word in arguments)])


def reviewed_workspace(root: Path, count: int) -> Workspace:
    """Records with one page each, drafted and accepted; every fourth corrected."""
    workspace = Workspace(workspace=root)
    database, store = open_database(workspace), ImageStore(workspace.images)
    with database.write() as session:
        user = User(name="ana", created_at=NOW)
        session.add(user)
        session.flush()
        for number in range(count):
            _add(session, store, number, annotator_id=int(user.id or 0))
    database.close()
    return workspace


def _add(session: Any, store: ImageStore, number: int, *, annotator_id: int) -> None:
    words = f"LVEF {30 + number} %"
    page = PIL.Image.new("L", (112, 56), 255)
    PIL.ImageDraw.Draw(page).text((6, 20), words, fill=0, font_size=22)
    case, _ = register_case(
        session,
        patient_key=hashlib.sha256(f"patient {number}".encode()).hexdigest(),
        site="",
        is_synthetic=True,
        report_images=[store.put(page, original_sha256=f"{number:064x}", page=1, lossy=False)],
        ecg_images=[],
        report_date=None,
        ecg_date=None,
        now=NOW,
    )
    decided = Findings(
        ef_percent=30.0 + number,
        ef_operator=EfOperator.EQUAL,
        ef_state=EfState.STATED,
        rwma=Rwma.ABSENT,
        rwma_severity=RwmaSeverity.NONE,
        pah=Pah.NONE,
    )
    drafted = decided.model_copy(update={"pah": Pah.SEVERE}) if number % 4 == 0 else decided
    evidence = {
        "ef_percent": Evidence(quote=words, box=(1, 2, 3, 4)),
        "rwma": Evidence(quote="NO RWMA", box=(1, 2, 3, 4)),
    }
    draft = draft_of_reading(
        Reading(drafted, evidence=evidence),
        case_id=int(case.id or 0),
        report_sha256=case.report_sha256,
        identity=ReaderIdentity("rules", "1"),
        code_version="test",
        elapsed_s=0.1,
    )
    stored = store_draft(session, draft=draft, actor="test", now=NOW)
    take_lease(session, case_id=int(case.id or 0), annotator_id=annotator_id, now=NOW, lease_s=60)
    record_decision(
        session,
        case_id=int(case.id or 0),
        draft_id=stored.id,
        annotator_id=annotator_id,
        decision=Decision.ACCEPT if drafted == decided else Decision.CORRECT,
        findings=decided,
        note="",
        active_s=1.0,
        request_id=f"request-{number}",
        now=NOW,
    )


def test_it_has_to_be_told_what_to_learn_from(tmp_path: Path) -> None:
    asked = run("--out", tmp_path / "adapter")
    assert asked.exit_code == 2
    assert "--from-reviews" in asked.stderr
    both = run("--out", tmp_path / "adapter", "--from-reviews", "--recogniser")
    assert both.exit_code == 2


@pytest.mark.parametrize(
    ("asked", "idle"),
    [(("--recogniser", "--epochs", 3), "--epochs"), (("--recogniser", "--save-memory"), "--save-memory"),
     (("--from-reviews", "--steps", 5), "--steps")],
)  # fmt: skip
def test_an_option_that_would_change_nothing_is_refused(
    tmp_path: Path, asked: tuple[object, ...], idle: str
) -> None:
    refused = run(*asked, "--out", tmp_path / "new")
    assert refused.exit_code == 2
    assert f"knows no {idle}" in refused.stderr


def test_a_recogniser_needs_no_workspace_and_overwrites_nothing(tmp_path: Path) -> None:
    asked = run("--recogniser", "--out", tmp_path)
    assert asked.exit_code == 1
    assert "exists already" in asked.stderr


def test_a_folder_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    reviewed_workspace(tmp_path / "workspace", 1)
    asked = run("--from-reviews", "--out", tmp_path, "-w", tmp_path / "workspace")
    assert asked.exit_code == 1
    assert "exists already" in asked.stderr


@pytest.mark.tesseract
def test_too_few_reviews_are_refused_kindly_with_the_least_it_takes(tmp_path: Path) -> None:
    reviewed_workspace(tmp_path / "workspace", 3)
    asked = run("--from-reviews", "--out", tmp_path / "adapter", "-w", tmp_path / "workspace")
    assert asked.exit_code == 1
    assert "3 reviewed records of 3 patients are too few" in asked.stderr
    assert "at least 20 records of 5 patients" in asked.stderr
    assert not (tmp_path / "adapter").exists()


def test_a_workspace_without_a_database_is_wrong_use(tmp_path: Path) -> None:
    asked = run("--from-reviews", "--out", tmp_path / "adapter", "-w", tmp_path / "nothing")
    assert asked.exit_code == 2


def test_a_prompt_that_does_not_ask_for_the_record_is_refused(tmp_path: Path) -> None:
    asked = run("--from-reviews", "--out", tmp_path / "adapter", "--prompt", "check-1-pah")
    assert asked.exit_code == 1
    assert "read-1, read-2" in asked.stderr


@pytest.mark.slow
@pytest.mark.tesseract
def test_from_reviews_to_an_adapter_with_its_table(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("peft", reason="the optional set vlm is not installed")
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "labeling"))
    from tiny_qwen import build_tiny_qwen

    model = build_tiny_qwen(tmp_path_factory.mktemp("tiny") / "checkpoint")
    reviewed_workspace(tmp_path / "workspace", 20)
    out = tmp_path / "adapter"
    options = ("--model", model, "--device", "cpu", "--epochs", 1, "--rank", 4, "-w", tmp_path / "workspace")
    shown = run("--from-reviews", "--out", out, *options)
    assert shown.exit_code == 0, shown.stderr
    assert "Taught 16 records, judged on 4 records of 4 patients" in shown.stdout
    assert "usual answer" in shown.stdout
    assert "Training: 2 of 2 steps" in shown.stderr
    assert "Epoch 1:" in shown.stderr
    card = json.loads((out / "adapter_card.json").read_text())
    assert card["data"]["fields"]["pah"]["corrected"] == 5
    again = run("--from-reviews", "--out", tmp_path / "second", *options, "--json")
    assert json.loads(again.stdout)["adapter_sha256"] == card["adapter_sha256"]


def test_expectation_knows_no_option_of_the_others(tmp_path: Path) -> None:
    for option in ("--steps", "--seed", "--epochs"):
        refused = run("--expectation", "--out", tmp_path / "out", option, "3")
        assert refused.exit_code == 2
        assert f"--expectation knows no {option}" in refused.output
    assert not (tmp_path / "out").exists()


def test_only_one_thing_is_taught_at_a_time(tmp_path: Path) -> None:
    refused = run("--expectation", "--recogniser", "--out", tmp_path / "out")
    assert refused.exit_code == 2 and "--expectation" in refused.output


def test_a_taught_expectation_is_told_with_its_shares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [
        KnownText(f"set_{hand}", f"{wall} {words}", {"rwma": answer, "pah": answer})
        for hand in range(3)
        for wall in ("inferior wall, ph", "apex, ph", "septum, ph")
        for words, answer in (("akinetic severe", "severe"), ("normal none", "none"))
    ]
    numbers = [
        KnownText(f"set_{hand}", text, dict.fromkeys(NUMBERS, answer), dict.fromkeys(NUMBERS, number))
        for hand in range(3)
        for text, answer, number in (
            ("EF and RVSP 40", "a number", 40),
            ("EF and RVSP not given, age 52", "no number", None),
        )
    ]
    monkeypatch.setattr(taught_expectation, "read_texts", lambda: [*known, *numbers])
    told = run("--expectation", "--out", tmp_path / "out")
    assert told.exit_code == 0, told.output
    assert "right answers doubted" in told.output
    assert re.search(r"^rwma +0/6 = 0\.0 %", told.output, re.MULTILINE)
    assert re.search(r"^ef_percent\.number +0/1 = 0\.0 % +[01]/1 = ", told.output, re.MULTILINE)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["expectation.json", "weights.npz"]
