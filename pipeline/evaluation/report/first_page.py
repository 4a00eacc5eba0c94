"""The first part of the page: what was tested, on whom, how good it is, what must not be concluded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from db.markup.elements import Child, Html, element, table
from db.markup.plots import Words, histogram
from pipeline.evaluation.report.curves import BIN_POINTS
from pipeline.evaluation.report.facts import Facts, estimate, number, percent, signed
from pipeline.evaluation.report.parts import figure, paragraph
from pipeline.evaluation.report.text import page as text
from pipeline.evaluation.report.text.leaks import CHECKS as LEAKS
from pipeline.evaluation.report.text.leaks import UNDECIDED
from pipeline.evaluation.report.text.verdicts import NAMES, QUESTIONS, TO_DO, VERDICTS
from pipeline.evaluation.report.trust_sections import leak_sentence, shortcut_sentence

# Values of verdicts that are shares.
_SHARES: Final = ("follows", "share", "area")


def first_page(facts: Facts) -> list[Html]:
    """The sections, in order."""
    return [
        _section(text.VERDICTS, verdict_list(facts)),
        _section(
            text.TESTED,
            [paragraph(one.format(folds=facts.count("data.folds"))) for one in text.TESTED_SAYS],
        ),
        _section(text.WHOM, _patients(facts)),
        _section(
            text.GOOD,
            paragraph(text.GOOD_SAYS),
            _beside_constant(facts),
            paragraph(text.MEDIAN_IS.format(median=facts.said("constant.median_percent", 0)), "muted"),
        ),
        _section(
            text.SPREAD, spread_figure(facts), paragraph(_spread_line(facts)), paragraph(_spread_bands(facts))
        ),
        _section(text.SCREENING, paragraph(_screening(facts)), paragraph(_weak_hearts(facts))),
        _section(text.NOT_TO_CONCLUDE, element("ul", [element("li", one) for one in text.NOT_THESE])),
    ]


def _section(title: str, *body: Child) -> Html:
    return element("section", element("h2", title), body, class_="first")


def verdict_list(facts: Facts) -> Html:
    """The verdicts as sentences, by what to do about them; the heaviest first."""
    verdicts = facts.listed("verdicts")
    if not verdicts:
        return paragraph(text.NO_VERDICTS)
    kinds: dict[str, list[Html]] = {}
    for one in verdicts:
        said = element("b", text.SEVERITIES[one["severity"]]), sentence_of(one)
        kinds.setdefault(one["kind"], []).append(element("li", *said, class_=one["severity"]))
    return element("div", [_to_do(kind, lines) for kind, lines in kinds.items()], class_="to-do")


def _to_do(kind: str, lines: list[Html]) -> list[Child]:
    """What to do about verdicts of one kind, and these."""
    found: Html = element("ul", lines, class_="verdicts")
    if kind not in TO_DO:
        return [found]
    title, says = TO_DO[kind]
    return [element("h3", title), paragraph(says, "muted"), found]


def sentence_of(verdict: Mapping[str, Any]) -> str:
    """A verdict in words."""
    if verdict["id"] in LEAKS:
        return leak_sentence(verdict["id"], verdict["values"])
    if verdict["id"] == "leaks_undecided":
        return UNDECIDED.format(number=number(len(verdict["values"]["checks"]), 0))
    values = {name: _said(name, value) for name, value in verdict["values"].items()}
    of_pages = shortcut_sentence(verdict, values)
    if of_pages is not None:
        return of_pages
    return VERDICTS[verdict["id"]].format_map(values)


def _said(name: str, value: Any) -> str:
    """A value of a verdict: a question by its name, an estimate with its interval, counts whole."""
    if isinstance(value, str):
        return NAMES.get(value, value)
    if isinstance(value, Mapping) and name in _SHARES:
        return estimate(value, 0, is_share=True)
    if isinstance(value, Mapping):
        is_points = name.endswith(("mae", "gain", "_sd", "_points"))
        # What is held to a goal of 0.01 is not rounded to it.
        return estimate(value, 3 if name == "auroc_change" else 1 if is_points else 2)
    if isinstance(value, list):
        return ", ".join(_said(name, one) for one in value)
    return number(value, 0 if isinstance(value, int) else 2)


def _patients(facts: Facts) -> Html:
    rows: list[tuple[Child, Child]] = [
        (text.PATIENTS, facts.count("data.patients")),
        (text.RECORDS, facts.count("data.records")),
        (text.PHOTOGRAPHS, facts.count("about.photographs")),
        (text.SITES, facts.count("about.sites")),
        (text.WITH_EF, facts.count("data.with_ef")),
        *(
            (element("span", text.BANDS[band], class_="within"), number(one.get("n"), 0))
            for band, one in facts.parts("ef.bands")
        ),
        (text.WITH_RWMA, facts.count("data.with_rwma")),
        (element("span", text.SIGNIFICANT, class_="within"), facts.count("rwma.positives")),
    ]
    return element("div", table(("", ""), rows, caption=text.WHOM_CAPTION), class_="narrow")


def _beside_constant(facts: Facts) -> Html:
    rows: list[tuple[str, ...]] = [
        (
            text.EF_ERROR,
            facts.said("ef.pooled.mae", 1),
            facts.said("constant.mae", 1),
            signed(facts.at("constant.mae_gain"), 1),
            facts.n("ef.pooled.mae"),
        ),
        (
            text.EF_WITHIN,
            facts.said("ef.pooled.within_10", 0, is_share=True),
            facts.said("constant.within_10", 0, is_share=True),
            signed(_hundredfold(facts.at("constant.within_10_gain")), 0),
            facts.n("ef.pooled.within_10"),
        ),
    ]
    for name, question in QUESTIONS.items():
        if facts.has(name):
            found = facts.at(f"{name}.pooled.auroc")
            cases = f"{facts.count(f'{name}.n')} ({facts.count(f'{name}.positives')})"
            rows.append((text.AUROC_OF.format(question=question), estimate(found), text.COIN, "", cases))
    return table(text.GOOD_HEADINGS, rows, caption=text.GOOD)


def _hundredfold(one: Any) -> Any:
    """A difference of shares in percentage points."""
    if not isinstance(one, Mapping):
        return one
    return {name: 100 * value if value is not None and name != "n" else value for name, value in one.items()}


def spread_figure(facts: Facts) -> Html | None:
    """Predicted beside true EF, in steps of 5 points."""
    bins = facts.listed("curves.ef_bins")
    if not bins:
        return None
    steps = [text.EF_STEP.format(low=one["low"], high=one["low"] + BIN_POINTS - 1) for one in bins]
    drawn = [(step, (float(one["said"]), float(one["truth"]))) for step, one in zip(steps, bins, strict=True)]
    words = Words(text.SPREAD_TITLE, text.SPREAD_SAYS, x=text.EF_AXIS, y=text.RECORDS_AXIS)
    plot = histogram(
        drawn, words, said=lambda value: number(value, 0), series=text.SERIES, every=1 + len(bins) // 12
    )
    return figure(plot, text.SPREAD_SAYS)


def _spread_line(facts: Facts) -> str:
    return text.SPREAD_LINE.format(
        said=facts.said("ef.collapse.said_sd", 1),
        truth=facts.said("ef.collapse.truth_sd", 1),
        spike=percent((facts.at("ef.collapse.in_spike") or {}).get("value")),
    )


def _spread_bands(facts: Facts) -> str | None:
    """How far off weak and strong hearts are; None where nobody's EF is known."""
    weak, strong = (facts.at(f"ef.bands.{band}.bias") for band in ("moderately_reduced", "normal"))
    return (
        text.SPREAD_BANDS.format(weak=signed(weak, 1), strong=signed(strong, 1)) if weak and strong else None
    )


def _screening(facts: Facts) -> str:
    """The screen for wall motion in counts of people."""
    return _in_people(facts, "operating.rwma.points.deployed", text.SCREENING_SAYS)


def _weak_hearts(facts: Facts) -> str | None:
    """The same for an EF below 40; None where nobody's EF is known."""
    at = "operating.ef_below_40.points.deployed"
    return _in_people(facts, at, text.WEAK_HEARTS) if facts.has(at) else None


def _in_people(facts: Facts, at: str, says: str) -> str:
    counts = {name: facts.count(f"{at}.nested.{name}") for name in ("n", "positives", "tp", "fp", "fn")}
    counts |= {"flagged": facts.n(f"{at}.nested.ppv"), "cleared": facts.n(f"{at}.nested.npv")}
    return says.format(threshold=facts.said(f"{at}.threshold", 2), **counts)
