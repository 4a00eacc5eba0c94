"""A line is only trusted if it is understood: what around a value wants a person.

The values stay what the rules read. Looked at are the clause a value was taken from, the clauses beside it,
the opening of its sentence, the sentences before and behind, the headings over it, and what is said of a
field answered by silence. A word that is neither used by the rules nor known to change
nothing, a sign or a number that belongs to nothing, or another answer among the passages that were taken out
for being no finding: each takes the green light away, and says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from db.fields.names import FIELDS, of_fields
from db.labels import Findings, Pah
from labeling.rules.ef_patterns import OTHER_ORGAN
from labeling.rules.ejection_fraction import find_ef_mentions
from labeling.rules.kinds.cells import DATE
from labeling.rules.kinds.passages import LineKind, fields_named
from labeling.rules.kinds.sort_out import SortedText
from labeling.rules.pulmonary_hypertension import find_pah_assertions
from labeling.rules.rvsp import find_rvsp
from labeling.rules.sections import Statement, split_statements
from labeling.rules.surroundings.clauses import Reach, Span, reach_of
from labeling.rules.surroundings.form_print import (
    of_this_stay_blanked,
    understood_blanked,
    without_form_print,
)
from labeling.rules.surroundings.sentences import Doubt, DoubtKind, doubt_of_word
from labeling.rules.surroundings.strange_signs import strange_numbers, strange_signs
from labeling.rules.surroundings.strange_words import strange_words
from labeling.rules.surroundings.told_in_words import is_told_in_words
from labeling.rules.surroundings.turning_words import (
    ALARM,
    CORRECTION,
    HEADING_WORDS,
    LABEL_WORDS,
    OF_TODAY,
    STUDY_WORDS,
    TURNS_NEARBY,
    WORDS_NEARBY,
    Turn,
)
from labeling.rules.wall_motion import find_wall_assertions
from labeling.rules.wrapping import SOFT_BREAK

# What a statement speaks of when it may answer a field in words that no rule reads.
_TOPICS: Final[dict[str, re.Pattern[str]]] = of_fields(
    ef_percent=re.compile(
        r"\bef\b|\blvef|ejection|\bpump|\b(?:lv|left ventricular|systolic)\b.{0,80}?\d{2}\s*%"
    ),
    rwma=re.compile(
        r"\b(?:wall|septal|apical|segment)\b.{0,80}?\b(?:mov\w*|motion|contract\w*|thicken\w*|bulg\w*|"
        r"systol\w*|function|hypo\w*|scar\w*)"
    ),
    pah=re.compile(
        r"\bpulmonary (?:art\w+ )?(?:pressure|hyper\w*)|\bpah\b|\bpht|\bpa pressure|\bpa systolic"
    ),
    rvsp_mmhg=re.compile(r"\brv\s?sp|\bpasp|\b(?:pa|rv|pulmonary)\b.{0,25}\bpressure"),
)
_NUMBERS: Final = ("ef_percent", "rvsp_mmhg")
_OTHER_POINTS: Final = 5.0
# Ranges and keys say numbers beside every value; they are nobody's.
_NO_ANSWER: Final = (
    LineKind.REFERENCE,
    LineKind.GRADING,
    LineKind.LEGEND,
    LineKind.OPTIONS,
    LineKind.BARE_LABEL,
    LineKind.TARGET,
    LineKind.COMPARED,
)


def doubts_by_field(text: SortedText, findings: Findings, spans: Mapping[str, Span]) -> dict[str, Doubt]:
    """The first doubt about each field; fields without one are missing.

    Args:
        spans: by field, the half-open range of the normalised text that its value rests on; none where the
            report is silent.
    """
    left = text.normal.text
    plain = understood_blanked(left)
    dateless = of_this_stay_blanked(plain, text.said)
    statements = split_statements(text.said.replace(SOFT_BREAK, " "))
    alarms = _alarms(left, statements)
    found: dict[str, Doubt] = {}
    for field in FIELDS:
        reach = reach_of(left, statements, spans[field]) if field in spans else None
        every: Iterator[Doubt] = iter(())
        if field in alarms:
            every = iter((Doubt(DoubtKind.ALARM, alarms[field]),))
        elif reach is None:
            every = _of_topic(field, left, plain, statements)
        else:
            # Of a head that was left out itself ("Criteria: EF > 40 %; ...") the words still count.
            head = understood_blanked(text.said[slice(*reach.head)].split(":")[0])
            every = chain(
                _turns_in(head, is_of_today=False),
                _around(field, left, dateless, reach, spans),
            )
        doubt = next(every, None)
        if doubt is not None:
            found[field] = doubt
    for field in _answered_otherwise(text, findings, statements):
        found.setdefault(field, Doubt(DoubtKind.OTHER_ANSWER))
    return found


def _around(field: str, left: str, plain: str, reach: Reach, spans: Mapping[str, Span]) -> Iterator[Doubt]:
    """All that is strange around a value, the nearest first."""
    yield from map(doubt_of_word, strange_words(plain[slice(*reach.clause)]))
    is_of_today = OF_TODAY.search(left, *reach.clause) is not None
    for part in reach.framing:
        yield from _turns_in(plain[slice(*part)], is_of_today=is_of_today)
    for statement in reach.statements:
        yield from _of_shape(field, left, plain, statement, reach, spans)
    for statement in reach.neighbours:
        words = strange_words(plain[statement.start : statement.end])
        yield from (doubt_of_word(one) for one in words if one[1] in TURNS_NEARBY or one[0] in WORDS_NEARBY)
    for part in reach.headings:
        words = strange_words(plain[slice(*part)])
        yield from (doubt_of_word(one) for one in words if one[1] and one[0] not in HEADING_WORDS)
    for part in reach.answered:
        words = strange_words(plain[slice(*part)])
        plain_label = HEADING_WORDS if STUDY_WORDS.search(plain, *part) else LABEL_WORDS
        yield from (doubt_of_word(one) for one in words if one[1] and one[0] not in plain_label)


def _turns_in(text: str, *, is_of_today: bool) -> Iterator[Doubt]:
    """The turning words of a stretch; where the value says that it is of today, those of other days don't."""
    for word, turn in strange_words(text):
        if turn and not (is_of_today and turn is Turn.OTHER_DAY):
            yield doubt_of_word((word, turn))


