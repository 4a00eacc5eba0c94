"""Which labels go into a snapshot: by a filter and by how well they are founded, with every step counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum

from pipeline.dataset.filters import Filter
from pipeline.dataset.records import Collected, Exclusion, LabelRow, LabelStatus


class Require(StrEnum):
    """How well a label must be founded.

    `accepted` one reading is enough; `double-read` a second reading agrees or an adjudicator decided;
    `adjudicated` an adjudicator decided.
    """

    ACCEPTED = "accepted"
    DOUBLE_READ = "double-read"
    ADJUDICATED = "adjudicated"


NOT_CHOSEN = "not chosen by the filter"
_ENOUGH = {
    Require.ACCEPTED: frozenset(LabelStatus),
    Require.DOUBLE_READ: frozenset(
        {LabelStatus.DOUBLE_READ, LabelStatus.ADJUDICATED, LabelStatus.IN_CONFLICT}
    ),
    Require.ADJUDICATED: frozenset({LabelStatus.ADJUDICATED, LabelStatus.IN_CONFLICT}),
}
_TOO_LITTLE = {Require.DOUBLE_READ: "read once only", Require.ADJUDICATED: "not adjudicated"}
UNDECIDED = "readings differ or the label was sent back, and nobody has decided"


def choose(
    collected: Collected, *, where: Filter | None = None, require: Require = Require.ACCEPTED
) -> Collected:
    """The labels that were asked for, and those whose readings differ: the checks speak about these."""
    if where is not None:
        collected = _leave_out(collected, NOT_CHOSEN, lambda row: not where.chooses(row))
    if require is not Require.ACCEPTED:
        collected = _leave_out(
            collected, _TOO_LITTLE[require], lambda row: row.status not in _ENOUGH[require]
        )
    return collected


def count_undecided(collected: Collected) -> int:
    """How many of the labels have readings that differ."""
    return sum(row.status is LabelStatus.IN_CONFLICT for row in collected.rows)


def leave_out_undecided(collected: Collected, *, require: Require) -> Collected:
    """Where one reading is not enough, nor is one of two that differ; the rows left out are counted."""
    if require is Require.ACCEPTED or not count_undecided(collected):
        return collected
    return _leave_out(collected, UNDECIDED, lambda row: row.status is LabelStatus.IN_CONFLICT)


def _leave_out(collected: Collected, reason: str, is_out: Callable[[LabelRow], bool]) -> Collected:
    kept: Sequence[LabelRow] = [row for row in collected.rows if not is_out(row)]
    step = Exclusion(reason, len(collected.rows) - len(kept))
    return replace(collected, rows=kept, exclusions=[*collected.exclusions, step])
