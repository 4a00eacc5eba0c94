"""Run any reader over a folder of reports with known answers and score its values, quotes and lights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from db.labels import EfState, Findings, Pah, Rwma
from labeling.benchmark.comparison import answers_for
from labeling.benchmark.gold import GoldReport, InputKind, gold_reports, load_gold
from labeling.benchmark.light_scores import LightScores, score_lights
from labeling.benchmark.reading import OnProgress, ReadingSet, ReportAnswer, read_reports
from labeling.benchmark.scoring import Gold, Scores, score
from labeling.readers.base import Reader, ReaderIdentity, ReaderSpec, Reading

__all__ = ["BenchmarkResult", "Failure", "InputKind", "load_gold", "run_benchmark", "score_readings"]

# A report that failed: it says nothing, so it invents nothing and gets nothing right that is stated.
UNANSWERED = Reading(Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE))


@dataclass(frozen=True)
class Failure:
    """A report that could not be read; scored as unanswered."""

    name: str
    error: str
    hint: str = ""


@dataclass(frozen=True)
class BenchmarkResult:
    """Scores over everything, over real and made-up reports apart, and by stratum; what the lights held."""

    input_kind: str
    overall: Scores
    real: Scores
    synthetic: Scores
    by_stratum: dict[str, Scores]
    quotes_not_in_text: int
    reader: ReaderIdentity
    lights: LightScores
    failures: tuple[Failure, ...]
    reading_s: float


def run_benchmark(
    folder: Path,
    *,
    input_kind: InputKind,
    reader: ReaderSpec | Reader | None = None,
    workers: int = 2,
    tesseract: str = "tesseract",
    on_progress: OnProgress | None = None,
) -> BenchmarkResult:
    """Read every report of the folder in one form and score it; reports without that form are an error by
    name.

    Args:
        reader: who reads; the rules with the program `tesseract` when it isn't given.
        workers: processes for pictures, for a reader that takes one report at a time.
    """
    reports = gold_reports(folder, input_kind)
    chosen = reader if reader is not None else ReaderSpec("rules", {"tesseract": tesseract})
    readings = read_reports(reports, chosen, input_kind=input_kind, workers=workers, on_progress=on_progress)
    return score_readings(reports, readings)


def score_readings(reports: Sequence[GoldReport], readings: ReadingSet) -> BenchmarkResult:
    """Score readings made here or loaded from a file.

    Raises:
        EchoDeskError: a report was not read.
    """
    answers = answers_for([report.gold for report in reports], readings)
    judged = [(report.gold, answer) for report, answer in zip(reports, answers, strict=True)]
    pairs = [(gold, answer.reading or UNANSWERED) for gold, answer in judged]
    strata = sorted({gold.stratum for gold, _ in pairs})
    return BenchmarkResult(
        input_kind=readings.input_kind,
        overall=score(pairs),
        real=score([pair for pair in pairs if not pair[0].is_synthetic]),
        synthetic=score([pair for pair in pairs if pair[0].is_synthetic]),
        by_stratum={name: score(_of_stratum(pairs, name)) for name in strata},
        quotes_not_in_text=sum(map(_quotes_not_in_text, reports, answers)),
        reader=readings.identity,
        lights=score_lights(judged),
        failures=tuple(
            Failure(answer.name, answer.error, answer.hint) for answer in answers if answer.reading is None
        ),
        reading_s=round(sum(answer.elapsed_s for answer in answers), 3),
    )


def _of_stratum(pairs: Sequence[tuple[Gold, Reading]], name: str) -> list[tuple[Gold, Reading]]:
    return [pair for pair in pairs if pair[0].stratum == name]


def _quotes_not_in_text(report: GoldReport, answer: ReportAnswer) -> int:
    """Evidence quotes that are not verbatim in the report's text, white space aside; should be none."""
    if report.text is None or answer.reading is None:
        return 0
    text = " ".join(report.text.split())
    return sum(item.quote not in text for item in answer.reading.evidence.values())
