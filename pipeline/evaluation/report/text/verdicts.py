"""Every sentence that a reader of an evaluation sees, by the id that the parts carry."""

from __future__ import annotations

from typing import Final

# Verdict id -> sentence; `{name}` is a value of the verdict, formatted.
VERDICTS: Final = {
    "no_better_than_median": "The model is no better than answering the median for everybody.",
}
