"""Three small pictures for the dataset card, as SVG: ejection fractions, the flow of records, the folds.

Each paints its own ground and follows the reader's light or dark setting. The same rows give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Final

from db.fields.columns import EF_STATES, RWMA
from db.fields.strata import EF_STRATA
from pipeline.dataset.frozen import Frozen

WIDTH: Final = 720
_LIGHT: Final = {
    "ground": "#ffffff", "ink": "#1f2328", "faint": "#59636e", "rule": "#d1d9e0", "box": "#f6f8fa",
    "c0": "#b6d4ee", "c1": "#6aa5d8", "c2": "#2a6fb0", "c3": "#0b3a69", "c4": "#c9c9c9", "c5": "#8a8a8a",
}  # fmt: skip
_DARK: Final = {
    "ground": "#0d1117", "ink": "#e6edf3", "faint": "#9198a1", "rule": "#3d444d", "box": "#161b22",
    "c0": "#1f4468", "c1": "#2f6fab", "c2": "#6fb1ea", "c3": "#d3e9fb", "c4": "#4b4f55", "c5": "#85898f",
}  # fmt: skip
_STRATA: Final = (*EF_STRATA, *EF_STATES[1:])
# Of the colours above: bands darken as the heart gets worse, silence is grey.
_STRATUM_CLASS: Final = dict(zip(_STRATA, ("c0", "c1", "c2", "c3", "c4", "c5"), strict=True))
_RWMA_CLASS: Final = dict(zip(RWMA, ("c2", "c0", "c4", "c5"), strict=True))
_BIN_PERCENT: Final = 5
_BANDS: Final = ((0, "severely_reduced"), (30, "moderately_reduced"), (40, "mildly_reduced"), (50, "normal"))


class Drawing:
    """Shapes and words on a ground, collected as SVG."""

    def __init__(self, title: str, description: str, height: float) -> None:
        self._title, self._description, self.height = title, description, height
        self._parts: list[str] = []

    def rect(self, left: float, top: float, width: float, height: float, look: str) -> None:
        """A box; `look` is a class of the style sheet."""
        size = f'width="{_n(width)}" height="{_n(height)}"'
        self._parts.append(f'<rect class="{look}" x="{_n(left)}" y="{_n(top)}" {size}/>')

    def line(self, *points: tuple[float, float], look: str = "line") -> None:
        """A line through points."""
        at = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self._parts.append(f'<polyline class="{look}" points="{at}"/>')

    def text(self, x: float, y: float, said: str, *, look: str = "ink", anchor: str = "start") -> None:
        """One line of words; `y` is its baseline."""
        self._parts.append(
            f'<text class="{look}" x="{_n(x)}" y="{_n(y)}" '
            f'text-anchor="{anchor}">{escape(_visible(said))}</text>'
        )

    def svg(self) -> bytes:
        """The file."""
        size = f'width="{WIDTH}" height="{_n(self.height)}" viewBox="0 0 {WIDTH} {_n(self.height)}"'
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title '
            'description">\n'
            f'<title id="title">{escape(self._title)}</title>\n'
            f'<desc id="description">{escape(self._description)}</desc>\n<style>\n{_style()}</style>\n'
        )
        ground = f'<rect class="ground" width="{WIDTH}" height="{_n(self.height)}"/>'
        return (head + "\n".join([ground, *self._parts]) + "\n</svg>\n").encode()


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _visible(text: str) -> str:
    """Without characters that XML does not allow."""
    return "".join(letter for letter in text if letter >= " " and not 0xD800 <= ord(letter) <= 0xDFFF)


def _style() -> str:
    fixed = (
        "text { font: 14px system-ui, sans-serif } .small { font-size: 12px } .head { font-weight: 600 }\n"
        ".line { fill: none; stroke-width: 1 } .edge { stroke-width: 1 }\n"
    )
    return fixed + _colours(_LIGHT) + "@media (prefers-color-scheme: dark) {\n" + _colours(_DARK) + "}\n"


def _colours(of: dict[str, str]) -> str:
    classes = "".join(
        f".{name} {{ fill: {of[name]} }}\n" for name in ("ground", "c0", "c1", "c2", "c3", "c4", "c5")
    )
    return (
        classes
        + f".ink, .head {{ fill: {of['ink']} }} .small {{ fill: {of['faint']} }}\n"
        + f".line {{ stroke: {of['rule']} }} .arrow {{ fill: none; stroke: {of['faint']} }}\n"
        + f".edge {{ fill: {of['box']}; stroke: {of['rule']} }}\n"
    )


def ef_histogram(frozen: Frozen) -> bytes:
    """How often each ejection fraction occurs, in steps of 5 points, coloured by band."""
    values = [float(row["ef_percent"]) for row in frozen.labels if row["ef_percent"] is not None]
    states = Counter(row["ef_state"] for row in frozen.labels)
    silent = f"not stated: {states['not_stated']:,}, unreadable: {states['unreadable']:,}"
    bins = Counter(int(value // _BIN_PERCENT) * _BIN_PERCENT for value in values)
    most = max(bins.values(), default=1)
    drawing = Drawing(
        "Ejection fractions", f"{len(values)} labels with a number; {silent}. {_listed_bins(bins)}", 320
    )
    drawing.text(16, 28, "Ejection fraction, percent", look="head")
    drawing.text(WIDTH - 16, 28, f"n = {len(values):,} with a number; {silent}", look="small", anchor="end")
    left, bottom, height, step = 40.0, 256.0, 190.0, (WIDTH - 64) / (100 / _BIN_PERCENT)
    for start in range(0, 100, _BIN_PERCENT):
        count, x = bins[start], left + step * start / _BIN_PERCENT
        if count:
            tall = height * count / most
            drawing.rect(x + 1, bottom - tall, step - 2, tall, _STRATUM_CLASS[_band(start)])
            drawing.text(x + step / 2, bottom - tall - 5, f"{count:,}", look="small", anchor="middle")
    drawing.line((left, bottom), (left + step * 100 / _BIN_PERCENT, bottom))
    for mark in range(0, 101, 10):
        drawing.text(left + step * mark / _BIN_PERCENT, bottom + 18, str(mark), look="small", anchor="middle")
    _legend(drawing, 40, 302, [(name, _STRATUM_CLASS[name]) for name in reversed(EF_STRATA)])
    return drawing.svg()


def _band(percent: float) -> str:
    return [name for start, name in _BANDS if percent >= start][-1]


def _listed_bins(bins: Counter[int]) -> str:
    return ", ".join(
        f"{start} to below {start + _BIN_PERCENT}: {count}" for start, count in sorted(bins.items())
    )


def exclusion_flow(frozen: Frozen) -> bytes:
    """From the records that were registered to the labels and pairs that were frozen."""
    left = frozen.registered
    begin = "rows of the table" if frozen.brought else "registered"
    steps = [(begin, left)]
    drawing = Drawing(
        "Flow of records",
        f"{left} {begin}; " + "; ".join(f"{one.reason}: {one.cases}" for one in frozen.exclusions),
        48 + 72 * len(frozen.exclusions) + 80,
    )
    drawing.text(16, 28, "Flow of records", look="head")
    for place, one in enumerate(frozen.exclusions):
        left -= one.cases
        is_last = place == len(frozen.exclusions) - 1
        steps.append(("labels frozen" if is_last else "left", left))
        beside = 48 + 72 * place + 56.0
        drawing.line((150, beside - 16), (150, beside + 16), look="arrow")
        drawing.line((150, beside), (320, beside), look="arrow")
        drawing.rect(320, beside - 14, 384, 28, "edge")
        drawing.text(332, beside + 4, f"{one.reason[:52]}: {one.cases:,}", look="small")
    for place, (said, cases) in enumerate(steps):
        drawing.rect(16, 48 + 72 * place, 268, 40, "edge")
        look = "head" if place == len(steps) - 1 else "ink"
        drawing.text(150, 73 + 72 * place, f"{cases:,} {said}", look=look, anchor="middle")
    photographs = f"with {len(frozen.pairs):,} ECG photographs"
    drawing.text(150, drawing.height - 18, photographs, look="small", anchor="middle")
    return drawing.svg()


def fold_balance(frozen: Frozen) -> bytes:
    """Shares of ejection-fraction bands and of wall-motion answers in every fold."""
    folds = sorted({row["fold"] for row in frozen.labels})
    drawing = Drawing("Balance of the folds", _listed_folds(frozen, folds), 152 + 30 * len(folds))
    for left, heading, column, looks in (
        (56.0, "Ejection fraction in bands", "ef_stratum", _STRATUM_CLASS),
        (404.0, "Regional wall motion", "rwma", _RWMA_CLASS),
    ):
        drawing.text(left, 28, heading, look="head")
        for place, fold in enumerate(folds):
            rows = [row[column] for row in frozen.labels if row["fold"] == fold]
            top, x = 44.0 + 30 * place, left
            counts = Counter(rows)
            for answer, look in looks.items():
                wide = 300 * counts[answer] / len(rows)
                if counts[answer]:
                    drawing.rect(x, top, max(wide - 1, 0.5), 20, look)
                x += wide
    for place, fold in enumerate(folds):
        rows_here = sum(row["fold"] == fold for row in frozen.labels)
        drawing.text(16, 59 + 30 * place, f"{fold}", look="ink")
        drawing.text(384, 59 + 30 * place, f"{rows_here:,}", look="small", anchor="middle")
    below = 44 + 30 * len(folds)
    drawing.text(16, below + 12, "fold", look="small")
    drawing.text(384, below + 12, "labels", look="small", anchor="middle")
    for left, looks, columns in ((56.0, _STRATUM_CLASS, 2), (404.0, _RWMA_CLASS, 2)):
        entries = list(looks.items())
        for row in range(0, len(entries), columns):
            _legend(drawing, left, below + 40 + 22 * row / columns, entries[row : row + columns])
    return drawing.svg()


def _listed_folds(frozen: Frozen, folds: Sequence[int]) -> str:
    said = []
    for fold in folds:
        counts = Counter(row["ef_stratum"] for row in frozen.labels if row["fold"] == fold)
        listed = ", ".join(f"{name.replace('_', ' ')} {counts[name]}" for name in _STRATA if counts[name])
        said.append(f"fold {fold}: {listed}")
    return "; ".join(said)


def _legend(drawing: Drawing, left: float, y: float, entries: Sequence[tuple[str, str]]) -> None:
    """What the colours mean, side by side in columns of equal width."""
    for place, (name, look) in enumerate(entries):
        x = left + 155 * place
        drawing.rect(x, y - 10, 12, 12, look)
        drawing.text(x + 17, y, name.replace("_", " "), look="small")
