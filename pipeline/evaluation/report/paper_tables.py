"""All tables of the seed paper with this run's numbers beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from db.markup.elements import Child, Html
from pipeline.evaluation.report import paper_figures as paper
from pipeline.evaluation.report.facts import Facts, number, percent
from pipeline.evaluation.report.paper_words import plain_number
from pipeline.evaluation.report.parts import Section, numbers_table, paragraph
from pipeline.evaluation.report.text import page
from pipeline.evaluation.report.text import paper_tables as words
from pipeline.evaluation.report.text import sections as text
from pipeline.waveforms.cohort_table import EF_STRATA_PER_500

_DEPLOYED: Final = "operating.rwma.points.deployed"
_COLUMNS: Final = ("", text.THE_PAPER, text.THIS_RUN)


def paper_tables_section(facts: Facts) -> Section:
    """Dataset, preprocessing, network, EF, wall motion; the folds and the referral matrix have their own."""
    body: list[Child] = [
        paragraph(text.PAPER_TABLES_SAYS),
        _table(text.PAPER_COHORT, _cohort(facts)),
        _table(text.PAPER_PREPROCESSING, [_setting(facts, *line) for line in words.PREPROCESSING]),
        _table(text.PAPER_NETWORK, [_setting(facts, *line) for line in words.NETWORK]),
        _table(text.PAPER_EF, _ef(facts)),
        paragraph(words.EITHER, "muted"),
        _table(text.PAPER_RWMA, _rwma(facts)),
        paragraph(words.THRESHOLD.format(threshold=facts.said(f"{_DEPLOYED}.threshold")), "muted"),
        _folds(facts),
    ]
    return Section("paper-tables", text.PAPER_TABLES, body)


def _table(caption: str, rows: Sequence[Sequence[Child]]) -> Html:
    return numbers_table(_COLUMNS, rows, caption)


def _cohort(facts: Facts) -> list[list[Child]]:
    rows: list[list[Child]] = [
        [page.BANDS[band], number(n, 0), facts.count(f"ef.bands.{band}.n")]
        for band, n in EF_STRATA_PER_500.items()
    ]
    ill, well = paper.TP + paper.FN, paper.TN + paper.FP
    rows.append(
        [
            words.COHORT_LINES["absent"],
            number(well, 0),
            facts.n("operating.rwma.points.deployed.nested.specificity"),
        ]
    )
    rows.append([words.COHORT_LINES["present"], number(ill, 0), facts.count("rwma.positives")])
    return rows


def _setting(facts: Facts, name: str, of_paper: str, place: str) -> list[Child]:
    if not place:
        return [name, of_paper, words.ALWAYS]
    return [name, of_paper, _value(facts.at(f"about.settings.{place}"))]


def _value(value: Any) -> str:
    if value is None:
        return words.NOT_SET
    if isinstance(value, bool):
        return words.SWITCH[value]
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value) or words.NOT_SET
    if isinstance(value, int | float):
        return plain_number(value) if value >= 0.001 or not value else f"{value:g}"
    return words.SETTINGS.get(str(value), str(value))


def _ef(facts: Facts) -> list[list[Child]]:
    severe = number(paper.SEVERE_AUROC)
    lines: dict[str, tuple[str, str]] = {
        "r": (number(paper.R), facts.said("ef.pooled.r")),
        "mae": (number(paper.MAE_POINTS, 1), facts.said("ef.pooled.mae", 1)),
        "within_10": (percent(paper.WITHIN_10), facts.said("ef.pooled.within_10", 0, is_share=True)),
        "ef_below_30": (severe, facts.said("ef_below_30.pooled.auroc")),
        "ef_below_40": (severe, facts.said("ef_below_40.pooled.auroc")),
        "spread": (number(paper.SAID_SD, 1), facts.said("ef.collapse.said_sd", 1)),
    }
    return [[words.EF_LINES[name], *line] for name, line in lines.items()]


def _rwma(facts: Facts) -> list[list[Child]]:
    rates = {"sensitivity": paper.SENSITIVITY, "ppv": paper.PRECISION, "f1": paper.F1}
    rows: list[list[Child]] = [
        [words.RWMA_LINES["auroc"], number(paper.RWMA_AUROC), facts.said("rwma.pooled.auroc")]
    ]
    rows += [
        [words.RWMA_LINES[name], number(value), facts.said(f"{_DEPLOYED}.nested.{name}")]
        for name, value in rates.items()
    ]
    theirs = [number(one, 0) for one in (paper.TN, paper.FP, paper.FN, paper.TP)]
    ours = [facts.count(f"{_DEPLOYED}.nested.{name}") for name in ("tn", "fp", "fn", "tp")]
    rows.append([words.RWMA_LINES["confusion"], " / ".join(theirs), " / ".join(ours)])
    return rows


def _folds(facts: Facts) -> Html:
    """The paper's five folds above this run's."""
    ours = facts.listed("folds.rows")
    most = max(len(ours), len(paper.FOLD_R))
    rows: list[list[Child]] = []
    for title, theirs, measure in (
        (words.FOLD_LINES["r"], paper.FOLD_R, "ef_r"),
        (words.FOLD_LINES["auroc"], paper.FOLD_AUROC, "rwma_auroc"),
    ):
        own = [number(one["measures"][measure]["value"]) for one in ours]
        for whose, values in ((text.THE_PAPER, [number(one) for one in theirs]), (text.THIS_RUN, own)):
            rows.append([f"{title}, {whose}", *values, *[""] * (most - len(values))])
    headings = ["", *(number(place, 0) for place in range(1, most + 1))]
    return numbers_table(headings, rows, text.PAPER_FOLDS)
