"""A workspace with as many reviewed records as a test or a measurement needs, written in bulk.

Every record has a report page and an ECG photograph of its own in the image store; the queue is what the desk
would have. The event log is one event long, unless the decisions are asked for in it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image as Picture
from sqlmodel import col, insert, select

from db.decisions import Purpose
from db.events import DECISION_RECORDED, append_event, row_sha256
from db.store.engine import Database, open_database
from db.tables.cases import Case, CaseImage, Image
from db.tables.drafts import Draft
from db.tables.people import User
from db.tables.queue import QueueItem
from db.tables.reviews import Review
from db.workspace import Workspace

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
EF = (62.0, 55.0, 58.0, 45.0, 35.0, 60.0, 25.0, None)
BATCH = 5_000


def fill_workspace(
    workspace: Workspace, records: int, *, patients_share: float = 0.9, with_log: bool = False
) -> None:
    """Records by five annotators at four sites; every tenth patient has two.

    Args:
        with_log: write the event of every decision.
    """
    database = open_database(workspace)
    try:
        with database.write() as session:
            session.add_all(
                User(id=number, name=f"person {number}", created_at=NOW) for number in range(1, 6)
            )
            session.flush()
            append_event(session, kind="filled", actor="test", subject="workspace:1", payload={}, now=NOW)
        _fill(database, workspace, records, int(records * patients_share) or 1)
        with database.write() as session:
            for review in session.exec(select(Review).order_by(col(Review.id))) if with_log else ():
                append_event(
                    session,
                    kind=DECISION_RECORDED,
                    actor="test",
                    subject=f"review:{review.id}",
                    payload={"row_sha256": row_sha256(review)},
                    now=NOW,
                )
    finally:
        database.close()


def _fill(database: Database, workspace: Workspace, records: int, patients: int) -> None:
    for start in range(1, records + 1, BATCH):
        rows: dict[Any, list[dict[str, Any]]] = {
            kind: [] for kind in (Case, Image, CaseImage, Draft, Review, QueueItem)
        }
        for number in range(start, min(start + BATCH, records + 1)):
            for kind, row in record(workspace, number, patients):
                rows[kind].append(row)
        with database.write() as session:
            for kind, lines in rows.items():
                session.execute(insert(kind), lines)


def digest_of(words: str) -> str:
    """A hash from a short name."""
    return hashlib.sha256(words.encode()).hexdigest()


def looks_of(words: str) -> str:
    """A perceptual hash that is like no other."""
    return "".join(digest_of(f"{words} {part}") for part in range(4))


def findings_of(number: int) -> dict[str, Any]:
    """What the label of a record says."""
    ef = EF[number % len(EF)]
    rwma = ("absent", "absent", "present", "absent", "not_stated")[number % 5]
    return {
        "ef_percent": ef,
        "ef_operator": None if ef is None else "=",
        "ef_state": "not_stated" if ef is None else "stated",
        "lv_function": "good LV systolic function" if ef is None else None,
        "rwma": rwma,
        "rwma_severity": {"present": "moderate", "absent": "none"}.get(rwma, "not_stated"),
        "rwma_walls": ["apical"] if rwma == "present" else [],
        "pah": ("none", "mild", "not_stated")[number % 3],
    }


def record(workspace: Workspace, number: int, patients: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The rows of one reviewed record, with its two pictures put into the store."""
    findings = findings_of(number)
    day = date(2025, 1, 1) + timedelta(days=number % 300)
    yield (
        Case,
        {
            "id": number,
            "patient_key": digest_of(f"patient {number % patients}"),
            "report_sha256": digest_of(f"report {number}"),
            "site": f"Ward {number % 4}",
            "is_synthetic": True,
            "layout": ("letter", "table")[number % 2],
            "priority": 0.0,
            "report_date": day,
            "ecg_date": day + timedelta(days=number % 9),
            "created_at": NOW,
        },
    )
    for role in ("report", "ecg"):
        sha256, size = store_picture(workspace.images, f"{role} {number}")
        yield (
            Image,
            {
                "sha256": sha256,
                "original_sha256": sha256,
                "page": 1,
                "width_px": 8,
                "height_px": 8,
                "byte_count": size,
                "media_type": "image/png",
                "perceptual_hash": looks_of(f"{role} {number}"),
                "created_at": NOW,
            },
        )
        yield CaseImage, {"case_id": number, "image_sha256": sha256, "role": role, "position": 1}
    yield (
        Draft,
        {
            "id": number,
            "case_id": number,
            "report_sha256": digest_of(f"report {number}"),
            "reader": "rules",
            "reader_version": "1",
            "weights_revision": "",
            "prompt_version": "",
            "code_version": "test",
            "evidence": {
                "rwma": {"quote": "NO RWMA", "page": 1, "box": [1, 2, 3, 4], "boxes": [[1, 2, 3, 4]]}
            },
            "confidence": {"ef_percent": 0.9},
            "light": {"ef_percent": "green", "rwma": "amber", "pah": "green"},
            "checks": [],
            "legibility": {},
            "unreadable_reason": "",
            "warnings": [],
            "elapsed_s": 1.0,
            "created_at": NOW,
            **findings,
        },
    )
    yield (
        Review,
        {
            "id": number,
            "case_id": number,
            "draft_id": number,
            "annotator_id": 1 + number % 5,
            "decision": "accept",
            "note": "",
            "active_s": 10.0 + number % 7,
            "request_id": f"r{number}",
            "codebook_version": "1",
            "created_at": NOW,
            "purpose": "first",
            "arm": "shown",
            **findings,
        },
    )
    yield QueueItem, _queue_item(number, Purpose.FIRST)


def _queue_item(number: int, purpose: Purpose) -> dict[str, Any]:
    return {
        "case_id": number,
        "purpose": purpose.value,
        "sample_key": 0,
        "state": "done",
        "rank": 0.0,
        "light": "green",
        "is_clean": True,
        "shuffle": 0.5,
        "site": "",
    }


def store_picture(images: Path, words: str) -> tuple[str, int]:
    """A small picture in the store that no other word gives; its hash and size."""
    pixels = hashlib.sha256(words.encode()).digest() * 2
    stream = io.BytesIO()
    Picture.frombytes("L", (8, 8), pixels).save(stream, "PNG")
    data = stream.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    file = images / sha256[:2] / sha256
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return sha256, len(data)
