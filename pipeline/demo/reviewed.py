"""Simulated people review the demo's drafts: once, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from pipeline.demo.reviewing.days import Played
    from pipeline.demo.reviewing.slips import PageTruth


def play_reviews(
    workspace: Workspace,
    database: Database,
    truth: Path,
    *,
    seed: int,
    label_error_share: float,
    on_progress: Callable[[int, int], None],
) -> Played | None:
    """Play them in one transaction and write the list of labels that are wrong on purpose; None on a second
    run.
    """
    from pipeline.demo.reviewing.days import play_readings
    from pipeline.demo.reviewing.label_errors import LABEL_ERRORS, write_label_errors

    pages = pages_of(workspace, truth)
    with database.write() as session:
        played = play_readings(
            session,
            pages=pages,
            seed=seed,
            ef_tolerance_points=workspace.ef_tolerance_points,
            label_error_share=label_error_share,
            on_progress=on_progress,
        )
        if played is not None:
            # Before the transaction ends, so that there are never labels wrong on purpose without their list.
            write_label_errors(truth.with_name(LABEL_ERRORS), played.errors)
    return played


def pages_of(workspace: Workspace, truth: Path) -> dict[str, PageTruth]:
    """Patient key -> what is true of that patient's report."""
    from labeling.intake.patient_key import load_secret, patient_key
    from pipeline.demo.reviewing.slips import PageTruth

    secret = load_secret(workspace.patient_key_file)
    lines = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    return {patient_key(line["patient_id"], secret): PageTruth.from_line(line) for line in lines}
