"""The agreement page: two people in full, then every pair of readers."""

from __future__ import annotations

from collections.abc import Sequence

from db.markup.elements import Html, table
from db.markup.plots import Words, difference_plot
from db.quality.agreement import MEASURES, PairReport
from review_ui.leads import plots, words
from review_ui.leads.frame import aside, section, sentence
from review_ui.text import quality as text

_SAME_FIELDS = ("ef", "rwma", "severity", "pah")


def agreement_sections(reports: Sequence[PairReport]) -> list[Html]:
    """Sections of the page; the first report is of two people."""
    people = reports[0]
    if not people.records:
        return [section(text.AGREEMENT_PEOPLE, sentence(text.AGREEMENT_NONE), wide=True)]
    return [
        sentence(text.AGREEMENT_LINE.format(n=people.records)),
        _people(people),
        _differences(people),
        _all_pairs(reports),
    ]


def _people(people: PairReport) -> Html:
    rows = [(text.MEASURES[name], words.coefficient(people.measures[name])) for name in MEASURES]
    same = [(text.FIELDS[field], words.share(people.same[field])) for field in _SAME_FIELDS]
    return section(
        text.AGREEMENT_PEOPLE,
        table((text.MEASURE, text.VALUE), rows, caption=text.AGREEMENT_PEOPLE),
        aside(text.BOOTSTRAP),
        table((text.FIELD, text.RATE), same, caption=text.SAME_ANSWER, is_caption_shown=True),
        aside(text.SAME_LINE),
    )


def _differences(people: PairReport) -> Html:
    limits, n = people.limits, len(people.ef_pairs)
    if n < 2:
        return section(text.AGREEMENT_EF, sentence(text.NO_LIMITS))
    line = text.AGREEMENT_EF_LINE.format(
        bias=text.signed(limits.bias.value),
        lower=text.signed(limits.lower.value),
        upper=text.signed(limits.upper.value),
    )
    said = Words(
        text.AGREEMENT_EF,
        f"{text.AGREEMENT_EF_SAYS.format(n=n)} {line}",
        x=text.AGREEMENT_EF_AXIS,
        y=text.AGREEMENT_EF_DIFFERENCE,
    )
    rows = [
        (name, words.points(value))
        for name, value in ((text.BIAS, limits.bias), (text.LOWER, limits.lower), (text.UPPER, limits.upper))
    ]
    numbers = table((text.MEASURE, text.DIFFERENCE), rows, caption=text.AGREEMENT_EF)
    plot = difference_plot(people.ef_pairs, limits, said, (text.UPPER, text.BIAS, text.LOWER))
    return section(text.AGREEMENT_EF, sentence(line), plots.with_table(plot, numbers))


def _all_pairs(reports: Sequence[PairReport]) -> Html:
    headings = (text.PAIR, text.RECORDS, *(text.MEASURES[name] for name in MEASURES))
    rows = [
        (
            _pair(report),
            f"{report.records:,}",
            *(words.coefficient(report.measures[name]) for name in MEASURES),
        )
        for report in reports
    ]
    numbers = table(headings, rows, caption=text.AGREEMENT_ALL)
    return section(text.AGREEMENT_ALL, aside(text.AGREEMENT_ALL_LINE), numbers, wide=True)


def _pair(report: PairReport) -> str:
    return " – ".join(text.READERS[reader] for reader in report.readers)
