"""`echodesk finetune --expectation`: teach what reports usually say, and tell how it judges."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.commands.terminal import complain, counted, keeping_nothing, say, say_json, say_table


def teach_expectation(out: Path, *, as_json: bool) -> None:
    """Teach, write and tell."""
    from labeling.finetuning.expectation.finetune import finetune_expectation

    def tell(column: str, is_trial: bool) -> None:
        complain(f"Teaching {column}{' without the sets kept apart' if is_trial else ' from all sets'}")

    complain("Some three minutes on one processor; stopped before the end it leaves nothing.")
    with keeping_nothing():
        card = finetune_expectation(out, now=lambda: datetime.now(UTC), on_column=tell)
    if as_json:
        say_json(card)
    else:
        _show(card, out)


def _show(card: dict[str, Any], out: Path) -> None:
    judged = card["judged"]
    say(f"Taught {counted(card['texts']['count'], 'invented report')} in {card['elapsed_s']:.0f} s.")
    say(
        f"Judged on {counted(judged['apart'], 'report')} by hands kept apart, after {judged['taught']} by "
        "others:\n"
    )
    say_table(
        ["column", "right answers doubted", "wrong answers doubted"],
        [
            [column, _share(one["doubted"], one["answers"]), _share(one["caught"], one["others"])]
            for column, one in judged["columns"].items()
        ],
    )
    say()
    for sentence in card["limits"]:
        say(f"* {sentence}")
    say(f"\nThe weights are in {out}. docs/finetuning.md says how they get into the package.")


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {100 * part / whole:.1f} %" if whole else "-"
