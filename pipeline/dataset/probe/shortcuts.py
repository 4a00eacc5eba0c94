"""Can the label be told from a photograph without its waveform? A probe for shortcuts a model would learn.

Colour, header strip, borders, size and compression are each tried by themselves and together, on groups that
were not learnt from, against permuted labels; and copies are looked for. Source: seed paper, "Two failure
modes".
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from db.measures.p_values import holm
from db.measures.separability import FOLDS, Separation, feature_separations, separation
from pipeline.dataset.probe.copies import Copies, find_copies
from pipeline.dataset.probe.features import FAMILIES, FEATURES, UnreadablePictureError, picture_features
from pipeline.dataset.records import LabelRow

# A class with fewer independent pictures than this is left out.
LEAST_PICTURES: Final = 10
LEVEL: Final = 0.05
PERMUTATIONS: Final = 199
FEATURE_PERMUTATIONS: Final = 999
RESAMPLES: Final = 500
# Of a snapshot: enough for an interval a few hundredths wide; more would hold up a freeze.
MOST_PICTURES: Final = 400


@dataclass(frozen=True)
class Picture:
    """One photograph with its label.

    Attributes:
        source: a file, or its bytes.
        group: what must not be parted (a patient); empty where each picture stands for itself.
        perceptual_hash: hex; empty where there is none, near copies are then not found.
    """

    source: Path | bytes
    label: str
    group: str = ""
    perceptual_hash: str = ""


@dataclass(frozen=True)
class ProbeCheck:
    """One answer of the probe, in the form of `db.labels.Check`: score 0-1, low is suspicious."""

    name: str
    score: float
    is_issue: bool
    reason: str


@dataclass(frozen=True)
class Probe:
    """What was found.

    Attributes:
        pictures: label -> how many were looked at; left_out: labels with too few independent ones, and how
            many.
        classes: the labels told apart, in the order of `Separation.by_class`.
        unreadable: places of pictures that could not be opened.
        families: family, or `all`, -> how well it tells the labels; p corrected over families (Holm).
        features: feature -> (AUROC of the class it tells best, p corrected over all features).
        checks: the answers.
    """

    pictures: dict[str, int]
    left_out: dict[str, int]
    classes: tuple[str, ...]
    unreadable: tuple[int, ...]
    copies: Copies
    families: dict[str, Separation]
    features: dict[str, tuple[float, float]]
    checks: tuple[ProbeCheck, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not any(check.is_issue for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """The probe as plain JSON, without anything that names a picture."""
        families = {}
        for name, one in self.families.items():
            plain = asdict(one) | {"by_class": dict(zip(self.classes, one.by_class, strict=True))}
            families[name] = {key: None if _is_nan(value) else value for key, value in plain.items()}
        copies = asdict(self.copies)
        copies.pop("groups")
        return {
            "pictures": self.pictures,
            "left_out": self.left_out,
            "unreadable": len(self.unreadable),
            "copies": copies,
            "families": families,
            "features": {name: {"auroc": value, "p": p} for name, (value, p) in self.features.items()},
            "checks": [asdict(check) for check in self.checks],
            "is_clean": self.is_clean,
        }


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def probe_pictures(
    pictures: Iterable[Picture],
    *,
    seed: int = 0,
    permutations: int = PERMUTATIONS,
    resamples: int = RESAMPLES,
) -> Probe:
    """Try to tell the labels without the waveform.

    Copies and near copies count as one group. A family is an issue where the whole interval of its AUROC lies
    above 0.5 and its p, corrected over the families, is at most 0.05.
    """
    kept: list[Picture] = []
    data: list[bytes] = []
    rows = []
    unreadable = []
    for place, picture in enumerate(pictures):
        try:
            read = picture.source if isinstance(picture.source, bytes) else picture.source.read_bytes()
            rows.append(picture_features(read))
        except (OSError, UnreadablePictureError):
            unreadable.append(place)
            continue
        kept.append(picture)
        data.append(read)
    labels = [picture.label for picture in kept]
    groups = [picture.group or f"#{place}" for place, picture in enumerate(kept)]
    copies = find_copies(data, labels, groups, [picture.perceptual_hash for picture in kept])
    wide_enough, left_out = _classes(labels, copies.groups)
    chosen = [place for place, label in enumerate(labels) if label in wide_enough]
    families: dict[str, Separation] = {}
    features: dict[str, tuple[float, float]] = {}
    if len(wide_enough) > 1:
        inputs = np.array([rows[place] for place in chosen])
        targets = np.array([wide_enough.index(labels[place]) for place in chosen])
        apart = np.array([copies.groups[place] for place in chosen])
        families = _families(
            inputs, targets, apart, seed=seed, permutations=permutations, resamples=resamples
        )
        singly = feature_separations(inputs, targets, apart, seed=seed, permutations=FEATURE_PERMUTATIONS)
        features = dict(zip(FEATURES, singly, strict=True))
    return Probe(
        pictures=dict(sorted(Counter(labels).items())),
        left_out=left_out,
        classes=tuple(wide_enough),
        unreadable=tuple(unreadable),
        copies=copies,
        families=families,
        features=features,
        checks=(*_family_checks(families, wide_enough), *_copy_checks(copies, len(kept))),
    )


def _classes(labels: Sequence[str], groups: Sequence[int]) -> tuple[list[str], dict[str, int]]:
    """Labels with enough independent pictures, and the others with their numbers."""
    independent = Counter(label for label, _ in set(zip(labels, groups, strict=True)))
    enough = sorted(label for label, number in independent.items() if number >= max(LEAST_PICTURES, FOLDS))
    return enough, {label: number for label, number in sorted(independent.items()) if label not in enough}


def _families(
    inputs: np.ndarray,
    targets: np.ndarray,
    groups: np.ndarray,
    *,
    seed: int,
    permutations: int,
    resamples: int,
) -> dict[str, Separation]:
    chosen = {**FAMILIES, "all": FEATURES}
    return {
        name: separation(
            inputs[:, [FEATURES.index(feature) for feature in features]],
            targets,
            groups,
            seed=seed,
            permutations=permutations,
            resamples=resamples,
        )
        for name, features in chosen.items()
    }


def _family_checks(families: dict[str, Separation], classes: Sequence[str]) -> list[ProbeCheck]:
    checks = []
    for (name, found), p in zip(families.items(), holm([one.p for one in families.values()]), strict=True):
        is_issue = found.low > 0.5 and p <= LEVEL
        what = "everything but the waveform" if name == "all" else name
        best = max(range(len(classes)), key=lambda place: found.by_class[place])
        reason = (
            f"AUROC {found.auroc:.2f} ({found.low:.2f} to {found.high:.2f}) from {what} alone, n {found.n}; "
            f"best for “{classes[best]}”, {found.by_class[best]:.2f}. 95 % of permuted labels stay below "
            f"{found.chance:.2f}, p {p:.3f}."
        )
        score = 1 - 2 * max(0.0, found.auroc - 0.5)
        checks.append(ProbeCheck(f"label_from_{name}", round(score, 4), is_issue, reason))
    return checks


def _copy_checks(copies: Copies, pictures: int) -> list[ProbeCheck]:
    alike = f"{copies.near_pairs} pairs look alike, {copies.near_across} of them under two labels."
    same = (
        f"{copies.byte_copies} of {pictures} pictures repeat another byte for byte; {copies.byte_across} "
        "pictures are under two labels."
    )
    share = copies.byte_copies / pictures if pictures else 0.0
    crowded = min(1.0, copies.near_pairs / pictures) if pictures else 0.0
    return [
        ProbeCheck("byte_copies", round(1 - share, 4), copies.byte_copies > 0, same),
        ProbeCheck("near_copies", round(1 - math.sqrt(crowded), 4), copies.near_pairs > 0, alike),
    ]


def shortcut_figures(
    rows: Sequence[LabelRow], path_of: Callable[[str], Path], *, most: int = MOST_PICTURES
) -> dict[str, Any]:
    """Whether wall motion can be told from the rows' ECG photographs without their waveform.

    Keys as in `Probe.as_json`; numbers rounded, so that the same pictures give the same bytes. Of more than
    `most` pictures an even choice by case is looked at. Empty without any.

    Args:
        path_of: the SHA-256 of a stored picture -> its file.
    """
    pictures = [
        Picture(path_of(image.sha256), str(row.findings["rwma"]), row.patient_key, image.perceptual_hash)
        for row in sorted(rows, key=lambda one: one.case_id)
        if row.findings["rwma"] in ("present", "absent")
        for image in row.images
        if image.role == "ecg"
    ]
    if not pictures:
        return {}
    step = -(-len(pictures) // most)
    figures = _rounded(probe_pictures(pictures[::step]).as_json())
    return {"label": "rwma", "of_pictures": len(pictures), **figures}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return round(value, 3) if isinstance(value, float) else value
