"""The quality pages as a person gets them: whole, escaped, without script, and private where they must be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from quality_rows import NOW, QualityRows, held
from simulated_reviews import PEOPLE
from sqlmodel import Session

from db.decisions import Role
from db.markup.elements import Html, element, table
from db.markup.plots import Words, difference_plot
from db.markup.scales import scale_over
from db.measures.bland_altman import bland_altman
from db.measures.estimate import Estimate, unknown
from db.quality.agreement import PairReport, TwiceRead, pair_reports
from db.store.engine import Database
from review_ui.door.sessions import Identity
from review_ui.leads import pages, plots
from review_ui.leads.kept import KeptCounts
from review_ui.leads.pages import PAGES, PRACTICE
from review_ui.text import quality as text

TIMES = '<script type="module" src="/desk/times.js"></script>'
LEAD = Identity(1, "Lena", Role.LEAD)
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
WORDS = Words("A plot", "What it shows.", x="across", y="up")


class _Nesting(HTMLParser):
    """Opens and closes every tag, or says which one it could not."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(html: str) -> _Nesting:
    """The page taken apart; fails where tags do not nest."""
    nesting = _Nesting()
    nesting.feed(html)
    nesting.close()
    assert nesting.open == []
    return nesting


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_has_no_inline_style_and_of_scripts_only_the_one_that_says_times(
    simulated: Session, path: str
) -> None:
    html = PAGES[path].render(held(simulated), LEAD, {}, NOW)
    found = parsed(html)
    assert not {"style", "iframe", "form", "object"} & found.seen
    assert re.findall("<script.*?</script>", html, re.DOTALL) == [TIMES]
    assert not {name for name in found.attributes if name.startswith("on") or name == "style"}
    assert html.count("<h1>") == 1
    assert re.findall(r'(?:src|href)="([^"]*)"', html)
    assert all(address.startswith("/") for address in re.findall(r'(?:src|href)="([^"]*)"', html))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_an_empty_project_says_what_is_missing(database: Database, path: str) -> None:
    with database.read() as session:
        html = PAGES[path].render(held(session), LEAD, {}, NOW)
    parsed(html)
    missing = (text.PROGRESS_NONE, text.AGREEMENT_NONE, text.AUDIT_NONE, text.VIGILANCE_NONE)
    assert sum(sentence in html for sentence in missing) == 1
    assert "nan" not in html.lower().replace("dominant", "")


@pytest.mark.parametrize("path", PAGES)
def test_hostile_names_are_words_on_every_page(database: Database, path: str) -> None:
    with database.write() as session:
        rows = QualityRows(session)
        ana, ben = rows.person("Ana"), rows.person("Ben")
        case = rows.case(site=HOSTILE, layout=HOSTILE)
        label = rows.review(case, ana)
        rows.review(case, ben, {"ef_percent": 55}, purpose="second")
        rows.sample({case: label}, population=1, name=HOSTILE[:80])
        rows.practice(case, ana, {"pah": "severe"}, "pah", is_caught=True)
        html = PAGES[path].render(held(session), Identity(ana, HOSTILE, Role.ADMIN), {}, NOW)
    found = parsed(html)
    assert html.count("<script") == 1 and "img" not in found.seen
    assert HOSTILE not in html


def test_too_few_readings_are_said_to_be_too_few(database: Database) -> None:
    with database.write() as session:
        rows = QualityRows(session)
        rows.review(rows.case(), rows.person("Ana"))
        html = PAGES["/quality"].render(held(session), LEAD, {}, NOW)
    assert text.TOO_LITTLE.format(n=1) in html
    assert "100" not in re.sub(r"<title>.*?</title>", "", html).split(text.ANCHORING)[1]


def test_the_dashboard_names_no_person(simulated: Session) -> None:
    html = PAGES["/quality"].render(held(simulated), LEAD, {}, NOW)
    assert not [name for name in PEOPLE if name in html]


