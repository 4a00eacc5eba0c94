"""The parts of the dashboard on corrections: rates with intervals by field and group, and confusion maps."""

from __future__ import annotations

from typing import Final

from db.fields.names import ANSWERS
from db.markup.elements import Html, element, table
from db.markup.plots import Words
from db.measures.estimate import Estimate
from db.quality.corrections import CLASSES, GROUPS, Corrections
from review_ui.leads import plots, words
from review_ui.leads.frame import aside, section
from review_ui.text import quality as text

MOST_GROUPS: Final = 12


def correction_section(found: Corrections) -> Html:
    """How often labels differ from their drafts: by field, then by reader, layout and site."""
    rates = [(text.FIELDS[field], words.drawable(found.rate(field))) for field in ANSWERS]
    said = text.CORRECTIONS_PLOT_SAYS.format(n=found.records)
    plot = plots.bars_with_intervals(rates, Words(text.CORRECTIONS_PLOT, said))
    rows = [(text.FIELDS[field], words.share(found.rate(field))) for field in ANSWERS]
    numbers = table((text.FIELD, text.RATE), rows, caption=text.CORRECTIONS_PLOT)
    by_group = [_by(found, group) for group in GROUPS]
    return section(
        text.CORRECTIONS, aside(text.CORRECTIONS_LINE), plots.with_table(plot, numbers), by_group, wide=True
    )


def confusion_section(found: Corrections) -> Html:
    """One map a field."""
    maps = [_map(found, field) for field in CLASSES]
    grid = element("div", maps, class_="grid")
    return section(text.CONFUSION, aside(text.CONFUSION_LINE), grid, wide=True)


def _by(found: Corrections, group: str) -> Html:
    by_field = {field: dict(found.rates_by(group, field)) for field in ANSWERS}
    names = [name for name, _ in found.rates_by(group, ANSWERS[0])]
    rows = [
        (
            (name.replace("_", " ") if group == "layout" else name) or text.UNNAMED,
            f"{by_field[ANSWERS[0]][name].n:,}",
            *(_short(by_field[field][name]) for field in ANSWERS),
        )
        for name in names[:MOST_GROUPS]
    ]
    headings = (text.GROUPS[group], text.LABELS, *(text.FIELDS[field] for field in ANSWERS))
    left = len(names) - len(rows)
    more = aside(text.CORRECTIONS_ROWS_LEFT.format(left=left)) if left > 0 else None
    caption = text.CORRECTIONS_BY.format(group=text.GROUPS[group].lower())
    return element("div", table(headings, rows, caption=caption, is_caption_shown=True), more)


def _short(rate: Estimate) -> str:
    """The share and its interval; n stands once in the row."""
    if rate.n < words.LEAST:
        return text.TOO_LITTLE.format(n=rate.n)
    return text.RATE_SHORT.format(
        value=text.percent(rate.value), low=text.percent(rate.low), high=text.percent(rate.high)
    )


def _map(found: Corrections, field: str) -> Html:
    answers, counts = found.confusion(field)
    names = [text.ANSWERS[answer] for answer in answers]
    same = sum(line[place] for place, line in enumerate(counts))
    form = text.CONFUSION_SAYS_EF if field == "ef" else text.CONFUSION_SAYS
    said = form.format(field=text.FIELDS[field], same=same, n=found.records)
    title = element("h3", text.FIELDS[field])
    plot = plots.confusion_map(
        names, counts, Words(text.FIELDS[field], said, x=text.LABEL_COLUMNS, y=text.DRAFT_ROWS)
    )
    rows = [(name, *(f"{count:,}" for count in line)) for name, line in zip(names, counts, strict=True)]
    numbers = table((text.DRAFT_ROWS, *names), rows, caption=said)
    return element("div", title, aside(said), plots.with_table(plot, numbers))
