"""The curation report: in Markdown for people, in plain JSON for a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from db.fields.names import ANSWERS
from db.markdown import plain, table
from pipeline.curation.counts import GROUPS, LEAST_IN_ARM, CurationCounts, TimeSaved, accuracy

if TYPE_CHECKING:
    from db.measures.estimate import Estimate
    from db.quality.corrections import Corrections

NAMES: Final = {"ef": "EF", "rwma": "Wall motion", "severity": "Severity", "pah": "PAH", "rvsp": "Pressure"}
# Below this a share says next to nothing.
LEAST: Final = 10
MOST_GROUPS: Final = 12
# A name of a reason or a group longer than this is cut.
MOST_LETTERS: Final = 60


def markdown(found: Corrections, counts: CurationCounts, saved: TimeSaved) -> str:
    """The whole report."""
    parts = [
        "# What curation brought",
        f"{found.records} labels were decided on a draft. Shares stand with their exact 95 % interval and n.",
        _accuracy(found),
        _periods(counts),
        _reasons(counts),
        *(_group(found, group) for group in GROUPS),
        _people(counts),
        _time(saved),
        _limits(),
    ]
    return "\n\n".join(parts) + "\n"


def report_json(found: Corrections, counts: CurationCounts, saved: TimeSaved) -> dict[str, Any]:
    """The whole report as plain JSON; people are numbered, not named."""
    return {
        "records": found.records,
        "accuracy": {name: accuracy(found.rate(name)).as_json() for name in ANSWERS},
        "by_group": {
            group: {name: _group_json(found, group, name) for name, _ in found.rates_by(group, ANSWERS[0])}
            for group in GROUPS
        },
        "periods": [
            {
                "start": period.start.isoformat(),
                "records": period.records,
                "corrected": period.changed,
                "corrections_per_100": period.corrections_per_100,
                "by_field": {name: period.by_field[name] for name in ANSWERS},
            }
            for period in counts.periods
        ],
        "is_weekly": counts.is_weekly,
        "reasons": dict(counts.reasons.most_common()),
        "by_annotator": [list(numbers) for numbers in counts.by_annotator.values()],
        "shown_s": saved.shown_s.as_json(),
        "hidden_s": saved.hidden_s.as_json(),
        "saved_s": saved.saved_s.as_json(),
        "saved_minutes": saved.minutes.as_json(),
    }


def _group_json(found: Corrections, group: str, name: str) -> dict[str, Any]:
    return {field: accuracy(dict(found.rates_by(group, field))[name]).as_json() for field in ANSWERS}


def _accuracy(found: Corrections) -> str:
    rows = [(NAMES[name], share(accuracy(found.rate(name)))) for name in ANSWERS]
    return "## Drafts that were the final label\n\n" + table(("field", "draft = label"), rows)


def _periods(counts: CurationCounts) -> str:
    unit = "week from" if counts.is_weekly else "day"
    rows = [
        (
            period.start.isoformat(),
            str(period.records),
            str(period.changed),
            f"{period.corrections_per_100:.1f}",
            *(f"{100 * period.by_field[name] / period.records:.1f}" for name in ANSWERS),
        )
        for period in counts.periods
    ]
    headings = (
        unit,
        "records",
        "with a correction",
        "corrections per 100",
        *(NAMES[name] for name in ANSWERS),
    )
    return "## Corrections per 100 records over time\n\n" + table(headings, rows)


def _reasons(counts: CurationCounts) -> str:
    if not counts.reasons:
        return "## Reasons\n\nNothing was corrected."
    rows = [
        (
            _name(reason) or "none given",
            str(number),
            *(str(counts.reasons_by_field[reason, name]) for name in ANSWERS),
        )
        for reason, number in sorted(counts.reasons.items(), key=lambda one: (-one[1], one[0]))
    ]
    headings = ("reason", "corrected records", *(NAMES[name] for name in ANSWERS))
    return "## Reasons\n\n" + table(headings, rows)


def _group(found: Corrections, group: str) -> str:
    by_field = {name: dict(found.rates_by(group, name)) for name in ANSWERS}
    names = [name for name, _ in found.rates_by(group, ANSWERS[0])]
    rows = [
        (
            _name(name) or "not named",
            str(by_field[ANSWERS[0]][name].n),
            *(_cell(by_field[f], name) for f in ANSWERS),
        )
        for name in names[:MOST_GROUPS]
    ]
    text = f"## By {group}\n\n" + table((group, "n", *(NAMES[field] for field in ANSWERS)), rows)
    if len(names) > MOST_GROUPS:
        text += f"\n\n{len(names) - MOST_GROUPS} smaller ones are left out."
    failing = [
        f"{_name(name) or 'not named'} ({NAMES[field]})"
        for field in ANSWERS
        for name in names
        if is_worse(by_field[field], name)
    ]
    if failing:
        text += f"\n\nCorrected more often than all others together, intervals apart: {', '.join(failing)}."
    return text


def is_worse(rates: dict[str, Estimate], name: str) -> bool:
    """Whether a group's correction rate lies above that of all others together, the two intervals apart."""
    from db.measures.proportions import exact_share

    own = rates[name]
    others = [one for other, one in rates.items() if other != name and one.n]
    n = sum(one.n for one in others)
    if own.n < LEAST or n < LEAST:
        return False
    rest = exact_share(round(sum(one.value * one.n for one in others)), n)
    return own.low > rest.high


