"""The sections on whether the numbers can be trusted: leaks, shortcuts, other data, detection limits."""

from __future__ import annotations

from collections import Counter

from db.markup.elements import Child, element
from pipeline.evaluation.report.facts import Facts, number
from pipeline.evaluation.report.parts import Section, missing, numbers_table, paragraph
from pipeline.evaluation.report.text import leaks as text


def leaks_section(facts: Facts) -> Section:
    """Every check of the audit with its answer."""
    answers = dict(facts.parts("leaks.answers"))
    body: list[Child] = [paragraph(text.SAYS), missing(facts, "leaks")]
    if answers:
        outcomes = Counter(one["outcome"] for one in answers.values())
        body.append(
            paragraph(
                text.COUNTS.format(
                    caught=outcomes["caught"],
                    clean=outcomes["clean"],
                    undecided=outcomes["cannot be decided"],
                    all=len(answers),
                )
            )
        )
        rows = [(text.CHECKS[name], _outcome(one["outcome"], one["reason"])) for name, one in answers.items()]
        body.append(element("div", numbers_table(text.HEADINGS, rows, text.TABLE), class_="prose"))
    return Section("leaks", text.TITLE, body)


def _outcome(outcome: str, reason: str) -> Child:
    said = text.OUTCOMES[outcome].format(reason=text.REASONS.get(reason, reason))
    return element("b", said, class_="caught") if outcome == "caught" else said


def leak_sentence(check: str, values: dict[str, object]) -> str:
    """A leak that was caught, with what the check counted."""
    told = ", ".join(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in values.items())
    return text.CAUGHT.format(what=text.CHECKS[check], values=told)


def _value(value: object) -> str:
    if isinstance(value, int | float):
        return number(value, 0 if isinstance(value, int) else 2)
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
