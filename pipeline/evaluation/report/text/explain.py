"""The sentences about one photograph's answer."""

from __future__ import annotations

from typing import Final

TITLE: Final = "One ECG photograph, explained"
NOT_A_DEVICE: Final = (
    "Research software, not a medical device. Where a model looks does not say why it answers, and nobody "
    "may be treated by this page."
)
EF: Final = "EF {ef:.0f} %"
EF_HELD: Final = "EF {ef:.0f} % (the networks say {raw:.0f}, which no heart has)"
INTERVAL: Final = "{target:.0%} interval {low:.0f} to {high:.0f} %"
INTERVAL_HELD: Final = " (in the evaluation such intervals held {held:.0%})"
NO_INTERVAL: Final = "no interval: the run has not been evaluated"
RWMA: Final = "significant wall-motion abnormality: {rwma:.2f}"
SPREAD: Final = (
    "Models of {folds} folds differ by {ef:.1f} EF points and {rwma:.2f} (standard deviation): how far they "
    "agree, not how sure they are. If this photograph was among those they learnt from, they know it."
)
HEADINGS: Final = ("model of fold", "EF, %", "RWMA")
WHAT_IF_HEADINGS: Final = ("the photograph", "EF, %", "RWMA")
WHAT_IFS: Final = {
    "as_it_is": "as it is",
    "trace_erased": "with its trace painted over",
    "paper_replaced": "its trace on other paper (of {pictures} the one that moves the answer most)",
}
WHAT_IF_NOTE: Final = (
    "The trace is estimated. A model that reads the waveform answers a page without one as it would answer "
    "anybody, and other paper in the same way."
)
HEADS: Final = {
    "ef": "what speaks for a lower EF",
    "rwma": "what speaks for a wall-motion abnormality",
}
HEAT_NOTE: Final = "LayerCAM at stride 8, mean of all models; bright is more."
PHOTO: Final = "the photograph"
SHOWN: Final = "what the models were shown"
COMPLAINTS: Final = "About the photograph itself"
