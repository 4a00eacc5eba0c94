"""`echodesk finetune --recogniser`: teach the recogniser for poor photographs, and tell how it goes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from db.errors import WrongUse
from pipeline.commands.progress import progress
from pipeline.commands.terminal import complain, counted, keeping_nothing, say, say_json, say_table

if TYPE_CHECKING:
    from labeling.finetuning.recogniser.training import Errors, RecogniserSettings


# What every way of teaching knows, and what else each knows; the rest is the language model's.
_OF_ALL = {"out", "from_reviews", "recogniser", "expectation", "workspace", "as_json"}
_OF_WAY = {"recogniser": {"seed", "steps"}, "expectation": set[str]()}


def one_way(**ways: bool) -> str:
    """The way of teaching that was chosen; raises `WrongUse` where it is not exactly one."""
    chosen = [way for way, is_chosen in ways.items() if is_chosen]
    if len(chosen) != 1:
        options = [f"--{way.replace('_', '-')}" for way in ways]
        told = "was told to teach several things" if chosen else "was not told what to teach"
        raise WrongUse(f"finetune {told}", f"Name one of {', '.join(options[:-1])} and {options[-1]}.")
    return chosen[0]


def refuse_idle_options(ctx: typer.Context, way: str) -> None:
    """Raise `WrongUse` for an option that would change nothing."""
    sources = {name: ctx.get_parameter_source(name) for name in ctx.params}
    given = {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    known = _OF_ALL | _OF_WAY.get(way, given - {"steps"})
    idle = sorted(given - known)
    if idle:
        raise WrongUse(f"--{way.replace('_', '-')} knows no --{idle[0].replace('_', '-')}", "Leave it out.")


def teach_recogniser(out: Path, *, steps: int | None, seed: int, as_json: bool) -> None:
    """Teach, write and tell.

    Args:
        steps: of the weights; the product's own number where nobody says.
    """
    from dataclasses import replace

    from labeling.finetuning.recogniser.training import RecogniserSettings

    settings = RecogniserSettings(seed=seed)
    if steps is not None:
        settings = replace(settings, steps=steps, checks=min(settings.checks, steps))
    card = _taught(out, settings)
    if as_json:
        say_json(card)
    else:
        _show(card, out)


def _taught(out: Path, settings: RecogniserSettings) -> dict[str, Any]:
    from labeling.finetuning.recogniser.finetune import TellRecogniser, finetune_recogniser

    with keeping_nothing(), progress("Teaching", "steps") as advance:

        def tell_check(step: int, errors: Errors) -> None:
            complain(f"After step {step}: {_said(vars(errors))} on fonts kept apart to choose by")

        return finetune_recogniser(
            out,
            settings,
            now=lambda: datetime.now(UTC),
            tell=TellRecogniser(
                on_estimate=lambda minutes: complain(
                    f"About {minutes:.0f} minutes on one thread for {counted(settings.steps, 'step')}; "
                    "stopped before the end it leaves nothing."
                ),
                on_step=advance,
                on_check=tell_check,
            ),
        )


def _said(errors: dict[str, Any]) -> str:
    return (
        f"{100 * errors['characters']:.1f} % of characters wrong, "
        f"{errors['numbers']} of {errors['of_numbers']} numbers"
    )


def _show(card: dict[str, Any], out: Path) -> None:
    data, training, judged = card["data"], card["training"], card["judged"]
    say(
        f"Taught {counted(data['pieces_taught'], 'piece')} of invented lines in "
        f"{counted(len(data['fonts_taught']), 'font')}; best after step {training['best_step']}."
    )
    say(f"Judged on {counted(judged['after']['pieces'], 'piece')} in fonts neither taught nor chosen by:\n")
    rows = [
        [
            title,
            f"{100 * judged[when]['characters']:.1f} %",
            f"{judged[when]['numbers']}/{judged[when]['of_numbers']}",
        ]
        for title, when in (("as it comes", "before"), ("taught", "after"))
    ]
    say_table(["recogniser", "characters wrong", "numbers missed"], rows)
    say()
    for sentence in card["limits"]:
        say(f"* {sentence}")
    say(f"\nIt is in {out}. Read with it: echodesk extract --poor-pages --recogniser {out}")
