"""The signals of the ranking that need no model: other readers, checks, rare values, time spent.

Every weight is the logarithm of a likelihood ratio, "this is seen when the label is wrong" against "when it
is right". The constants are assumptions written down before anything was measured, not fitted;
`docs/label-noise.md` gives them in words.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

from db.fields.sameness import Match
from db.labels import SURROUNDINGS, Check
from pipeline.curation.records import (
    FIELD_NAMES,
    NOTHING,
    FieldLabel,
    LabelledRecord,
    Saying,
    Signal,
    Voice,
    Weighed,
)

# How often a wrong label says the same as a reader. Half of them are wrong drafts that somebody overlooked;
# two readers that do not see each other seldom make the same mistake.
SAME_ERROR_SHOWN: Final = 0.5
SAME_ERROR_UNSEEN: Final = 0.05
# A reader that found nothing is less of a contradiction than one that found another value; a detail still
# less.
PART: Final = {
    Match.SAME: 1.0,
    Match.DIFFERENT: 1.0,
    Match.FOUND_BY_OTHER: 1.0,
    Match.MISSED_BY_OTHER: 0.5,
    Match.DETAIL: 0.3,
    Match.NO_SAY: 0.0,
}
# Machine readings of one page share its shadows and often their rules: all but the loudest count half.
SHARED_PAGE: Final = 0.5
RELIABILITY_LIMITS: Final = (0.5, 0.97)
# A passed comparison vouches a little: most wrong values of a field would pass it too.
PASSED: Final = -0.2
# Rare is not wrong: rarity orders what nobody else speaks about. 1.5 was tried and let rare right labels push
# out wrong ones that one reader contradicts; see docs/label-noise.md for the cohorts this was seen on.
MOST_RARE: Final = 0.5
MOST_ODD_PAIR: Final = 1.0
# Pseudo-records a site's own shares are mixed with, from all sites.
SITE_PSEUDO: Final = 20.0
PAIR_PSEUDO: Final = 5.0
# Fewer readings than this say nothing about a person's usual time.
LEAST_READINGS: Final = 8
MOST_HASTE: Final = 1.0
# Standard deviations of the logarithm of the time below which it counts as haste.
HASTE_FROM: Final = 2.0

_CONTRADICTS: Final = (Match.DIFFERENT, Match.FOUND_BY_OTHER, Match.MISSED_BY_OTHER)


def reader_signal(records: Iterable[LabelledRecord]) -> Signal:
    """What the draft, other machine readings and other people say."""
    found = {}
    for record in records:
        for name, label in record.fields.items():
            sayings = [
                one for one in label.sayings if not (record.is_adjudicated and one.speaker is Voice.PERSON)
            ]
            found[record.case_id, name] = Weighed(_readers_weight(sayings), _readers_reason(label, sayings))
    return found


def weight_of(saying: Saying) -> float:
    """The weight of one saying alone."""
    low, high = RELIABILITY_LIMITS
    right = min(high, max(low, saying.reliability))
    same_error = SAME_ERROR_SHOWN if saying.was_shown else SAME_ERROR_UNSEEN
    ratio = same_error / right if saying.match is Match.SAME else (1 - same_error) / (1 - right)
    return PART[saying.match] * math.log(ratio)


def _readers_weight(sayings: Sequence[Saying]) -> float:
    machine = sorted(
        (weight_of(one) for one in sayings if one.speaker is not Voice.PERSON), key=abs, reverse=True
    )
    people = sum(weight_of(one) for one in sayings if one.speaker is Voice.PERSON)
    return people + sum(machine[:1]) + SHARED_PAGE * sum(machine[1:])


def _readers_reason(label: FieldLabel, sayings: Sequence[Saying]) -> str:
    against = [one for one in sayings if one.match in _CONTRADICTS]
    if against:
        return f"{_who(against)} {_say(against)} {_words(against)}, the label {label.words}."
    details = [one for one in sayings if one.match is Match.DETAIL]
    return f"{_who(details)} {_differ(details)} in a detail of {label.words}." if details else ""


def _who(sayings: Sequence[Saying]) -> str:
    """`The draft`, `Another person`, `The draft and 2 other readers`."""
    counts = Counter(one.speaker for one in sayings)
    names = {Voice.DRAFT: "the draft", Voice.PERSON: "another person", Voice.MACHINE: "another reader"}
    many = {Voice.DRAFT: "drafts", Voice.PERSON: "other people", Voice.MACHINE: "other readers"}
    said = [
        names[speaker] if counts[speaker] == 1 else f"{counts[speaker]} {many[speaker]}"
        for speaker in names
        if counts[speaker]
    ]
    words = " and ".join(filter(None, (", ".join(said[:-1]), said[-1])))
    return words[:1].upper() + words[1:]


def _say(sayings: Sequence[Saying]) -> str:
    return "says" if len(sayings) == 1 else "say"


def _differ(sayings: Sequence[Saying]) -> str:
    return "differs" if len(sayings) == 1 else "differ"


def _words(sayings: Sequence[Saying]) -> str:
    return " and ".join(dict.fromkeys(one.words.replace("_", " ") for one in sayings))


def text_signal(records: Iterable[LabelledRecord], *, is_beside_readers: bool) -> Signal:
    """What the report's words and numbers say about the label.

    Args:
        is_beside_readers: the draft's own say counts too, so that its quote is not to be heard a second time.
    """
    found = {}
    for record in records:
        for name, label in record.fields.items():
            quoted = [one for one in label.quote_checks if not (is_beside_readers and _is_heard(one, label))]
            checks = [*label.checks, *quoted]
            issues = sorted((one for one in checks if one.is_issue), key=lambda one: one.score)
            weight = sum(_check_weight(one) for one in checks)
            found[record.case_id, name] = Weighed(weight, issues[0].reason if issues else "")
    return found


def _is_heard(check: Check, label: FieldLabel) -> bool:
    drafts = [one for one in label.sayings if one.speaker is Voice.DRAFT]
    return not check.is_issue or any(one.match in _CONTRADICTS for one in drafts)


def _check_weight(check: Check) -> float:
    if check.name == SURROUNDINGS:
        return 0.0  # it compares nothing: it only says that nobody should rely on the reader alone
    if not check.is_issue:
        return PASSED
    score = min(0.95, max(0.05, check.score))
    return max(0.0, math.log((1 - score) / score))


def rarity_signal(records: Sequence[LabelledRecord]) -> Signal:
    """How rare the value is at its site, and how rare its combination with the other findings.

    Each label is left out of the counts it is compared with.
    """
    pairs = _odd_pairs(records)
    found = {}
    for name in dict.fromkeys(field for record in records for field in record.fields):
        of_field = [(record, record.fields[name].answer) for record in records if name in record.fields]
        everywhere = Counter(answer for _, answer in of_field)
        by_site: dict[str, Counter[str]] = defaultdict(Counter)
        for record, answer in of_field:
            by_site[record.site][answer] += 1
        for record, answer in of_field:
            single = _rare(name, answer, by_site[record.site], everywhere)
            pair = pairs.get(record.case_id, NOTHING) if name in ("ef_percent", "rwma") else NOTHING
            reason = single.reason if single.weight >= pair.weight else pair.reason
            found[record.case_id, name] = Weighed(single.weight + pair.weight, reason)
    return found


def _rare(name: str, answer: str, at_site: Counter[str], everywhere: Counter[str]) -> Weighed:
    """The label itself is among the counts and taken out."""
    n, count, n_site, count_site = everywhere.total(), everywhere[answer], at_site.total(), at_site[answer]
    share = (count - 1 + 0.5) / (n - 1 + 0.5 * len(everywhere))
    expected = (count_site - 1 + SITE_PSEUDO * share) / (n_site - 1 + SITE_PSEUDO)
    # A wrong value is any answer at all, or the answer of another patient: half and half.
    if_wrong = 0.5 / len(everywhere) + 0.5 * share
    weight = max(-MOST_RARE, min(MOST_RARE, math.log(if_wrong / expected)))
    words = answer.replace("_", " ")
    in_all = f"{count} of {n} labels"
    where = in_all if n_site == n else f"{count_site} of {n_site} labels of its site, {in_all}"
    return Weighed(weight, f"“{words}” is rare for {FIELD_NAMES[name]}: {where}." if weight > 0 else "")


def _odd_pairs(records: Sequence[LabelledRecord]) -> dict[int, Weighed]:
    """How seldom EF and wall motion go together like this, by what each would give by itself."""
    stated = [record for record in records if record.ef_band and record.rwma_grade]
    pairs = Counter((record.ef_band, record.rwma_grade) for record in stated)
    bands = Counter(record.ef_band for record in stated)
    grades = Counter(record.rwma_grade for record in stated)
    found = {}
    for record in stated:
        n = len(stated) - 1
        if n < 1:
            continue
        band, grade = record.ef_band, record.rwma_grade
        by_chance = ((bands[band] - 0.5) / n) * ((grades[grade] - 0.5) / n)
        together = (pairs[band, grade] - 1 + PAIR_PSEUDO * by_chance) / (n + PAIR_PSEUDO)
        weight = max(-MOST_ODD_PAIR, min(MOST_ODD_PAIR, math.log(by_chance / together)))
        # Either of the two may be the wrong one.
        reason = (
            f"An EF {band.replace('_', ' ')} with wall motion {grade.replace('_', ' ')} is rare:"
            f" {pairs[band, grade]} of {len(stated)} labels."
        )
        found[record.case_id] = Weighed(weight / 2, reason if weight > 0 else "")
    return found


def haste_signal(records: Sequence[LabelledRecord]) -> Signal:
    """Decided in much less than this person's usual time in the same arm; slow says nothing."""
    logs: dict[tuple[int, str], list[float]] = defaultdict(list)
    for record in records:
        if record.active_s > 0:
            logs[record.annotator, record.arm].append(math.log(record.active_s))
    usual = {key: _usual(values) for key, values in logs.items() if len(values) >= LEAST_READINGS}
    found = {}
    for record in records:
        middle, spread = usual.get((record.annotator, record.arm), (0.0, 0.0))
        if record.active_s <= 0 or not spread:
            continue
        below = (middle - math.log(record.active_s)) / spread
        weight = min(MOST_HASTE, max(0.0, 0.5 * (below - HASTE_FROM)))
        if weight > 0:
            reason = (
                f"Decided in {record.active_s:.1f} s; this person's usual time is {math.exp(middle):.0f} s."
            )
            found.update({(record.case_id, name): Weighed(weight, reason) for name in record.fields})
    return found


def _usual(logs: Sequence[float]) -> tuple[float, float]:
    """Median and spread (as a standard deviation) that a few odd times do not move."""
    middle = median(logs)
    return middle, 1.4826 * median(abs(value - middle) for value in logs)