def _cell(rates: dict[str, Estimate], name: str) -> str:
    right = accuracy(rates[name])
    if right.n < LEAST:
        return "too little"
    return f"{right.value:.1%} ({right.low:.1%}–{right.high:.1%})"


def _people(counts: CurationCounts) -> str:
    rows = [
        (f"{place}", str(records), f"{100 * changed / records:.1f}")
        for place, (records, changed) in enumerate(counts.by_annotator.values(), start=1)
    ]
    text = "## By the person who decided\n\nNumbered, not named; records were not handed out at random.\n\n"
    return text + table(("person", "records", "corrected records per 100"), rows)


def _time(saved: TimeSaved) -> str:
    rows = [
        ("draft shown", seconds(saved.shown_s)),
        ("draft hidden (blind arm)", seconds(saved.hidden_s)),
        ("saved a record", seconds(saved.saved_s)),
    ]
    text = "## Time against the blind arm\n\n" + table(("", "mean active seconds"), rows)
    if not saved.minutes.is_known:
        fewer = min(saved.shown_s.n, saved.hidden_s.n)
        return (
            text
            + f"\n\nToo little to say what a draft saves: {fewer} records in one arm, {LEAST_IN_ARM} are "
            "needed."
        )
    minutes = saved.minutes
    value, low, high = (round(end) for end in (minutes.value, minutes.low, minutes.high))
    said = f"{value} minutes ({low} to {high}) over {saved.shown_s.n} records."
    if minutes.low <= 0 <= minutes.high:
        said += " The interval includes nothing at all."
    return f"{text}\n\nSaved with the draft shown: {said}"


def _limits() -> str:
    return (
        "## What this does not say\n\n"
        "An error that nobody noticed is no correction: see the audit bound and the practice records. "
        "Groups were not\n"
        "assigned at random; a layout with more corrections may only have worse photographs. Records are "
        "put into the\n"
        "blind arm at random, so the difference in time is one of the draft; it holds for these people at "
        "this stage."
    )


def share(estimate: Estimate) -> str:
    """`97.2 % (95.0 to 98.6), n 300`, or that there is too little."""
    if estimate.n < LEAST:
        return f"too little to say (n {estimate.n})"
    return f"{estimate.value:.1%} ({estimate.low:.1%} to {estimate.high:.1%}), n {estimate.n}"


def seconds(estimate: Estimate) -> str:
    """A mean time with its interval."""
    if not estimate.is_known:
        return f"too little to say (n {estimate.n})"
    return f"{estimate.value:.1f} ({estimate.low:.1f} to {estimate.high:.1f}), n {estimate.n}"


def _name(text: str) -> str:
    """A name from outside as one line of Markdown that means nothing."""
    return plain(" ".join(text.split())[:MOST_LETTERS])
