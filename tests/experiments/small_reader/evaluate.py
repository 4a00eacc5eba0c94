"""Field accuracy beside the commonest answer, and what the lights held, of readings that `echodesk benchmark`
saved.

echodesk benchmark COHORT --input pages --reader qwen2vl --model DIR --save readings.jsonl
python tests/experiments/small_reader/evaluate.py COHORT readings.jsonl
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[3])]
from db.fields.names import FIELDS  # noqa: E402
from db.fields.words import as_printed  # noqa: E402
from db.measures.proportions import Rate  # noqa: E402
from labeling.benchmark.gold import gold_reports  # noqa: E402
from labeling.benchmark.light_scores import score_lights  # noqa: E402
from labeling.benchmark.reading import ReportAnswer  # noqa: E402
from labeling.benchmark.saved_readings import load_readings  # noqa: E402
from labeling.benchmark.scoring import Gold, is_right  # noqa: E402


def pairs_of(cohort: Path, readings: Path) -> list[tuple[Gold, ReportAnswer]]:
    """The truth and the answer of every report, matched by name."""
    answers = {answer.name: answer for answer in load_readings(readings).answers}
    return [(report.gold, answers[report.gold.name]) for report in gold_reports(cohort, "pages")]


def field_table(pairs: list[tuple[Gold, ReportAnswer]]) -> dict[str, dict[str, Any]]:
    """Field -> how often it was read right, with 95 % Wilson interval, beside always giving the commonest
    answer.
    """
    table = {}
    for field in FIELDS:
        hits = [
            answer.reading is not None and is_right(gold, answer.reading.findings, field)
            for gold, answer in pairs
        ]
        counts = Counter(as_printed(gold.findings, field) for gold, _ in pairs)
        commonest, often = counts.most_common(1)[0]
        table[field] = {**_row(Rate(sum(hits), len(hits))), "commonest": commonest or "nothing",
                        "commonest_rate": round(often / len(hits), 3)}  # fmt: skip
    every = [row["hits"] for row in table.values()]
    table["all"] = _row(Rate(sum(every), len(every) * len(pairs)))
    return table


def _row(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {
        "hits": rate.hits,
        "n": rate.n,
        "rate": round(rate.value, 3),
        "from": round(low, 3),
        "to": round(high, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "files", type=Path, nargs="+", metavar="COHORT READINGS", help="pairs, judged together"
    )
    files = parser.parse_args().files
    pairs = [
        pair
        for cohort, readings in zip(files[::2], files[1::2], strict=True)
        for pair in pairs_of(cohort, readings)
    ]
    lights = score_lights(pairs)
    told = {
        "fields": field_table(pairs),
        "lights": {
            "amber_or_red": _row(lights.watched),
            "errors_under_amber_or_red": _row(lights.errors_watched),
            "errors_among_green": _row(lights.green_errors),
        },
    }
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
