"""Tesseract's library kept ready, and the second engine beside it: faster, and nothing read otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from report_drawing import blank, letter, page, tilted, tiny_and_blurred

from labeling.trust.cross_check import recognise_report
from labeling.words import both_engines, first_words, rapid_ocr, tesseract
from labeling.words.read_page import OcrPage

needs_rapidocr = pytest.mark.skipif(not rapid_ocr.is_installed(), reason="RapidOCR is not installed")
needs_library = pytest.mark.skipif(
    tesseract._library_of("tesseract") is None, reason="the library can't be told from the program"
)


def said(read: OcrPage) -> list[tuple[Any, ...]]:
    return [(word.text, word.box, word.confidence, word.line, word.block) for word in read.words]


@pytest.mark.tesseract
@needs_library
def test_the_library_reads_page_after_page_as_the_program_does(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [page(letter()), page(tilted(letter(), 3)), page(letter())]
    alone = [tesseract.read_words(one, is_kept=False) for one in pages]
    monkeypatch.setattr(tesseract, "_by_program", lambda *_: pytest.fail("the program was started"))

    assert [said(tesseract.read_words(one)) for one in pages] == [said(one) for one in alone]


@pytest.mark.tesseract
def test_a_library_that_fails_leaves_the_page_to_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = tesseract.read_words(page(letter()), is_kept=False)
    monkeypatch.setattr(tesseract, "_library_of", lambda _: "/nowhere/libtesseract.so.5")

    assert said(tesseract.read_words(page(letter()))) == said(alone)


@pytest.mark.parametrize("program", ["/nowhere/tesseract", "python3"])
def test_a_program_that_is_no_tesseract_has_no_library(program: str) -> None:
    assert tesseract._library_of(program) is None


def test_something_is_done_meanwhile_only_where_the_print_is_crisp(monkeypatch: pytest.MonkeyPatch) -> None:
    def recognise(_: object, *, meanwhile: Any, **__: object) -> list[dict[str, str]]:
        if meanwhile is not None:
            meanwhile()
        return []

    monkeypatch.setattr(tesseract, "recognise", recognise)
    done: list[str] = []
    tesseract.read_words(page(letter()), meanwhile=lambda: done.append("letter"))
    tesseract.read_words(page(tiny_and_blurred(letter())), meanwhile=lambda: done.append("blurred"))
    tesseract.read_words(page(blank()), meanwhile=lambda: done.append("blank"))

    assert done == ["letter"]


def test_what_is_asked_of_the_page_alone_is_looked_at_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def recognise(_: object, *, meanwhile: Any, **__: object) -> list[dict[str, str]]:
        done.append("reads")
        meanwhile()
        done.append("has read")
        return []

    def crossed(_: object) -> bool:
        done.append("crossed?")
        return True

    monkeypatch.setattr(tesseract, "recognise", recognise)
    monkeypatch.setattr(first_words, "is_crossed_out", crossed)

    sheet = page(letter().convert("RGB"))
    read = first_words.read_first(sheet, meanwhile=lambda pixels: done.append(str(pixels.ndim)))

    assert read.notes == ("crossed",)
    assert done == ["reads", "3", "crossed?", "has read"]


@pytest.mark.tesseract
@needs_rapidocr
def test_side_by_side_and_one_after_the_other_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [page(letter()), page(letter().convert("RGB")), page(tilted(letter(), 2))]
    first = [tesseract.read_words(one, is_kept=False) for one in pages]
    second = [rapid_ocr.read_words(one, first=seen) for one, seen in zip(pages, first, strict=True)]
    engine = rapid_ocr.load_engine()
    looked: list[int] = []
    find = engine.find_lines

    def counted(pixels: Any) -> list[Any]:
        looked.append(1)
        return find(pixels)

    monkeypatch.setattr(engine, "find_lines", counted)

    both = both_engines.BothEngines("tesseract", rapid_ocr)
    for number, one in enumerate(pages):
        words = recognise_report([one], both.first, both.second)
        assert said(words.first[0]) == said(first[number])
        assert said(words.second[0]) == said(second[number])
    assert len(looked) == len(pages)
