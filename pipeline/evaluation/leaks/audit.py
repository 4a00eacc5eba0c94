"""All checks of the leakage audit by name, and what they find about one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pipeline.evaluation.leaks.answers import (
    answers_are_the_labels,
    label_among_features,
    label_in_the_file,
    labels_changed,
    patients_counted_apart,
    record_answered_twice,
    records_left_unanswered,
)
from pipeline.evaluation.leaks.apart import (
    group_in_two_folds,
    near_picture_in_two_folds,
    patient_in_two_folds,
    patient_under_two_keys,
    picture_in_two_folds,
    recording_in_stage2_and_test,
)
from pipeline.evaluation.leaks.choices import (
    best_fold_quoted,
    calibration_fitted_on_test,
    quoted_number_not_from_answers,
    threshold_chosen_on_reported,
    views_chosen_on_test,
)
from pipeline.evaluation.leaks.evidence import Evidence
from pipeline.evaluation.leaks.finding import Answer, Check, Outcome, caught_if
from pipeline.evaluation.leaks.held_back import better_than_held_back
from pipeline.evaluation.leaks.learning import (
    answered_by_a_model_that_saw_it,
    epoch_chosen_on_test,
    epoch_not_the_best_held_back,
    learnt_from_test,
    preparation_fitted_across_folds,
    scaling_from_test,
    stopping_patient_also_learnt,
    weights_from_test,
)
from pipeline.evaluation.results import Severity, Verdict


def run_edited(evidence: Evidence) -> Answer:
    """A file of the run is not as it was sealed."""
    return caught_if(len(evidence.run_problems), first=next(iter(evidence.run_problems), ""))


def snapshot_edited(evidence: Evidence) -> Answer:
    """The snapshot is not as it was frozen, or its own folds part what belongs together."""
    return caught_if(len(evidence.snapshot_problems), first=next(iter(evidence.snapshot_problems), ""))


def another_snapshot(evidence: Evidence) -> Answer:
    """The run was trained on data of another hash."""
    frozen = evidence.snapshot_manifest["content_sha256"]
    stated = (evidence.data.get("content_sha256"), evidence.manifest.get("content_sha256"))
    return caught_if(sum(one != frozen for one in stated))


CHECKS: Final[Mapping[str, Check]] = {
    check.__name__: check
    for check in (
        patient_in_two_folds,
        group_in_two_folds,
        patient_under_two_keys,
        picture_in_two_folds,
        near_picture_in_two_folds,
        recording_in_stage2_and_test,
        learnt_from_test,
        answered_by_a_model_that_saw_it,
        weights_from_test,
        scaling_from_test,
        preparation_fitted_across_folds,
        epoch_chosen_on_test,
        epoch_not_the_best_held_back,
        stopping_patient_also_learnt,
        views_chosen_on_test,
        threshold_chosen_on_reported,
        calibration_fitted_on_test,
        best_fold_quoted,
        quoted_number_not_from_answers,
        label_among_features,
        label_in_the_file,
        answers_are_the_labels,
        better_than_held_back,
        record_answered_twice,
        patients_counted_apart,
        records_left_unanswered,
        labels_changed,
        run_edited,
        snapshot_edited,
        another_snapshot,
    )
}


@dataclass(frozen=True)
class Audit:
    """What every check answered.

    Attributes:
        answers: check -> its answer, in the order of `CHECKS`.
    """

    answers: Mapping[str, Answer]

    def named(self, outcome: Outcome) -> list[str]:
        """The checks with this outcome, in order."""
        return [name for name, answer in self.answers.items() if answer.outcome is outcome]


def audit(evidence: Evidence) -> Audit:
    """Ask every check; none of them writes, draws chances, or stops the others."""
    return Audit({name: check(evidence) for name, check in CHECKS.items()})


def leak_verdicts(found: Audit) -> list[Verdict]:
    """A fault for each leak; one note for what can't be decided."""
    faults = [
        Verdict(name, "leak", Severity.FAULT, found.answers[name].values)
        for name in found.named(Outcome.CAUGHT)
    ]
    open_ = found.named(Outcome.UNDECIDED)
    notes = [Verdict("leaks_undecided", "leak", Severity.NOTE, {"checks": open_})] if open_ else []
    return faults + notes