def _of_shape(
    field: str, left: str, plain: str, statement: Statement, reach: Reach, spans: Mapping[str, Span]
) -> Iterator[Doubt]:
    """Signs, numbers and dates in a value's statement that belong to nothing known."""
    start, end = statement.start, statement.end
    signs = strange_signs(field, without_form_print(left)[start:end], left[start : spans[field][0]])
    yield from (Doubt(DoubtKind.SIGN, sign) for sign in signs)
    if field in _NUMBERS:
        near = max(start, reach.near[0]), min(end, reach.near[1])
        numbers = strange_numbers(left, *near, sorted(spans.values()), spans[field])
        yield from (Doubt(DoubtKind.NUMBER, number) for number in numbers)
    yield from (Doubt(DoubtKind.DATE, date.group()) for date in DATE.finditer(plain, start, end))


def _alarms(left: str, statements: Sequence[Statement]) -> dict[str, str]:
    """By field, a word that may change everything: anywhere for some, for corrections where they stand."""
    found: dict[str, str] = {}
    for number, one in enumerate(statements):
        correction = CORRECTION.search(left, one.start, one.end)
        if correction:
            beside = statements[max(0, number - 1) : number + 2]
            named = fields_named(left[beside[0].start : beside[-1].end])
            found |= dict.fromkeys(named or FIELDS, correction.group().strip(" \n:"))
    alarm = ALARM.search(left)
    return dict.fromkeys(FIELDS, alarm.group()) if alarm else found


def _of_topic(field: str, left: str, plain: str, statements: Sequence[Statement]) -> Iterator[Doubt]:
    """Strange words where a silent field is spoken of."""
    for one in statements:
        body = left[one.start : one.end]
        if field == "rvsp_mmhg" and is_told_in_words(left, body, one.end):
            continue
        if _TOPICS[field].search(body) and not OTHER_ORGAN.search(body):
            yield from map(doubt_of_word, strange_words(plain[one.start : one.end]))


def _answered_otherwise(text: SortedText, findings: Findings, statements: Sequence[Statement]) -> set[str]:
    """The fields that the report answers in another way where a passage was taken out as no finding."""
    asides = [one for one in text.passages if one.kind not in _NO_ANSWER and one.end > one.start]
    if not asides:
        return set()
    said = text.said.replace(SOFT_BREAK, " ")
    others: dict[str, list[Span]] = of_fields(
        ef_percent=[
            (one.start, one.end)
            for one in find_ef_mentions(said, statements)
            if _differ(one.percent, findings.ef_percent)
        ],
        rwma=[
            (one.start, one.end)
            for one in find_wall_assertions(statements)
            if {one.stance, findings.rwma.value} == {"present", "absent"}
        ],
        pah=[
            (one.start, one.end)
            for one in find_pah_assertions(statements)
            if findings.pah not in (Pah.NOT_STATED, one.pah)
        ],
        rvsp_mmhg=[
            (one.start, one.end)
            for one in find_rvsp(said, statements)
            if _differ(one.mmhg, findings.rvsp_mmhg)
        ],
    )
    return {
        field
        for field, places in others.items()
        if any(one.start < end and start < one.end for one in asides for start, end in places)
    }


def _differ(one: float, other: float | None) -> bool:
    return other is not None and abs(one - other) > _OTHER_POINTS
