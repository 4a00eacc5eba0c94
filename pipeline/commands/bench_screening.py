"""`echodesk bench screen`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import JsonOption
from pipeline.commands.serving.screen import Engine, EngineOption
from pipeline.commands.terminal import say, say_json

if TYPE_CHECKING:
    from pipeline.serving.bench import Screening


def bench_screening_command(
    run: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A run's folder; without one, random weights.", show_default=False),
    ] = None,
    profile: Annotated[str, typer.Option(help="Without a run: `cpu` or `paper`.")] = "cpu",
    freeze: Annotated[
        int | None,
        typer.Option(min=0, metavar="BLOCK", help="Without a run: freeze through it.", show_default=False),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="The fastest counts.")] = 3,
    threads: Annotated[
        int, typer.Option(min=1, help="Of both sides. On a busy machine several wait for each other.")
    ] = 1,
    engine: EngineOption = Engine.ONNXRUNTIME,
    as_json: JsonOption = False,
) -> None:
    """From a photo's bytes to an answer, against five eager torch networks one by one.

    Both see the same invented photographs in the same process, in turns.
    """
    from pipeline.config.files import resolve
    from pipeline.serving.bench import measure_screening, random_networks
    from pipeline.serving.golden import example_photos

    if run is None:
        frozen = {} if freeze is None else {"backbone": {"frozen_through_block": freeze}}
        settings = resolve({"profile": profile, **frozen}, where="--profile")
        networks = random_networks(settings)
    else:
        from pipeline.modeling.checkpoints import load_checkpoint
        from pipeline.training.run_folder import open_run

        opened = open_run(run)
        settings = opened.settings
        networks = [load_checkpoint(place)[0] for place in opened.checkpoints()]
    found = measure_screening(
        networks, settings, example_photos(), rounds=rounds, threads=threads, engine=engine.value
    )
    if as_json:
        ratios = {f"ratio_{one.views}_views": one.ratio for one in found.speeds}
        say_json(asdict(found) | ratios)
    else:
        _show(found)


def _show(found: Screening) -> None:
    trunk = "one shared trunk" if found.shares_trunk else "nothing shared"
    clock = "processor time, one thread" if found.threads == 1 else f"{found.threads} threads"
    how = f"{found.engine}, {clock}"
    say(f"{found.backbone}, five folds, {trunk}, {how}; photo to numbers:")
    for one in found.speeds:
        say(
            f"  {one.views} view(s): {one.own_ms:.0f} ms, eager torch {one.plain_ms:.0f} ms: "
            f"{one.ratio:.1f} x as fast; EF differs by {one.ef_points:.2g} points, "
            f"the probability by {one.rwma:.2g}"
        )
    say(f"  of that decoding and preparing, alike on both sides: {found.prepare_ms:.0f} ms")
    say(f"  whether the photo can be used, besides: {found.quality_ms:.0f} ms")
    say(f"  opening it in a process of its own, besides: {found.apart_ms:.0f} ms on the wall")
    say(f"  memory of a process that screens: {found.resident_mb:.0f} MB")
