"""Leaks and shortcuts planted in a copy of what is recorded about a run, in any strength; pure functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.evaluation.leaks.choices import measured
from pipeline.evaluation.leaks.evidence import Evidence, Row


def _with_answers(evidence: Evidence, change: Callable[[dict[str, Any], int], None]) -> Evidence:
    rows = [dict(row) for row in evidence.predictions]
    for place, row in enumerate(rows):
        change(row, place)
    return replace(evidence, predictions=rows)


def _drawn(evidence: Evidence, share: float, rng: np.random.Generator) -> set[int]:
    n = len(evidence.predictions)
    return set(rng.permutation(n)[: round(share * n)].tolist())


def labels_leak(evidence: Evidence, share: float, rng: np.random.Generator) -> Evidence:
    """A share of the records is answered with its own label."""
    chosen = _drawn(evidence, share, rng)

    def change(row: dict[str, Any], place: int) -> None:
        if place in chosen and row["ef_percent"] is not None:
            row["ef_percent_predicted"] = row["ef_percent"]
        if place in chosen and row["rwma"] is not None:
            row["rwma_probability"] = 0.98 if row["rwma"] else 0.02

    return _with_answers(evidence, change)


def answers_lean(evidence: Evidence, share: float, rng: np.random.Generator) -> Evidence:
    """All answers lean to the labels by a share of their error, as those of a model that learnt from them."""
    del rng

    def change(row: dict[str, Any], place: int) -> None:
        del place
        for said, truth in (("ef_percent_predicted", "ef_percent"), ("rwma_probability", "rwma")):
            if row[truth] is not None:
                row[said] += share * (row[truth] - row[said])

    return _with_answers(evidence, change)


def site_codes_label(evidence: Evidence, share: float, rng: np.random.Generator) -> Evidence:
    """The ill are sent to the last site in four of five times; answers are that share the site's own rate."""
    names = sorted({str(row["site"]) for row in evidence.labels})
    if len(names) < 2 or not share:
        return evidence
    is_ill = {row["row_id"]: row["rwma"] == 1 for row in evidence.predictions}
    moved = {
        row_id: names[-1] if (rng.random() < 0.8) is ill else names[0]
        for row_id, ill in sorted(is_ill.items())
    }
    labels = [{**row, "site": moved.get(row["row_id"], row["site"])} for row in evidence.labels]
    rates = {
        name: float(np.mean([ill for row_id, ill in is_ill.items() if moved[row_id] == name] or [0.5]))
        for name in set(moved.values())
    }

    def change(row: dict[str, Any], place: int) -> None:
        del place
        row["rwma_probability"] += share * (rates[moved[row["row_id"]]] - row["rwma_probability"])

    return replace(_with_answers(evidence, change), labels=labels)


def patients_split(evidence: Evidence, number: float, rng: np.random.Generator) -> Evidence:
    """So many records are another fold's patient's, too."""
    order = rng.permutation(len(evidence.labels))
    labels = [dict(row) for row in evidence.labels]
    done = 0
    for place in order:
        row, other = labels[place], labels[order[done]]
        if done == int(number):
            break
        if _fold(evidence, row) != _fold(evidence, other):
            row["patient_id"] = other["patient_id"]
            done += 1
    return replace(evidence, labels=labels)


def pictures_copied(evidence: Evidence, number: float, rng: np.random.Generator) -> Evidence:
    """So many photographs stand in for another fold's, byte for byte."""
    rows = [row for row in evidence.pairs if row["path"] in evidence.pictures]
    pictures = dict(evidence.pictures)
    order = rng.permutation(len(rows))
    done = 0
    for place in order:
        row, other = rows[place], rows[order[done]]
        if done == int(number):
            break
        if _fold(evidence, row) != _fold(evidence, other):
            pictures[row["path"]] = pictures[other["path"]]
            done += 1
    return replace(evidence, pictures=pictures)


def hard_ones_dropped(evidence: Evidence, number: float, rng: np.random.Generator) -> Evidence:
    """So many of the worst misses are not reported."""
    del rng

    def miss(row: Row) -> float:
        return 0.0 if row["ef_percent"] is None else abs(row["ef_percent_predicted"] - row["ef_percent"])

    ranked = sorted(evidence.predictions, key=miss, reverse=True)
    dropped = {row["row_id"] for row in ranked[: int(number)]}
    return replace(
        evidence, predictions=[row for row in evidence.predictions if row["row_id"] not in dropped]
    )


def best_fold(evidence: Evidence, share: float, rng: np.random.Generator) -> Evidence:
    """The AUROC that is quoted lies that share of the way from all records to the best fold."""
    del rng
    pooled, folds = measured(evidence, "rwma_auroc")
    best = float(np.nanmax(list(folds.values())))
    return replace(evidence, headline={"rwma_auroc": pooled + share * (best - pooled)})


def _fold(evidence: Evidence, row: Row) -> int | None:
    return evidence.fold_of.get(row["row_id"])
