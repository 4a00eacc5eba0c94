"""The sections on whether the numbers can be trusted: leaks, shortcuts, other data, detection limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from db.markup.elements import Child, Html, element
from pipeline.evaluation.report.facts import Facts, estimate, number, percent, signed
from pipeline.evaluation.report.parts import Section, missing, not_run, numbers_table, paragraph
from pipeline.evaluation.report.text import leaks as text
from pipeline.evaluation.report.text import sections
from pipeline.evaluation.report.text import shortcuts as words
from pipeline.evaluation.report.text.verdicts import SHORT


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


def shortcuts_section(facts: Facts) -> Section:
    """What changing the pages showed."""
    at = "shortcuts.counterfactuals"
    body: list[Child] = [paragraph(words.SHORTCUTS_SAY)]
    if facts.has("shortcuts") and facts.has(at):
        masks = words.MASKS.get(str(facts.at(f"{at}.masks")), "")
        body.append(paragraph(masks.format(n=facts.count(f"{at}.patients")), "muted"))
        body += [_told(facts, at), _moved(facts, at)]
        follows = {head: facts.said(f"{at}.{head}_follows", 0, is_share=True) for head in ("rwma", "ef")}
        body.append(paragraph(words.FOLLOWS.format_map(follows)))
        if facts.has(f"{at}.rwma_look_share"):
            shares = (f"{head}_{what}" for what in ("look_share", "would_follow") for head in follows)
            said = {name: facts.said(f"{at}.{name}", 0, is_share=True) for name in shares}
            body.append(paragraph(words.LOOK_SHARE.format_map(said)))
        body += _looks(facts)
    else:
        body.append(not_run(facts.at(at) if facts.has("shortcuts") else facts.at("shortcuts")))
    return Section("shortcuts", words.SHORTCUTS, body)


def _told(facts: Facts, at: str) -> Html:
    pages = [(words.OWN, facts.at(f"{at}.own")), (words.ERASED, facts.at(f"{at}.erased"))]
    pages += [
        (words.SWAP.format(name=words.LOOKS.get(one["name"], one["name"])), one["told"])
        for one in facts.listed(f"{at}.swaps")
    ]
    rows = [
        (name, *(estimate(told[measure]) for measure in ("rwma_auroc", "low_ef_auroc", "ef_r")))
        for name, told in pages
        if told
    ]
    return numbers_table(words.TOLD_HEADINGS, rows, words.TOLD_TABLE)


def _moved(facts: Facts, at: str) -> Html:
    rows = [
        (
            words.LOOKS.get(one["name"], one["name"]),
            signed(one["rwma"]["auroc_change"], 3),
            estimate(one["rwma"]["median_move"], 3),
            signed(one["ef"]["auroc_change"], 3),
            estimate(one["ef"]["median_move"], 1),
        )
        for one in facts.listed(f"{at}.swaps")
    ]
    return numbers_table(words.MOVED_HEADINGS, rows, words.MOVED_TABLE)


def _looks(facts: Facts) -> list[Child]:
    rows = [
        (
            words.HEADS.get(one["head"], one["head"]),
            words.METHODS.get(one["method"], one["method"]),
            estimate(one["waveform_lift"]),
            estimate(one["beside_share"]),
            estimate(one["beside_area"]),
        )
        for one in facts.listed("shortcuts.attributions.looks")
    ]
    return [numbers_table(words.LOOKS_HEADINGS, rows, words.LOOKS_TABLE)] if rows else []


def external_section(facts: Facts) -> Section:
    """The run on data it has never seen."""
    body: list[Child] = [missing(facts, "external")]
    if facts.has("external"):
        says = words.EXTERNAL_SAYS.format(
            asked=facts.at("external.asked"),
            records=facts.count("external.records"),
            snapshot=facts.at("external.snapshot"),
        )
        patients = facts.at("external.overlap.patients")
        says_overlap = words.OVERLAP_UNKNOWN if patients is None else words.OVERLAP
        overlap = says_overlap.format(
            pictures=facts.count("external.overlap.pictures"), patients=number(patients, 0)
        )
        body = [paragraph(says), paragraph(overlap, "muted"), _here_and_there(facts)]
    return Section("external", words.EXTERNAL, body)


def _here_and_there(facts: Facts) -> Html:
    rows: list[list[Child]] = []
    for name in ("mae", "bias", "r", "slope", "within_10"):
        title, digits, is_share = sections.MEASURES[name]
        places = (
            f"ef.pooled.{name}",
            f"external.numbers.ef.pooled.{name}",
            f"external.ef_in_the_large.pooled.{name}",
        )
        rows.append([f"EF: {title}", *(facts.said(place, digits, is_share=is_share) for place in places)])
    for name, question in SHORT.items():
        here, there = (
            facts.said(f"{start}{name}.pooled.auroc") for start in ("", "external.numbers.binary.")
        )
        rows.append([f"{question}: AUROC", here, there, there])
    for name in ("brier", "slope", "in_the_large"):
        title, digits, _ = sections.PROBABILITY_MEASURES[name]
        said = f"calibration.rwma.methods.as_said.measures.{name}"
        places = (said, f"external.numbers.{said}", f"external.rwma_in_the_large.measures.{name}")
        rows.append([f"{SHORT['rwma']}: {title}", *(facts.said(place, digits) for place in places)])
    return numbers_table(words.EXTERNAL_HEADINGS, rows, words.EXTERNAL_TABLE)


def adversary_section(facts: Facts) -> Section:
    """Detection limits of the evaluation itself."""
    limits = dict(facts.parts("adversary"))
    rows = [
        (
            title,
            _strength(limits[name]["weakest"], says),
            number(limits[name]["missed_auroc_gain"], 3),
            number(limits[name]["missed_mae_gain"], 2),
        )
        for name, (title, says) in words.ATTACKS.items()
        if name in limits
    ]
    table = numbers_table(words.ADVERSARY_HEADINGS, rows, words.ADVERSARY_TABLE) if rows else None
    return Section(
        "adversary", words.ADVERSARY, [paragraph(words.ADVERSARY_SAYS), missing(facts, "adversary"), table]
    )


def _strength(weakest: float | None, says: str) -> str:
    """The weakest fault that is caught, in words."""
    if weakest is None:
        return words.NEVER
    return says.format(percent=percent(weakest), count=number(weakest, 0))


def shortcut_sentence(verdict: Mapping[str, Any], said: Mapping[str, str]) -> str | None:
    """A verdict of the changed pages in words; None for another's.

    Args:
        said: its values, written.
    """
    name, values = verdict["id"], dict(said)
    if name.startswith("moves_with_"):
        what = name.removeprefix("moves_with_")
        values["what"] = words.LOOKS.get(what, what)
        values["goal"] = words.MOVE_GOALS[verdict["values"]["head"]]
        name = "moves_with"
    if name not in words.VERDICTS:
        return None
    for key, known in (("head", words.HEADS), ("measure", words.MEASURES), ("method", words.METHODS)):
        if key in values:
            values[key] = known.get(values[key], values[key])
    return words.VERDICTS[name].format_map(values)
