"""The last sections: the paper's figures, what others measured, the checklists, and how all was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.markup.elements import Child, Html, element
from pipeline.evaluation.report.checklist import Element, filled
from pipeline.evaluation.report.facts import Facts, number
from pipeline.evaluation.report.paper_words import figure_words
from pipeline.evaluation.report.parts import Section, missing, numbers_table, paragraph
from pipeline.evaluation.report.text import anchors, paper
from pipeline.evaluation.report.text import checklist as checklist_text
from pipeline.evaluation.report.text import sections as text


def paper_figures_section(facts: Facts) -> Section:
    """What the paper's numbers imply, each with its derivation."""
    body: list[Child] = [paragraph(paper.LEAD)]
    if facts.has("paper_figures"):
        rows = [figure_row(one) for one in facts.listed("paper_figures")]
        body.append(prose_table(paper.HEADINGS, rows, paper.TITLE))
    else:
        body.append(missing(facts, "paper_figures"))
    return Section("paper-figures", paper.TITLE, body)


def figure_row(one: Mapping[str, Any]) -> list[Child]:
    """One number of the paper: name, reported, implied, how and what it means."""
    words = figure_words(one)
    how = [element("code", words.formula), element("br"), words.meaning]
    return [words.name, words.reported, words.implied, how]


def prose_table(headings: tuple[str, ...], rows: list[list[Child]], caption: str) -> Html:
    """A table with sentences in it."""
    return element("div", numbers_table(headings, rows, caption), class_="prose")


def anchors_section() -> Section:
    """What others measured."""
    rows: list[list[Child]] = [list(row) for row in anchors.ANCHORS]
    table = prose_table(text.ANCHOR_HEADINGS, rows, text.ANCHORS_TABLE)
    return Section("anchors", text.ANCHORS, [paragraph(text.ANCHORS_SAY), table])


def checklist_section(facts: Facts) -> Section:
    """The forms, filled."""
    body: list[Child] = [paragraph(checklist_text.SAYS)]
    for form, name in checklist_text.FORMS.items():
        counts = {
            "form": name,
            "elements": facts.count(f"checklist.{form}.elements"),
            "items": facts.count(f"checklist.{form}.items"),
            "answered": facts.count(f"checklist.{form}.elements_answered"),
            "whole": facts.count(f"checklist.{form}.items_whole"),
        }
        body.append(element("h3", name))
        body.append(paragraph(checklist_text.COUNTS.format_map(counts)))
        if form == "tripod":
            body.append(paragraph(checklist_text.NOT_THE_FORM.format_map(counts), "muted"))
        rows: list[list[Child]] = [
            [
                item.number if place == 0 else "",
                item.topic if place == 0 else "",
                one.words,
                _where(one),
            ]
            for item in filled(form, facts.data)
            for place, one in enumerate(item.elements)
        ]
        body.append(prose_table(checklist_text.HEADINGS, rows, name))
    return Section("checklist", checklist_text.TITLE, body)


def _where(one: Element) -> Child:
    if one.place is None:
        return element("span", checklist_text.AUTHOR, class_="muted")
    place = checklist_text.PLACES[one.place]
    if not one.is_answered:
        return element("span", checklist_text.NOT_DONE.format(place=place.says), class_="muted")
    return element("a", place.says, href=f"#{place.anchor}") if place.anchor else place.says


def method_section(facts: Facts) -> Section:
    """How everything was measured, and with what."""
    made = text.MADE_WITH.format(
        backbone=facts.at("about.backbone"),
        size=facts.count("about.image_size_px"),
        profile=facts.at("about.profile"),
        weights=facts.at("about.first_weights"),
    )
    rows = [
        (one["field"], one["category"], one["use"], number(one["n"], 0))
        for one in facts.listed("about.targets")
    ]
    return Section(
        "method",
        text.METHOD,
        [
            [paragraph(one) for one in text.METHOD_SAYS],
            paragraph(made, "muted"),
            element("div", numbers_table(text.TARGET_HEADINGS, rows, text.TARGETS), id="targets"),
        ],
    )
