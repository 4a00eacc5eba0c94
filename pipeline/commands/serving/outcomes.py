"""`echodesk outcomes`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import JsonOption
from pipeline.commands.terminal import complain, say, say_json

if TYPE_CHECKING:
    from pipeline.serving.watching.coverage import Held


def outcomes(
    answers: Annotated[
        Path,
        typer.Option("--answers", metavar="FILE", exists=True, dir_okay=False, show_default=False,
                     help="Kept by ECHODESK_SERVE_KEEP_ANSWERS or ECHODESK_WORKER_KEEP_ANSWERS."),
    ],
    table: Annotated[
        Path | None,
        typer.Argument(metavar="CSV", show_default=False,
                       help="Columns: photo_id or message_id, ef_percent, rwma. Without it: what is known."),
    ] = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Take in what echos found later, and say whether intervals and sets held what they promise.

    Exit code 1 where they hold less, beyond what chance explains.
    """
    from pipeline.serving.watching.coverage import held_by, read_outcomes
    from pipeline.serving.watching.kept import Kept

    kept = Kept(answers)
    if table is not None:
        lines = read_outcomes(table)
        found = [one for one in lines if not one.is_empty]
        known = kept.take(found)
        if not as_json:
            say(f"{len(found)} outcomes taken in, {len(found) - known} of them of no answer that is kept.")
        if len(found) < len(lines):
            complain(f"{len(lines) - len(found)} lines left out: they tell neither an EF nor wall motion.")
    joined = kept.joined()
    by_bundle = {bundle: held_by(joined, bundle) for bundle in sorted({one.bundle for one in joined})}
    if as_json:
        say_json({bundle: [one.as_json() for one in held] for bundle, held in by_bundle.items()})
    else:
        _say(by_bundle)
    if any(one.is_below for held in by_bundle.values() for one in held):
        raise typer.Exit(1)


def _say(by_bundle: dict[str, list[Held]]) -> None:
    if not by_bundle:
        say("No answer that is kept has an outcome yet.")
    for bundle, held in by_bundle.items():
        say(f"Bundle {bundle}, {100 * held[0].promised:.0f} % promised (95 % interval of what was found)")
        for one in held:
            say(f"  {one.what}: {one.said()}")
            if one.is_below:
                complain(
                    f"  {one.what}: holds less than was promised. Look at the photos; fit the bundle anew."
                )
