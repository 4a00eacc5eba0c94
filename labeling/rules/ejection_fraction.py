"""Find the left ventricle's ejection fraction in a normalised report: each mention, then the one that counts.

A mention is a label, an allowed gap, and a number. Mentions of other organs, earlier studies, reference
ranges and stress images are recognised as what they are; the rest are ranked (conclusion over findings over
history, rest over stress, biplane and estimate over single plane and Teichholz). Conventions:
`docs/codebook.md`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from db.labels import EF_MAX_PERCENT, EF_MIN_PERCENT, EfOperator
from labeling.rules.ef_context import (
    LEAD_CHARACTERS,
    SECTION_RANK,
    cites_earlier_study,
    is_of_another_organ,
    is_other_chamber,
    operator_before,
    printed_operator,
    rank_mention,
    speaks_of_earlier_study,
    speaks_of_stress,
)
from labeling.rules.ef_patterns import (
    EF_SLOPE,
    JUST,
    LABEL,
    NO_REDUCED,
    NORMAL_RANGE,
    NUMBER_FIRST,
    PANEL_VALUE,
    PLACE,
    PRONOUN,
    RIGHT,
    THRESHOLD,
    VALUE,
)
from labeling.rules.ef_value import (
    gap_verdict,
    improved_to,
    number_start,
    operator_start,
    read_value,
    skip_reference_notes,
    value_end,
)
from labeling.rules.sections import Statement

# One of these is in everything that `NORMAL_RANGE` finds; looking for them costs next to nothing.
_TEACHING = ("normal", "means", "denotes", "refers to", "defined")

_COMPARED = re.compile(r"\b(?:compared|comparison) (?:to|with)\b")


@dataclass(frozen=True, kw_only=True)
class EfMention:
    """One number that claims to be an ejection fraction.

    Attributes:
        start, end: label to number, half-open, in the normalised text.
        number_start, number_end: the digits (and % sign) alone.
        percent: value or midpoint; low, high: printed bounds, percent; operator: how it was printed.
        section: where it stands. rank: higher wins. is_previous, is_stress: kept out unless nothing else is
            there.
        certainty: 0-1, how sure the wording makes us that this is what it seems.
        sentence: the statement it stands in, half-open.
        is_earlier_study: the words before it cite an earlier study.
    """

    start: int
    end: int
    number_start: int
    number_end: int
    percent: float
    low: float | None
    high: float | None
    operator: EfOperator
    section: str
    rank: float
    is_previous: bool
    is_stress: bool
    certainty: float
    sentence: tuple[int, int] = (0, 0)
    is_earlier_study: bool = False


def find_ef_mentions(text: str, statements: Sequence[Statement]) -> list[EfMention]:
    """Every plausible LVEF mention of a normalised report, in order of appearance."""
    mentions: list[EfMention] = []
    for index, statement in enumerate(statements):
        if is_of_another_organ(statements, index):
            continue
        mentions.extend(_mentions_in(text, statement, statements, index))
    return mentions


def choose_ef(mentions: Sequence[EfMention], *, function_words_at: int | None = None) -> EfMention | None:
    """The mention that counts by the codebook, or None. Earlier studies never count; stress only when alone.

    A value cited from an earlier study counts in a note that has nothing newer, but not in a report that
    gives today's function in words, in another sentence (`function_words_at`: where, in the normalised text).
    """
    usable = [
        mention
        for mention in mentions
        if not mention.is_previous
        and not (mention.is_earlier_study and _is_outside(function_words_at, mention.sentence))
    ]
    if not usable:
        return None
    best = max(usable, key=lambda mention: (mention.rank, -mention.start))
    if best.is_stress:
        return replace(best, certainty=min(best.certainty, 0.6))
    others = {m.percent for m in usable if abs(m.rank - best.rank) < 0.5 and not m.is_stress}
    if max(others, default=best.percent) - min(others, default=best.percent) > 5:
        return replace(best, certainty=min(best.certainty, 0.6))
    return best


def _is_outside(position: int | None, span: tuple[int, int]) -> bool:
    return position is not None and not span[0] <= position < span[1]


def _mentions_in(
    text: str, statement: Statement, statements: Sequence[Statement], index: int
) -> list[EfMention]:
    """The mentions of one statement: behind a label, before one, later values of a panel, by a pronoun."""
    labels = list(LABEL.finditer(text, statement.start, statement.end))
    found: list[EfMention] = []
    for label, following in zip_longest(labels, labels[1:]):
        limit = following.start() if following else _reach(statements, index, label.end())
        if not _is_another_value(text, statement, label):
            found.extend(_after_label(text, statement, label.start(), label.end(), limit))
    taken = [(mention.number_start, mention.number_end) for mention in found]
    for match in NUMBER_FIRST.finditer(text, statement.start, statement.end):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            found.extend(_before_label(text, statement, match))
    if labels and found:
        found.extend(_panel_mentions(text, statement, labels[0].start(), found))
    found.extend(_pronoun_mentions(text, statement, found))
    return sorted(found, key=lambda mention: mention.start)


def _is_another_value(text: str, statement: Statement, label: re.Match[str]) -> bool:
    """Whether the label is of the right heart, of an E-F slope, of a normal range or of a threshold."""
    if is_other_chamber(text, statement.start, label) or EF_SLOPE.match(text, label.end()):
        return True
    before = text[statement.start : label.start()]
    lead = before[-LEAD_CHARACTERS:]
    is_place = PLACE.search(lead) is not None and re.match(r"\s?-\s?\d", text[label.end() :]) is not None
    if is_place or NO_REDUCED.search(lead):
        return True
    around = text[statement.start : label.end() + 36]
    is_taught = any(word in around for word in _TEACHING) and NORMAL_RANGE.search(around) is not None
    return is_taught or THRESHOLD.search(lead) is not None


# "Pump function (EF of left ventricle), per cent:" above its number.
_OF_THE_LEFT = re.compile(r"^ of (?:the )?(?:lv|left ventric\w+)\)?")


def _reach(statements: Sequence[Statement], index: int, label_end: int) -> int:
    """How far a label may look: to the end of its statement, or into the next when it ends with the label."""
    statement = statements[index]
    tail = statement.text[label_end - statement.start :]
    rest = _OF_THE_LEFT.sub("", re.sub(r"\([^)]*\)", "", tail))
    if index + 1 < len(statements) and not rest.strip(" :=.,-|\n_%"):
        following = statements[index + 1]
        if re.match(
            r"\s*[=:>~<-]?\s*\d{1,2}(?:\.\d+)?\s*(?:%|-|to\b|$|(?:or|and) (?:lower|less|below|more|above|"
            r"higher)|"
            r"p\.?\s?c)",
            following.text,
        ):
            return following.end
    return statement.end


def _after_label(
    text: str, statement: Statement, label_start: int, label_end: int, limit: int
) -> list[EfMention]:
    """The first number behind a label that the words between let through, if any."""
    window_end = min(limit, label_end + 110)
    position = skip_reference_notes(text, label_end, window_end)
    while position < window_end:
        match = re.compile(r"\d").search(text, position, window_end)
        if match is None:
            return []
        number_at = number_start(text, match.start(), label_end)
        value = VALUE.match(text, operator_start(text, number_at, label_end))
        if value is None:
            return []
        gap = text[label_end : value.start("low")]
        verdict = gap_verdict(text, gap, value)
        if verdict == "stop":
            return []
        if verdict == "take":
            mention = _build(text, statement, label_start, value, gap)
            if mention is not None:
                return [mention]
        position = value.end("low")
    return []


# "LVEF ( > 55% )" may be what is normal.
_LIMIT_ALONE = re.compile(r"\s*\(\s*[<>]\s*=?\s*(?:[<>]\s*=?\s*)?")


def _build(
    text: str, statement: Statement, label_start: int, value: re.Match[str], gap: str
) -> EfMention | None:
    improved = improved_to(text, value, statement.end)
    if improved is not None and improved.start("low") > value.start("low"):
        today = _build(text, statement, label_start, improved, "")
        is_compared = _COMPARED.search(text[statement.start : label_start][-LEAD_CHARACTERS:])
        # "Compared with 2021 the EF has risen from 40 to 60 %".
        return replace(today, is_previous=False) if today and is_compared else today
    read = read_value(value)
    if read is None:
        return None
    percent, low, high, is_repaired = read
    before = text[statement.start : label_start]
    after = text[value.end() : statement.end]
    is_previous = speaks_of_earlier_study(before, gap, after, statement.section)
    is_stress = speaks_of_stress(before, gap, after)
    operator = printed_operator(text, label_start, value, gap, statement.start)
    rank = rank_mention(text, statement, label_start, value, before, is_stress)
    # A number beats a bound: "EF not under 55 %" may be a rule of the house.
    rank -= operator in (EfOperator.ABOVE, EfOperator.BELOW)
    is_plain = value.group("p1") or value.group("p2") or low is not None
    certainty = min(0.97 if is_plain else 0.85, _doubted(value, gap, percent, is_repaired))
    end = value_end(value)
    return EfMention(
        start=label_start,
        end=end,
        number_start=value.start("low"),
        number_end=end,
        percent=percent,
        low=low,
        high=high,
        operator=operator,
        section=statement.section,
        rank=rank,
        is_previous=is_previous,
        is_stress=is_stress,
        certainty=certainty,
        sentence=(statement.start, statement.end),
        is_earlier_study=cites_earlier_study(before),
    )


def _doubted(value: re.Match[str], gap: str, percent: float, is_repaired: bool) -> float:
    """How sure a number can be at most: repaired, just reached or perhaps a limit, or tiny."""
    if percent < 10:
        return 0.4  # far likelier a lost digit than a heart: a person has to look
    if is_repaired:
        return 0.55
    is_open = JUST.search(gap) or _LIMIT_ALONE.fullmatch(gap + (value.group("op") or ""))
    return 0.6 if is_open else 1.0


def _before_label(text: str, statement: Statement, match: re.Match[str]) -> list[EfMention]:
    """ "45% ejection fraction": the number stands before its label."""
    low = float(match.group("low"))
    high = float(match.group("high")) if match.group("high") else None
    if high is not None and not low < high <= low + 20:
        return []
    percent = low if high is None else (low + high) / 2
    if not EF_MIN_PERCENT <= percent <= EF_MAX_PERCENT:
        return []
    before = text[statement.start : match.start()]
    after = text[match.end() : statement.end]
    if RIGHT.search(re.sub(r"(?:lvef|lv ef|ef|(?:lv )?ejection fraction)$", "", match.group())) or re.match(
        r"\s*slope", after
    ):
        return []
    is_stress = speaks_of_stress(before, "", after)
    rank = SECTION_RANK[statement.section] - (100 if is_stress else 0)
    mention = EfMention(
        start=match.start(),
        end=match.end(),
        number_start=match.start("low"),
        number_end=match.end(),
        percent=percent,
        low=low if high is not None else None,
        high=high,
        operator=operator_before(before[-28:]),
        section=statement.section,
        rank=rank,
        is_previous=speaks_of_earlier_study(before, "", after, statement.section),
        is_stress=is_stress,
        certainty=0.9,
    )
    return [mention]


def _panel_mentions(
    text: str, statement: Statement, label_start: int, found: Sequence[EfMention]
) -> list[EfMention]:
    """ "LVEF 4C 47%, 2C 51%, BP 49%": later values of a panel carry their method but not the label."""
    taken = {mention.number_start for mention in found}
    mentions: list[EfMention] = []
    for method in PANEL_VALUE.finditer(text, found[0].end, statement.end):
        value = VALUE.match(text, method.end())
        if value is None or value.start("low") in taken or not (value.group("p1") or value.group("p2")):
            continue
        mention = _build(text, statement, label_start, value, text[method.start() : method.end()])
        if mention is not None:
            mentions.append(replace(mention, rank=SECTION_RANK[statement.section] + 2))
    return mentions


def _pronoun_mentions(text: str, statement: Statement, found: Sequence[EfMention]) -> list[EfMention]:
    """ "The ejection fraction was low normal; it was estimated 50 to 54%": the label is a pronoun."""
    label = LABEL.search(text, statement.start, statement.end)
    if label is None or found:
        return []
    pronoun = PRONOUN.search(text, label.end(), statement.end)
    if pronoun is None:
        return []
    value = VALUE.match(text, pronoun.end())
    if value is None or not (value.group("p1") or value.group("p2")):
        return []
    mention = _build(text, statement, label.start(), value, text[pronoun.start() : pronoun.end()])
    return [mention] if mention is not None else []
