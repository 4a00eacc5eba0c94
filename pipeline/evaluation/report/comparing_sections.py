"""The sections that hold the network against something: simpler methods, other folds, other people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.markup.elements import Child
from db.markup.plots import Words
from pipeline.evaluation.report.facts import Facts, estimate, number, signed
from pipeline.evaluation.report.parts import Section, figure, missing, numbers_table, paragraph
from pipeline.evaluation.report.plots import estimates_plot
from pipeline.evaluation.report.text import choices as text


def reference_section(facts: Facts) -> Section:
    """The network beside simpler methods."""
    rows: list[list[Child]] = []
    drawn = []
    for one in facts.listed("reference"):
        measures, gains = one["measures"], one["network_gain"]
        rows.append(
            [
                one["method"],
                estimate(measures["ef_mae"], 1),
                signed(gains.get("ef_mae"), 1),
                estimate(measures["ef_r"]),
                estimate(measures["rwma_auroc"]),
                signed(gains.get("rwma_auroc")),
                estimate(measures["ef_below_40_auroc"]),
            ]
        )
        drawn.append((one["method"], measures["ef_mae"], estimate(measures["ef_mae"], 1)))
    words = Words(text.REFERENCE_PLOT, text.REFERENCE_PLOT_SAYS)
    body: list[Child] = [
        paragraph(text.REFERENCE_SAYS),
        missing(facts, "reference"),
        figure(estimates_plot(drawn, words), text.REFERENCE_PLOT_SAYS),
        numbers_table(text.REFERENCE_HEADINGS, rows, text.REFERENCE_TABLE),
    ]
    return Section("reference", text.REFERENCE, body)


def folds_section(facts: Facts) -> Section:
    """Every fold, and whether they differ more than by chance."""
    rows: list[list[Child]] = [
        [
            number(one["fold"], 0),
            number(one["records"], 0),
            number(one["rwma_positives"], 0),
            *(estimate(one["measures"][name], digits) for name, (_, digits) in text.FOLD_MEASURES.items()),
        ]
        for one in facts.listed("folds.rows")
    ]
    spread: list[list[Child]] = []
    for name, (title, digits) in text.FOLD_MEASURES.items():
        one = facts.at(f"folds.spread.{name}")
        if one is not None:
            spread.append(
                [
                    title,
                    number(one["mean"], digits + 1),
                    number(one["sd"], digits + 1),
                    estimate(one["sd_by_chance"], digits + 1),
                    number(one["p_value"]),
                    number(one["best"], digits),
                    estimate(one["best_by_chance"], digits),
                    number(one["best_p_value"]),
                ]
            )
    body: list[Child] = [
        paragraph(text.FOLDS_SAYS),
        missing(facts, "folds"),
        numbers_table(text.FOLD_HEADINGS, rows, text.FOLDS_TABLE),
        numbers_table(text.SPREAD_HEADINGS, spread, text.SPREAD_TABLE),
    ]
    return Section("folds", text.FOLDS, body)


def beside_section(facts: Facts) -> Section:
    """Other runs of the same records: sites left out, labels shuffled, other settings."""
    rows: list[list[Child]] = []
    for one in facts.listed("beside"):
        measures, gains = one["row"]["measures"], one["row"]["network_gain"]
        rows.append(
            [
                one["run"],
                _what_differs(one),
                number(one["records"], 0),
                estimate(measures["ef_mae"], 1),
                signed(gains.get("ef_mae"), 1),
                estimate(measures["ef_r"]),
                estimate(measures["rwma_auroc"]),
                signed(gains.get("rwma_auroc")),
            ]
        )
    body: list[Child] = [paragraph(text.BESIDE_SAYS), missing(facts, "beside")]
    if rows:
        body.append(numbers_table(text.BESIDE_HEADINGS, rows, text.BESIDE_TABLE))
    return Section("beside", text.BESIDE, body)


def _what_differs(one: Mapping[str, Any]) -> str:
    """What a run is there for, or its settings that are others."""
    known = text.BESIDE_KINDS.get(one["kind"])
    return known or ", ".join(name.rpartition(".")[2].replace("_", " ") for name in one["differs"])


def subgroups_section(facts: Facts) -> Section:
    """Every group of people by every column of the snapshot."""
    rows: list[list[Child]] = []
    for one in facts.listed("subgroups"):
        measures = one["measures"]
        differs = [text.FOLD_MEASURES.get(name, (name.replace("_", " "), 0))[0] for name in one["differs"]]
        rows.append(
            [
                f"{text.SUBGROUP_NAMES.get(one['column'], one['column'])}: {one['value']}",
                f"{number(one['n'], 0)} ({number(one['rwma_positives'], 0)})",
                estimate(measures.get("ef_mae"), 1),
                signed(measures.get("ef_bias"), 1),
                estimate(measures.get("rwma_auroc")),
                ", ".join(differs) or text.NO_DIFFERENCE,
            ]
        )
    table = numbers_table(text.SUBGROUP_HEADINGS, rows, text.SUBGROUPS_TABLE)
    body: list[Child] = [paragraph(text.SUBGROUPS_SAY), table if rows else paragraph(text.NO_GROUPS, "muted")]
    return Section("subgroups", text.SUBGROUPS, body)
