"""Cases are registered once, and look-alikes are found."""

from __future__ import annotations

import random
import time
from datetime import date, datetime
from typing import Any

import pytest
from db_rows import World, sha256_of, stored_image
from sqlalchemy import insert
from sqlmodel import Session, select

from db.cases import (
    case_images,
    find_case,
    flag_near_duplicate,
    images_of_original,
    near_duplicates,
    register_case,
    report_identity,
    set_priority,
)
from db.decisions import ImageRole
from db.store.engine import Database
from db.tables.cases import Case, Image, NearDuplicate
from db.tables.events import Event


def register(session: Session, now: datetime, **values: Any) -> tuple[Case, bool]:
    whole: dict[str, Any] = {
        "patient_key": sha256_of("patient"),
        "site": "north",
        "is_synthetic": False,
        "report_images": [stored_image("first"), stored_image("second", page=2)],
        "ecg_images": [stored_image("ecg")],
        "report_date": date(2026, 1, 2),
        "ecg_date": None,
        "now": now,
    }
    return register_case(session, **(whole | values))


def test_a_case_keeps_its_pictures_in_page_order(database: Database, now: datetime) -> None:
    with database.write() as session:
        case, is_new = register(session, now)
    assert is_new
    with database.read() as session:
        pages = case_images(session, case_id=int(case.id or 0), role=ImageRole.REPORT)
        ecgs = case_images(session, case_id=int(case.id or 0), role=ImageRole.ECG)
        found = find_case(session, report_sha256=case.report_sha256)
    assert [page.sha256 for page in pages] == [sha256_of("first"), sha256_of("second")]
    assert [ecg.sha256 for ecg in ecgs] == [sha256_of("ecg")]
    assert found is not None
    assert (found.site, found.report_date, found.created_at) == ("north", date(2026, 1, 2), now)


def test_page_order_is_part_of_a_report() -> None:
    first, second = stored_image("first"), stored_image("second")
    assert report_identity([first, second]) != report_identity([second, first])
    assert report_identity([first]) == report_identity([stored_image("first", original="a copy")])


def test_the_same_report_again_is_the_same_case(database: Database, now: datetime) -> None:
    with database.write() as session:
        case, _ = register(session, now)
    with database.write() as session:
        again, is_new = register(session, now, site="south")
        assert len(session.exec(select(Event)).all()) == 1
    assert not is_new
    assert (again.id, again.site) == (case.id, "north")


def test_an_ecg_that_comes_later_is_added_to_the_case_once(database: Database, now: datetime) -> None:
    later = [stored_image("ecg"), stored_image("late ecg")]
    for _ in range(2):
        with database.write() as session:
            case, _ = register(session, now, ecg_images=later[:1])
            register(session, now, ecg_images=later)
    with database.read() as session:
        ecgs = case_images(session, case_id=int(case.id or 0), role=ImageRole.ECG)
        kinds = [event.kind for event in session.exec(select(Event).order_by("id"))]
    assert [ecg.sha256 for ecg in ecgs] == [image.sha256 for image in later]
    assert kinds == ["case_registered", "ecg_added"]


def test_the_ecg_of_another_patient_is_not_added(database: Database, now: datetime) -> None:
    with database.write() as session:
        case, _ = register(session, now, ecg_images=[])
        _, is_new = register(session, now, patient_key=sha256_of("somebody else"))
        assert case_images(session, case_id=int(case.id or 0), role=ImageRole.ECG) == []
    assert not is_new


def test_a_case_without_a_report_page_is_refused(database: Database, now: datetime) -> None:
    with pytest.raises(ValueError, match="at least one"), database.write() as session:
        register(session, now, report_images=[])


