"""What a calibration is worth: figures by field, a reliability table as CSV and the same as a picture."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.fields.names import FIELDS
from db.files.manifest import sha256_of
from db.labels import Light
from db.measures.calibration import Reliability, reliability
from db.measures.isotonic import merged_probability, venn_abers
from db.measures.proportions import Rate
from labeling.trust.calibration import MIN_REVIEWS, ReviewedField

FOLDS = 5
COLUMNS = ("field", "probability_from", "probability_to", "n", "mean_probability", "right", "share_right",
           "share_right_low", "share_right_high")  # fmt: skip


@dataclass(frozen=True)
class FieldReport:
    """One field of one reader.

    Attributes:
        before: quality of the score taken as if it were a probability. after: of the cross-fitted
            probability; null where there are too few reviews.
        lights: light -> errors of the fields that had it.
    """

    field: str
    n: int
    accuracy: Rate
    before: Reliability
    after: Reliability | None
    lights: Mapping[str, Rate]

    @property
    def errors_watched(self) -> Rate:
        """Amber and red errors of all errors; higher is better."""
        watched = sum(self.lights[light].hits for light in (Light.AMBER, Light.RED))
        return Rate(watched, watched + self.lights[Light.GREEN].hits)

    def share(self, light: Light) -> Rate:
        """How many of the fields had this light."""
        return Rate(self.lights[light].n, self.n)


def report_fields(fields: Sequence[ReviewedField]) -> list[FieldReport]:
    """One report a field that was reviewed at all; probabilities are of patients left out of the fit."""
    return [
        _report(name, of_name) for name in FIELDS if (of_name := [one for one in fields if one.field == name])
    ]


def _report(name: str, fields: Sequence[ReviewedField]) -> FieldReport:
    right = [one.is_right for one in fields]
    is_enough = len(fields) >= MIN_REVIEWS
    return FieldReport(
        field=name,
        n=len(fields),
        accuracy=Rate(sum(right), len(right)),
        before=reliability([one.score for one in fields], right),
        after=reliability(merged(out_of_fold(fields)), right) if is_enough else None,
        lights={light: _errors(fields, light) for light in Light},
    )


def fold_of(patient_key: str, folds: int = FOLDS) -> int:
    """The fold of a patient, always the same: all records of one patient are in one."""
    return int(sha256_of(patient_key.encode()), 16) % folds


def out_of_fold(fields: Sequence[ReviewedField]) -> list[tuple[float, float]]:
    """Lower and upper probability of each reviewed field, from the reviews of other patients only.

    Args:
        fields: of one field name.
    """
    intervals = []
    cache: dict[tuple[int, float], tuple[float, float]] = {}
    for one in fields:
        key = (fold_of(one.patient_key), one.score)
        if key not in cache:
            others = [other for other in fields if fold_of(other.patient_key) != key[0]]
            cache[key] = venn_abers(
                [other.score for other in others], [other.is_right for other in others], one.score
            )
        intervals.append(cache[key])
    return intervals


def merged(intervals: Sequence[tuple[float, float]]) -> list[float]:
    """One probability an interval."""
    return [merged_probability(low, high) for low, high in intervals]


def _errors(fields: Sequence[ReviewedField], light: Light) -> Rate:
    of_light = [one for one in fields if one.light == light]
    return Rate(sum(not one.is_right for one in of_light), len(of_light))


def write_report(folder: Path, reports: Sequence[FieldReport], *, title: str) -> list[Path]:
    """Write `reliability.csv` and `reliability.png` to a folder made here; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    table, picture = folder / "reliability.csv", folder / "reliability.png"
    with table.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row for report in reports for row in _rows(report))
    _draw(picture, reports, title)
    return [table, picture]


def _rows(report: FieldReport) -> list[list[object]]:
    if report.after is None:
        return []
    rows: list[list[object]] = []
    for one in report.after.bins:
        if one.right.n:
            low, high = one.right.interval
            numbers = [round(number, 4) for number in (one.right.value, low, high)]
            rows.append(
                [report.field, one.low, one.high, one.right.n, round(one.mean, 4), one.right.hits, *numbers]
            )
    return rows


def _draw(target: Path, reports: Sequence[FieldReport], title: str) -> None:
    """One small diagram a field: mean probability against the share that was right, with Wilson intervals."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.4 * max(1, len(reports)), 3.6), layout="constrained")
    figure.suptitle(title, fontsize=10)
    for number, report in enumerate(reports, start=1):
        axes = figure.add_subplot(1, len(reports), number)
        axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="probability of being right", title=report.field)
        if number == 1:
            axes.set_ylabel("share that was right")
        if report.after is None:
            axes.text(0.5, 0.5, f"not yet calibrated\nn = {report.n}", ha="center", va="center")
            continue
        for one in report.after.bins:
            if one.right.n:
                low, high = one.right.interval
                axes.plot([one.mean, one.mean], [low, high], color="#22577a", linewidth=1)
                axes.plot([one.mean], [one.right.value], "o", color="#22577a", markersize=4)
                axes.annotate(str(one.right.n), (one.mean, low), fontsize=7, ha="center", va="top")
    figure.savefig(target, dpi=130)
