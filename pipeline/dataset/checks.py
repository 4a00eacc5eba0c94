"""What must be right before labels are frozen. Each check has a name by which a person can override it.

Two refusals cannot be overridden: real and synthetic rows together, and no rows at all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from db.fields.names import EF_NUMBERS
from db.fields.strata import EF_STRATA, ef_band
from pipeline.dataset.folds import FOLDS, in_two_folds
from pipeline.dataset.frozen import CheckResult
from pipeline.dataset.records import LabelRow

VIGILANCE_FLOOR: Final = 0.90
DEFAULT_MAX_DAYS: Final = 30
FEWEST_PATIENTS: Final = FOLDS
RWMA_CLASSES: Final = ("present", "absent")


@dataclass(frozen=True)
class Source:
    """What is known of the labels beyond their rows.

    Attributes:
        alike: pairs of pictures (SHA-256) that look alike and are not the same, found at intake.
        seeded: cases whose label repeats a deliberately wrong value in the hand of the person it was shown
            to.
        unreadable: picture (SHA-256) -> `missing`, `changed` or `undecodable`.
        no_ecg: pictures (SHA-256) that were looked at and show no ECG.
    """

    alike: Sequence[tuple[str, str]] = ()
    seeded: frozenset[int] = frozenset()
    unreadable: Mapping[str, str] = field(default_factory=dict)
    no_ecg: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Checked:
    """What the checks look at.

    Attributes:
        rows: those that would be frozen.
        undecided: of those that were asked for, how many differ or were sent back, and were not decided.
        folds: case -> fold.
        max_days: between ECG and echo.
        is_brought_in: the labels came in with a table: what only reviews can show is not asked.
    """

    rows: Sequence[LabelRow]
    undecided: int
    folds: Mapping[int, int]
    source: Source
    quality: Mapping[str, Any]
    max_days: int = DEFAULT_MAX_DAYS
    is_brought_in: bool = False


Check = Callable[[Checked], tuple[int, str]]


def run_checks(checked: Checked, *, overrides: Iterable[str] = ()) -> list[CheckResult]:
    """Every check in a fixed order.

    Args:
        overrides: names of checks that may fail.
    """
    allowed = set(overrides)
    left_out = OF_REVIEWS if checked.is_brought_in else OF_TABLES
    found = [(name, *check(checked)) for name, check in CHECKS.items() if name not in left_out]
    results = [CheckResult(name, not number, number, sentence) for name, number, sentence in found]
    return [replace(one, is_overridden=not one.is_passed and one.name in allowed) for one in results]


def stopping(results: Iterable[CheckResult]) -> list[CheckResult]:
    """The checks that failed and were not overridden."""
    return [one for one in results if not one.is_passed and not one.is_overridden]


def conflicts(checked: Checked) -> tuple[int, str]:
    """Readings that differ, and labels sent back to an adjudicator, that nobody has decided on."""
    return (
        checked.undecided,
        f"{_records(checked.undecided)} read differently or sent back, and not decided yet",
    )


def unreadable_images(checked: Checked) -> tuple[int, str]:
    """Stored pictures that are gone, changed or no picture any more."""
    used = {image.sha256 for row in checked.rows for image in row.images}
    reasons = Counter(reason for sha256, reason in checked.source.unreadable.items() if sha256 in used)
    found = reasons.total()
    listed = ", ".join(f"{number} {reason}" for reason, number in sorted(reasons.items()))
    return found, f"{_counted(found, 'stored picture')} cannot be read" + (f" ({listed})" if found else "")


def patients_apart(checked: Checked) -> tuple[int, str]:
    """One patient in two folds."""
    found = in_two_folds((row.patient_key, checked.folds[row.case_id]) for row in checked.rows)
    return found, f"{_counted(found, 'patient')} in two folds"


def pictures_apart(checked: Checked) -> tuple[int, str]:
    """One picture, or two that look alike, in two folds."""
    folds: dict[str, set[int]] = defaultdict(set)
    for row in checked.rows:
        for image in showing(row):
            folds[image].add(checked.folds[row.case_id])
    same = sum(len(places) > 1 for places in folds.values())
    alike = sum(
        len(folds[one] | folds[other]) > 1
        for one, other in checked.source.alike
        if one in folds and other in folds
    )
    return (
        same + alike,
        f"{_counted(same, 'picture')} in two folds, and {_counted(alike, 'pair')} of pictures that look "
        "alike",
    )


def class_counts(checked: Checked) -> tuple[int, str]:
    """Classes with fewer patients than folds: some fold would have none to learn from or to be judged by."""
    patients: dict[str, set[str]] = defaultdict(set)
    for row in checked.rows:
        patients[ef_band(row.findings)].add(row.patient_key)
        patients[f"rwma {row.findings['rwma']}"].add(row.patient_key)
    classes = (*EF_STRATA, *(f"rwma {answer}" for answer in RWMA_CLASSES))
    small = [name for name in classes if 0 < len(patients[name]) < FEWEST_PATIENTS]
    listed = ", ".join(f"{name.replace('_', ' ')} {len(patients[name])}" for name in small)
    return len(
        small
    ), f"{_counted(len(small), 'class', 'classes')} with fewer than {FEWEST_PATIENTS} patients" + (
        f" ({listed})" if small else ""
    )


def vigilance(checked: Checked) -> tuple[int, str]:
    """Whether practice drafts show that wrong values are noticed: lower end of the interval at least 0.90."""
    rate = (checked.quality.get("vigilance") or {}).get("rate") or {}
    low, count = rate.get("low"), int(rate.get("n") or 0)
    if low is None:
        return 1, "no practice draft was answered, so it is not known whether wrong values are noticed"
    share, asked = f"{100 * low:.1f} %", f"{100 * VIGILANCE_FLOOR:.0f} %"
    said = f"wrong values were noticed in at least {share} of practice drafts (95 % interval, n = {count})"
    return int(low < VIGILANCE_FLOOR), f"{said}; {asked} are asked for"


def seeded_values(checked: Checked) -> tuple[int, str]:
    """Labels that repeat a deliberately wrong value."""
    found = sum(row.case_id in checked.source.seeded for row in checked.rows)
    return found, f"{_records(found)} may carry the wrong value of a practice draft"


def far_pairs(checked: Checked) -> tuple[int, str]:
    """An ECG too many days from the echo to say anything about it."""
    days = [row.days_between for row in checked.rows if any(image.role == "ecg" for image in row.images)]
    found = sum(one is not None and abs(one) > checked.max_days for one in days)
    return found, f"{_records(found)} with an ECG more than {checked.max_days} days from the echo"


def ef_fractions(checked: Checked) -> tuple[int, str]:
    """An ejection fraction written as 0.55 instead of 55."""
    found = sum(any(_is_fraction(row.findings.get(name)) for name in EF_NUMBERS) for row in checked.rows)
    return found, f"{_records(found)} with an ejection fraction of 1 or less, as a share instead of percent"


def no_ecg(checked: Checked) -> tuple[int, str]:
    """ECG photographs on which no ECG is seen: a report, a screen, an empty sheet."""
    shown = {image.sha256 for row in checked.rows for image in row.images if image.role == "ecg"}
    found = len(shown & checked.source.no_ecg)
    return found, f"{_counted(found, 'ECG photograph')} on which no ECG is seen"


CHECKS: Final[Mapping[str, Check]] = {
    "conflicts": conflicts,
    "unreadable-images": unreadable_images,
    "patient-in-two-folds": patients_apart,
    "image-in-two-folds": pictures_apart,
    "class-counts": class_counts,
    "vigilance": vigilance,
    "seeded-values": seeded_values,
    "far-pairs": far_pairs,
    "ef-fraction": ef_fractions,
    "no-ecg": no_ecg,
}
# Those that ask how people read here.
OF_REVIEWS: Final = ("conflicts", "vigilance", "seeded-values")
# Photographs of records come with a report that people read; those of a table alone are looked at.
OF_TABLES: Final = ("no-ecg",)


def showing(row: LabelRow) -> list[str]:
    """The pictures of a row that show anything; a blank page is like every other."""
    return [image.sha256 for image in row.images if image.perceptual_hash.strip("0")]


def _is_fraction(value: float | None) -> bool:
    return value is not None and 0 < value <= 1


def _records(number: int) -> str:
    return _counted(number, "record")


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
