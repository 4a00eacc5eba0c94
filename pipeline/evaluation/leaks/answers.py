"""Checks of the answers themselves: complete, each once, of the labels frozen, and not too good to be so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.labels import Rwma, RwmaSeverity
from db.measures.discrimination import auroc
from db.measures.proportions import exact_share
from pipeline.evaluation.leaks.columns import Columns, answered
from pipeline.evaluation.leaks.evidence import Evidence, Row
from pipeline.evaluation.leaks.finding import CLEAN, Answer, caught, caught_if, undecided

Floats = NDArray[np.float64]

# No picture of an ECG tells an EF, or wall motion, like this.
_TOO_HIGH_R: Final = 0.99
_TOO_HIGH_AUROC: Final = 0.999
# What can be said of a file without opening it should tell nothing.
_FILE_R: Final = 0.9
_FILE_AUROC: Final = 0.95
_FEWEST: Final = 20
# An answer this near to a label is taken to be it, points; and how sure one must be that it is no chance.
_SAME_POINTS: Final = 0.05
_SURE: Final = 1 - 1e-6
_LABELS: Final = ("ef", "rwma", "label", "severity", "walls", "stratum", "lv_function", "target")


def record_answered_twice(evidence: Evidence) -> Answer:
    """One record in two rows of the predictions: it counts twice, and as if independent."""
    counts = Counter(row["row_id"] for row in evidence.predictions)
    return caught_if(sum(n - 1 for n in counts.values()))


def patients_counted_apart(evidence: Evidence) -> Answer:
    """Records of one patient under other names than the snapshot's: intervals come out too narrow."""
    wrong = sum(
        evidence.label_of[row["row_id"]]["patient_id"] != row["patient_id"]
        for row in evidence.predictions
        if row["row_id"] in evidence.label_of
    )
    return caught_if(wrong)


def records_left_unanswered(evidence: Evidence) -> Answer:
    """Records that were learnt from and are not reported: the hard ones may be those."""
    missing = len(evidence.usable - evidence.fold_of.keys())
    strange = len(evidence.fold_of.keys() - evidence.label_of.keys())
    return caught_if(missing + strange, of=len(evidence.usable))


def labels_changed(evidence: Evidence) -> Answer:
    """Answers held against other labels than those frozen in the snapshot."""
    rows = [(row, evidence.label_of.get(row["row_id"])) for row in evidence.predictions]
    return caught_if(sum(label is not None and _differs(row, label) for row, label in rows), of=len(rows))


def _differs(row: Row, label: Row) -> bool:
    if row["ef_percent"] is not None and (
        label["ef_percent"] is None or abs(row["ef_percent"] - label["ef_percent"]) > 0.01
    ):
        return True
    is_mild = label["rwma_severity"] in (RwmaSeverity.NONE, RwmaSeverity.MILD)
    could_be = {1: label["rwma"] == Rwma.PRESENT and not is_mild, 0: is_mild}
    return row["rwma"] is not None and not could_be[int(row["rwma"])]


def label_among_features(evidence: Evidence) -> Answer:
    """A column of labels among what the model is given."""
    features = evidence.provenance.get("features")
    if features is None:
        return undecided("not_recorded")
    named = [name for name in features if any(part in name.lower() for part in _LABELS)]
    return caught_if(len(named), features=named)


def label_in_the_file(evidence: Evidence) -> Answer:
    """The file of a picture, its name, size or place, tells the label without being opened."""
    rows = [row for row in evidence.pairs if row["path"] in evidence.pictures]
    if len(rows) < _FEWEST:
        return undecided("no_pictures")
    ef, rwma = _labels_of(rows)
    for name, values in _of_files(evidence, rows):
        r, area = _tells(values, ef, rwma)
        if r >= _FILE_R or area >= _FILE_AUROC:
            return caught(feature=name, ef_r=r, rwma_auroc=area)
    return CLEAN


def _labels_of(rows: list[Row]) -> tuple[Floats, Floats]:
    ef = np.array([np.nan if row["ef_percent"] is None else row["ef_percent"] for row in rows], dtype=float)
    significant = (RwmaSeverity.MODERATE, RwmaSeverity.SEVERE)
    return ef, np.array([float(row["rwma_severity"] in significant) for row in rows])


def _of_files(evidence: Evidence, rows: list[Row]) -> Iterator[tuple[str, Floats]]:
    """What can be said of each file, as numbers: name -> shape [n]."""
    names = [PurePosixPath(row["path"]).name for row in rows]
    yield "bytes", np.array([float(evidence.pictures[row["path"]][1]) for row in rows])
    yield "pixels", np.array([float(row["width_px"] * row["height_px"]) for row in rows])
    yield "name, in order", np.argsort(np.argsort(names, kind="stable")).astype(float)
    yield "length of the name", np.array([float(len(name)) for name in names])
    yield "place in the table", np.arange(len(rows), dtype=float)
    for kind, words in (("ending", [PurePosixPath(name).suffix for name in names]),
                        ("site", [str(row["site"]) for row in rows])):  # fmt: skip
        for word in sorted(set(words))[:20]:
            yield f"{kind} {word}", np.array([float(one == word) for one in words])


def _tells(values: Floats, ef: Floats, rwma: Floats) -> tuple[float, float]:
    """|r| with EF and the AUROC of wall motion, in whichever direction; 0 where nothing varies."""
    known = np.isfinite(ef)
    r = 0.0
    if known.sum() >= _FEWEST and values[known].std() > 0 and ef[known].std() > 0:
        r = abs(float(np.corrcoef(values[known], ef[known])[0, 1]))
    area = auroc(values, rwma == 1)
    is_said = _FEWEST <= len(rwma) and min(rwma.sum(), len(rwma) - rwma.sum()) >= 10
    return r, max(area, 1 - area) if is_said and not np.isnan(area) else 0.0


def answers_are_the_labels(evidence: Evidence) -> Answer:
    """Answers that know the labels: all of them nearly, or more exactly right ones than chance gives."""
    columns = answered(evidence.predictions)
    r, area = _tells(columns.ef_said, columns.ef, np.zeros(0))[0], _area(columns)
    if r >= _TOO_HIGH_R or area >= _TOO_HIGH_AUROC:
        return caught(ef_r=r, rwma_auroc=area)
    wrong = np.abs(columns.ef_said - columns.ef)
    wrong = wrong[np.isfinite(wrong)]
    exact = int((wrong <= _SAME_POINTS).sum())
    # Answers that do not know them lie as densely at the label as close around it.
    around = int((wrong <= 100 * _SAME_POINTS).sum()) - exact
    usual = max(around / 99, 1.0) / max(len(wrong), 1)
    if exact and exact_share(exact, len(wrong), confidence=_SURE).low > usual:
        return caught(n=exact, of=len(wrong), expected=usual * len(wrong))
    return CLEAN


def _area(columns: Columns) -> float:
    known = columns.rwma >= 0
    positive = columns.rwma[known] == 1
    if min(positive.sum(), len(positive) - positive.sum()) < 10:
        return 0.0
    return auroc(columns.probability[known], positive)
