"""Score readings against known truth: counts with Wilson intervals, never a bare percentage.

`Gold` is the truth of one report; `score` compares a list of (gold, reading) pairs. An answer also counts as
right when the gold lists it as acceptable.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from db.fields.names import ANSWER_COLUMNS, FIELDS, of_fields
from db.fields.sameness import is_acceptable
from db.fields.words import as_printed, has_value
from db.labels import EfState, Findings, Pah, Rwma
from db.measures.proportions import Rate
from labeling.readers.base import Reading

# One ordinal scale for the kappa: a wrong "not stated" costs as much as the grade is far from it.
PAH_SCALE = {
    Pah.UNREADABLE: 0,
    Pah.NOT_STATED: 0,
    Pah.NONE: 1,
    Pah.PRESENT_UNSPECIFIED: 2,
    Pah.MILD: 2,
    Pah.MODERATE: 3,
    Pah.SEVERE: 4,
}


@dataclass(frozen=True)
class Gold:
    """The truth of one report.

    Attributes:
        name: file or record it belongs to.
        findings: the answer. Fields not labelled stay at their defaults.
        accept: field -> further answers that count as right, as printed in `findings` (strings).
        stratum: report type or layout. is_synthetic: made-up report. is_global_only: only global hypokinesia.
        is_number_only: a pressure in mmHg without a word.
    """

    name: str
    findings: Findings
    accept: dict[str, set[str]] = field(default_factory=dict)
    stratum: str = ""
    is_synthetic: bool = False
    is_global_only: bool = False
    is_number_only: bool = False


@dataclass(frozen=True)
class Miss:
    """One wrong answer: which report, which field, what was expected and what was read."""

    name: str
    field: str
    expected: str
    got: str


@dataclass(frozen=True)
class Scores:
    """The benchmark's figures on one set of reports. Counts are reports; higher is better unless said."""

    n: int
    ef_exact: Rate
    ef_operator: Rate
    ef_unreadable: int
    ef_wrong: Rate
    false_ef: Rate
    rwma_precision: Rate
    rwma_recall: Rate
    rwma_f1: float
    rwma_severity: Rate
    global_called_regional: Rate
    pah_exact: Rate
    pah_weighted_kappa: float
    pah_none_found: Rate
    number_called_grade: Rate
    rvsp_exact: Rate
    wrong_values: Rate
    quotes_missing: int
    misses: tuple[Miss, ...]


def score(pairs: Sequence[tuple[Gold, Reading]]) -> Scores:
    """All figures over a list of (gold, reading) pairs."""
    with_ef = _where(pairs, lambda gold, _: gold.ef_percent is not None)
    without_ef = _where(pairs, lambda gold, _: gold.ef_percent is None)
    right_ef = [
        (gold, reading) for gold, reading in with_ef if is_right(gold, reading.findings, "ef_percent")
    ]
    given_ef = _share(with_ef, lambda _, read: read.ef_percent is not None)
    hits, extras, missed = _rwma_counts(pairs)
    found_or_due = 2 * hits + extras + missed
    global_only = [(gold, reading) for gold, reading in pairs if gold.is_global_only]
    number_only = [(gold, reading) for gold, reading in pairs if gold.is_number_only]
    return Scores(
        n=len(pairs),
        ef_exact=Rate(len(right_ef), len(with_ef)),
        ef_operator=_share(right_ef, lambda gold, read: gold.ef_operator == read.ef_operator),
        ef_unreadable=_share(with_ef, lambda _, read: read.ef_state is EfState.UNREADABLE).hits,
        ef_wrong=Rate(given_ef.hits - len(right_ef), len(with_ef)),
        false_ef=_share(without_ef, lambda _, read: read.ef_percent is not None),
        rwma_precision=Rate(hits, hits + extras),
        rwma_recall=Rate(hits, hits + missed),
        rwma_f1=2 * hits / found_or_due if found_or_due else math.nan,
        rwma_severity=_right(_where(pairs, lambda gold, _: gold.rwma is Rwma.PRESENT), "rwma_severity"),
        global_called_regional=_share(global_only, lambda _, read: read.rwma is Rwma.PRESENT),
        pah_exact=_right(pairs, "pah"),
        pah_weighted_kappa=_pah_kappa(pairs),
        pah_none_found=_share(
            _where(pairs, lambda gold, _: gold.pah is Pah.NONE), lambda _, read: read.pah is Pah.NONE
        ),
        number_called_grade=_share(number_only, lambda _, read: read.pah in _GRADED),
        rvsp_exact=_right(_where(pairs, lambda gold, _: gold.rvsp_mmhg is not None), "rvsp_mmhg"),
        wrong_values=_wrong_values(pairs),
        quotes_missing=sum(_lacks_quote(reading) for _, reading in pairs),
        misses=tuple(_misses(pairs)),
    )


