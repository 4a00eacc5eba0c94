"""Two sets of readings of the same reports, compared pair by pair: which reader is better, by how much, and
where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from db.errors import EchoDeskError
from db.fields.names import ANSWER_COLUMNS, FIELDS, NUMBER_OF_ANSWER
from db.fields.words import as_printed
from db.labels import Rwma
from db.measures.paired import MeanDifference, PairedCounts, mean_difference
from labeling.benchmark.reading import ReadingSet, ReportAnswer
from labeling.benchmark.scoring import Gold, is_right, shown_reading
from labeling.readers.base import ReaderIdentity

WHOLE_REPORT = "whole_report"
# Rows of a comparison -> the field they judge. A number is judged apart where one is printed and where none
# is: a reader that answers nothing would otherwise look right wherever nothing is stated.
BLANK = "_blank"
NUMBERS = tuple(NUMBER_OF_ANSWER.values())
ROWS = {
    row: column
    for column in (*ANSWER_COLUMNS, WHOLE_REPORT)
    for row in ((column, column + BLANK) if column in NUMBERS else (column,))
}


class Verdict(StrEnum):
    """Who was right about a field on which the two differ."""

    ONLY_A = "only A right"
    ONLY_B = "only B right"
    BOTH_RIGHT = "both right"
    BOTH_WRONG = "both wrong"


@dataclass(frozen=True)
class Change:
    """One field of one report that the two read differently."""

    name: str
    field: str
    gold: str
    a: str
    b: str
    verdict: Verdict


@dataclass(frozen=True)
class Comparison:
    """A against B on the same reports. Differences are B minus A.

    Attributes:
        n: reports compared.
        overall: row (see `ROWS`) -> counts.
        by_stratum: stratum -> row -> counts.
        ef_error: mean absolute error of the EF, percent points, where the gold and both readers have a
            number.
        ef_only_a, ef_only_b: reports with a printed EF on which only that one gave a number.
        changes: losses of B first, then its gains, then the rest.
        failed_a, failed_b: reports that could not be read at all, which count as wrong in every row.
        other_files: reports of which the two did not read the same bytes.
    """

    a: ReaderIdentity
    b: ReaderIdentity
    input_a: str
    input_b: str
    n: int
    overall: dict[str, PairedCounts]
    by_stratum: dict[str, dict[str, PairedCounts]]
    ef_error: MeanDifference
    ef_only_a: int
    ef_only_b: int
    changes: tuple[Change, ...]
    failed_a: tuple[str, ...]
    failed_b: tuple[str, ...]
    other_files: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """All of it as plain values; shares 0-1, NaN where nothing could be measured."""
        return asdict(self) | {
            "overall": {row: counts.as_json() for row, counts in self.overall.items()},
            "by_stratum": {
                name: {row: counts.as_json() for row, counts in rows.items()}
                for name, rows in self.by_stratum.items()
            },
        }


@dataclass(frozen=True)
class _Case:
    gold: Gold
    a: ReportAnswer
    b: ReportAnswer


def compare_readings(gold: Sequence[Gold], a: ReadingSet, b: ReadingSet, *, seed: int = 0) -> Comparison:
    """Compare two readers on these reports; readings of others are left out.

    Args:
        seed: of the resampling behind the interval of the EF's error.

    Raises:
        EchoDeskError: a report was not read by both.
    """
    answers_a, answers_b = answers_for(gold, a), answers_for(gold, b)
    cases = [_Case(*triple) for triple in zip(gold, answers_a, answers_b, strict=True)]
    strata = sorted({case.gold.stratum for case in cases})
    with_ef = [case for case in cases if case.gold.findings.ef_percent is not None]
    errors = [(_ef_error(case.gold, case.a), _ef_error(case.gold, case.b)) for case in with_ef]
    return Comparison(
        a=a.identity,
        b=b.identity,
        input_a=a.input_kind,
        input_b=b.input_kind,
        n=len(cases),
        overall=_counts(cases),
        by_stratum={name: _counts([case for case in cases if case.gold.stratum == name]) for name in strata},
        ef_error=_ef_errors_compared(errors, seed=seed),
        ef_only_a=sum(first is not None and second is None for first, second in errors),
        ef_only_b=sum(first is None and second is not None for first, second in errors),
        changes=tuple(sorted(_changes(cases), key=lambda change: list(Verdict).index(change.verdict))),
        failed_a=_names_of(cases, lambda case: case.a.reading is None),
        failed_b=_names_of(cases, lambda case: case.b.reading is None),
        other_files=_names_of(
            cases,
            lambda case: a.input_kind == b.input_kind and case.a.report_sha256 != case.b.report_sha256,
        ),
    )


def _ef_errors_compared(errors: Sequence[tuple[float | None, float | None]], *, seed: int) -> MeanDifference:
    """Over the reports on which both gave a number."""
    both = [(first, second) for first, second in errors if first is not None and second is not None]
    return mean_difference([first for first, _ in both], [second for _, second in both], seed=seed)


def _names_of(cases: Sequence[_Case], is_wanted: Callable[[_Case], bool]) -> tuple[str, ...]:
    return tuple(case.gold.name for case in cases if is_wanted(case))


def answers_for(gold: Sequence[Gold], readings: ReadingSet) -> list[ReportAnswer]:
    """The answers to these reports, in their order.

    Raises:
        EchoDeskError: one of them was not read.
    """
    by_name: Mapping[str, ReportAnswer] = {answer.name: answer for answer in readings.answers}
    absent = [item.name for item in gold if item.name not in by_name]
    if absent:
        raise EchoDeskError(
            f"the readings by {readings.identity.name} lack {absent[0]} ({len(absent)} of {len(gold)} such)",
            "Both sides must have read every report of the folder; let the run finish.",
        )
    return [by_name[item.name] for item in gold]


def is_answered_right(gold: Gold, answer: ReportAnswer, row: str) -> bool:
    """Whether an answer is right in one row of a comparison; a failed report never is."""
    if answer.reading is None:
        return False
    fields = FIELDS if row == WHOLE_REPORT else (ROWS[row],)
    return all(is_right(gold, answer.reading.findings, field) for field in fields)


def _belongs(gold: Gold, row: str) -> bool:
    if row == "rwma_severity":
        return gold.findings.rwma is Rwma.PRESENT
    if ROWS[row] not in NUMBERS:
        return True
    return (getattr(gold.findings, ROWS[row]) is None) == row.endswith(BLANK)


def _counts(cases: Sequence[_Case]) -> dict[str, PairedCounts]:
    return {row: _paired(row, [case for case in cases if _belongs(case.gold, row)]) for row in ROWS}


def _paired(row: str, cases: Sequence[_Case]) -> PairedCounts:
    pairs = [
        (is_answered_right(case.gold, case.a, row), is_answered_right(case.gold, case.b, row))
        for case in cases
    ]
    return PairedCounts(
        both=pairs.count((True, True)),
        only_a=pairs.count((True, False)),
        only_b=pairs.count((False, True)),
        neither=pairs.count((False, False)),
    )


def _ef_error(gold: Gold, answer: ReportAnswer) -> float | None:
    """Distance of the EF from the gold in percent points, 0 for an accepted answer; None without a number."""
    if (
        answer.reading is None
        or answer.reading.findings.ef_percent is None
        or gold.findings.ef_percent is None
    ):
        return None
    if is_right(gold, answer.reading.findings, "ef_percent"):
        return 0.0
    return abs(answer.reading.findings.ef_percent - gold.findings.ef_percent)


def _changes(cases: Sequence[_Case]) -> list[Change]:
    found = []
    for case in cases:
        for field in ANSWER_COLUMNS:
            a, b = _said(case.a, field), _said(case.b, field)
            if a != b:
                expected = as_printed(case.gold.findings, field) or "-"
                found.append(Change(case.gold.name, field, expected, a, b, _verdict(case, field)))
    return found


def _verdict(case: _Case, field: str) -> Verdict:
    return {
        (True, False): Verdict.ONLY_A,
        (False, True): Verdict.ONLY_B,
        (True, True): Verdict.BOTH_RIGHT,
        (False, False): Verdict.BOTH_WRONG,
    }[is_answered_right(case.gold, case.a, field), is_answered_right(case.gold, case.b, field)]


def _said(answer: ReportAnswer, field: str) -> str:
    return "failed" if answer.reading is None else shown_reading(answer.reading, field)
