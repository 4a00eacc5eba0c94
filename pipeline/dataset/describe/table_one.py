"""Table 1 of the dataset card: what the labels of a snapshot are, with counts, shares and intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import stdev
from typing import Any, Final

import numpy as np

from db.fields.columns import EF_STATES, PAH, RWMA, SEVERITIES
from db.fields.strata import EF_STRATA
from db.markdown import counted, plain, table, words
from db.measures.means import mean_of
from db.measures.medians import median_of
from db.measures.proportions import wilson_share
from pipeline.dataset.describe.figures import number, percent
from pipeline.dataset.tables import STATUSES

Row = Mapping[str, Any]
Line = tuple[str, str, str]

STRATUM_WORDS: Final = {
    "normal": "normal, 50 % or more",
    "mildly_reduced": "mildly reduced, 40 to 49 %",
    "moderately_reduced": "moderately reduced, 30 to 39 %",
    "severely_reduced": "severely reduced, below 30 %",
}
# Apart from the answers, because they are none: the report is silent, or nobody could read it.
SILENT: Final = ("not_stated", "unreadable")
# What a person may have named.
_OPEN: Final = ("Site", "Device")
# A mean of fewer values than this is given alone.
FEWEST: Final = 3


def table_one(labels: Sequence[Row]) -> str:
    """Table 1 in Markdown; with age, sex and device where the labels have them."""
    lines = [*_who(labels), *_person(labels), *_ef(labels)]
    founded = Counter(row["status"] for row in labels)
    # A table that was brought in does not say whether its words were printed anywhere.
    is_read_here = bool(set(founded) & set(STATUSES))
    for heading, column, answers in (
        ("Regional wall-motion abnormality", "rwma", RWMA),
        ("Severity of the wall-motion abnormality", "rwma_severity", SEVERITIES),
        (f"Pulmonary hypertension{', the printed word' if is_read_here else ''}", "pah", PAH),
    ):
        lines += _answers(heading, Counter(row[column] for row in labels), answers, len(labels))
    lines += _pressure(labels)
    if is_read_here:
        lines += _answers("How well founded", founded, STATUSES, len(labels))
    sites = Counter(row["site"] for row in labels)
    lines += _answers("Site", sites, sorted(sites, key=str), len(labels))
    return table(["", "n", "share or value (95 % interval)"], lines, right=(1,))


def dates_span(labels: Sequence[Row]) -> str:
    """From the first to the last shifted date of a report."""
    days = sorted(row["report_date"] for row in labels if row["report_date"] is not None)
    return f"{days[0]} to {days[-1]}" if days else "not known"


def _who(labels: Sequence[Row]) -> Iterator[Line]:
    days = [float(row["days_between"]) for row in labels if row["days_between"] is not None]
    dated = sum(row["report_date"] is not None for row in labels)
    patients = len({row["patient_id"] for row in labels})
    yield "Labels", f"{len(labels):,}", f"of {counted(patients, 'patient')}"
    yield "Dates of the echo, shifted", f"{dated:,}", dates_span(labels)
    yield "Days from echo to ECG, median", f"{len(days):,}", number(median_of(days))


def _person(labels: Sequence[Row]) -> Iterator[Line]:
    if any("age_years" in row for row in labels):
        ages = [float(row["age_years"]) for row in labels if row["age_years"] is not None]
        yield "Age, years, median (90 is everybody above 89)", f"{len(ages):,}", number(median_of(ages))
    for column, heading in (("sex", "Sex"), ("device", "Device")):
        if any(column in row for row in labels):
            counts = Counter(row[column] or "not known" for row in labels)
            yield from _answers(heading, counts, sorted(counts), len(labels))


def _ef(labels: Sequence[Row]) -> Iterator[Line]:
    values = sorted(float(row["ef_percent"]) for row in labels if row["ef_percent"] is not None)
    count = f"{len(values):,}"
    yield "**Ejection fraction, percent**", "", ""
    yield "mean", count, number(mean_of(values, least=FEWEST))
    if len(values) > 1:
        yield "standard deviation", count, f"{stdev(values):.1f}"
    yield "median", count, number(median_of(values))
    if values:
        lower, upper = np.quantile(values, [0.25, 0.75])
        quarters = f"{lower:.1f} to {upper:.1f}"
        yield "interquartile range", count, f"{quarters} (all: {values[0]:g} to {values[-1]:g})"
    strata = Counter(row["ef_stratum"] for row in labels)
    yield from _answers("Ejection fraction in bands", strata, (*EF_STRATA, *EF_STATES[1:]), len(labels))


def _pressure(labels: Sequence[Row]) -> Iterator[Line]:
    values = [float(row["rvsp_mmhg"]) for row in labels if row["rvsp_mmhg"] is not None]
    yield "**Right ventricular systolic pressure, mmHg**", "", ""
    yield "given", f"{len(values):,}", percent(wilson_share(len(values), len(labels)))
    yield "median", f"{len(values):,}", number(median_of(values))


def _answers(heading: str, counts: Mapping[Any, int], answers: Sequence[str], rows: int) -> Iterator[Line]:
    yield f"**{heading}**", "", ""
    for answer in answers:
        said = STRATUM_WORDS.get(answer, "") if "bands" in heading else ""
        name = plain(answer) if heading in _OPEN and answer else said or words(answer)
        yield (
            f"*{name}*" if answer in SILENT else name,
            f"{counts[answer]:,}",
            percent(wilson_share(counts[answer], rows)),
        )


def fold_table(labels: Sequence[Row]) -> str:
    """Labels, patients, EF and wall motion in every fold."""
    lines = []
    for fold in sorted({row["fold"] for row in labels}):
        rows = [row for row in labels if row["fold"] == fold]
        numbers = [float(row["ef_percent"]) for row in rows if row["ef_percent"] is not None]
        reduced = sum(value < 50 for value in numbers)
        known = [row["rwma"] for row in rows if row["rwma"] in ("present", "absent")]
        present = known.count("present")
        lines.append(
            [
                str(fold),
                f"{len(rows):,}",
                f"{len({row['patient_id'] for row in rows}):,}",
                f"{number(mean_of(numbers, least=FEWEST))}, n = {len(numbers):,}",
                f"{reduced:,} of {len(numbers):,}: {percent(wilson_share(reduced, len(numbers)))}",
                f"{present:,} of {len(known):,}: {percent(wilson_share(present, len(known)))}",
                f"{len({row['site'] for row in rows}):,}",
            ]
        )
    headings = ["fold", "labels", "patients", "EF, mean", "EF below 50 %", "RWMA present", "sites"]
    return table(headings, lines, right=(0, 1, 2, 6))
