"""A person's own practice records. Nobody else's numbers ever stand here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from db.markup.elements import Child, Html, table
from db.quality.vigilance import Practice, catch_rate
from review_ui.leads import words
from review_ui.leads.frame import aside, section, sentence
from review_ui.text import quality as text

SHOWN_ROWS: Final = 50
_FEW: Final = 20


def practice_sections(records: Sequence[Practice]) -> list[Html]:
    """What the person noticed, and the records themselves."""
    title = text.PRACTICE_HEADING
    caught = catch_rate(list(records))
    if not records:
        return [section(title, aside(text.PRACTICE_LINE), sentence(text.VIGILANCE_NONE), wide=True)]
    rows = [_row(record) for record in list(reversed(records))[:SHOWN_ROWS]]
    headings = (text.RECORD, text.FIELD, text.SHOWN_VALUE, text.PAGE_VALUE, text.ANSWERED, text.CAUGHT)
    few = aside(text.PRACTICE_FEW) if 0 < caught.rate.n < _FEW else None
    void = aside(text.VIGILANCE_VOID.format(void=caught.void)) if caught.void else None
    line = sentence(_rate_words(records)) if caught.rate.n else None
    numbers = table(headings, rows, caption=text.PRACTICE_TABLE)
    return [section(title, aside(text.PRACTICE_LINE), line, few, numbers, void, wide=True)]


def _rate_words(records: Sequence[Practice]) -> str:
    rate = catch_rate(list(records)).rate
    return text.PRACTICE_RATE.format(
        caught=round(rate.value * rate.n),
        n=rate.n,
        share=text.percent(rate.value),
        low=text.percent(rate.low),
        high=text.percent(rate.high),
    )


def _row(record: Practice) -> tuple[Child, ...]:
    return (
        str(record.case_id),
        text.FIELDS.get(record.field, record.field),
        text.answer_in_words(record.shown),
        text.answer_in_words(record.truth) if record.has_label else text.NO_LABEL_YET,
        words.moment(record.answered_at, "day"),
        text.VOID if record.is_void else text.NOTICED[record.is_caught],
    )
