"""Workspaces with cases to extract, and an extraction in a process of its own, to be killed."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from sqlmodel import select

from db.cases import register_case
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tables.drafts import Draft, ExtractionItem
from db.workspace import Workspace
from labeling.extraction.job import extract
from labeling.pages.page import Page
from labeling.readers.base import ReaderSpec
from labeling.readers.scripted import fingerprint

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def add_cases(database: Database, store: ImageStore, count: int, *, pages: int = 1) -> dict[int, str]:
    """Register cases with tiny pages of their own; case id -> fingerprint of its pages."""
    added: dict[int, str] = {}
    with database.write() as session:
        for number in range(count):
            images = [Image.new("L", (6, 5 + page), number * 2 % 256) for page in range(pages)]
            for page, image in enumerate(images):
                image.putpixel((0, 0), number // 128)
                image.putpixel((1, 0), page)
            stored = [
                store.put(image, original_sha256=f"{number:063x}{page}", page=1, lossy=False)
                for page, image in enumerate(images)
            ]
            case, _ = register_case(
                session,
                patient_key=f"{number:064x}",
                site="",
                is_synthetic=True,
                report_images=stored,
                ecg_images=[],
                report_date=None,
                ecg_date=None,
                now=NOW,
            )
            added[int(case.id or 0)] = fingerprint(
                [Page(page, image) for page, image in enumerate(images, start=1)]
            )
    return added


def drafts_per_case(database: Database) -> Counter[int]:
    """How many drafts each case has."""
    with database.read() as session:
        return Counter(draft.case_id for draft in session.exec(select(Draft)))


def item_states(database: Database) -> Counter[str]:
    """How many extraction items are in each state."""
    with database.read() as session:
        return Counter(item.state for item in session.exec(select(ExtractionItem)))


def reads_in(log: Path) -> list[str]:
    """The fingerprints read so far, in order."""
    return log.read_text().split() if log.exists() else []


def run_extraction(root: Path, options: dict[str, Any], workers: int, lease_s: float) -> None:
    """Extract a workspace with the scripted reader."""
    # A test run started in the background has Ctrl-C switched off, and its children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    workspace = Workspace(workspace=root)
    database = open_database(workspace)
    try:
        extract(
            database,
            ImageStore(workspace.images),
            reader_factory=ReaderSpec("scripted", options),
            workers=workers,
            lease_s=lease_s,
        )
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        database.close()