_Pairs = Sequence[tuple[Gold, Reading]]
# Asked of the findings of the gold and of the reading, in this order.
_Asked = Callable[[Findings, Findings], bool]
_GRADED = (Pah.NONE, Pah.MILD, Pah.MODERATE, Pah.SEVERE, Pah.PRESENT_UNSPECIFIED)


def _where(pairs: _Pairs, is_wanted: _Asked) -> list[tuple[Gold, Reading]]:
    return [(gold, reading) for gold, reading in pairs if is_wanted(gold.findings, reading.findings)]


def _share(pairs: _Pairs, is_so: _Asked) -> Rate:
    return Rate(len(_where(pairs, is_so)), len(pairs))


def _right(pairs: _Pairs, field: str) -> Rate:
    return Rate(sum(is_right(gold, reading.findings, field) for gold, reading in pairs), len(pairs))


def shown_reading(reading: Reading, name: str) -> str:
    """What was read, for a list of cases: a missing EF says why, another missing value is a dash."""
    if name == "ef_percent" and reading.findings.ef_percent is None:
        return str(reading.findings.ef_state)
    return as_printed(reading.findings, name) or "-"


def is_right(gold: Gold, findings: Findings, name: str) -> bool:
    """Whether a field matches the gold or one of its acceptable alternatives."""
    return is_acceptable(name, findings, gold.findings, gold.accept.get(name, ()))


def _misses(pairs: Sequence[tuple[Gold, Reading]]) -> Iterable[Miss]:
    for gold, reading in pairs:
        for name in ANSWER_COLUMNS:
            if not is_right(gold, reading.findings, name):
                yield Miss(
                    gold.name, name, as_printed(gold.findings, name) or "-", shown_reading(reading, name)
                )


def _rwma_counts(pairs: Sequence[tuple[Gold, Reading]]) -> tuple[int, int, int]:
    """True positives, false positives, false negatives of "present"; acceptable alternatives are no error."""
    hit = extra = missed = 0
    for gold, reading in pairs:
        is_present = gold.findings.rwma is Rwma.PRESENT
        says_present = reading.findings.rwma is Rwma.PRESENT
        if is_right(gold, reading.findings, "rwma"):
            hit += is_present and says_present
        else:
            extra += says_present and not is_present
            missed += is_present and not says_present
    return hit, extra, missed


def _pah_kappa(pairs: Sequence[tuple[Gold, Reading]]) -> float:
    """Quadratic-weighted kappa of gold and reading on `PAH_SCALE`; 1 is best, NaN where one grade is all."""
    from db.measures.kappa import kappa

    grades = [_pah_pair(gold, reading.findings) for gold, reading in pairs]
    first, second = [gold for gold, _ in grades], [read for _, read in grades]
    return kappa(first, second, answers=range(5), is_graded=True).value


def _pah_pair(gold: Gold, findings: Findings) -> tuple[int, int]:
    if is_right(gold, findings, "pah"):
        return PAH_SCALE[gold.findings.pah], PAH_SCALE[gold.findings.pah]
    return PAH_SCALE[gold.findings.pah], PAH_SCALE[findings.pah]


# How a field is printed where the reader gives no value: that is never a wrong one.
_BLANK = of_fields(ef_percent="", rwma="unreadable", pah="unreadable", rvsp_mmhg="")


def _wrong_values(pairs: Sequence[tuple[Gold, Reading]]) -> Rate:
    """Wrong answers that are not `unreadable` (or blank for a number), over all answers; lower is better."""
    wrong = total = 0
    for gold, reading in pairs:
        for name, blank in _BLANK.items():
            total += 1
            if not is_right(gold, reading.findings, name):
                wrong += as_printed(reading.findings, name) != blank
    return Rate(wrong, total)


def is_left_open(reading: Reading, name: str) -> bool:
    """Whether the reader said that it could not tell, instead of giving a value or saying that none is
    stated.
    """
    findings = reading.findings
    if name == "rvsp_mmhg":
        return findings.rvsp_mmhg is None and bool(reading.unreadable_reason)
    return str(findings.ef_state if name == "ef_percent" else getattr(findings, name)) == "unreadable"


def _lacks_quote(reading: Reading) -> int:
    return sum(has_value(reading.findings, name) and not reading.evidence.get(name) for name in FIELDS)
