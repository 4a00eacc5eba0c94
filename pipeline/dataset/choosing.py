"""What a person orders of a snapshot, and which labels that chooses, with every step counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from db.errors import EchoDeskError, WrongUse
from pipeline.dataset.checks import CHECKS, DEFAULT_MAX_DAYS
from pipeline.dataset.filters import Filter
from pipeline.dataset.frozen import CheckResult
from pipeline.dataset.records import Collected, Exclusion, LabelRow, LabelStatus


class Require(StrEnum):
    """How well a label must be founded.

    `accepted` one reading is enough; `double-read` a second reading agrees or an adjudicator decided;
    `adjudicated` an adjudicator decided.
    """

    ACCEPTED = "accepted"
    DOUBLE_READ = "double-read"
    ADJUDICATED = "adjudicated"


class RefusedError(EchoDeskError):
    """A snapshot that is not to be made.

    `hint` says what can be done; `failed` names the checks that stop it.
    """

    def __init__(self, message: str, hint: str, failed: Sequence[CheckResult] = ()) -> None:
        super().__init__(message, hint)
        self.failed = failed


@dataclass(frozen=True)
class Order:
    """What a person asked for.

    Attributes:
        name: of the snapshot; letters, digits, dot, dash and underscore.
        overrides: names of checks that may fail.
        max_days: between ECG and echo.
        with_notes, with_site_names: put out what is otherwise kept back.
        licence: of the data, by its SPDX identifier; empty where none is chosen.
        images_said: what was done to pictures that are put out; only invented ones go out as printed.
    """

    name: str
    where: Filter | None = None
    require: Require = Require.ACCEPTED
    overrides: tuple[str, ...] = ()
    max_days: int = DEFAULT_MAX_DAYS
    with_notes: bool = False
    with_site_names: bool = False
    with_images: bool = False
    images_said: str = "masked"
    licence: str = ""

    def __post_init__(self) -> None:
        """Raises WrongUse where the name or an override cannot be."""
        if not _NAME.fullmatch(self.name) or self.name.endswith("."):
            raise WrongUse(
                "that cannot be the name of a snapshot",
                "Use up to 80 letters, digits, dots, dashes and underscores, a letter or digit first.",
            )
        if self.licence and spdx_identifier(self.licence) != self.licence:
            raise WrongUse(
                f"{self.licence!r} is no SPDX identifier of a licence",
                "Name one of spdx.org/licenses, such as CC-BY-4.0, or LicenseRef-NAME for your own.",
            )
        unknown = [name for name in self.overrides if name not in CHECKS]
        if unknown:
            raise WrongUse(f"there is no check {unknown[0][:40]!r}", f"There are: {', '.join(CHECKS)}.")


NOT_CHOSEN = "not chosen by the filter"
_ENOUGH = {
    Require.ACCEPTED: frozenset(LabelStatus),
    Require.DOUBLE_READ: frozenset(
        {LabelStatus.DOUBLE_READ, LabelStatus.ADJUDICATED, LabelStatus.IN_CONFLICT}
    ),
    Require.ADJUDICATED: frozenset({LabelStatus.ADJUDICATED, LabelStatus.IN_CONFLICT}),
}
_TOO_LITTLE = {Require.DOUBLE_READ: "read once only", Require.ADJUDICATED: "not adjudicated"}
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
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


def chosen_by(order: Order, collected: Collected) -> Collected:
    """The labels an order is about."""
    asked = choose(collected, where=order.where, require=order.require)
    return leave_out_undecided(asked, require=order.require)


def spdx_identifier(written: str) -> str:
    """The one spelling of a licence's SPDX identifier; empty where it is none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        found = str(canonicalize_license_expression(written))
    except InvalidLicenseExpression:
        return ""
    return "" if " " in found else found
