"""Checks of what models learnt from, were weighed by and were stopped by, against who they are judged on."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.evaluation.leaks.evidence import Evidence, Row
from pipeline.evaluation.leaks.finding import CLEAN, Answer, caught, caught_if, undecided
from pipeline.training.run_folder import rows_sha256


def learnt_from_test(evidence: Evidence) -> Answer:
    """A model that learnt from other records than those its fold leaves it."""
    return _used(evidence, "learnt_from")


def weights_from_test(evidence: Evidence) -> Answer:
    """Rarity of an EF, or of a class, worked out from other records than those learnt from."""
    return _used(evidence, "weighed_from")


def epoch_chosen_on_test(evidence: Evidence) -> Answer:
    """A model stopped by records, or patients, that it is judged on."""
    if not evidence.validation:
        return undecided("not_recorded")
    shared = 0
    for fold, rows in evidence.stopped_by.items():
        judged = evidence.held_out.get(fold, set())
        shared += len(rows & judged)
        shared += len(_patients(evidence, rows - judged) & _patients(evidence, judged))
    if shared:
        return caught(n=shared)
    return _used(evidence, "stopped_by")


def epoch_not_the_best_held_back(evidence: Evidence) -> Answer:
    """The epoch that was kept is not the one that was best on the held-back records: something else chose."""
    epochs = {_name(one["data"]): one["metrics"].get("epoch") for one in evidence.models}
    if not evidence.metrics or not epochs:
        return undecided("not_recorded")
    wrong = 0
    for name, kept in epochs.items():
        rows = [row for row in evidence.metrics if _name(row) == name]
        least = min((row["validation_total"] for row in rows), default=None)
        wrong += kept not in [row["epoch"] for row in rows if row["validation_total"] == least]
    return caught_if(wrong, of=len(epochs))


def stopping_patient_also_learnt(evidence: Evidence) -> Answer:
    """A patient who both teaches a model and stops it: it stops too late, and thresholds chosen there lie."""
    if not evidence.validation:
        return undecided("not_recorded")
    return caught_if(
        sum(
            len(_patients(evidence, rows) & _patients(evidence, evidence.learnt_from(fold)))
            for fold, rows in evidence.stopped_by.items()
        )
    )


def scaling_from_test(evidence: Evidence) -> Answer:
    """A mean, a scale or a selection fitted to records beyond a fold's own training ones."""
    return _fitted(evidence, is_shared=False)


def preparation_fitted_across_folds(evidence: Evidence) -> Answer:
    """Something kept for all folds that was fitted to records: to those of every fold's test, then."""
    return _fitted(evidence, is_shared=True)


def answered_by_a_model_that_saw_it(evidence: Evidence) -> Answer:
    """Records answered in one fold while another fold's model is the one that never saw them."""
    recorded = {
        int(fold): one["held_out_sha256"]
        for fold, one in (evidence.data.get("folds") or {}).items()
        if "held_out_sha256" in one
    }
    if not recorded:
        return undecided("not_recorded")
    wrong = [
        fold
        for fold in sorted(recorded.keys() | evidence.held_out.keys())
        if rows_sha256(evidence.held_out.get(fold, set())) != recorded.get(fold)
    ]
    if wrong:
        return caught_if(len(wrong), of=len(recorded))
    return _used(evidence, "judged_on")


def _used(evidence: Evidence, what: str) -> Answer:
    """Whether each model used exactly the set of records that is its own."""
    models = [one["data"] for one in evidence.models if what in one["data"]]
    if not models:
        return undecided("not_recorded")
    wrong = [one[what] for one in models if one[what] != _own(evidence, what, int(one["fold"]))]
    return _named(evidence, wrong, len(models))


def _own(evidence: Evidence, what: str, fold: int) -> str:
    sets = {
        "judged_on": evidence.held_out.get(fold, set()),
        "stopped_by": evidence.stopped_by.get(fold, set()),
    }
    return rows_sha256(sets[what] if what in sets else evidence.learnt_from(fold))


def _named(evidence: Evidence, hashes: list[str], of: int) -> Answer:
    if not hashes:
        return CLEAN
    return caught(n=len(hashes), of=of, used=evidence.known_sets.get(hashes[0], "other records"))


def _fitted(evidence: Evidence, *, is_shared: bool) -> Answer:
    prepared = evidence.provenance.get("prepared")
    if prepared is None:
        return undecided("not_recorded")
    wrong = [hash_ for one in prepared for hash_ in _fitted_beyond(evidence, one, is_shared=is_shared)]
    return _named(evidence, wrong, len(prepared))


def _fitted_beyond(evidence: Evidence, step: Row, *, is_shared: bool) -> Iterator[str]:
    """The sets, by hash, that a step was fitted to and that are not its fold's training records."""
    fitted = step.get("fitted_on")
    if fitted is None or (step.get("kept_for") == "all folds") != is_shared:
        return
    if is_shared:
        yield fitted
        return
    yield from (
        hash_ for fold, hash_ in fitted.items() if hash_ != rows_sha256(evidence.learnt_from(int(fold)))
    )


def _name(row: Row) -> tuple[int, int]:
    return int(row["fold"]), int(row["seed"])


def _patients(evidence: Evidence, row_ids: set[str]) -> set[str]:
    return {evidence.label_of[row_id]["patient_id"] for row_id in row_ids if row_id in evidence.label_of}
