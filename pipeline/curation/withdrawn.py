"""What was frozen, trained and put in use with patients who withdrew their consent since, in one workspace.

A snapshot is never changed: who of it withdrew is found by making the names anew that it gave its patients.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from db.files.manifest import MANIFEST_NAME, read_manifest
from db.workspace import Workspace
from pipeline.dataset.diffing import open_labels
from pipeline.dataset.own_table.row_list import row_list_of
from pipeline.dataset.rekeying import SnapshotKey

_EVALUATION: Final = "evaluation"
_ABOUT_BUNDLE: Final = "bundle.json"


@dataclass(frozen=True)
class Holding:
    """A snapshot that holds patients who withdrew, and what was made of it.

    Attributes:
        rows, patients: how many of it are theirs; 0 where that can't be told.
        is_told: whether it could be looked for them. Not where the snapshot was made with another key, or is
            damaged.
        runs: trainings in the workspace that learnt from it. bundles: what was packed of those.
        evaluated: of these runs, those with an evaluation.
    """

    name: str
    folder: Path
    rows: int = 0
    patients: int = 0
    is_told: bool = True
    runs: tuple[Path, ...] = ()
    evaluated: tuple[str, ...] = ()
    bundles: tuple[Path, ...] = ()
    files: tuple[Path, ...] = field(default=())


def holdings_of(workspace: Workspace, patient_keys: Collection[str], workspace_key: bytes) -> list[Holding]:
    """Every snapshot of a workspace that holds one of these patients, or that may.

    Args:
        patient_keys: keyed hashes.
        workspace_key: what its snapshots' names were made with.
    """
    if not patient_keys:
        return []
    return [
        found
        for folder in sorted(workspace.snapshots.glob(f"[!.]*/{MANIFEST_NAME}"))
        if (found := holding_of(workspace, folder.parent, patient_keys, workspace_key)) is not None
    ]


def holding_of(
    workspace: Workspace, folder: Path, patient_keys: Collection[str], workspace_key: bytes
) -> Holding | None:
    """One snapshot, as far as it holds these patients; None where it holds none of them."""
    if not patient_keys:
        return None
    try:
        opened = open_labels(folder)
        name, mark = opened.name, str(opened.manifest["key_mark"])
        content = str(opened.manifest["content_sha256"])
        theirs = [str(row["patient_id"]) for row in opened.labels.values()]
    except (KeyError, TypeError, ValueError):
        return Holding(folder.name, folder, is_told=False)
    key = SnapshotKey(workspace_key, name)
    runs = tuple(_runs_of(workspace.runs, content))
    made: dict[str, Any] = {
        "runs": tuple(run for run, _ in runs),
        "evaluated": tuple(run.name for run, _ in runs if (run / _EVALUATION).is_dir()),
        "bundles": tuple(_bundles_of(workspace.bundles, {name for _, name in runs})),
        "files": tuple(path for path in (row_list_of(workspace.snapshots, name),) if path.exists()),
    }
    if key.mark != mark:
        return Holding(name, folder, is_told=False, **made)
    withdrawn = {key.patient_id(patient) for patient in patient_keys}
    found = [patient for patient in theirs if patient in withdrawn]
    return Holding(name, folder, len(found), len(set(found)), **made) if found else None


def _runs_of(folder: Path, content_sha256: str) -> Iterator[tuple[Path, str]]:
    """Finished runs of a snapshot: folder and id."""
    for path in sorted(folder.glob(f"[!.]*/{MANIFEST_NAME}")):
        try:
            manifest = read_manifest(path.read_bytes())
        except (OSError, ValueError):
            continue
        if manifest.get("content_sha256") == content_sha256:
            yield path.parent, str(manifest.get("run", path.parent.name))


def _bundles_of(folder: Path, runs: Collection[str]) -> Iterator[Path]:
    for path in sorted(folder.glob(f"[!.]*/{_ABOUT_BUNDLE}")):
        try:
            about = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(about, dict) and about.get("run") in runs:
            yield path.parent


def made_of(workspace: Workspace, content_sha256: str) -> list[Path]:
    """Runs and bundles in the workspace that learnt from the snapshot with this content."""
    runs = list(_runs_of(workspace.runs, content_sha256))
    return [*(run for run, _ in runs), *_bundles_of(workspace.bundles, {name for _, name in runs})]


def content_of_bundle(place: Path) -> str | None:
    """The content of the snapshot that a bundle learnt from; None where the folder does not say."""
    try:
        about = json.loads((place / _ABOUT_BUNDLE).read_bytes())
        return str(about["content_sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def begun_runs(workspace: Workspace) -> list[Path]:
    """Trainings that were stopped or are at work: they keep pictures of their snapshot until they end."""
    return sorted(path.parent for path in workspace.runs.glob(".*.partial/work"))


def snapshot_of(workspace: Workspace, content_sha256: str) -> Path | None:
    """The folder of the snapshot with this content, where it is in the workspace."""
    for path in sorted(workspace.snapshots.glob(f"[!.]*/{MANIFEST_NAME}")):
        try:
            manifest = read_manifest(path.read_bytes())
        except (OSError, ValueError):
            continue
        if manifest.get("content_sha256") == content_sha256:
            return path.parent
    return None