def test_a_person_sees_their_own_practice_records_whatever_the_address_says(database: Database) -> None:
    with database.write() as session:
        rows = QualityRows(session)
        ana, ben = rows.person("Ana"), rows.person("Ben")
        own, other = rows.case(), rows.case()
        rows.practice(own, ana, {"pah": "severe"}, "pah", is_caught=True)
        rows.practice(other, ben, {"pah": "mild"}, "pah", is_caught=False)
        asking = Identity(ana, "Ana", Role.ANNOTATOR)
        html = PAGES[PRACTICE].render(held(session), asking, {"annotator_id": str(ben)}, NOW)
    assert "You noticed 1 of 1" in html
    assert "severe" in html
    assert "overlooked" not in html


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.ANNOTATOR, {"/", PRACTICE}),
        (Role.RESEARCHER, {"/quality", "/quality/agreement", "/quality/audit"}),
        (Role.LEAD, {"/", *PAGES}),
    ],
)
def test_links_lead_only_where_the_role_may_go(simulated: Session, role: Role, seen: set[str]) -> None:
    html = PAGES[PRACTICE].render(held(simulated), Identity(1, "Lena", role), {}, NOW)
    links = set(re.findall(r'<a href="([^"]*)"', html))
    assert links & {"/", *PAGES} == seen


def test_the_moment_of_counting_is_said_in_utc_and_left_for_the_browser_to_say_anew(
    simulated: Session,
) -> None:
    html = PAGES["/quality/audit"].render(held(simulated), LEAD, {}, datetime(2026, 3, 14, 9, 5, tzinfo=UTC))
    moment = '<time datetime="2026-03-14T09:05:00Z" data-form="moment">14 Mar 2026 09:05 UTC</time>'
    assert f"Counted {moment}." in html


def test_every_plot_has_a_title_a_description_and_a_table(simulated: Session) -> None:
    html = PAGES["/quality"].render(held(simulated), LEAD, {}, NOW) + PAGES["/quality/agreement"].render(
        held(simulated), LEAD, {}, NOW
    )
    figures = re.findall(r"<figure>.*?</figure>", html, re.DOTALL)
    assert len(figures) == 9
    for figure in figures:
        assert re.search(r"<svg[^>]*role=\"img\"[^>]*><title>[^<]+</title><desc>[^<]+</desc>", figure)
        assert "<table>" in figure


def test_markup_escapes_text_and_attributes_and_keeps_markup() -> None:
    assert element("p", "<b>", Html("<i></i>"), None, class_='"') == '<p class="&quot;">&lt;b&gt;<i></i></p>'
    assert element("line", x1=1.23456, stroke_width=2.0) == '<line x1="1.23" stroke-width="2"></line>'
    assert "&lt;th&gt;" in table(("<th>",), [("a",)], caption="c")


def test_scales_have_round_ends_and_hold_values_inside() -> None:
    scale = scale_over(3, 97, 0, 100)
    assert (scale.low, scale.high) == (0, 100)
    assert scale(500) == 100
    assert scale_over(0, 0, 0, 10).high == 1
    assert scale_over(0, 0.13, 0, 10).ticks() == pytest.approx([0, 0.05, 0.1, 0.15])


def test_bars_draw_no_bar_for_what_cannot_be_said() -> None:
    drawn = plots.bars_with_intervals([("known", Estimate(0.2, 0.1, 0.3, 40)), ("few", unknown(3))], WORDS)
    assert drawn.count('class="bar"') == 1
    assert "n\u00a03" in drawn


def test_a_scatter_of_equal_readings_can_be_drawn() -> None:
    pairs = [(50.0, 50.0), (50.0, 50.0)]
    limits = bland_altman([50, 50], [50, 50])
    drawn = difference_plot(pairs, limits, WORDS, ("upper", "bias", "lower"))
    assert drawn.count("<circle") == 1
    assert "nan" not in drawn


def test_a_line_of_one_day_can_be_drawn() -> None:
    drawn = plots.line_with_band([(-1, 0), (0, 5)], [], WORDS, x_label=str, top=5)
    assert "<polyline" in drawn
    assert "<polygon" not in drawn


def test_the_long_counts_are_made_while_no_reading_is_open(
    simulated: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_now, counted = set[int](), list[set[int]]()

    @contextmanager
    def read() -> Iterator[Session]:
        assert not open_now
        open_now.add(1)
        yield simulated
        open_now.clear()

    def reports(records: Sequence[TwiceRead]) -> list[PairReport]:
        counted.append(set(open_now))
        return pair_reports(records)

    monkeypatch.setattr(pages, "_KEPT", KeptCounts(patience_s=60))
    monkeypatch.setattr(pages, "pair_reports", reports)
    for path in PAGES:
        assert "<h1>" in PAGES[path].render(read, LEAD, {}, NOW)
    assert counted == [set()]
