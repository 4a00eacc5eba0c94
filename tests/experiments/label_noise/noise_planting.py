"""Wrong labels planted among right ones: which, in which field, how, and what the draft said."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from noisy_cohort import FIELDS, Patient, Reading

from db.fields.sameness import compare_field
from db.fields.words import has_value
from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from pipeline.curation.evidence import Circumstances, Heard, labelled_record
from pipeline.curation.records import LabelledRecord, Voice

FIELD_SHARES = (0.35, 0.30, 0.25, 0.10)
WRONG = ("different", "found_by_other", "missed_by_other")
KINDS = ("typed", "overlooked")


@dataclass(frozen=True)
class Planted:
    """Labels with some wrong ones.

    Attributes:
        errors: case -> how the wrong label came about, one of `KINDS`.
        fields: case -> the field that is wrong.
    """

    records: list[LabelledRecord]
    errors: dict[int, str]
    fields: dict[int, str]


def plant(
    patients: list[Patient], share: float, seed: int, *, kinds: tuple[str, ...] = KINDS, haste: float = 1.0
) -> Planted:
    """Right labels for all but a share of the patients, who get one wrong field each.

    Args:
        kinds: `typed`: the person enters another value than the page's; the draft stays what it was.
            `overlooked`: the draft itself is wrong and accepted; a draft that is wrong by itself where there
            is one, in up to half of them, else one made wrong here, while the second reader stays what it
            was.
        haste: what the time of an overlooked record is multiplied with.
    """
    chance = random.Random(f"plant {seed}")
    count = round(share * len(patients))
    natural = {one.number: field for one in patients if (field := _wrong_by_itself(one))}
    wanted = [kinds[place % len(kinds)] for place in range(count)]
    chosen: dict[int, tuple[str, str]] = {}
    by_itself = chance.sample(sorted(natural), min(len(natural), wanted.count("overlooked") // 2))
    for number in by_itself:
        chosen[number] = ("overlooked", natural[number])
        wanted.remove("overlooked")
    # A draft that could read nothing states nothing that could be overlooked.
    stating = [one.number for one in patients if one.draft.is_readable and one.number not in chosen]
    chosen |= dict.fromkeys(chance.sample(stating, wanted.count("overlooked")), ("overlooked", ""))
    left = [one.number for one in patients if one.number not in chosen]
    chosen |= dict.fromkeys(chance.sample(left, wanted.count("typed")), ("typed", ""))
    records, errors, fields = [], {}, {}
    for one in patients:
        kind, field = chosen.get(one.number, ("", ""))
        record, field = _record(one, patients, kind, field, chance, haste)
        records.append(record)
        if kind:
            errors[one.number], fields[one.number] = kind, field
    return Planted(records, errors, fields)


def _wrong_by_itself(one: Patient) -> str:
    """A field the draft has wrong in a way somebody could overlook."""
    for field in FIELDS:
        if one.draft.is_readable and compare_field(field, one.truth, one.draft.findings).match.value in WRONG:
            return field
    return ""


def _record(
    one: Patient, patients: list[Patient], kind: str, field: str, chance: random.Random, haste: float
) -> tuple[LabelledRecord, str]:
    label, draft = one.truth, one.draft
    arm = "hidden" if kind != "overlooked" and chance.random() < 0.10 else "shown"
    active_s = chance.lognormvariate(2.2, 0.5) * (haste if kind == "overlooked" else 1.0)
    if kind and field:
        label = with_field(label, field, draft.findings)
    elif kind:
        field, label = _wrong(one, patients, chance)
        if kind == "overlooked":
            quotes = {name: quote for name, quote in draft.quotes.items() if name != field}
            draft = replace(draft, findings=with_field(draft.findings, field, label), quotes=quotes)
    heard = heard_of(draft, one.other, was_shown=arm == "shown")
    context = Circumstances(one.number, one.site, 1 + one.number % 4, arm, active_s)
    return labelled_record(label, heard, draft.quotes, context), field


def heard_of(draft: Reading, other: Reading, *, was_shown: bool) -> list[Heard]:
    """The draft and the second reader, a field on which they differ being half as sure (its light is red)."""
    heard = []
    if draft.is_readable:
        agreed = {
            name: not other.is_readable
            or compare_field(name, draft.findings, other.findings).match.value not in WRONG
            for name in FIELDS
        }
        sure = {name: min(draft.confidence.get(name, 0.8), 0.97 if agreed[name] else 0.6) for name in FIELDS}
        heard.append(Heard(Voice.DRAFT, draft.findings, sure, was_shown=was_shown))
    if other.is_readable:
        heard.append(Heard(Voice.MACHINE, other.findings, other.confidence))
    return heard


def _wrong(one: Patient, patients: list[Patient], chance: random.Random) -> tuple[str, Findings]:
    """One field of the truth changed to another patient's answer, or mistyped."""
    for _ in range(200):
        field = chance.choices(FIELDS, FIELD_SHARES)[0]
        if chance.random() < 0.6:
            label = with_field(one.truth, field, chance.choice(patients).truth)
        else:
            label = _mistyped(one.truth, field, chance)
        if label is None or compare_field(field, one.truth, label).match.value not in WRONG:
            continue
        if field in ("ef_percent", "rvsp_mmhg") and _is_close(field, one.truth, label):
            continue
        return field, label
    raise AssertionError("no wrong value was found")


def _is_close(field: str, one: Findings, other: Findings) -> bool:
    first, second = getattr(one, field), getattr(other, field)
    return first is not None and second is not None and abs(first - second) <= 2


def with_field(findings: Findings, field: str, other: Findings) -> Findings:
    """The record with one field, and what belongs to it, from another record."""
    parts = {
        "ef_percent": ("ef_percent", "ef_low", "ef_high", "ef_operator", "ef_state"),
        "rwma": ("rwma", "rwma_severity", "rwma_walls"),
        "pah": ("pah",),
        "rvsp_mmhg": ("rvsp_mmhg",),
    }
    return Findings.model_validate(
        {**findings.model_dump(), **{name: getattr(other, name) for name in parts[field]}}
    )


def _mistyped(truth: Findings, field: str, chance: random.Random) -> Findings | None:
    values = truth.model_dump()
    if field in ("ef_percent", "rvsp_mmhg"):
        if not has_value(truth, field):
            return None
        number = int(values[field])
        swapped = int(str(number)[::-1])
        typed = float(chance.choice((number - 10, number + 10, number - 20, swapped)))
        low, high = (5, 90) if field == "ef_percent" else (5, 200)
        if not low <= typed <= high:
            return None
        more: dict[str, Any] = {
            "ef_low": None,
            "ef_high": None,
            "ef_operator": EfOperator.EQUAL,
            "ef_state": EfState.STATED,
        }
        return Findings.model_validate({**values, field: typed, **(more if field == "ef_percent" else {})})
    if field == "pah":
        return Findings.model_validate({**values, "pah": chance.choice(list(Pah))})
    present = truth.rwma is Rwma.PRESENT
    severity = (
        RwmaSeverity.NONE
        if present
        else chance.choice((RwmaSeverity.MILD, RwmaSeverity.MODERATE, RwmaSeverity.SEVERE))
    )
    answer = Rwma.ABSENT if present else Rwma.PRESENT
    return Findings.model_validate({**values, "rwma": answer, "rwma_severity": severity, "rwma_walls": ()})
