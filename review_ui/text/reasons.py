"""Why a card has its light, where no check has a sentence of its own."""

from __future__ import annotations

from typing import Final

UNSURE: Final = "The reader is not sure of this. Please compare it with the page."
NEEDS_AN_ANSWER: Final = "The reader could not settle this. Please answer from the page."
# By the code of the stored reason (`db.labels.ReasonCode`); `{ours}` and `{theirs}` are values as printed.
REASONS: Final = {
    "several_patients": (
        "The pages seem to be of different patients. Please answer from this patient's page alone, or skip "
        "the record."
    ),
    "value_unreadable": NEEDS_AN_ANSWER,
    "no_evidence": "The reader gave this without quoting the page. Please answer from the page.",
    "invented": "The reader gave the same answer with these words covered, so it may not come from the page.",
    "digits_differ": "The reader read {ours}; the words at that place have {page}.",
    "readers_differ": "The two readers differ: one read {ours}, the other {theirs}.",
    "second_look_differs": "A second look at the same place gave another answer.",
    "found_by_other": "One reader found nothing here; another read {theirs}.",
    "orders_in_text": (
        "Some words on this page speak to a reading program. Please compare the answer with the page."
    ),
    "quote_not_found": "The quoted words were not found on the page.",
    "missed_by_other": "Only one of the readers found this.",
    "unsure": UNSURE,
    "often_wrong": "Answers like this one needed correction before. Please compare it with the page.",
}
NUMBER_NOT_THERE: Final = "The number does not stand at the quoted place."
DETAILS_DIFFER: Final = {
    "walls": "The readers name different walls.",
    "severity": "The readers differ in the grade: one read {ours}, the other {theirs}.",
    "operator": "The readers differ in the sign: one read {ours}, the other {theirs}.",
    "range": "One reader read {ours}, the other {theirs}.",
}
