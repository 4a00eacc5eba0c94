"""The sections on what is done with answers: thresholds, intervals, the referral matrix."""

from __future__ import annotations

from typing import Any

from db.markup.elements import Child, Html
from db.markup.plots import Words
from pipeline.evaluation.report.facts import Facts, estimate, number, percent, signed
from pipeline.evaluation.report.parts import Section, figure, missing, numbers_table, paragraph
from pipeline.evaluation.report.plots import Axes, Curve, curves_plot
from pipeline.evaluation.report.text import choices as text
from pipeline.evaluation.report.text import page
from pipeline.evaluation.report.text.verdicts import QUESTIONS

_RATES = ("specificity", "ppv", "npv", "flagged")


def share(one: Any, digits: int = 0) -> str:
    """A share with its interval, percent, without the sign: the heading has it."""
    return estimate(one, digits, is_share=True).removesuffix("\u202f%")


def operating_section(facts: Facts) -> Section:
    """Thresholds naive and nested, other prevalences, decision curves."""
    body: list[Child] = [paragraph(text.OPERATING_SAYS), missing(facts, "operating")]
    for name, question in QUESTIONS.items():
        if facts.has(f"operating.{name}.points"):
            body += _points(facts, name, question)
    return Section("operating", text.OPERATING, body)


def _points(facts: Facts, name: str, question: str) -> list[Child]:
    points = dict(facts.parts(f"operating.{name}.points"))
    digits = 2 if name == "rwma" else 1
    rows: list[list[Child]] = [
        [
            title,
            text.EVERYBODY
            if points[rule]["threshold"] is None
            else number(points[rule]["threshold"], digits),
            share(points[rule]["naive"]["sensitivity"]),
            share(points[rule]["nested"]["sensitivity"]),
            signed(points[rule]["flattery"]),
            *(share(points[rule]["nested"][rate]) for rate in _RATES),
        ]
        for rule, title in text.RULES.items()
        if rule in points
    ]
    caption = text.OPERATING_TABLE.format(
        question=question, n=facts.count(f"{name}.n"), positives=facts.count(f"{name}.positives")
    )
    found: list[Child] = [numbers_table(text.OPERATING_HEADINGS, rows, caption)]
    if "deployed" in points:
        found += _deployed(points["deployed"]["nested"], question)
    return [*found, _decisions(facts, name, question)]


def _deployed(cut: Any, question: str) -> list[Child]:
    rows: list[list[Child]] = [
        # Where few are ill, an NPV rounded to 100 % would promise what nobody can.
        [percent(one["prevalence"]).removesuffix("\u202f%"), share(one["ppv"]), share(one["npv"], 1)]
        for one in cut["elsewhere"]
    ]
    flagged = text.YIELD.format(
        found=estimate(cut["found_per_100_slots"], 0), screened=estimate(cut["screened_per_100_slots"], 0)
    )
    confusion = text.CONFUSION.format(
        confusion=" / ".join(number(cut[name], 0) for name in ("tn", "fp", "fn", "tp")),
        f1=estimate(cut["f1"]),
    )
    says = f"{flagged if cut['tp'] or cut['fp'] else text.YIELD_NOBODY} {confusion}"
    caption = text.ELSEWHERE_TABLE.format(question=question)
    return [paragraph(says, "muted"), numbers_table(text.ELSEWHERE_HEADINGS, rows, caption)]


def _decisions(facts: Facts, name: str, question: str) -> Html | None:
    decisions = facts.listed(f"operating.{name}.decisions")
    known = [one for one in decisions if one["threshold"] is not None and one["model"]["value"] is not None]
    if not known:
        return None
    curves = [
        Curve(title, [(one["threshold"], one[column]["value"]) for one in known if one[column] is not None])
        for title, column in zip(text.DECISION_NAMES, ("model", "as_said", "everybody"), strict=False)
    ]
    curves = [curve for curve in curves if curve.points]
    # A model of no use has no benefit anywhere; the axis needs some height all the same.
    top = max(0.01, *(value for curve in curves for _, value in curve.points))
    ends = (0.0, max(one["threshold"] for one in known))
    axes = Axes(ends, (-0.25 * top, 1.1 * top), diagonal=((0.0, 0.0), (ends[1], 0.0)))
    x, y = text.DECISION_AXES
    words = Words(text.DECISION.format(question=question), text.DECISION_SAYS, x=x, y=y)
    return figure(curves_plot(curves, axes, words), f"{words.title}. {text.DECISION_SAYS}")


