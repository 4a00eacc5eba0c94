"""The report: nothing on it but what the results hold, and what must be said is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any

import pytest
from made_results import constant_model, figures, noisy_model, results, usual

from pipeline.evaluation.invented import invented_answers
from pipeline.evaluation.report.facts import Facts, number
from pipeline.evaluation.report.first_page import verdict_list
from pipeline.evaluation.report.page import report_page
from pipeline.evaluation.report.tables import csv_tables

NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
NO_BETTER = "no better at EF than answering the median for everybody"
COLLAPSED = "have collapsed to the mean"


class Words(HTMLParser):
    """The words of a page, without its style sheet and without what stands at the ticks of its plots."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0
        self._tags: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "br", "link", "hr", "input"):
            return
        is_hidden = tag == "style" or (tag == "text" and "tick" in (dict(attrs).get("class") or ""))
        self._tags.append(is_hidden)
        self._hidden += is_hidden

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= self._tags.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def words_of(page: str) -> str:
    reader = Words()
    reader.feed(page)
    return " ".join(reader.words)


def numbers_of(page: str) -> set[str]:
    return set(NUMBER.findall(words_of(page)))


def leaves(value: Any) -> Iterator[float]:
    """Every number in the results."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def written(value: float) -> Iterator[str]:
    """Every way in which a number may be written."""
    for digits in range(4):
        yield number(abs(value), digits)
        yield number(abs(100 * value), digits)
    yield f"{abs(value):.3f}".rstrip("0").rstrip(".")
    yield f"{value:g}"


def blank(value: Any) -> Any:
    """The same results with no number in them; plots are left out."""
    if isinstance(value, dict):
        return {
            name: {"reason": "not_asked"} if name == "curves" else blank(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [blank(inner) for inner in value]
    return value if isinstance(value, str | bool) else None


def test_every_number_on_the_page_is_in_the_results() -> None:
    data = usual()
    of_words = numbers_of(report_page(blank(data)))
    known = {said for value in leaves(data) for said in written(value)}
    shown = numbers_of(report_page(data)) - of_words
    assert len(shown) > 100
    assert shown - known == set()


def test_a_bar_says_from_where_to_where_its_records_lie() -> None:
    page = report_page(usual())
    assert ">45–49<" in page and ">50–54<" in page and ">45<" not in page


def test_where_nobody_is_flagged_or_cleared_it_says_so_and_gives_no_share_of_nobody() -> None:
    data = deepcopy(usual())
    data["referral"]["cells"]["cleared"]["n"] = data["referral"]["chosen"]["cells"]["cleared"] = 0
    data["operating"]["ef_below_30"]["points"]["deployed"]["nested"].update(tp=0, fp=0)
    words = words_of(report_page(data))
    assert "these cuts clear nobody" in words and "found; nobody would be cleared." in words
    assert words.count("Nobody is flagged, so no echo slot is filled.") == 1
    assert "holds 0 people" not in words and "0 people would be cleared" not in words


def test_a_page_of_other_results_has_other_numbers() -> None:
    one, other = (numbers_of(report_page(data)) for data in (usual(), results(invented_answers(240, seed=3))))
    assert len(one - other) > 50


def test_every_number_of_a_csv_table_is_in_the_results() -> None:
    data = usual()
    known = set(leaves(data))
    cells = [
        cell
        for content in csv_tables(data).values()
        for line in content.decode("utf-8-sig").splitlines()[1:]
        for cell in line.split(",")[2:]
        if cell
    ]
    assert len(cells) > 100
    assert {cell for cell in cells if float(cell) not in known} == set()


def test_the_page_asks_nothing_of_the_network_and_runs_nothing() -> None:
    page = report_page({**usual(), "paper_figures": figures()})
    for sign in ("<script", "http:", "https:", "src=", "@import", "url(", "javascript:"):
        assert sign not in page


def test_the_same_results_are_the_same_page() -> None:
    assert report_page(usual()) == report_page(results())


def test_a_model_that_beats_the_median_is_not_blamed() -> None:
    page = report_page(usual())
    assert NO_BETTER not in page
    assert COLLAPSED not in page


def test_a_model_that_says_the_median_for_everybody_is_told_so_twice() -> None:
    page = report_page(results(constant_model()))
    assert NO_BETTER in page
    assert COLLAPSED in page


def test_a_model_that_is_worse_than_the_median_is_told_so_and_has_not_collapsed() -> None:
    page = report_page(results(noisy_model()))
    assert NO_BETTER in page
    assert "It is worse" in page
    assert COLLAPSED not in page


def test_what_was_not_run_is_said_with_its_reason() -> None:
    assert "Not run: it was not asked for." in words_of(report_page(usual()))


def test_invented_patients_are_named_as_such_before_any_number() -> None:
    page = words_of(report_page(usual()))
    assert page.index("These patients are invented") < page.index("What was tested")
    data = usual()
    real = {**data, "about": {**data["about"], "is_synthetic": False}}
    assert "These patients are invented" not in report_page(real)


def test_labels_of_a_table_are_named_as_such_before_any_number() -> None:
    data = usual()
    brought = {**data, "about": {**data["about"], "is_brought_in": True}}
    page = words_of(report_page(brought))
    assert page.index("nobody reviewed them in EchoDesk") < page.index("What was tested")
    assert "nobody reviewed them in EchoDesk" not in report_page(data)


def test_the_papers_figures_show_how_they_are_worked_out() -> None:
    page = words_of(report_page({**usual(), "paper_figures": figures()}))
    assert "√(9² + 10.9² − 2 · 0.37 · 9 · 10.9)" in page
    assert "2 · 62 / (2 · 62 + 50 + 67)" in page
    assert "0.515" in page
    assert "0.520" not in page and "0.370" not in page  # the paper prints two decimals


@pytest.mark.parametrize("heading", ["What must not be concluded", "For orientation", "Reporting checklists"])
def test_the_page_has_its_parts(heading: str) -> None:
    assert heading in report_page(usual())


def test_every_link_within_the_page_leads_somewhere() -> None:
    page = report_page(usual())
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_verdicts_are_said_by_what_to_do_about_them_in_percent_and_with_their_goal() -> None:
    share = {"value": 0.8, "low": 0.71, "high": 0.87, "n": 96}
    moved = {"value": 0.02, "low": -0.01, "high": 0.05, "n": 100}
    verdicts = [
        {"id": "moves_with_tint", "kind": "shortcut", "severity": "warning",
         "values": {"head": "rwma", "auroc_change": moved, "median_move": moved}},
        {"id": "waveform_not_followed", "kind": "shortcut", "severity": "warning",
         "values": {"head": "ef", "follows": share}},
        {"id": "few_positives", "kind": "numbers", "severity": "warning",
         "values": {"question": "ef_below_30", "n": 500, "positives": 8, "auroc": share}},
    ]  # fmt: skip
    said = str(verdict_list(Facts({"verdicts": verdicts})))
    assert "camera, light and table" in said and "goal: 0.02" in said
    assert "80 [71, 87]" in said and "goal: 95" in said
    assert said.count("<h3>") == 2


def test_every_measure_of_other_data_stands_beside_that_of_the_run() -> None:
    data = usual()
    binary = {name: data[name] for name in ("rwma", "ef_below_30", "ef_below_40", "ef_below_50")}
    external = {
        "asked": "run", "snapshot": "there", "records": 40, "overlap": {"pictures": 0, "patients": None},
        "numbers": {"ef": data["ef"], "binary": binary, "calibration": data["calibration"]},
        "ef_in_the_large": data["ef"],
        "rwma_in_the_large": data["calibration"]["rwma"]["methods"]["platt"],
    }  # fmt: skip
    page = report_page({**data, "external": external})
    section = page[page.index('id="external"') : page.index('id="adversary"')]
    assert "could not be compared" in section
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in section.split("<tr")[2:]]
    assert len(rows) == 12
    assert [row for row in rows if "–" in row or "" in row] == []
