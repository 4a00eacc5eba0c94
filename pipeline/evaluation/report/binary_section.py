"""The sections on yes-or-no questions and their probabilities: ranks, curves, calibration."""

from __future__ import annotations

from collections.abc import Sequence

from db.markup.elements import Child, Html, element
from db.markup.plots import Words
from pipeline.evaluation.report.facts import Facts, is_not_run, number
from pipeline.evaluation.report.parts import Section, figure, missing, numbers_table, paragraph
from pipeline.evaluation.report.plots import Axes, Curve, curves_plot
from pipeline.evaluation.report.text import page
from pipeline.evaluation.report.text import sections as text
from pipeline.evaluation.report.text.verdicts import QUESTIONS, SHORT

_PROBABILITY: Sequence[str] = ("brier", "brier_skill", "slope", "in_the_large", "ici")


def binary_section(facts: Facts) -> Section:
    """How well each question is answered, with ROC and precision-recall curves."""
    rows = [
        (
            SHORT[name],
            f"{facts.count(f'{name}.n')} ({facts.count(f'{name}.positives')})",
            facts.said(f"{name}.pooled.auroc"),
            facts.said(f"{name}.delong"),
            facts.said(f"{name}.fold_means.auroc"),
            facts.said(f"{name}.pooled.average_precision"),
            number(facts.at(f"{name}.prevalence.value")),
        )
        for name in QUESTIONS
        if facts.has(name)
    ]
    body = [
        paragraph(text.BINARY_SAYS),
        numbers_table(text.BINARY_HEADINGS, rows, text.BINARY_TABLE),
        element("div", _roc(facts), _precision_recall(facts), class_="pair"),
    ]
    return Section("binary", text.BINARY, body)


def _named(facts: Facts, x: str, y: str) -> list[Curve]:
    found = []
    for name in QUESTIONS:
        points = [
            (one[x], one[y]) for one in facts.listed(f"curves.cuts.{name}") if None not in (one[x], one[y])
        ]
        if points:
            found.append(Curve(SHORT[name], points))
    return found


def _roc(facts: Facts) -> Html:
    x, y = text.ROC_AXES
    words = Words(text.ROC, text.ROC_SAYS, x=x, y=y)
    axes = Axes(diagonal=((0.0, 0.0), (1.0, 1.0)))
    return figure(curves_plot(_named(facts, "false_alarms", "sensitivity"), axes, words), text.ROC_SAYS)


def _precision_recall(facts: Facts) -> Html:
    x, y = text.PRECISION_RECALL_AXES
    words = Words(text.PRECISION_RECALL, text.PRECISION_RECALL_SAYS, x=x, y=y)
    plot = curves_plot(_named(facts, "sensitivity", "precision"), Axes(), words)
    return figure(plot, text.PRECISION_RECALL_SAYS)


def calibration_section(facts: Facts) -> Section:
    """Probabilities as said and put right, question by question, and the curve of wall motion."""
    body: list[Child] = [paragraph(text.CALIBRATION_SAYS), missing(facts, "calibration")]
    body += [_curve(facts, "rwma")]
    for name, question in QUESTIONS.items():
        if facts.has(f"calibration.{name}"):
            body += _methods(facts, name, question)
    return Section("calibration", text.CALIBRATION, body)


def _methods(facts: Facts, name: str, question: str) -> list[Child]:
    place = f"calibration.{name}"
    columns = [text.PROBABILITY_MEASURES[measure] for measure in _PROBABILITY]
    rows: list[list[Child]] = []
    refused: list[str] = []
    for method, title in text.METHODS.items():
        at = f"{place}.naive" if method == "naive" else f"{place}.methods.{method}"
        if facts.has(at):
            cells = [
                facts.said(f"{at}.measures.{measure}", digits)
                for measure, (_, digits, _) in zip(_PROBABILITY, columns, strict=True)
            ]
            rows.append([title, *cells])
        elif is_not_run(facts.at(at)):
            rows.append([title, *[page.NO_NUMBER] * len(columns)])
            refused.append(f"{title}: {page.REASONS.get(facts.at(f'{at}.reason'), page.UNKNOWN_REASON)}")
    caption = text.CALIBRATION_TABLE.format(question=question)
    width = text.WIDTH_SAYS.format(width=facts.said(f"{place}.venn_abers_width"))
    return [
        numbers_table(("", *(title for title, _, _ in columns)), rows, caption),
        paragraph(" ".join([*refused, width]), "muted"),
    ]


def _curve(facts: Facts, name: str) -> Html | None:
    drawn = []
    for method in ("as_said", "platt", "venn_abers"):
        points = facts.listed(f"calibration.{name}.methods.{method}.curve")
        if points:
            at = [(one["said"], one["happened"]) for one in points if one["said"] is not None]
            drawn.append(Curve(text.METHODS[method], at))
    if not drawn:
        return None
    x, y = text.CALIBRATION_AXES
    words = Words(text.CALIBRATION_CURVE, text.CALIBRATION_CURVE_SAYS, x=x, y=y)
    plot = curves_plot(drawn, Axes(diagonal=((0.0, 0.0), (1.0, 1.0))), words)
    return figure(plot, text.CALIBRATION_CURVE_SAYS)
