"""The demo's desk opens with a record that could be read."""

from __future__ import annotations

from pathlib import Path

from desk_work import NOW, Work, ef

from db.labels import EfState, Findings, Pah, Rwma
from db.queue.items import waiting_items
from db.store.engine import open_database
from db.workspace import Workspace
from pipeline.demo.opening import open_with_a_legible_page

UNREADABLE = Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE)


def test_a_record_that_was_read_comes_before_those_that_nobody_could_read(tmp_path: Path) -> None:
    database = open_database(Workspace(workspace=tmp_path))
    with database.write() as session:
        work = Work(session, NOW)
        blurred = [work.case("red", findings=UNREADABLE) for _ in range(2)]
        amber, green = work.case("amber", findings=ef(40)), work.case("green", findings=ef(60))
        assert [item.case_id for item in waiting_items(session)] == [*blurred, amber, green]
        assert open_with_a_legible_page(session, now=NOW) == amber
        assert [item.case_id for item in waiting_items(session)] == [amber, *blurred, green]
        assert open_with_a_legible_page(session, now=NOW) is None
    database.close()


def test_where_nothing_was_read_the_order_stays(tmp_path: Path) -> None:
    database = open_database(Workspace(workspace=tmp_path))
    with database.write() as session:
        only = Work(session, NOW).case("red", findings=UNREADABLE)
        assert open_with_a_legible_page(session, now=NOW) is None
        assert [item.case_id for item in waiting_items(session)] == [only]
    database.close()
