"""The leakage audit in words: what each check looks for, what it says when it caught something."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Did anything leak?"
SAYS: Final = (
    "A leak is any way by which a model, or a choice, got to know the records that it is judged on. Each "
    "check below looks for one way, in what the run and the snapshot recorded and in the numbers "
    "themselves. “Cannot be decided” is no acquittal: what would have to be known was not recorded."
)
COUNTS: Final = "{caught} caught, {clean} clean, {undecided} that can’t be decided, of {all}."
TABLE: Final = "The checks"
HEADINGS: Final = ("looked for", "answer")
OUTCOMES: Final = {"caught": "CAUGHT", "clean": "clean", "cannot be decided": "cannot be decided: {reason}"}
REASONS: Final = {
    "no_pictures": "the snapshot has no pictures.",
    "nobody_looked": "nobody looked at the pictures.",
    "not_recorded": "the run did not record it.",
    "not_stated": "nothing was stated.",
    "recordings_not_known": "the recordings behind the pages are not known.",
    "stage2_not_recorded": "what stage 2 learnt from was not recorded.",
}

CHECKS: Final = {
    "patient_in_two_folds": "a patient both learnt from and judged on",
    "group_in_two_folds": "look-alike records in two folds",
    "patient_under_two_keys": "one page under two patients’ names",
    "picture_in_two_folds": "one photograph in two folds",
    "near_picture_in_two_folds": "one page photographed twice, in two folds",
    "recording_in_stage2_and_test": "a recording that taught the backbone and is judged on",
    "learnt_from_test": "a model that learnt from records it is judged on",
    "answered_by_a_model_that_saw_it": "a record answered by a model that had seen it",
    "weights_from_test": "loss weights worked out from records that are judged on",
    "scaling_from_test": "a scale or selection fitted to records that are judged on",
    "preparation_fitted_across_folds": "a preparation fitted to the records of all folds",
    "epoch_chosen_on_test": "a model stopped by records it is judged on",
    "epoch_not_the_best_held_back": "an epoch kept that was not the best on held-back records",
    "stopping_patient_also_learnt": "a patient who both teaches and stops a model",
    "views_chosen_on_test": "shifted views chosen on the reported records",
    "threshold_chosen_on_reported": "a threshold chosen on the reported records",
    "calibration_fitted_on_test": "probabilities or EFs fitted to the reported labels",
    "best_fold_quoted": "the best fold quoted as the result",
    "quoted_number_not_from_answers": "a quoted number that the predictions do not give",
    "label_among_features": "a label among what the model is given",
    "label_in_the_file": "a picture’s file name, size or place that tells the label",
    "answers_are_the_labels": "answers that know the labels",
    "better_than_held_back": "reported records answered much better than held-back ones",
    "record_answered_twice": "a record that counts twice",
    "patients_counted_apart": "records of one patient counted as those of several",
    "records_left_unanswered": "records learnt from and not reported",
    "labels_changed": "answers held against other labels than the frozen ones",
    "run_edited": "a run that was changed after it was sealed",
    "snapshot_edited": "a snapshot that was changed after it was frozen",
    "another_snapshot": "a run of other data than the snapshot",
}
CAUGHT: Final = "A leak: {what}. What stands on this page can’t be trusted. ({values})"
UNDECIDED: Final = "{number} of the checks for leaks can’t be decided; the table of leaks says which and why."
