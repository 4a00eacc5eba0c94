"""`echodesk bench review`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import JsonOption
from pipeline.commands.terminal import complain, counted, say, say_json, say_table

if TYPE_CHECKING:
    from review_ui.bench.figures import Latency, Load, PaintTimes, ReviewBench

_WHAT = {"keys": "Pressing keys", "loads": "Deciding", "queue": "Asking the long queue"}


def bench_review_command(
    records: Annotated[int, typer.Option(min=1, help="How many invented records wait.")] = 10_000,
    annotators: Annotated[int, typer.Option(min=1, max=200, help="How many people decide at once.")] = 16,
    seconds: Annotated[
        float, typer.Option(min=0.5, help="How long they decide, for each of four loads.")
    ] = 20.0,
    pace: Annotated[
        float, typer.Option(min=0.1, help="Decisions a second of all together, for the load at a set pace.")
    ] = 100.0,
    keys: Annotated[int, typer.Option(min=0, help="Records decided in Chromium; 0 leaves it out.")] = 120,
    queue_records: Annotated[
        int, typer.Option(min=0, help="Records in the long queue; 0 leaves it out.")
    ] = 100_000,
    as_json: JsonOption = False,
) -> None:
    """How fast the review desk is, beside a bare Gradio page in the same run.

    Works in a workspace of its own with invented records, with a real server and a real browser. See
    docs/review.md.
    """
    from review_ui.bench.review_bench import BenchPlan, bench_review

    plan = BenchPlan(
        records=records,
        annotators=annotators,
        seconds=seconds,
        per_s=pace,
        keys=keys,
        queue_records=queue_records,
    )
    result = bench_review(plan, on_progress=_tell)
    if as_json:
        say_json(result.as_json())
    else:
        show_review_bench(result)


def show_review_bench(result: ReviewBench) -> None:
    """The figures with what they were measured on."""
    if result.painted is not None:
        _show_painted(result.painted, result.records)
    if result.load is not None and result.bare_load is not None:
        _show_loads(result, result.load, result.bare_load)
    if result.queue:
        say(f"\n{counted(result.queue_records, 'record')} in the queue")
        say_table(
            ("asked", "times", "p50 ms", "p95 ms"), [_row(name, took) for name, took in result.queue.items()]
        )


def _show_painted(painted: PaintTimes, records: int) -> None:
    say(f"Key press to the next record painted in Chromium, {counted(records, 'record')} waiting")
    rows = [
        _row("desk, observed from outside", painted.observed),
        _row("desk, its own key-to-record", painted.measured),
        _row("bare Gradio page, observed", painted.bare),
    ]
    say_table(("", "times", "p50 ms", "p95 ms"), rows)
    say(f"The desk takes {painted.ratio:.2f} x the bare page's median.")


def _show_loads(result: ReviewBench, load: Load, bare: Load) -> None:
    say(
        f"\n{counted(load.annotators, 'annotator')} at once, each as fast as the answers come "
        "where no pace is set"
    )
    loads = {"desk: submit + next": load, "bare Gradio event": bare}
    if result.paced is not None:
        loads["desk: submit + next, at a set pace"] = result.paced
    if result.whole_page is not None:
        loads["desk: submit + next, with the page's other requests"] = result.whole_page
    rows = [(*_row(name, one.requests), round(one.per_s, 1), one.failed) for name, one in loads.items()]
    say_table(("", "times", "p50 ms", "p95 ms", "a second", "failed"), rows)
    say(f"The desk stores {result.load_ratio:.2f} decisions for every answer of the bare event.")


def _row(name: str, took: Latency) -> tuple[str, int, float, float]:
    return (name, took.n, round(took.p50_ms, 1), round(took.p95_ms, 1))


def _tell(what: str, done: int, total: int) -> None:
    complain(f"{_WHAT[what]}: {done} of {total}")
