"""A second answer that stands in the report: where the rules had to choose, a person should look.

Values that were told apart by their kind (a reference range, an earlier date, a ticked option) are not here
any more; what is left of a field should say one thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from db.fields.names import CARD_FIELDS, of_fields
from db.labels import Findings, Pah, RwmaSeverity
from labeling.rules.ef_context import is_other_chamber
from labeling.rules.ef_patterns import LABEL, OTHER_PERCENT, STRESS, TOPIC_CHANGE
from labeling.rules.ejection_fraction import EfMention
from labeling.rules.kinds.passages import FIELD_WORDS, fields_named
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL
from labeling.rules.pulmonary_hypertension import PahAssertion
from labeling.rules.pulmonary_patterns import TERM
from labeling.rules.rvsp import RvspMention
from labeling.rules.silence import silent_fields
from labeling.rules.surroundings.rival_rows import side_by_side
from labeling.rules.walls.assertion import WallAssertion

# Methods that differ so little measured one heart; cells of a row are of two days or two people.
_SAME_EF_POINTS: Final = 2.5
_SAME_MMHG: Final = 5.0
_REACH: Final = 90
_LINES_BELOW: Final = 4
_PERCENT: Final = re.compile(r"(?<![\d./-])(?P<n>[1-8]\d(?:\.\d)?)\s*(?:%|percent\b)")
_CELLS: Final = re.compile(
    r"(?P<first>[1-8]\d)\s*%?(?P<gap>\s*[|;]\s*|\s{2,}|\s*(?:-+>|=>|\u2192)\s*)(?P<n>[1-8]\d)\s*%?"
    r"(?=\s*(?:$|[\n\v|;.,()])|\s{2})"
)
# "EF: 1. 55 % 2. 50 %": two readings, each with its number in a list.
_NUMBERED: Final = re.compile(r"(?<![\d.])[2-9][.)]\s+(?P<n>[1-8]\d(?:\.\d)?)\s*%")
# "EF by: eye 50; Simpson 43; MUGA 45".
_BY_METHOD: Final = re.compile(
    r"\b(?:eye|visual\w*|simpson\w*|bi-?plane|triplane|bp|3d|2d|m-?mode|teich\w*|muga|c?mri?|contrast|"
    r"auto\w*)"
    r"\s*(?:\([^)\n]{0,20}\)\s*)?[:=]?\s*(?P<n>[1-8]\d(?:\.\d)?)(?![\d/.-]|\s*(?:mm|cm|ml|m/s|ms|yr|year))"
)
# A line below that goes on with the row of studies.
_DATED_BELOW: Final = re.compile(
    r"\n\s*[*-]?\s*(?:(?:19|20)\d\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|"
    r"\d{1,2}[/.-]\d|"
    r"(?:this|current|present|last|previous|baseline|today|now|pre|post|month|week|visit|day|admission|"
    r"discharge|follow)\b)"
)
_PRESSURE_CELLS: Final = re.compile(
    r"[^\d\n]{0,24}(?P<first>\d{2,3})\s*(?:mm\s?hg)?(?:\s{2,}|\s*\|\s*)(?P<n>\d{2,3})\s*(?:mm\s?hg)?"
    r"(?=\s*$|\s{2}|\s*\|)"
)
_STRESS_LINE: Final = re.compile(r"\b(?:rest|stress|exercise|peak|dobutamine|\d+ w)\b")
_NOT_THE_EF: Final = re.compile(
    r"\b(?:fs|rvef|laef|shortening|fractional|fac|gls|strain|stenosis|saturation|spo2|target|goal|normal|n|"
    r"ref)\b"
)
_GRADE: Final = r"(?:nil|none|no|absent|normal|mild|moderate|severe)"
_GRADE_CELLS: Final = re.compile(
    rf"[\s:|=-]*>*(?P<first>{_GRADE})\b<*(?:\s*\|\s*|\s{{2,}})[>\s]*(?P<second>{_GRADE})\b"
)
_POINTED_AT: Final = {
    **FIELD_WORDS,
    CARD_FIELDS[-1]: re.compile(rf"{TERM.pattern}|\bp(?:a|ulmonary)(?: artery)? pressure"),
}
# "moderate <-", ">>severe<<": one of a list is pointed at.
_POINTED: Final = re.compile(r"[a-z]\s*<\s?-|>>\s?[a-z]|\banswer\s*[:=]")


def rival_fields(
    text: str,
    findings: Findings,
    ef: Sequence[EfMention],
    walls: Sequence[WallAssertion],
    pah: Sequence[PahAssertion],
    rvsp: Sequence[RvspMention],
) -> set[str]:
    """The fields that the findings of a report answer in more than one way.

    Args:
        text: the report after everything that is no finding was taken out.
        ef, walls, pah, rvsp: all that the rules found in it.
    """
    has_rival = of_fields(
        ef_percent=_has_other_ef(text, findings) or _differ(ef, findings),
        rwma=_has_other_severity(walls),  # the wall-motion rule says itself that it is contradicted
        pah=_has_other_grade(pah) or _has_grade_cells(text),
        rvsp_mmhg=_has_other_pressure(rvsp, findings) or _has_pressure_cells(text, findings),
    )
    named = {field for field, is_so in has_rival.items() if is_so}
    return named | _pointed_fields(text) | (side_by_side(text) - silent_fields(findings))


def _has_other_severity(walls: Sequence[WallAssertion]) -> bool:
    """Whether the same walls have two grades."""
    graded = {
        (one.walls, one.severity)
        for one in walls
        if one.stance == "present" and one.severity is not RwmaSeverity.NOT_STATED and not one.is_stress
    }
    return len({named for named, _ in graded}) < len(graded)


def _differ(mentions: Sequence[EfMention], findings: Findings) -> bool:
    """Whether today's heart at rest has numbers that methods alone don't part, with a percent sign
    or none.
    """
    if findings.ef_percent is None:
        return False
    low, high = findings.ef_low or findings.ef_percent, findings.ef_high or findings.ef_percent
    today = [
        one.percent for one in mentions if not (one.is_previous or one.is_stress or one.is_earlier_study)
    ]
    return any(not low - _SAME_EF_POINTS <= percent <= high + _SAME_EF_POINTS for percent in today)


def _has_other_ef(text: str, findings: Findings) -> bool:
    if findings.ef_percent is None:
        return False
    low, high = findings.ef_low or findings.ef_percent, findings.ef_high or findings.ef_percent
    return any(not low - within <= number <= high + within for number, within in _numbers_near_ef(text))


def _numbers_near_ef(text: str) -> Iterator[tuple[float, float]]:
    """Percentages and cells that may be an ejection fraction, behind its name with no other quantity between;
    and how far another one may be from each to be the same.
    """
    for label in LABEL.finditer(text):
        if is_other_chamber(text, text.rfind("\n", 0, label.start()) + 1, label):
            continue
        limit = _reach(text, label.end())
        for found in _PERCENT.finditer(text, label.end(), limit):
            if not _is_of_another(text, label.end(), found):
                yield float(found.group("n")), _SAME_EF_POINTS
        for found in _BY_METHOD.finditer(text, label.end(), limit):
            yield float(found.group("n")), _SAME_EF_POINTS
        for found in _NUMBERED.finditer(text, label.end(), limit):
            yield float(found.group("n")), 1.0
        for found in _CELLS.finditer(text, label.end(), limit):
            if not _is_of_another(text, label.end(), found):
                yield float(found.group("n")), 1.0
                if ">" in found.group("gap") and _STRESS_LINE.search(text, label.end(), limit + 30):
                    yield float(found.group("first")), 1.0


def _reach(text: str, start: int) -> int:
    """How far a label may name numbers: its line, and the lines below a heading without any."""
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    if re.search(r"\d", text[start:end]) and not _DATED_BELOW.match(text, end):
        return min(end, start + _REACH)
    for _ in range(_LINES_BELOW):
        below = text.find("\n", end + 1)
        below = len(text) if below < 0 else below
        if not re.search(r"\d\s*%", text[end:below]) or fields_named(text[end:below]):
            break
        end = below
    return end


def _is_of_another(text: str, start: int, found: re.Match[str]) -> bool:
    between = text[start : found.start("n")]
    is_elsewhere = TOPIC_CHANGE.search(between) or _NOT_THE_EF.search(between)
    return bool(is_elsewhere) or OTHER_PERCENT.match(text, found.end("n")) is not None


def _has_grade_cells(text: str) -> bool:
    """Whether the row of the term holds two grades: of two days, or of a list with one marked."""
    rows = (_GRADE_CELLS.match(text, term.end()) for term in TERM.finditer(text))
    return any(row is not None and row.group("first") != row.group("second") for row in rows)


def _pointed_fields(text: str) -> set[str]:
    """The fields named last before an arrow or an answer that points at one option of several."""
    found: set[str] = set()
    for mark in _POINTED.finditer(text):
        lead = text[max(0, mark.start() - 160) : mark.start() + 1]
        places = {
            field: last[-1].end()
            for field, words in _POINTED_AT.items()
            if (last := list(words.finditer(lead)))
        }
        found |= {field for field, end in places.items() if end == max(places.values())}
    return found


def _has_other_grade(assertions: Sequence[PahAssertion]) -> bool:
    """Whether two grades are printed, or a grade and a denial; "PAH" and "mild PAH" say the same."""
    said = {one.pah for one in assertions if not one.is_worded_as_pressure} - {Pah.PRESENT_UNSPECIFIED}
    return len(said) > 1


def _has_pressure_cells(text: str, findings: Findings) -> bool:
    """Whether the row of the pressure holds two numbers, or it rose or fell under stress."""
    if findings.rvsp_mmhg is None:
        return False
    for label in RVSP_LABEL.finditer(text):
        end = text.find("\n", label.end())
        line = text[label.end() : end if end >= 0 else len(text)]
        cells = _PRESSURE_CELLS.match(line)
        if cells and abs(float(cells.group("first")) - float(cells.group("n"))) >= 1:
            return True
        if STRESS.search(text) and re.search(r"\bfrom\s+\d{2}\b[^.;\n]{0,12}\bto\s+\d{2}\b", line):
            return True
    return False


def _has_other_pressure(mentions: Sequence[RvspMention], findings: Findings) -> bool:
    if findings.rvsp_mmhg is None:
        return False
    at_rest = [one.mmhg for one in mentions if one.rank > -50]
    return any(abs(mmhg - findings.rvsp_mmhg) > _SAME_MMHG for mmhg in at_rest)
