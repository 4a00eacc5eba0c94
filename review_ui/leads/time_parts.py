"""The parts of the dashboard on time for a record and on the pull of a shown draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from db.quality.blind_arm import Anchoring
from db.quality.throughput import TimeSpent
from review_ui.leads import plots, words
from review_ui.leads.frame import aside, section, sentence
from review_ui.markup import Html, table
from review_ui.text import quality as text

_BIN_S: Final = 2
_MOST_BINS: Final = 20


def time_section(spent: Mapping[str, TimeSpent]) -> Html:
    """Medians and spread of active seconds by arm."""
    rows = [(text.ARMS[arm], words.seconds(of_arm.median_s)) for arm, of_arm in spent.items()]
    drawn = {arm: of_arm for arm, of_arm in spent.items() if of_arm.median_s.n >= words.LEAST}
    numbers = table((text.ARM, text.MEDIAN), rows, caption=text.TIME)
    arms = sorted(drawn, key=lambda arm: arm != "shown")[:2]
    if not arms:
        return section(text.TIME, aside(text.TIME_LINE), numbers)
    by_arm = {arm: _binned(drawn[arm].counts) for arm in arms}
    last = max(place for bins in by_arm.values() for place in bins)
    shares = [
        (_label(place), [by_arm[arm].get(place, 0) / drawn[arm].median_s.n for arm in arms])
        for place in range(last + 1)
    ]
    said = plots.Words(text.TIME, text.TIME_SAYS, x=text.TIME_AXIS)
    plot = plots.histogram(shares, said, series=[text.ARMS[arm] for arm in arms], every=2)
    spread = [(label, *(text.percent(share) for share in of_arms)) for label, of_arms in shares]
    details = table((text.TIME_AXIS, *(text.ARMS[arm] for arm in arms)), spread, caption=text.TIME_SAYS)
    return section(text.TIME, aside(text.TIME_LINE), numbers, plots.with_table(plot, details))


def anchoring_section(effects: Sequence[Anchoring]) -> Html:
    """How much oftener the answer is the draft's when the draft is seen."""
    rows = [
        (text.FIELDS[one.field], words.share(one.shown), words.share(one.hidden), _effect(one))
        for one in effects
    ]
    headings = (text.FIELD, text.EQUAL_SHOWN, text.EQUAL_HIDDEN, text.EFFECT)
    numbers = table(headings, rows, caption=text.ANCHORING_PLOT)
    return section(text.ANCHORING, aside(text.ANCHORING_LINE), numbers, wide=True)


def _effect(one: Anchoring) -> Html | str:
    fewer = min(one.shown.n, one.hidden.n)
    if fewer < words.LEAST:
        return sentence(text.TOO_LITTLE.format(n=fewer))
    return words.effect(one.effect)


def _binned(counts: Sequence[tuple[float, int]]) -> dict[int, int]:
    bins: dict[int, int] = {}
    for seconds, often in counts:
        place = min(int(seconds // _BIN_S), _MOST_BINS)
        bins[place] = bins.get(place, 0) + often
    return bins


def _label(place: int) -> str:
    low = place * _BIN_S
    return text.TIME_OVER.format(seconds=low) if place == _MOST_BINS else str(low)