def conformal_section(facts: Facts) -> Section:
    """EF intervals by every way, and sets of wall motion."""
    bands = list(page.BANDS)
    rows: list[list[Child]] = []
    for name, title in text.INTERVAL_NAMES.items():
        one = facts.at(f"conformal.intervals.{name}")
        if one is not None:
            held = [share(one["bands"].get(band)) for band in bands]
            rows.append([title, share(one["coverage"]), *held, estimate(one["width"], 0)])
    kinds: list[list[Child]] = [
        [
            title,
            share(facts.at(f"conformal.rwma.shares.{kind}")),
            share(facts.at(f"conformal.rwma.only.{kind}")) if facts.at(f"conformal.rwma.only.{kind}") else "",
        ]
        for kind, title in text.SETS.items()
    ]
    held_by = {
        kind: facts.said(f"conformal.rwma.held.{kind}", 0, is_share=True) for kind in ("normal", "abnormal")
    }
    body: list[Child] = [
        paragraph(text.CONFORMAL_SAYS.format(target=percent(facts.at("conformal.target")))),
        missing(facts, "conformal"),
        numbers_table(text.INTERVAL_HEADINGS, rows, text.INTERVALS_TABLE),
        numbers_table(text.SETS_HEADINGS, kinds, text.SETS_TABLE.format(n=facts.count("conformal.rwma.n"))),
        paragraph(text.SETS_HELD.format_map(held_by), "muted"),
    ]
    return Section("conformal", text.CONFORMAL, body)


def referral_section(facts: Facts) -> Section:
    """The matrix with its outcomes, what it costs, and who may be cleared at all."""
    if not facts.has("referral"):
        return Section("referral", text.REFERRAL, [missing(facts, "referral")])
    at = "referral.points"
    says = text.REFERRAL_SAYS.format(
        ef_abnormal=facts.said(f"{at}.ef_abnormal_percent", 0),
        ef_priority=facts.said(f"{at}.ef_priority_percent", 0),
        rwma_abnormal=facts.said(f"{at}.rwma_abnormal"),
        rwma_priority=facts.said(f"{at}.rwma_priority"),
        agreement=facts.said(f"{at}.agreement", 0),
        over=text.SPREADS.get(str(facts.at("referral.spread_over")), ""),
    )
    cells: list[list[Child]] = []
    for name, (result, recommendation) in text.CELLS.items():
        one = facts.at(f"referral.cells.{name}")
        if one is not None:
            rates = [share(one[rate]) for rate in ("share", "ill", "severe")]
            cells.append([result, recommendation, number(one["n"], 0), *rates])
    caption = text.REFERRAL_TABLE.format(n=facts.count("referral.n"), ill=facts.count("referral.ill"))
    clears = text.CLEARED if facts.at("referral.cells.cleared.n") else text.CLEARED_NOBODY
    cleared = clears.format(
        n=facts.count("referral.cells.cleared.n"),
        missed=facts.count("referral.cells.cleared.missed"),
        npv=facts.said("referral.npv_of_cleared", 0, is_share=True),
    )
    costs: list[list[Child]] = [
        [title, *(share(facts.at(f"referral.{name}.{rate}")) for rate in ("sensitivity", *_RATES))]
        for name, title in text.COSTS.items()
    ]
    body: list[Child] = [
        paragraph(says),
        numbers_table(text.REFERRAL_HEADINGS, cells, caption),
        paragraph(cleared),
        numbers_table(text.COSTS_HEADINGS, costs, text.COSTS_TABLE),
        paragraph(_safe(facts)),
        paragraph(_chosen(facts)),
    ]
    return Section("referral", text.REFERRAL, body)


def _chosen(facts: Facts) -> str | None:
    at = "referral.chosen"
    if not facts.has(at):
        return None
    if not facts.listed(f"{at}.changed"):
        return text.NOT_CHOSEN
    clears = text.CHOSEN_CLEARS if facts.at(f"{at}.cells.cleared") else text.CHOSEN_CLEARS_NOBODY
    return text.CHOSEN.format(
        ef_abnormal=facts.said(f"{at}.points.ef_abnormal_percent", 1),
        ef_priority=facts.said(f"{at}.points.ef_priority_percent", 1),
        rwma_abnormal=facts.said(f"{at}.points.rwma_abnormal"),
        rwma_priority=facts.said(f"{at}.points.rwma_priority"),
        miss_rate=percent(facts.at(f"{at}.miss_rate")),
        flagged=facts.said(f"{at}.referred.flagged", 0, is_share=True),
        sensitivity=facts.said(f"{at}.referred.sensitivity", 0, is_share=True),
        clears=clears.format(
            cleared=facts.count(f"{at}.cells.cleared"),
            missed=facts.count(f"{at}.missed"),
            npv=facts.said(f"{at}.npv_of_cleared", 0, is_share=True),
        ),
    )


def _safe(facts: Facts) -> str:
    at = "referral.safe"
    values = {
        "npv": percent(facts.at(f"{at}.npv")),
        "confidence": percent(facts.at(f"{at}.confidence")),
        "ef": facts.said(f"{at}.rule.ef_at_least_percent", 1),
        "rwma": facts.said(f"{at}.rule.rwma_below"),
        "share": percent(facts.at(f"{at}.share_cleared")),
        "kept": facts.said(f"{at}.nested.npv", 0, is_share=True),
    }
    return (text.SAFE if facts.at(f"{at}.rule") else text.SAFE_NOBODY).format_map(values)
