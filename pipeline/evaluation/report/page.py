"""The report: one page, offline, without script; a cardiologist's part first, then the statistician's."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from db.markup.elements import Child, Html, document, element, style_sheet
from pipeline.evaluation.report.binary_section import binary_section, calibration_section
from pipeline.evaluation.report.choosing_sections import (
    conformal_section,
    operating_section,
    referral_section,
)
from pipeline.evaluation.report.closing_sections import (
    anchors_section,
    checklist_section,
    method_section,
    paper_figures_section,
)
from pipeline.evaluation.report.comparing_sections import (
    beside_section,
    folds_section,
    reference_section,
    subgroups_section,
)
from pipeline.evaluation.report.ef_section import ef_section
from pipeline.evaluation.report.facts import Facts
from pipeline.evaluation.report.first_page import first_page
from pipeline.evaluation.report.paper_tables import paper_tables_section
from pipeline.evaluation.report.parts import Section
from pipeline.evaluation.report.text import page as text
from pipeline.evaluation.report.trust_sections import (
    adversary_section,
    external_section,
    leaks_section,
    shortcuts_section,
)


def report_page(data: Mapping[str, Any]) -> str:
    """The page of some results.

    Args:
        data: what `results.json` holds.
    """
    facts = Facts(data)
    sections = sections_of(facts)
    title = text.TITLE.format(run=facts.at("about.run"))
    head: list[Child] = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        style_sheet(_style()),
    ]
    foot = text.FOOTER.format(resamples=facts.count("about.resamples"), seed=facts.count("about.seed"))
    body = element(
        "main",
        _header(facts, title),
        first_page(facts),
        element("h2", text.CONTENTS, class_="part", id="statistics"),
        _contents(sections),
        [_drawn(section) for section in sections],
        element("footer", foot),
    )
    return document(head, element("body", body))


def sections_of(facts: Facts) -> list[Section]:
    """The second part, in order."""
    return [
        ef_section(facts),
        binary_section(facts),
        reference_section(facts),
        folds_section(facts),
        beside_section(facts),
        calibration_section(facts),
        operating_section(facts),
        conformal_section(facts),
        referral_section(facts),
        subgroups_section(facts),
        shortcuts_section(facts),
        leaks_section(facts),
        external_section(facts),
        adversary_section(facts),
        paper_tables_section(facts),
        paper_figures_section(facts),
        anchors_section(),
        checklist_section(facts),
        method_section(facts),
    ]


def _style() -> str:
    return files("pipeline.evaluation.report").joinpath("page.css").read_text(encoding="utf-8")


def _header(facts: Facts, title: str) -> Html:
    said = text.SUBTITLE.format(backbone=facts.at("about.backbone"), snapshot=facts.at("about.snapshot"))
    return element(
        "header",
        element("h1", title),
        element("p", said, class_="muted"),
        element("p", text.RESEARCH, class_="notice"),
        element("p", text.SYNTHETIC, class_="notice loud") if facts.at("about.is_synthetic") else None,
        element("p", text.BROUGHT_IN, class_="notice") if facts.at("about.is_brought_in") else None,
        id="top",
    )


def _contents(sections: list[Section]) -> Html:
    entries = [element("li", element("a", one.title, href=f"#{one.id}")) for one in sections]
    return element("nav", element("ol", entries), aria_label=text.CONTENTS)


def _drawn(section: Section) -> Html:
    return element("section", element("h2", section.title), section.body, id=section.id)
