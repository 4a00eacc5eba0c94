"""From a field's score to the probability that it is right, learnt from reviewed records and kept in the
workspace.

A score orders fields by trust (`agreement.py`); only reviews can say how often fields of one score were
right. Each reader at each version has a calibration of its own, each field its own curve, and none below 200
reviews. People saw the draft when they decided, so some of what counts as right may be an error they did not
notice: see docs/agreement.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from db.errors import EchoDeskError
from db.fields.names import FIELDS
from db.files.manifest import sha256_of
from db.files.whole import whole_file
from db.measures.isotonic import venn_abers

# Fewer reviews of a field than this, and it is "not yet calibrated".
MIN_REVIEWS: Final = 200
CALIBRATION_VERSION: Final = "1"
METHOD: Final = "inductive Venn-Abers over isotonic fits, one a field"


@dataclass(frozen=True)
class ReviewedField:
    """One field of one draft, and what the person who reviewed it decided.

    Attributes:
        patient_key: whose; cross-fitting keeps a patient's records together.
        score: 0-1, from `agreement.decide_lights`.
        light: what the draft had.
        is_right: the draft's field equals the label.
    """

    review_id: int
    patient_key: str
    field: str
    score: float
    light: str
    is_right: bool


@dataclass(frozen=True)
class StoredCalibration:
    """A fitted calibration, as stored.

    Attributes:
        reader, reader_version: whose scores it speaks about.
        points: field -> [(score, is right)], sorted; what Venn-Abers needs is the reviews themselves.
        review_ids_sha256: hash of the ids of the reviews used, in order.
        reviews: how many reviews those are.
    """

    reader: str
    reader_version: str
    created_at: str
    reviews: int
    review_ids_sha256: str
    points: Mapping[str, Sequence[tuple[float, bool]]]
    method: str = METHOD
    version: str = CALIBRATION_VERSION

    def probability(self, field: str, score: float) -> tuple[float, float] | None:
        """Lower and upper probability that a field of this score is right; null below 200 reviews of it."""
        points = self.points.get(field, ())
        if len(points) < MIN_REVIEWS:
            return None
        return venn_abers([one for one, _ in points], [right for _, right in points], score)


def fit_calibration(
    fields: Sequence[ReviewedField], *, reader: str, reader_version: str, now: datetime
) -> StoredCalibration:
    """A calibration from every reviewed field, those with too few reviews included: they may grow.

    Raises:
        EchoDeskError: no field has enough reviews.
    """
    counts = {name: sum(one.field == name for one in fields) for name in FIELDS}
    if max(counts.values(), default=0) < MIN_REVIEWS:
        most = max(counts.values(), default=0)
        raise EchoDeskError(
            f"not yet calibrated: {most} of the {MIN_REVIEWS} reviews of drafts by {reader} "
            f"{reader_version} are there",
            "Review more of its drafts, then run this again. Until then the lights follow the rules of the "
            "table.",
        )
    ids = sorted({one.review_id for one in fields})
    points = {
        name: sorted((one.score, one.is_right) for one in fields if one.field == name)
        for name in FIELDS
        if counts[name]
    }
    return StoredCalibration(
        reader=reader,
        reader_version=reader_version,
        created_at=now.isoformat(),
        reviews=len(ids),
        review_ids_sha256=sha256_of(json.dumps(ids).encode()),
        points=points,
    )


def calibration_file(folder: Path, reader: str) -> Path:
    """Where the calibration of a reader is kept."""
    return folder / f"{re.sub(r'[^A-Za-z0-9_.-]', '_', reader)}.json"


def store_calibration(folder: Path, calibration: StoredCalibration) -> Path:
    """Write it, whole or not at all; an earlier one of the same reader is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    target = calibration_file(folder, calibration.reader)
    with whole_file(target, overwrite=True) as partial:
        partial.write_text(json.dumps(asdict(calibration), sort_keys=True) + "\n", encoding="utf-8")
    return target


def load_calibration(folder: Path, *, reader: str, reader_version: str) -> StoredCalibration | None:
    """The calibration for a reader at this very version; null when there is none or it is of another version.

    Raises:
        EchoDeskError: the file is there and can't be read.
    """
    path = calibration_file(folder, reader)
    if not path.is_file():
        return None
    try:
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        stored["points"] = {
            name: [(float(score), bool(right)) for score, right in points]
            for name, points in stored["points"].items()
        }
        calibration = StoredCalibration(**stored)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise EchoDeskError(
            f"the calibration in {path.name} can't be read", "Run `echodesk calibrate` again."
        ) from error
    is_ours = (calibration.reader_version, calibration.version) == (reader_version, CALIBRATION_VERSION)
    return calibration if is_ours else None
