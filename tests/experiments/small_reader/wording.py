"""What a synthetic crop says: an invented patient's findings in the demo's own words, and the right
answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from db.fields.strata import ef_stratum
from db.labels import Findings
from labeling.readers.parse import answer_text
from pipeline.demo.people import Person, people
from pipeline.demo.plan import PatientPlan
from pipeline.demo.proportions import pick
from pipeline.demo.wording.ef import ef_statement
from pipeline.demo.wording.phrase import Phrase, capitals
from pipeline.demo.wording.pressure import pah_statement
from pipeline.demo.wording.statement import Statement
from pipeline.demo.wording.walls import rwma_statement

# Flatter than the seed paper's cohort, so that guessing the commonest answer earns little.
_RWMA = {"none": 0.46, "mild": 0.16, "moderate": 0.19, "severe": 0.19}
_PAH = {
    "none": 0.3,
    "mild": 0.17,
    "moderate": 0.15,
    "severe": 0.1,
    "present_unspecified": 0.08,
    "number_only": 0.1,
    "not_mentioned": 0.06,
    "hedged": 0.04,
}
_EF_STYLES = {"plain": 0.66, "range_ef": 0.12, "approximate_ef": 0.06, "ef_above": 0.05, "ef_below": 0.04,
              "words_only_ef": 0.07}  # fmt: skip
_OTHER_LINES = ("Trivial MR", "Mild MR", "No clot", "No effusion", "Grade I LVDD", "Mild TR", "IVS "
    "11 mm", "AML normal",
                "Mild AR", "LA 38 mm", "No clot/PE", "Sinus rhythm")  # fmt: skip
_EF_PART = re.compile(r"(?:LVEF|EF|LV ejection fraction|LV EJECTION FRACTION)\b.*")
_RVSP_PART = re.compile(r"(?:estimated )?(?:RVSP|PASP)[ =]*[\d-]+ mmHg", re.IGNORECASE)
_WALL_SHORT = {"mild": "mild hypokinesia", "moderate": "moderate hypokinesia", "severe": "akinesia"}


@dataclass(frozen=True)
class Crop:
    """One crop before it is printed.

    Attributes:
        lines: as printed, top to bottom. Cells of a row are parted by a tab.
        layout: `lines`, `numbered`, or `table`, which is kept out of training.
        quotes: record field -> verbatim words. answer: what a perfect reader would print.
    """

    person: Person
    layout: str
    lines: tuple[str, ...]
    findings: Findings
    quotes: Mapping[str, str]
    printed: Mapping[str, str]

    @property
    def answer(self) -> str:
        return answer_text(self.findings, self.quotes, self.printed)


def crops(
    rng: np.random.Generator, *, level: int, layout: str | None = None, many_digits: bool = False
) -> Iterator[Crop]:
    """Crops without end; no two of one stream show the same person.

    Args:
        level: 0 plain wording in one order; 1 every short wording of the tables, in any order, with other
            lines.
        layout: the only layout to use; chance where it is None.
        many_digits: more ranges and pressures than reports have, for practice in copying numbers.
    """
    for number, person in enumerate(people(rng), start=1):
        crop = None
        while crop is None:
            crop = _crop(_plan(number, person, rng, level, many_digits), rng, level, layout)
        yield crop


def _draw(rng: np.random.Generator, shares: Mapping[str, float]) -> str:
    return str(rng.choice(list(shares), p=list(shares.values())))


def _plan(
    number: int, person: Person, rng: np.random.Generator, level: int, many_digits: bool
) -> PatientPlan:
    style = _draw(rng, _EF_STYLES) if level else "plain"
    if many_digits and rng.random() < 0.4:
        style = "range_ef"
    ef = float(rng.integers(20, 71))
    if style == "range_ef":
        ef = float(rng.integers(4, 14)) * 5 + 2.5
    elif style == "ef_above":
        ef = float(pick(rng, (50, 55, 60)))
    elif style == "ef_below":
        ef = float(pick(rng, (25, 30, 35)))
    plan = PatientPlan(number, person, "", "clean", date(2025, 6, 1), date(2025, 6, 1), ef_stratum(ef), ef)
    plan.ef_style = style
    plan.rwma_severity, plan.pah = _draw(rng, _RWMA), _draw(rng, _PAH)
    if many_digits and rng.random() < 0.5:
        plan.pah, plan.pah_style = pick(rng, ("mild", "moderate", "severe", "number_only")), "rvsp_range"
    if plan.rwma_severity == "none" and level and rng.random() < 0.15:
        plan.rwma_style = "rwma_not_mentioned"
    elif plan.rwma_severity != "none" and level and rng.random() < 0.1:
        plan.rwma_style = "ungraded_hypokinesia"
    return plan


def _crop(plan: PatientPlan, rng: np.random.Generator, level: int, layout: str | None) -> Crop | None:
    """None when these words do not fit on the crop; other words are then drawn."""
    ef, walls, pressure = (make(plan, False, rng) for make in (ef_statement, rwma_statement, pah_statement))
    findings = _findings(ef, walls, pressure)
    if layout == "table":
        return _table(plan, findings, rng)
    groups = [_texts(statement) for statement in (ef, walls, pressure) if statement is not None]
    if level and rng.random() < 0.4:
        groups = [groups[place] for place in rng.permutation(len(groups))]
    lines = [line for group in groups for line in group]
    if len(lines) < 4 and level and rng.random() < 0.5:
        other = pick(rng, _OTHER_LINES) if rng.random() < 0.6 else f"{plan.person.title} {plan.person.name}"
        lines.insert(int(rng.integers(len(lines) + 1)), other)
    quotes = _quotes(ef, walls, pressure)
    printed = _printed(findings, quotes)
    if rng.random() < 0.35:
        lines = [capitals(line) for line in lines]
        quotes = {field: capitals(quote) for field, quote in quotes.items()}
    if findings.lv_function:
        kept = [line for line in lines if findings.lv_function.lower() in line.lower()]
        start = kept[0].lower().index(findings.lv_function.lower())
        words = kept[0][start : start + len(findings.lv_function)]
        findings = findings.model_copy(update={"lv_function": words})
    chosen = layout or ("numbered" if level and rng.random() < 0.3 else "lines")
    if chosen == "numbered":
        lines = [f"{number}. {line}" for number, line in enumerate(lines, start=1)]
    if len(lines) > 4 or max(len(line) for line in lines) > 38:
        return None
    return Crop(plan.person, chosen, tuple(lines), findings, quotes, printed)


def _findings(*statements: Statement | None) -> Findings:
    facts: dict[str, Any] = {}
    for statement in statements:
        facts |= statement.facts if statement is not None else {}
    return Findings(**facts)


def _texts(statement: Statement) -> list[str]:
    """The conclusion, and the finding where it says something else."""
    phrases: list[Phrase] = [
        phrase for phrase in (statement.finding, statement.conclusion) if phrase is not None
    ]
    return list(dict.fromkeys(phrase.text for phrase in phrases))


def _quotes(*statements: Statement | None) -> dict[str, str]:
    quotes: dict[str, str] = {}
    for statement in statements:
        if statement is None:
            continue
        for phrase in (statement.finding, statement.conclusion):
            for mark in phrase.marks if phrase is not None else ():
                part = {"ef_percent": _EF_PART, "rvsp_mmhg": _RVSP_PART}.get(mark.tag)
                found = part.search(phrase.text) if part is not None and phrase is not None else None
                quotes[mark.tag] = found[0] if found else mark.quote
    quotes.pop("lv_function", None)
    return quotes


def _printed(findings: Findings, quotes: Mapping[str, str]) -> dict[str, str]:
    """Numbers that are printed as a range, as they are printed."""
    printed = {}
    if findings.ef_low is not None:
        printed["ef_percent"] = f"{findings.ef_low:g}-{findings.ef_high:g}"
    pressures = re.findall(r"\d+-\d+", quotes.get("rvsp_mmhg", ""))
    if pressures:
        printed["rvsp_mmhg"] = pressures[0]
    return printed


def _table(plan: PatientPlan, findings: Findings, rng: np.random.Generator) -> Crop | None:
    """A two-column table: words, order and font that training never shows."""
    if findings.ef_percent is None or findings.ef_operator != "=":
        return None
    rows: list[tuple[str, str, str]] = []
    if findings.pah in ("none", "mild", "moderate", "severe"):
        rows.append(("pah", "Pulm. hypertension", "nil" if findings.pah == "none" else findings.pah.value))
    elif findings.pah == "present_unspecified":
        return None
    if findings.rvsp_mmhg is not None:
        rows.append(("rvsp_mmhg", "PA pressure", f"{findings.rvsp_mmhg:g} mmHg"))
    walls = findings.rwma_walls
    if findings.rwma == "absent":
        rows.append(("rwma", "Wall motion", "normal"))
    elif findings.rwma == "present":
        if len(walls) != 1 or walls[0] in ("mid", "basal") or findings.rwma_severity.value not in _WALL_SHORT:
            return None
        rows.append(("rwma", "Wall motion", f"{findings.rwma_severity.value}, {walls[0]}"))
    low, high = findings.ef_low, findings.ef_high
    number = f"{findings.ef_percent:g}" if low is None else f"{low:g}-{high:g}"
    rows.append(("ef_percent", "Ejection fraction", f"{number} %"))
    plain = findings.model_copy(update={"lv_function": None})
    quotes = {field: f"{label} {value}" for field, label, value in rows}
    lines = tuple(f"{label}\t{value}" for _, label, value in rows)
    return Crop(plan.person, "table", lines, plain, quotes, _printed(findings, quotes))


_SYLLABLES = ("va", "ri", "ton", "hyp", "mil", "sep", "tal", "or", "dy", "nor", "mal", "ven", "tri", "cle",
"pul", "mo",
              "EF", "LV", "RW", "PH", "MA", "Kal", "Sol", "Wa", "Bas", "ejec", "frac", "press", "ure", "wall",
              "jug",
              "qua", "zo", "xi", "fib", "kin", "ese", "ap", "ical", "lat")  # fmt: skip
_SIGNS = ("%", "%", "mmHg", "=", ":", ">", "<", "~", "-", "(", ")", ",", "/", "+", "mm")


def scribble(crop: Crop, rng: np.random.Generator) -> Crop:
    """The crop with meaningless lines in place of its own: for teaching letters, never with an answer."""
    lines = []
    for _ in range(int(rng.integers(4, 9))):
        words: list[str] = []
        while len(" ".join(words)) < 34:
            kind = rng.random()
            if kind < 0.4:
                words.append(str(int(rng.integers(0, 10 ** int(rng.integers(1, 4))))))
            elif kind < 0.55:
                words.append(pick(rng, _SIGNS))
            else:
                words.append("".join(pick(rng, _SYLLABLES) for _ in range(int(rng.integers(1, 4)))))
        line = " ".join(words)[: int(rng.integers(12, 34))]
        lines.append(line.upper() if rng.random() < 0.25 else line)
    return Crop(crop.person, "lines", tuple(lines), crop.findings, {}, {})
