"""The plan at the desk: a browser waits for it, so that it opens files for a while only."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_state import NOW
from page_files import saved, sheet

from db.store.engine import open_database
from db.workspace import Workspace
from labeling.intake.foreseen import workspaces
from labeling.intake.plan import Plan
from labeling.intake.planning import plan_intake
from labeling.intake.sites import SiteNames


def planned(tmp_path: Path) -> Plan:
    workspace = Workspace(workspace=tmp_path / "space")
    plan = plan_intake([tmp_path / "files"], None, workspace, NOW, SiteNames([]))
    database = open_database(workspace)
    try:
        return workspaces.foresee_at_the_desk(plan, workspace, database, set())
    finally:
        database.close()


def test_files_that_were_not_opened_in_time_are_told_and_not_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "files").mkdir()
    saved(sheet(1), tmp_path / "files" / "A7.png")
    (tmp_path / "files" / "B8.png").write_bytes(b"\x89PNG\r\n\x1a\n damaged")

    monkeypatch.setattr(workspaces, "_PATIENCE_S", -1.0)
    hasty = planned(tmp_path)
    assert [case.patient_id for case in hasty.cases] == ["A7", "B8"] and not hasty.refused
    assert any("2 files were not opened yet" in note for note in hasty.notes)

    monkeypatch.setattr(workspaces, "_PATIENCE_S", 600.0)
    patient = planned(tmp_path)
    assert [case.patient_id for case in patient.cases] == ["A7"]
    assert [item.path.name for item in patient.refused] == ["B8.png"]
    assert not any("not opened" in note for note in patient.notes)
