"""What came in and what was answered since the start, beside what was usual when the bundle was made."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.serving.answer import Answer
from pipeline.serving.messages.spoken import unreviewed
from pipeline.serving.watching.coverage import Held

_BINS: Final = 10
# Fewer answers lie apart from the reference by chance alone.
FEWEST: Final = 100
# The usual reading of the population stability index: below the first nothing moved, above the second look.
_CALM, _MOVED = 0.1, 0.25
_NAMES: Final = {"ef_percent": "EF", "rwma": "wall motion, as the models say it"}
_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:1rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:0 0 1.5rem}"
    ".look{font-weight:700;border-left:.3rem solid #c0392b;padding-left:.7rem}"
    "td,th{border-bottom:1px solid #8886;padding:.3rem .5rem;text-align:left}"
)


class Watch:
    """Counts of answers; nothing in it says whose.

    Args:
        bundle: its id.
        reference: head -> percentiles 0 to 100 of the out-of-fold answers; see `bundle.About`.
        held: what outcomes say of its intervals and sets; None where no answer is kept.
    """

    def __init__(
        self,
        bundle: str,
        reference: Mapping[str, Sequence[float]],
        held: Callable[[], Sequence[Held]] | None = None,
    ) -> None:
        self._bundle, self._held = bundle, held
        # Tenths of the reference: as many of its answers lie in each.
        self._edges = {
            head: np.asarray(values, np.float64)[10:100:10]
            for head, values in reference.items()
            if head in _NAMES and len(values) == 101
        }
        self._seen = {head: np.zeros(_BINS, np.int64) for head in self._edges}
        self._came_of: Counter[str] = Counter()
        self._referrals: Counter[str] = Counter()

    def note(self, answer: Answer) -> None:
        """One answer was given."""
        self._came_of[answer.retakes[0].reason if answer.retakes else "read"] += 1
        if answer.referral is not None:
            self._referrals[answer.referral] += 1
        for head, value in (("ef_percent", answer.ef_percent), ("rwma", answer.rwma_said)):
            if value is not None and head in self._edges:
                self._seen[head][int(np.searchsorted(self._edges[head], value, side="right"))] += 1

    def drift(self, head: str) -> float | None:
        """Population stability index of a head's answers against the reference; None for too few."""
        seen = self._seen[head]
        return None if seen.sum() < FEWEST else stability_index(seen)

    def held(self) -> Sequence[Held]:
        """What outcomes say; empty where no answer is kept."""
        return () if self._held is None else self._held()

    def page(self) -> str:
        """All of it as a page without script."""
        photos = sum(self._came_of.values())
        unread = ", ".join(unreviewed()) or "none"
        parts = [
            f"<h1>Watch</h1><p>Bundle {html.escape(self._bundle)}; {photos} photos since the start. "
            f"Sentences that no native speaker has signed: {html.escape(unread)}.</p>",
            _table("Photos", self._came_of, photos),
            _table("Referrals", self._referrals, sum(self._referrals.values())),
            "<h2>Answers beside the bundle's own</h2><table><tr><th>answer</th><th>photos</th>"
            "<th>stability index</th><th></th></tr>",
            *(self._drift_row(head) for head in self._edges),
            f"</table><p>Tenths of the out-of-fold answers are compared. Below {_CALM} nothing moved; above "
            f"{_MOVED} look at the photos and at who is sent here. From {FEWEST} photos on.</p>",
            self._outcomes(),
        ]
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Watch</title>'
            f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
            f"<body>{''.join(parts)}</body></html>"
        )

    def _outcomes(self) -> str:
        title = "<h2>Held against outcomes</h2>"
        if self._held is None:
            return f"{title}<p>Answers are not kept: none can be held against an echo (docs/serving.md).</p>"
        held = self._held()
        rows = "".join(
            f"<tr><td>{one.what}</td><td>{_promised(one)}</td>"
            f"<td>{one.said().replace(' %', '&nbsp;%')}</td><td>{_verdict(one)}</td></tr>"
            for one in held
        )
        if any(one.is_below for one in held):
            title += '<p class="look" role="alert">Holds less than was promised. See docs/serving.md.</p>'
        return (
            f"{title}<table><tr><th>what</th><th>promised</th><th>held (95 % interval)</th><th></th></tr>"
            f"{rows}</table><p>Of all photos whose outcome came back, not since the start; “as promised”: "
            "as far as this many can tell. Those who are sent on come back more often than others, so it "
            "says most about them.</p>"
        )

    def _drift_row(self, head: str) -> str:
        found, seen = self.drift(head), int(self._seen[head].sum())
        if found is None:
            return f"<tr><td>{_NAMES[head]}</td><td>{seen}</td><td>too few</td><td></td></tr>"
        reading = "look" if found > _MOVED else "as usual" if found < _CALM else "a little moved"
        return f"<tr><td>{_NAMES[head]}</td><td>{seen}</td><td>{found:.2f}</td><td>{reading}</td></tr>"


def _promised(one: Held) -> str:
    """Known from the answers that have an outcome; before the first nothing was held against it."""
    return f"{100 * one.promised:.0f}&nbsp;%" if one.promised else ""


def _verdict(one: Held) -> str:
    if not one.share.n:
        return ""
    return "below: look" if one.is_below else "as promised"


def stability_index(seen: NDArray[np.int64]) -> float:
    """Of counts in bins that each hold the same share of the reference; 0 for the same shares.

    Half a count is added to each bin, so that an empty one is not infinitely strange.
    """
    share = (seen + 0.5) / (seen.sum() + 0.5 * len(seen))
    usual = 1 / len(seen)
    return float(((share - usual) * np.log(share / usual)).sum())


def _table(title: str, counts: Counter[str], total: int) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(name.replace('_', ' '))}</td><td>{count}</td>"
        f"<td>{100 * count / total:.0f} %</td></tr>"
        for name, count in counts.most_common()
    )
    return f"<h2>{title}</h2><table>{rows or '<tr><td>none yet</td></tr>'}</table>"
