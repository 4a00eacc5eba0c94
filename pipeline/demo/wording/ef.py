"""How the demo reports put the ejection fraction, and what each way of putting it means for the record."""

from __future__ import annotations

from typing import Any

import numpy as np

from db.fields.names import ByColumn
from db.labels import EfOperator, EfState
from pipeline.demo.plan import PatientPlan
from pipeline.demo.proportions import pick
from pipeline.demo.wording.phrase import Mark, Phrase, sentence
from pipeline.demo.wording.statement import Statement

FUNCTION_WORDS = {
    "normal": (
        "good LV systolic function",
        "normal LV systolic function",
        "preserved LV systolic function",
    ),
    "mildly_reduced": ("mild LV systolic dysfunction", "mildly reduced LV systolic function"),
    "moderately_reduced": ("moderate LV systolic dysfunction", "moderately reduced LV systolic function"),
    "severely_reduced": ("severe LV systolic dysfunction", "poor LV systolic function"),
}

# {v} is the value as printed, unit included.
_PROSE = (
    "the ejection fraction of the left ventricle measures {v}",
    "the LV ejection fraction works out at {v}",
    "we measured an LV ejection fraction of {v}",
    "LVEF today is {v}",
    "left ventricular ejection fraction: {v}",
)
_TERSE = ("LVEF {v}", "LVEF: {v}", "LVEF = {v}", "EF : {v}", "LV ejection fraction {v}", "EF {v}")
_PROSE_EYE = (
    "by eye the LV ejection fraction is {v}",
    "the LV ejection fraction is {v}",
    "LVEF is {v}",
)
_PROSE_ABOVE = ("> {n} %", "more than {n} %", "above {n}%")
_TERSE_ABOVE = ("> {n} %", ">{n}%", "more than {n} %")
_PROSE_BELOW = ("< {n} %", "less than {n} %", "below {n}%")
_TERSE_BELOW = ("< {n} %", "<{n}%", "less than {n} %")
_ABOUT = ("about {n} %", "approximately {n}%", "around {n} %", "~{n} %")
_RANGE = ("{a}-{b} %", "{a} - {b}%", "{a} to {b} %", "{a}%-{b}%", "{a}% to {b}%")
_PLAIN = ("{n} %", "{n}%")


def ef_statement(plan: PatientPlan, prose: bool, rng: np.random.Generator) -> Statement:
    """What this report says about the ejection fraction."""
    words = pick(rng, FUNCTION_WORDS[plan.stratum])
    if plan.ef_style == "words_only_ef":
        phrase = Phrase(words, (_function(words),))
        return Statement(
            phrase, phrase, {"ef_state": EfState.NOT_STATED, "lv_function": words}, {}, _traps(plan)
        )
    value, facts = _value(plan, prose, rng)
    if plan.ef_style == "several_methods":
        return _several_methods(plan, prose, value, facts, words, rng)
    phrase = _frame(plan, prose, value, rng)
    # A third of the reports says it in words too, beside the number.
    if rng.random() < 0.35:
        phrase = Phrase(f"{words}, {phrase.text}", (_function(words), *phrase.marks))
        facts["lv_function"] = words
    return Statement(phrase, phrase, facts, {}, _traps(plan))


def _function(words: str) -> Mark:
    return Mark("lv_function", words)


def _traps(plan: PatientPlan) -> tuple[str, ...]:
    extras = tuple(plan.extras & {"reference_range", "hyphen_before_ef"})
    return extras if plan.ef_style == "plain" else (plan.ef_style, *extras)


def _value(plan: PatientPlan, prose: bool, rng: np.random.Generator) -> tuple[str, dict[str, Any]]:
    """The value as printed, and its fields."""
    n = plan.ef_percent
    facts: dict[str, Any] = {**ByColumn(ef_percent=n, ef_state=EfState.STATED, ef_operator=EfOperator.EQUAL)}
    if plan.ef_style == "range_ef":
        low, high = n - 2.5, n + 2.5
        facts |= {"ef_low": low, "ef_high": high}
        return pick(rng, _RANGE).format(a=f"{low:g}", b=f"{high:g}"), facts
    if plan.ef_style == "fraction_ef":
        return f"{n / 100:.2f}", facts
    forms = {
        "ef_above": (_PROSE_ABOVE if prose else _TERSE_ABOVE, EfOperator.ABOVE),
        "ef_below": (_PROSE_BELOW if prose else _TERSE_BELOW, EfOperator.BELOW),
        "approximate_ef": (_ABOUT, EfOperator.ABOUT),
    }
    templates, operator = forms.get(plan.ef_style, (_PLAIN, EfOperator.EQUAL))
    facts["ef_operator"] = operator
    if operator is EfOperator.EQUAL and prose and rng.random() < 0.3:
        return f"{n:g} percent", facts
    return pick(rng, templates).format(n=f"{n:g}"), facts


def _frame(plan: PatientPlan, prose: bool, value: str, rng: np.random.Generator) -> Phrase:
    """The value in its words, marked."""
    if "hyphen_before_ef" in plan.extras:
        text = pick(rng, ("EF - {v}", "LVEF -{v}", "EF-{v}")).format(v=value)
    elif prose:
        exact = plan.ef_style in ("plain", "several_methods")
        text = pick(rng, _PROSE if exact else _PROSE_EYE).format(v=value)
    else:
        text = pick(rng, _TERSE).format(v=value)
    marks = (Mark("ef_percent", value),)
    if "reference_range" in plan.extras:
        text += pick(rng, (" (normal 55-70 %)", " (reference: 52 - 72%)", " [ref. 55 to 70]"))
    return Phrase(text, marks)


def _several_methods(
    plan: PatientPlan,
    prose: bool,
    value: str,
    facts: dict[str, Any],
    words: str,
    rng: np.random.Generator,
) -> Statement:
    """Teichholz in the findings, biplane in the conclusion: the conclusion's biplane value is the answer."""
    other = plan.ef_percent + float(pick(rng, (-7, -6, -4, 4, 6, 8)))
    facts["lv_function"] = words
    tail = " (normal 55-70 %)" if "reference_range" in plan.extras else ""
    marks = (_function(words), Mark("ef_percent", value))
    if prose:
        finding = Phrase(f"by Teichholz in M-mode the EF comes to {other:g} %")
        conclusion = Phrase(f"{words}, LVEF {value} by biplane Simpson{tail}", marks)
    else:
        finding = Phrase(f"EF (Teich) {other:g} %")
        conclusion = Phrase(f"{words}, LVEF (biplane) {value}{tail}", marks)
    return Statement(finding, conclusion, facts, {}, _traps(plan))


def previous_ef(plan: PatientPlan, prose: bool, earlier: str, rng: np.random.Generator) -> Phrase:
    """An older study's EF, never equal to today's or to a bound of it; `earlier` is the printed date."""
    today = plan.ef_percent
    olds = [old for old in range(25, 66) if abs(old - today) > 6 and abs(old - today) < 22]
    old = pick(rng, olds)
    if prose:
        text = pick(
            rng,
            (
                "at the previous study of {d} LVEF had been {n} %",
                "the previous echo ({d}) had given an LVEF of {n}%",
            ),
        )
    else:
        text = pick(rng, ("previous echo {d}: LVEF {n} %", "previous study dated {d} - EF {n}%"))
    return sentence(Phrase(text.format(d=earlier, n=old)))
