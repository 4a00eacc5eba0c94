"""The whole measurement of the review desk: painted records, annotators at once, and a very long queue."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from review_ui.bench.figures import Latency, Load, PaintTimes, ReviewBench

if TYPE_CHECKING:
    from collections.abc import Iterator

TellProgress = Callable[[str, int, int], None]
PERSON: Final = "annotator {number}"


@dataclass(frozen=True)
class BenchPlan:
    """What to measure.

    Attributes:
        records: waiting while people decide.
        annotators: at once.
        seconds: of deciding, for each of the loads.
        per_s: decisions a second of all together in the paced load.
        keys: records decided in the browser; 0 leaves the browser out.
        queue_records: waiting in the long queue; 0 leaves it out.
        queue_rounds: how often each thing is asked of the long queue.
    """

    records: int = 10_000
    annotators: int = 16
    seconds: float = 20.0
    per_s: float = 100.0
    keys: int = 120
    queue_records: int = 100_000
    queue_rounds: int = 40


def bench_review(
    plan: BenchPlan, *, on_progress: TellProgress = lambda _what, _done, _total: None
) -> ReviewBench:
    """Measure everything of the plan in workspaces of its own, which are gone afterwards.

    Raises:
        EchoDeskError: a browser is asked for and not there, or a process did not answer.
    """
    from review_ui.bench.painted import chromium

    if plan.keys:
        with chromium():  # before the long work, so that a missing browser is told at once
            pass
    painted, loads = _at_work(plan, on_progress)
    queue = _queue(plan, on_progress) if plan.queue_records else {}
    return ReviewBench(
        records=plan.records,
        painted=painted,
        load=loads[0],
        bare_load=loads[1],
        paced=loads[2],
        whole_page=loads[3],
        queue_records=plan.queue_records,
        queue=queue,
    )


@contextmanager
def _workspace(records: int, *, with_red: bool) -> Iterator[tuple[Path, list[Path]]]:
    """A workspace of invented records and their page pictures, gone after the block."""
    from review_ui.bench.invented import invent_workspace, measured_workspace

    with tempfile.TemporaryDirectory(prefix="echodesk-bench-") as folder:
        root = Path(folder) / "workspace"
        yield root, invent_workspace(measured_workspace(root), records, with_red=with_red)


def _at_work(
    plan: BenchPlan, on_progress: TellProgress
) -> tuple[PaintTimes | None, tuple[Load, Load, Load, Load]]:
    """One desk and one bare page for the browser and then for the loads; each person's link is used once."""
    from review_ui.bench.load import Pace, measure_bare, measure_desk
    from review_ui.bench.painted import measure_painted
    from review_ui.bench.servers import served_bare_page, served_desk

    at_once, painted = plan.annotators, None
    people = [PERSON.format(number=number) for number in range(1, 3 * at_once + 2)]
    with (
        _workspace(plan.records, with_red=False) as (root, pictures),
        served_desk(root, people) as (_, links),
        served_bare_page(pictures) as address,
    ):
        if plan.keys:
            painted = measure_painted(
                links[0],
                address,
                keys=plan.keys,
                on_progress=lambda done, total: on_progress("keys", done, total),
            )
        load = measure_desk(links[1 : at_once + 1], seconds=plan.seconds, pace=Pace())
        on_progress("loads", 1, 4)
        bare = measure_bare(address, annotators=at_once, seconds=plan.seconds)
        on_progress("loads", 2, 4)
        paced = measure_desk(
            links[at_once + 1 : 2 * at_once + 1], seconds=plan.seconds, pace=Pace(plan.per_s)
        )
        on_progress("loads", 3, 4)
        whole_page = measure_desk(links[2 * at_once + 1 :], seconds=plan.seconds, pace=Pace(whole_page=True))
        on_progress("loads", 4, 4)
    return painted, (load, bare, paced, whole_page)


def _queue(plan: BenchPlan, on_progress: TellProgress) -> dict[str, Latency]:
    from review_ui.bench.long_queue import measure_long_queue, measure_next_record

    with _workspace(plan.queue_records, with_red=True) as (root, _):
        times = measure_long_queue(root, rounds=plan.queue_rounds)
        times["desk: next record"] = measure_next_record(root, rounds=plan.queue_rounds)
    on_progress("queue", 1, 1)
    return times