def test_an_original_is_found_with_all_its_pages_also_when_two_look_alike(
    database: Database, now: datetime
) -> None:
    pages = [
        stored_image("text", page=1, original="scan"),
        stored_image("blank", page=2, original="scan"),
        stored_image("blank", page=3, original="scan"),
    ]
    with database.write() as session:
        register(session, now, report_images=pages)
    with database.read() as session:
        found = images_of_original(session, original_sha256=sha256_of("scan"))
        assert images_of_original(session, original_sha256=sha256_of("never seen")) == []
    assert [image.sha256 for image in found] == [page.sha256 for page in pages]


def test_a_copy_of_an_original_with_other_metadata_is_known_from_then_on(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        register(session, now, report_images=[stored_image("page", original="one")])
        register(session, now, report_images=[stored_image("page", original="two")])
    with database.read() as session:
        assert [image.sha256 for image in images_of_original(session, original_sha256=sha256_of("two"))] == [
            sha256_of("page")
        ]


def test_priority_is_set_with_a_reason_in_the_log(world: World, database: Database, now: datetime) -> None:
    (number,) = world.cases(1)
    with database.write() as session:
        set_priority(session, case_id=number, priority=2.5, reason="suspect", actor="ana", now=now)
    with database.read() as session:
        case = session.get(Case, number)
        event = session.exec(select(Event).where(Event.kind == "priority_set")).one()
    assert case is not None
    assert case.priority == 2.5
    assert event.payload == {"priority": 2.5, "reason": "suspect"}
    with pytest.raises(ValueError, match="no case"), database.write() as session:
        set_priority(session, case_id=99, priority=1, reason="", actor="ana", now=now)


def test_look_alikes_come_nearest_first_and_not_beyond_the_limit(database: Database, now: datetime) -> None:
    looks = {"same": 0, "close": 0b11, "edge": 0b11111, "far": 0b111111}
    base = int(sha256_of("looks"), 16)
    with database.write() as session:
        for name, flipped in looks.items():
            image = stored_image(name, perceptual_hash=f"{base ^ flipped:064x}")
            register(session, now, report_images=[image], ecg_images=[])
    with database.read() as session:
        found = near_duplicates(session, perceptual_hash=f"{base:064x}", max_bits=5)
        assert near_duplicates(session, perceptual_hash="0" * 64, max_bits=256) == []
    assert [image.sha256 for image in found] == [sha256_of(name) for name in ("same", "close", "edge")]


def test_look_alikes_are_found_fast_among_ten_thousand(database: Database, now: datetime) -> None:
    rng = random.Random(5)
    hashes = [f"{rng.getrandbits(1024):0256x}" for _ in range(10_000)]
    with database.write() as session:
        shared = {"page": 1, "width_px": 1, "height_px": 1, "byte_count": 1, "media_type": "image/png"}
        rows = [
            {
                "sha256": sha256_of(str(number)),
                "original_sha256": sha256_of(str(number)),
                "perceptual_hash": value,
            }
            for number, value in enumerate(hashes)
        ]
        session.execute(insert(Image), [row | shared | {"created_at": now} for row in rows])
    wanted = f"{int(hashes[7_000], 16) ^ (1 << 900):0256x}"
    with database.read() as session:
        near_duplicates(session, perceptual_hash=wanted, max_bits=120)
        started = time.process_time()
        found = near_duplicates(session, perceptual_hash=wanted, max_bits=120)
        elapsed_s = time.process_time() - started
    assert [image.perceptual_hash for image in found] == [hashes[7_000]]
    assert elapsed_s < 0.5


def test_a_pair_of_look_alikes_is_kept_once_in_either_order(world: World, database: Database) -> None:
    world.cases(2)
    one, two = sha256_of("report 0"), sha256_of("report 1")
    with database.write() as session:
        assert flag_near_duplicate(session, image_a=one, image_b=two, distance_bits=3)
        assert not flag_near_duplicate(session, image_a=two, image_b=one, distance_bits=3)
        assert not flag_near_duplicate(session, image_a=one, image_b=one, distance_bits=0)
        (pair,) = session.exec(select(NearDuplicate)).all()
    assert (pair.image_a, pair.image_b) == tuple(sorted((one, two)))
