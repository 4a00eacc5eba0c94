"""The section on ejection fraction: measures, bands, the cloud, Bland and Altman's plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.markup.elements import Child, Html, element
from db.markup.plots import Words, difference_plot
from db.markup.scales import Scale
from db.measures.bland_altman import Limits
from db.measures.estimate import Estimate
from pipeline.evaluation.report.facts import Facts, estimate, number, signed
from pipeline.evaluation.report.parts import Section, figure, missing, numbers_table, paragraph
from pipeline.evaluation.report.plots import Axes, curves_plot
from pipeline.evaluation.report.text import page
from pipeline.evaluation.report.text import sections as text

_COLUMNS = (("pooled", text.POOLED), ("fold_means", text.FOLD_MEANS), ("one_view", text.ONE_VIEW))


def ef_section(facts: Facts) -> Section:
    """Everything about EF."""
    body = missing(facts, "ef") or [
        paragraph(text.EF_SAYS),
        _measures(facts),
        _bands(facts),
        paragraph(text.BANDS_SAY, "muted"),
        _cloud(facts),
        _differences(facts),
    ]
    return Section("ef", text.EF, [body])


def _measures(facts: Facts) -> Html:
    rows: list[list[Child]] = []
    for name, (title, digits, is_share) in text.MEASURES.items():
        if facts.at(f"ef.pooled.{name}") is None:
            continue
        cells = [facts.said(f"ef.{column}.{name}", digits, is_share=is_share) for column, _ in _COLUMNS]
        rows.append([title, *cells])
    caption = text.EF_TABLE.format(n=facts.count("ef.n"), patients=facts.count("ef.patients"))
    return numbers_table((text.MEASURE, *(title for _, title in _COLUMNS)), rows, caption)


def _bands(facts: Facts) -> Html:
    rows = [
        (page.BANDS[band], number(one["n"], 0), estimate(one["mae"], 1), signed(one["bias"], 1))
        for band, one in facts.parts("ef.bands")
    ]
    return numbers_table(text.BAND_HEADINGS, rows, text.BANDS_TABLE)


def _cloud(facts: Facts) -> Html | None:
    together = facts.listed("curves.ef_together")
    if not together:
        return None
    ends = [end for one in together for end in (one["truth"], one["said"])]
    span = (5.0 * (min(ends) // 5), 5.0 * -(-max(ends) // 5))
    axes = Axes(span, span, diagonal=((span[0], span[0]), (span[1], span[1])))
    words = Words(text.TOGETHER, text.TOGETHER_SAYS, x=text.TRUE_AXIS, y=text.SAID_AXIS)
    return figure(_dots(together, axes, words), text.TOGETHER_SAYS)


def _dots(together: Any, axes: Axes, words: Words) -> Html:
    def drawn(x: Scale, y: Scale) -> Child:
        return [
            element(
                "circle",
                cx=x(one["truth"]),
                cy=y(one["said"]),
                r=min(2.0 + 0.6 * (one["records"] - 1), 6.0),
                class_="dot",
            )
            for one in together
        ]

    return curves_plot([], axes, words, below=drawn)


def _differences(facts: Facts) -> Html | None:
    limits = facts.at("ef.limits")
    together = facts.listed("curves.ef_together")
    if not together or limits["upper"]["value"] is None:
        return None
    pairs = [(float(one["said"]), float(one["truth"])) for one in together for _ in range(one["records"])]
    said = text.BLAND_ALTMAN_SAYS.format(
        **{name: signed(limits[name], 1) for name in ("bias", "lower", "upper")}
    )
    x, y = text.BLAND_ALTMAN_AXES
    words = Words(text.BLAND_ALTMAN, said, x=x, y=y)
    return figure(difference_plot(pairs, limits_of(limits), words, text.LIMIT_NAMES), said)


def limits_of(data: Mapping[str, Any]) -> Limits:
    """Limits from what stands of them in the results."""
    bias, lower, upper = (Estimate.from_json(data[name]) for name in ("bias", "lower", "upper"))
    return Limits(bias, lower, upper, data["sd"] if data["sd"] is not None else float("nan"))
