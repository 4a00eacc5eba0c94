"""A workspace with as many invented records as a measurement needs, written in bulk.

Cases share a few page pictures, and the rows are written in one transaction without the checks of intake and
of the readers. Everything else is as in daily work: every draft has its event, the chain of events is valid,
and the queue is what it would be if it were derived anew (both are tested).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.decisions import ImageRole
from db.events import DRAFT_STORED, FIRST_HASH, event_hash, row_sha256
from db.files.manifest import sha256_of
from db.labels import Evidence, Light
from db.queue.plan import CaseFacts, ReadingRules, priority_of, readings_wanted, worst_light
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tables.cases import Case, CaseImage, Image
from db.tables.drafts import Draft
from db.tables.events import Event
from db.tables.findings import findings_columns
from db.tables.queue import QueueItem
from db.workspace import Workspace
from review_ui.bench.pages import InventedPage, draw_pages

if TYPE_CHECKING:
    from sqlmodel import SQLModel

Columns = dict[str, Any]

NOW: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
READER: Final = "invented"
SITES: Final = ("Site 1", "Site 2", "Site 3", "Site 4")
_PAGES: Final = 8
_BATCH: Final = 2_000
_DRAFT_COLUMNS: Final = tuple(Draft.model_fields)

# Of a hundred drafts: how many nobody is asked about, and how many ask for a look. The rest are red.
_GREEN, _AMBER = 70, 22


def measured_workspace(root: Path) -> Workspace:
    """The settings of a measurement: a database of its own whatever the environment says, and nothing in
    between.

    Practice drafts and hidden drafts take another key or a second answer; they are left out.
    """
    return Workspace(workspace=root, database_url="", vigilance_share=0.0, blind_share=0.0)


def invent_workspace(workspace: Workspace, records: int, *, with_red: bool = True) -> list[Path]:
    """Fill a new workspace with drafted records that wait for review; the page pictures.

    Args:
        records: how many, at least 1.
        with_red: whether some drafts carry a red light, which asks for an answer of its own.
    """
    database = open_database(workspace)
    try:
        store = ImageStore(workspace.images)
        pages = draw_pages(store, min(_PAGES, records))
        _fill(database, pages, records, with_red)
        return [store.path(page.stored.sha256) for page in pages]
    finally:
        database.close()


def _fill(database: Database, pages: Sequence[InventedPage], records: int, with_red: bool) -> None:
    from sqlmodel import insert

    previous = FIRST_HASH
    # One draft for each page and light, which gets the number of each of its cases in turn: making one takes
    # long.
    drafts = {(place, light): _draft(page, light) for place, page in enumerate(pages) for light in Light}
    with database.write() as session:
        session.add_all([_image(page) for page in pages])
        session.flush()
        for start in range(1, records + 1, _BATCH):
            rows: dict[type[SQLModel], list[Columns]] = {
                Case: [],
                CaseImage: [],
                Draft: [],
                Event: [],
                QueueItem: [],
            }
            for number in range(start, min(start + _BATCH, records + 1)):
                page = number % len(pages)
                case = _case(number)
                draft = drafts[page, _light(number, with_red)]
                draft.id = draft.case_id = number
                draft.report_sha256 = case["report_sha256"]
                event = _event(draft, previous)
                previous = event["hash"]
                rows[Case].append(case)
                rows[CaseImage].append(_case_image(number, pages[page]))
                rows[Draft].append({name: getattr(draft, name) for name in _DRAFT_COLUMNS})
                rows[Event].append(event)
                rows[QueueItem] += _queue_items(case, draft)
            for kind, lines in rows.items():
                session.execute(insert(kind), lines)


def _image(page: InventedPage) -> Image:
    stored = page.stored
    return Image(
        sha256=stored.sha256,
        original_sha256=stored.original_sha256,
        page=stored.page,
        width_px=stored.width_px,
        height_px=stored.height_px,
        byte_count=stored.byte_count,
        media_type=stored.media_type,
        perceptual_hash=stored.perceptual_hash,
        created_at=NOW,
    )


def _sha256(words: str) -> str:
    return sha256_of(words.encode())


def _case(number: int) -> Columns:
    return {
        "id": number,
        "patient_key": _sha256(f"invented patient {number}"),
        "report_sha256": _sha256(f"invented report {number}"),
        "site": SITES[number % len(SITES)],
        "is_synthetic": True,
        "layout": "",
        "priority": 0.0,
        "created_at": NOW,
    }


def _case_image(number: int, page: InventedPage) -> Columns:
    return {
        "case_id": number,
        "image_sha256": page.stored.sha256,
        "role": ImageRole.REPORT.value,
        "position": 1,
    }


def _draft(page: InventedPage, light: Light) -> Draft:
    evidence: dict[str, Any] = {
        field: Evidence(quote=line, page=1, box=box, boxes=(box,)).model_dump(mode="json")
        for field, (line, box) in page.lines.items()
    }
    return Draft(
        case_id=0,
        report_sha256="",
        reader=READER,
        reader_version="1",
        code_version="1",
        evidence=evidence,
        confidence=dict.fromkeys(page.lines, 0.9),
        light=dict.fromkeys(page.lines, Light.GREEN.value) | {"ef_percent": light.value},
        elapsed_s=1.0,
        created_at=NOW,
        **findings_columns(page.findings),
    )


def _light(number: int, with_red: bool) -> Light:
    place = (number * 37) % 100  # spread evenly, whatever the number of records
    if place < _GREEN:
        return Light.GREEN
    return Light.AMBER if place < _GREEN + _AMBER or not with_red else Light.RED


def _event(draft: Draft, previous: str) -> Columns:
    payload = {
        "case_id": draft.case_id,
        "reader": draft.reader,
        "reader_version": draft.reader_version,
        "row_sha256": row_sha256(draft),
    }
    event: dict[str, Any] = {
        "id": draft.id,
        "kind": DRAFT_STORED,
        "actor": READER,
        "subject": f"draft:{draft.id}",
        "payload": payload,
        "created_at": NOW,
        "previous_hash": previous,
    }
    return {**event, "hash": event_hash(Event(**event, hash=""))}


def _queue_items(case: Columns, draft: Draft) -> list[Columns]:
    """The rows as `db.queue.items.refresh_case` would write them."""
    light = worst_light(draft)
    return [
        {
            "case_id": case["id"],
            "purpose": reading.purpose.value,
            "sample_key": reading.sample_key,
            "state": reading.state.value,
            "rank": -priority_of(draft, reading.purpose, case["priority"]),
            "light": light.value,
            "is_clean": light is Light.GREEN,
            "shuffle": int(case["report_sha256"][:8], 16) / 2**32,
            "site": case["site"],
        }
        for reading in readings_wanted(CaseFacts(draft=draft, reviews=()), ReadingRules())
    ]
