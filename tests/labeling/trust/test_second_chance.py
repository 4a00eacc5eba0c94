"""A page too poor to be read gives an EF or an RVSP only where two views of it agree, and never in green."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageFilter
import pytest
from report_drawing import letter, page
from seen_lines import line_saying

from db.labels import EfState, Findings, Light, Pah, Rwma
from labeling.pages.page import Page
from labeling.readers.base import Reading
from labeling.trust import second_chance
from labeling.trust.light import light_of_fields
from labeling.words import rapid_ocr
from labeling.words.poor import poor_page
from labeling.words.poor.poor_page import PoorLine
from labeling.words.poor.seen_line import SeenLine

UNREADABLE = Reading(
    Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE),
    unreadable_reason="The page is too blurred or too faint to read digits safely.",
    warnings=("page_unreadable:1",),
)
SHEET = Page(1, PIL.Image.new("L", (400, 600), 255))
BOX = (10.0, 20.0, 300.0, 44.0)

Try = Callable[..., Reading]


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Try:
    """Tries a page whose lines read so in the views."""

    def with_lines(*lines: tuple[str, ...]) -> Reading:
        monkeypatch.setattr(
            poor_page, "read_lines", lambda *given, **more: [PoorLine(views, BOX) for views in lines]
        )
        return second_chance.with_second_chance(UNREADABLE, [SHEET], [1])

    return with_lines


def test_two_views_that_agree_give_an_ef_in_amber_with_its_place(tried: Try) -> None:
    reading = tried(("Lvet vertricular ejection fracton is 42 %", "ejechon fraction is 42 %", "e1 frac 12 %"))

    assert (reading.findings.ef_percent, reading.findings.ef_state) == (42, EfState.STATED)
    assert (reading.findings.ef_low, reading.findings.ef_high) == (None, None)
    assert reading.evidence["ef_percent"].box == BOX
    assert light_of_fields(reading)["ef_percent"] is Light.AMBER


def test_a_view_that_lost_the_name_still_counts_for_its_digits(tried: Try) -> None:
    assert tried(("ejection kacton of 51%", "eon facton of 511", "vkaeon 579")).findings.ef_percent == 51


@pytest.mark.parametrize(
    "views",
    [
        ("LVEF 42 %", "LVEF 47 %", "LVEF 12 %", "LVEF 41 %"),
        ("LVEF 42 %", "LVEF 42 %", "LVEF 47 %", "LVEF 47 %"),
        ("LVEF 42 %",),
        ("Heart rate 42", "Heart rate 42"),
        ("LVEF of 45% 49%", "LVEF of 45% 49%"),
        ("Reft 42 left 42", "Relt 42 left 42"),
        # One end of a range, seen whole by one view alone, or with its other end misread.
        ("LVEF 50-55 %", "LVEF 55 %", "LVEF 55 %"),
        ("LVEF so-55 %", "LVEF 55 %", "LVEF 55 %"),
        ("ejection fraction 45 to 5o %", "ejection fraction 45", "ejection fraction 45"),
        # Ends of two ranges, and one digit.
        ("LVEF 50% to 65%", "LVEF 60 % 50 and of old 65", "LVEF 41"),
        ("Ejection Fraction (6F. Teich) 64.54", "Ejection Fraction (6F. Teich) 64.54"),
        # A heart under stress.
        ("After exercise LVEF 66 %", "After exercise LVEF 66 %"),
        ("LVEF 66 % at peak stress", "LVEF 66 %"),
        ("After exercisc the LVEF is 66 %", "the LVEF is 66 %"),
    ],
)
def test_views_that_do_not_agree_and_lines_without_its_name_give_none(
    views: tuple[str, ...], tried: Try
) -> None:
    reading = tried(views)

    assert reading == UNREADABLE
    assert light_of_fields(reading)["ef_percent"] is Light.RED


def test_a_line_below_one_of_stress_gives_none_unless_it_says_rest(tried: Try) -> None:
    above = ("At peak exercise the", "At peak exercise the")

    assert tried(above, ("LVEF was 66 %", "LVEF was 66 %")).findings.ef_percent is None
    assert tried(above, ("LVEF at rest 58 %", "LVEF at rest 58 %")).findings.ef_percent == 58


@pytest.mark.parametrize("views", [("EF - 42 %", "EF - 42 %"), ("LVEF is 42 % - no clot", "LVEF is 42 %")])
def test_a_dash_that_parts_a_label_or_a_sentence_is_no_range(views: tuple[str, ...], tried: Try) -> None:
    assert tried(views).findings.ef_percent == 42


@pytest.mark.parametrize(
    ("line", "following", "expected"),
    [
        ("the left ventricular ejection", "fraction is 45 % by", True),
        ("Lv systolic function, ejechon", "tracton is 45 %", True),
        ("normal in size with an LVEF of", "45 % and no clot", True),
        ("3. The ejection fraction was good and about", "61 %.", True),
        ("the left ventricular ejection", "fraction is sox, mild MR", True),
        ("The ejection fraction was normal and estimated to be", "45 % by eye", True),
        ("the left ventricular ejection", "is not known 45", False),
        ("with an LVEF that is in line with", "the left ventricle in this study 45", False),
        ("LVEF 45 %", "55 beats", False),
        ("aortic valve ejection click", "45 mm", False),
        ("4. The ejection fraction was normal and about", "61 %.", True),
        ("An echo on August 11, 2009 revealed an EF of", "50%. He was", True),
        ("with an ejection fraction of", "sts. The septum is", True),
        ("", "45 %", False),
    ],
)
def test_a_name_that_its_line_breaks_goes_on_in_the_next(line: str, following: str, expected: bool) -> None:
    assert second_chance._runs_on(line, following) is expected


def test_digits_that_the_best_view_lost_come_from_the_others(tried: Try) -> None:
    assert tried(("Ejection fraction: se percent", "fraction: 58 percent", "Ejection fraction: 58 percent"))\
        .findings.ef_percent == 58  # fmt: skip
    assert tried(("tunction (iveF 55%)", "fanction (ver 55)", "fnction (ver 55)")).findings.ef_percent == 55


def test_two_lines_that_agree_each_on_another_value_give_none(tried: Try) -> None:
    assert tried(("LVEF 42 %", "LVEF 42 %"), ("LVEF 62 %", "LVEF 62 %")).findings.ef_percent is None


def test_a_pressure_is_read_and_words_are_left_alone(tried: Try) -> None:
    line = "RVSP 48 mmHg, no regional wall motion abnormality, severe PAH"

    findings = tried((line, line)).findings

    assert findings.rvsp_mmhg == 48
    assert (findings.rwma, findings.pah) == (Rwma.UNREADABLE, Pah.UNREADABLE)


class Scripted:
    """A recogniser by name only: the engine below asks who reads."""

    characters: Sequence[str] = ()

    def chances(self, batch: Any) -> Any:
        raise AssertionError("the scripted engine reads without pictures")


class ScriptedEngine:
    """Finds two lines on every page; a taught recogniser says other words than its own."""

    usual = ("Lveft ecton 4Z %", "RVSF 48 mmHg, no regional wall motion abnormality")
    taught = ("LVEF 42 %", "RVSP 48 mmHg, no regional wall motion abnormality, severe PAH")

    def find_lines(self, page: Any, side_px: int) -> list[Any]:
        return [np.array([[20, y], [600, y], [600, y + 40], [20, y + 40]], float) for y in (100, 300)]

    def see_lines(
        self, page: Any, quads: Sequence[Any], *, narrowing: float, recogniser: Any = None
    ) -> list[SeenLine]:
        return [line_saying(text) for text in (self.taught if recogniser else self.usual)[: len(quads)]]


class FaintEngine(ScriptedEngine):
    """Finds the line with the value in the calmed view alone, whose picture is smaller."""

    usual = ("DEMO HOSPITAL", "LVEF 42 %, normal")

    def find_lines(self, page: Any, side_px: int) -> list[Any]:
        both = super().find_lines(page, side_px)
        self.sides = [*getattr(self, "sides", []), side_px]
        return both[:1] if side_px == max(self.sides) else [one + 3 for one in both]


class BreakingEngine(ScriptedEngine):
    """Breaks the name over two lines."""

    usual = ("the left ventricular ejection", "fraction is 42 %, no clot")


def test_an_ef_whose_name_is_broken_by_the_line_s_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rapid_ocr, "load_engine", lambda threads: BreakingEngine())

    reading = second_chance.with_second_chance(UNREADABLE, [SHEET], [1])

    assert reading.findings.ef_percent == 42
    box = reading.evidence["ef_percent"].box
    assert box is not None and box[1] > 50  # the lower line, where the number stands


def test_a_line_that_only_the_calmed_view_shows_is_read_and_one_seen_twice_counts_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rapid_ocr, "load_engine", lambda threads: FaintEngine())

    assert second_chance.with_second_chance(UNREADABLE, [SHEET], [1]).findings.ef_percent == 42
    assert len(poor_page.read_lines(SHEET, lambda text: False)) == 2


def test_a_taught_recogniser_is_one_more_reading_and_never_of_wall_motion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rapid_ocr, "load_engine", lambda threads: ScriptedEngine())

    reading = second_chance.with_second_chance(UNREADABLE, [SHEET], [1], Scripted())

    findings = reading.findings
    assert (findings.ef_percent, findings.rvsp_mmhg) == (42, 48)
    assert (findings.rwma, findings.pah) == (Rwma.UNREADABLE, Pah.UNREADABLE)
    lights = light_of_fields(reading)
    assert (lights["ef_percent"], lights["rvsp_mmhg"]) == (Light.AMBER, Light.AMBER)
    assert reading.evidence["ef_percent"].quote == "LVEF 42 %"


def seen_alike(*texts: str, or_else: dict[str, tuple[str, float]] | None = None) -> PoorLine:
    """A line as several views see it."""
    views = tuple(line_saying(text, or_else) for text in texts)
    return PoorLine(tuple(view.text() for view in views), BOX, 1, views)


def value_of(*lines: PoorLine, field: str = "ef_percent") -> float | None:
    agreed = second_chance._agreed(lines, 1)
    return agreed[field][0] if field in agreed else None


def test_digits_that_every_view_took_for_letters_are_found_in_their_chances() -> None:
    hidden = {"s": ("6", 0.3), "o": ("0", 0.3), "B": ("6", 0.2), "i": ("1", 1e-4)}

    assert value_of(seen_alike("LVEF is so%", "LVEF is s0%", "LVEF is Bo%", or_else=hidden)) == 60
    assert (
        value_of(seen_alike("LVEF is so%", "LVEF is s0%", "LVEF is 50%", "LVEF is 5o%", or_else=hidden))
        is None
    )
    assert value_of(seen_alike("ejection fraction: se percent", or_else=hidden)) is None
    assert value_of(seen_alike("LVEF is so good", "LVEF is so good", or_else={})) is None


@pytest.mark.parametrize(
    "text",
    [
        "LVEF of 45% 49%",
        "LVEF of 45% to 4g%",
        "LVEF 45-4g%",
        "LVEF of 45.5 %",
        "wall motion, normal ejection fraction 2. Right coronary artery",
        "Hepatobiliary scan: the ejection fraction was 40%",
        "RVEF 45 %",
        "After exercise LVEF 45 %",
    ],
)
def test_several_numbers_and_other_ejection_fractions_give_none(text: str) -> None:
    assert value_of(seen_alike(text, text, text)) in (None, 45.5)


def test_a_page_that_last_spoke_of_a_gallbladder_gives_no_ef_until_it_speaks_of_the_heart() -> None:
    organ = seen_alike("HIDA scan of the gallbiadder")
    found = seen_alike(*["with an ejection fraction of 40%"] * 3)

    assert value_of(found) == 40
    assert value_of(organ, found) is None
    assert value_of(organ, seen_alike("Echocardiogram"), found) == 40


def test_a_pressure_that_something_is_still_added_to_is_none() -> None:
    garbled = seen_alike("Doppler: RVSP = 17 mig + RAP", "Doppler: RVSP = 17 mrig + RA", "RVSP = 17 mHg +RAP")

    assert value_of(garbled, field="rvsp_mmhg") is None
    assert value_of(seen_alike(*["Doppler: RVSP = 47 mig"] * 3), field="rvsp_mmhg") == 47


def test_a_left_ventricle_s_pressure_is_none_of_the_lungs() -> None:
    right = ["right ventricular systolic pressure of 48 mmHg"] * 3

    assert value_of(seen_alike(*right), field="rvsp_mmhg") == 48
    left = [text.replace("right", "lett") for text in right]
    assert value_of(seen_alike(*left), field="rvsp_mmhg") is None


def test_a_taught_recogniser_that_nobody_agrees_with_is_not_believed(tried: Try) -> None:
    alone = PoorLine(("LVEF 42 %", "Lvet 47", "fraction 12", "Lv 4Z"), BOX, leading=2)

    assert second_chance._agreed([alone], 1) == {}


def test_a_page_that_can_be_read_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poor_page, "read_lines", None)

    assert second_chance.with_second_chance(UNREADABLE, [SHEET], []) == UNREADABLE


@pytest.mark.slow
def test_a_small_blurred_letter_gives_its_ef_and_the_line_s_place() -> None:
    small = letter().resize((720, 1018)).filter(PIL.ImageFilter.GaussianBlur(1.1))

    reading = second_chance.with_second_chance(UNREADABLE, [page(small)], [1])

    assert reading.findings.ef_percent == 42
    box = reading.evidence["ef_percent"].box
    assert box is not None and 0 < box[0] < box[2] < 720 and box[3] - box[1] < 60
