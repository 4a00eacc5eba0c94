"""What `echodesk snapshot table` says: what it would freeze, what it froze, and what can't be taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pipeline.commands.datasets.snapshot_said import frozen_json, say_frozen
from pipeline.commands.labels.intake_plan import SHOWN_REFUSALS
from pipeline.commands.terminal import complain, counted, say, say_json, say_table

if TYPE_CHECKING:
    from datetime import datetime

    from db.workspace import Workspace
    from labeling.intake.report import Refused
    from pipeline.dataset.own_table.building import Made, OwnOrder
    from pipeline.dataset.own_table.looking import Looked
    from pipeline.dataset.own_table.planning import OwnPlan


SHOWN_PAIRS: Final = 6


def complain_of_rows(refused: Sequence[Refused]) -> None:
    """Every refused row or file with its reason and remedy, up to a screenful."""
    for item in refused[:SHOWN_REFUSALS]:
        row = f"row {item.row}: " if item.row else ""
        file = "" if item.row and item.path.suffix.lower() in (".csv", ".xlsx", ".txt") else f"{item.path}: "
        complain(f"{row}{file}{item.reason}. {item.remedy}")
    if len(refused) > SHOWN_REFUSALS:
        complain(f"... and {len(refused) - SHOWN_REFUSALS} more.")


def say_planned(
    planned: OwnPlan, asked: OwnOrder, now: datetime, looked: Looked | None, *, as_json: bool
) -> None:
    """What would be frozen; the checks on the rows, and what some of the photographs show.

    Args:
        looked: None where nobody looked.
    """
    from pipeline.dataset.own_table.building import look_over_table

    checks = look_over_table(planned, asked, now) if planned.rows else []
    failing = [one for one in checks if not one.is_passed and one.name not in asked.order.overrides]
    if as_json:
        say_json(
            {
                "rows": planned.table.count,
                "usable": len(planned.rows),
                "patients": planned.patients,
                "columns": dict(planned.table.columns),
                "unused_columns": planned.table.unused,
                "taken": [[*said, count] for said, count in sorted(planned.table.taken.items())],
                "refused": _refused_json(planned.refused),
                "notes": planned.notes,
                "not_listed": [str(path) for path in planned.not_listed],
                "left_out_as_copies": planned.copies,
                "checks": [vars(one) for one in failing],
                "photographs_looked_at": 0 if looked is None else looked.looked_at,
                "photographs_refused": [] if looked is None else _refused_json(looked.refused),
            }
        )
        return
    say_understood(planned)
    complain_of_rows(planned.refused)
    say(
        f"{counted(len(planned.rows), 'row')} of {counted(planned.patients, 'patient')} "
        f"would be frozen, of {counted(planned.table.count, 'row')}{_seen(looked)}."
    )
    complain_of_rows(() if looked is None else looked.refused)
    if planned.refused:
        say(f"{counted(planned.rows_refused, 'row')} can't be taken: put them right, or add --leave-out.")
    for check in failing:
        say(f"Would stop it: {check.name}: {check.sentence}. Freeze all the same: --override {check.name}")


def _seen(looked: Looked | None) -> str:
    if looked is None:
        return "; photographs were not opened"
    of_all = "" if looked.looked_at == looked.photographs else f" of {looked.photographs}"
    found = f"{len(looked.refused)} can't be taken" if looked.refused else "each shows an ECG"
    return f"; {looked.looked_at}{of_all} photographs were looked at: {found}"


def _refused_json(refused: Sequence[Refused]) -> list[dict[str, object]]:
    return [{**vars(one), "path": str(one.path)} for one in refused]


def say_understood(planned: OwnPlan) -> None:
    """Which column was taken for what, which word as what, and what to know besides."""
    for field, name in planned.table.columns.items():
        say(f"{field}: column {name!r}")
    if planned.table.unused:
        say(f"Not used: {_listed(planned.table.unused)}")
    if planned.table.people:
        say(f"Names that are looked for where photographs are masked: {_listed(planned.table.people)}")
    if planned.table.taken:
        rows = [[*said, count] for said, count in sorted(planned.table.taken.items())]
        say()
        say_table(["column", "written", "taken as", "rows"], rows)
        say()
    for note in planned.notes:
        say(f"Note: {note}.")
    if planned.not_listed:
        say(f"{counted(len(planned.not_listed), 'photograph')} without a row: not used.")


def say_made(space: Workspace, planned: OwnPlan, made: Made, *, as_json: bool) -> None:
    """What was frozen, what was left out, and what comes next."""
    from pipeline.dataset.own_table.planning import ungraded

    name = made.frozen.name
    if as_json:
        of_table = {"row_list": str(made.row_list), "look_alikes": made.look_alikes}
        say_json({**frozen_json(space, made.frozen), **of_table})
        return
    say_understood(planned)
    complain_of_rows(made.refused)
    say_frozen(space, made.frozen)
    left_out = sum(made.frozen.left_out.values())
    if left_out:
        reasons = "; ".join(f"{reason} {number}" for reason, number in made.frozen.left_out.items())
        say(f"{counted(left_out, 'photograph')} could not be masked and checked, and stayed out: {reasons}")
    if made.look_alikes:
        pairs = [f"{one} and {other}" for one, other in made.look_alikes[:SHOWN_PAIRS]]
        more = (
            f" and {len(made.look_alikes) - SHOWN_PAIRS} more" if len(made.look_alikes) > SHOWN_PAIRS else ""
        )
        say(
            f"Photographs of two patients look alike, in rows {'; '.join(pairs)}{more}. They share a fold; "
            "look whether one photograph stands for both."
        )
    say(f"Which row became which: {made.row_list} (it names your files; it stays in the workspace)")
    if count := ungraded(planned):
        say(
            f"Wall motion is abnormal without a grade in {counted(count, 'row')}; a training leaves these "
            "out. Where your table means moderate or worse by it, add --set targets.ungraded_rwma=positive."
        )
    say(f"\nNext: echodesk train {name} --profile cpu --dry-run")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)
