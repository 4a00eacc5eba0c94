"""Do two records say the same? Different questions, each with its own name:

* `compare_field`: may one reader be believed because another says so? A difference of detail is told from a
  contradiction, and nothing from something. For a field of `FIELDS`.
* `differing_cards`: do two people at the desk disagree? Numbers within the desk's tolerance are the same; a
  pressure that only one of them gives is a detail.
* `same_answer`: was a label wrong? Every answer of `ANSWERS` by itself, numbers within a tolerance; a number
  that only one record gives is another answer. (`db.quality.corrections` asks the same inside the database.)
* `is_as_drafted`: is a decision an acceptance or a correction of its draft?
* `is_acceptable`: does a reading score against the truth? As printed, or one of the alternatives that the
  truth allows.
* equality of two `Findings`, or of two cells of a table: is anything at all another one now? That is `==` and
  needs no function: a comparison of two snapshots tells every change.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any, NamedTuple

from db.fields.names import CARDS, NUMBER_OF_ANSWER, WORD_OF_ANSWER
from db.fields.words import as_printed, has_value, is_unreadable
from db.labels import Findings, Pah, RwmaSeverity


class Match(StrEnum):
    """How another reader's answer stands to ours.

    `found_by_other`: we have nothing, the other has a value; `missed_by_other`: the reverse; `no_say`: one of
    the two could not read it.
    """

    SAME = "same"
    DETAIL = "detail"
    DIFFERENT = "different"
    FOUND_BY_OTHER = "found_by_other"
    MISSED_BY_OTHER = "missed_by_other"
    NO_SAY = "no_say"


class Comparison(NamedTuple):
    """A match and, for `detail`, what differs: `operator`, `range`, `severity` or `walls`."""

    match: Match
    detail: str = ""


def compare_field(field: str, ours: Findings, theirs: Findings) -> Comparison:
    """Compare one field of two records, telling differences that matter from those of detail."""
    if is_unreadable(ours, field) or is_unreadable(theirs, field):
        return Comparison(Match.NO_SAY)
    have, has = has_value(ours, field), has_value(theirs, field)
    if not have and not has:
        return Comparison(Match.SAME)
    if not have:
        return Comparison(Match.FOUND_BY_OTHER)
    if not has:
        return Comparison(Match.MISSED_BY_OTHER)
    if field == "ef_percent":
        return _compare_ef(ours, theirs)
    if field == "rwma":
        return _compare_rwma(ours, theirs)
    if field == "pah":
        return _compare_pah(ours.pah, theirs.pah)
    return Comparison(Match.SAME if ours.rvsp_mmhg == theirs.rvsp_mmhg else Match.DIFFERENT)


def differing_cards(one: Findings, other: Findings, *, ef_tolerance_points: float) -> tuple[str, ...]:
    """The cards in which two readings differ: `ef`, `rwma`, `pah`; empty where they agree.

    A pressure in mmHg belongs to the `pah` card and has the same tolerance as the ejection fraction; where
    only one gives it, it is a detail like the walls: whoever reads without a draft need not enter it.
    """
    answers_of_card: dict[str, tuple[str, ...]] = {
        "ef": ("ef",),
        "rwma": ("rwma", "severity"),
        "pah": ("pah",) if None in (one.rvsp_mmhg, other.rvsp_mmhg) else ("pah", "rvsp"),
    }
    return tuple(
        card
        for card in CARDS
        if not all(
            same_answer(answer, one, other, tolerance=ef_tolerance_points) for answer in answers_of_card[card]
        )
    )


def same_answer(answer: str, one: Any, other: Any, *, tolerance: float) -> bool:
    """Whether two rows with the columns of a record give the same one of `ANSWERS`.

    Args:
        tolerance: numbers this close are the same answer; percentage points for EF, mmHg for the pressure.
    """
    word, number = WORD_OF_ANSWER.get(answer), NUMBER_OF_ANSWER.get(answer)
    if word is not None and getattr(one, word) != getattr(other, word):
        return False
    if number is None:
        return True
    first, second = getattr(one, number), getattr(other, number)
    if first is None or second is None:
        return first is second
    return bool(abs(first - second) <= tolerance)


def is_as_drafted(decided: Findings, drafted: Findings, *, by_answers: bool) -> bool:
    """Whether a decision accepts its draft instead of correcting it.

    Args:
        by_answers: what was entered from the page alone lacks the draft's details (walls, words), so only
            answers count.
    """
    if by_answers:
        return not differing_cards(decided, drafted, ef_tolerance_points=0)
    return decided == drafted


def is_acceptable(column: str, findings: Findings, truth: Findings, also: Collection[str] = ()) -> bool:
    """Whether a column is printed as in the truth, or as one of the alternatives that count as right too."""
    got = as_printed(findings, column)
    return got == as_printed(truth, column) or got in also


def _compare_ef(ours: Findings, theirs: Findings) -> Comparison:
    if ours.ef_percent != theirs.ef_percent:
        return Comparison(Match.DIFFERENT)
    bounds = (ours.ef_low, ours.ef_high), (theirs.ef_low, theirs.ef_high)
    if bounds[0] != bounds[1]:
        # 30-45 and 35-40 have one midpoint and are two statements; 37.5 and 35-40 may be one.
        is_one_plain = (None, None) in bounds
        return Comparison(Match.DETAIL, "range") if is_one_plain else Comparison(Match.DIFFERENT)
    if ours.ef_operator != theirs.ef_operator:
        return Comparison(Match.DETAIL, "operator")
    return Comparison(Match.SAME)


def _compare_rwma(ours: Findings, theirs: Findings) -> Comparison:
    if ours.rwma is not theirs.rwma:
        return Comparison(Match.DIFFERENT)
    if ours.rwma_severity is not theirs.rwma_severity:
        is_one_ungraded = RwmaSeverity.NOT_STATED in (ours.rwma_severity, theirs.rwma_severity)
        return Comparison(Match.DETAIL, "severity") if is_one_ungraded else Comparison(Match.DIFFERENT)
    if ours.rwma_walls != theirs.rwma_walls:
        return Comparison(Match.DETAIL, "walls")
    return Comparison(Match.SAME)


def _compare_pah(ours: Pah, theirs: Pah) -> Comparison:
    if ours is theirs:
        return Comparison(Match.SAME)
    if Pah.PRESENT_UNSPECIFIED in (ours, theirs) and Pah.NONE not in (ours, theirs):
        return Comparison(Match.DETAIL, "severity")
    return Comparison(Match.DIFFERENT)
