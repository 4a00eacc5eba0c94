"""Walls over levels with letters, words or scores, and keys to them."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

_LEVELS = "Wall     Basal     Mid     Apical"


def _table(rows: dict[str, tuple[str, str, str]], lead: str = "", tail: str = "") -> str:
    lines = [f"{wall}     {'     '.join(cells)}" for wall, cells in rows.items()]
    return "\n".join(part for part in (lead, _LEVELS, *lines, tail) if part)


_INFERIOR = {"Anterior": ("N", "N", "N"), "Septal": ("N", "N", "N"), "Inferior": ("H", "H", "N")}
_WORDS = {"N": "Nor", "H": "Hypo"}
_SCORES = {"N": "0", "H": "1"}


def _in(words: dict[str, str]) -> dict[str, tuple[str, str, str]]:
    return {wall: (words[a], words[b], words[c]) for wall, (a, b, c) in _INFERIOR.items()}


READ = [
    _table(_INFERIOR),
    _table(_INFERIOR, lead="Wall motion\nA = Akinetic, H = Hypokinetic, N = Normal"),
    _table(_in(_WORDS), tail="Nor = normal, Hypo = hypokinetic, Aki = akinetic"),
    _table(_in(_SCORES), lead="0 = normal, 1 = hypokinetic, 2 = akinetic"),
]


@pytest.mark.parametrize("text", READ)
def test_a_table_over_levels_names_the_wall_that_moves_badly(text: str) -> None:
    found = read_report_text(text).findings.model_dump(mode="json")
    assert (found["rwma"], found["rwma_severity"]) == ("present", "not_stated")
    assert found["rwma_walls"] == ["inferior", "basal", "mid"]


def test_scores_without_a_key_are_for_a_person_to_see() -> None:
    text = _table(dict.fromkeys(("Anterior", "Septal", "Inferior", "Lateral"), ("1", "1", "1")))
    assert light(text, "rwma") != "green"


def test_a_row_of_letters_is_normal_only_to_its_end() -> None:
    text = "WALL MOTION: SEPTUM - N  ANTERIOR - N  LATERAL - N  INFERIOR - HYPO\nEF 40%"
    found = read_report_text(text).findings
    assert (found.rwma.value, found.rwma_walls) == ("present", ("inferior",))


def test_two_letters_beside_their_key_are_read() -> None:
    text = "ANT - AK   LAT - NK   INF - NK   APEX - AK\n(NK = normokinetic, HK = hypokinetic, AK = akinetic)"
    found = read_report_text(text).findings
    assert found.rwma_walls == ("anterior", "apical")


@pytest.mark.parametrize(
    ("text", "walls"),
    [
        ("Antero-septal & apical akinesia", ("anteroseptal", "apical")),
        ("Infero-lateral wall hypokinesia", ("inferolateral",)),
    ],
)
def test_a_hyphen_makes_one_wall_of_two(text: str, walls: tuple[str, ...]) -> None:
    assert read_report_text(text).findings.rwma_walls == walls


def test_what_is_normal_behind_an_empty_name_has_its_own() -> None:
    assert read_report_text("Wall motion:     Valves: Normal").findings.rwma == "not_stated"


def test_akinesia_that_is_denied_beside_a_hypokinesia_gives_no_grade() -> None:
    found = read_report_text("Inferior wall hypokinesia rather than akinesia").findings
    assert (found.rwma.value, found.rwma_severity.value) == ("present", "not_stated")
