"""Checks that what belongs together lies in one fold: patients, look-alikes, pictures, recordings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pipeline.evaluation.leaks.evidence import Evidence
from pipeline.evaluation.leaks.finding import Answer, caught_if, undecided


def patient_in_two_folds(evidence: Evidence) -> Answer:
    """A patient whom one model learnt from and another part of the run is judged on."""
    return caught_if(_split(evidence, _of_label(evidence, "patient_id")))


def group_in_two_folds(evidence: Evidence) -> Answer:
    """Look-alike records that the snapshot tied together, dealt apart."""
    return caught_if(_split(evidence, _of_label(evidence, "group_id")))


def picture_in_two_folds(evidence: Evidence) -> Answer:
    """The same photograph, byte for byte, under two records in two folds."""
    named = [
        (evidence.pictures[row["path"]][0], row["row_id"])
        for row in evidence.pairs
        if row["path"] in evidence.pictures
    ]
    if not named:
        return undecided("no_pictures")
    shown = [(row["image_id"], row["row_id"]) for row in evidence.pairs]
    return caught_if(max(_split(evidence, named), _split(evidence, shown)))


def near_picture_in_two_folds(evidence: Evidence) -> Answer:
    """The same page photographed twice: all strokes lie as those of one plane, and two folds hold them."""
    if evidence.same_pages is None:
        return undecided("nobody_looked")
    if not evidence.pictures:
        return undecided("no_pictures")
    folds: dict[str, set[int]] = defaultdict(set)
    for row in evidence.pairs:
        if row["row_id"] in evidence.fold_of:
            folds[row["path"]].add(evidence.fold_of[row["row_id"]])
    sha256 = {path: one for path, (one, _) in evidence.pictures.items()}
    apart = sum(
        sha256.get(one) != sha256.get(other) and len(folds[one] | folds[other]) > 1
        for one, other in evidence.same_pages
    )
    return caught_if(apart)


def patient_under_two_keys(evidence: Evidence) -> Answer:
    """One page, of a report or an ECG, under two patient names: most likely one person, counted as two."""
    patients: dict[str, set[str]] = defaultdict(set)
    for row in evidence.lineage:
        label = evidence.label_of.get(row["row_id"])
        for image in row["images"] if label else ():
            if not image["is_blank"] and label:
                patients[image["image_id"]].add(label["patient_id"])
    if not patients:
        return undecided("no_pictures")
    return caught_if(sum(len(names) > 1 for names in patients.values()))


def recording_in_stage2_and_test(evidence: Evidence) -> Answer:
    """A recording that taught the backbone and is judged on: its noise and beats are known already."""
    if "stage2" not in evidence.provenance:
        return undecided("not_recorded")
    stage2 = evidence.provenance["stage2"]
    if stage2 is None:
        return caught_if(0)
    if stage2.get("recordings") is None:
        return undecided("stage2_not_recorded")
    if evidence.recordings is None:
        return undecided("recordings_not_known")
    taught = {f"ptbxl-{int(number):05d}" for number in stage2["recordings"].split()}
    judged = {evidence.recordings.get(row["row_id"]) for row in evidence.predictions}
    return caught_if(len(taught & judged), of=len(judged))


def _of_label(evidence: Evidence, name: str) -> Iterable[tuple[str, str]]:
    return ((row[name], row["row_id"]) for row in evidence.labels)


def _split(evidence: Evidence, named: Iterable[tuple[str, str]]) -> int:
    """How many names (name, row id) lie in two folds of this run."""
    folds: dict[str, set[int]] = defaultdict(set)
    for name, row_id in named:
        if row_id in evidence.fold_of:
            folds[name].add(evidence.fold_of[row_id])
    return sum(len(places) > 1 for places in folds.values())
