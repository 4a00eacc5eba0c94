"""Very long pages are cut where nothing is printed, read in pieces, and put together again."""

from __future__ import annotations

import PIL.Image
import pytest
from report_drawing import blank, page, write

from labeling.pages.page import Page
from labeling.words.evidence import join_words
from labeling.words.long_page import cuts, is_long, read_in_pieces
from labeling.words.read_page import OcrPage, Word
from labeling.words.tesseract import read_words

LINES = [f"Line number {number} of a report without an end" for number in range(60)]


def long_sheet() -> PIL.Image.Image:
    image = blank((700, 4200))
    write(image, LINES, at=(40, 60), size_px=26, leading=2.6)
    return image


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1240, 9000), True), ((1080, 7200), True), ((1240, 1754), False), ((300, 900), False)],
)
def test_only_what_is_far_longer_than_wide_is_read_in_pieces(size: tuple[int, int], expected: bool) -> None:
    assert is_long(size) is expected


def test_a_cut_goes_through_no_letter() -> None:
    image = long_sheet()

    edges = cuts(image)

    assert edges[0] == 0 and edges[-1] == image.height and len(edges) > 3
    assert all(min(image.crop((0, row, image.width, row + 1)).tobytes()) > 200 for row in edges[1:-1])


def test_words_keep_their_order_and_go_back_to_their_places() -> None:
    seen: list[int] = []

    def read(piece: Page, first: OcrPage | None) -> OcrPage:
        assert first is not None
        seen.append(len(first.words))
        assert all(0 <= word.box[1] < piece.image.height for word in first.words)
        return OcrPage(piece.number, first.words, {"contrast": 1.0})

    words = tuple(Word(line, (40.0, top, 300.0, top + 26), 0.9, index, 0) for index, (line, top) in enumerate(
        zip(LINES, [60.0 + 68 * index for index in range(60)], strict=True)
    ))  # fmt: skip
    whole = OcrPage(1, words)

    read_again = read_in_pieces(page(long_sheet()), read, whole)

    assert [(word.text, word.box) for word in read_again.words] == [(word.text, word.box) for word in words]
    assert [word.line for word in read_again.words] == sorted({word.line for word in read_again.words})
    assert sum(seen) == len(words) and len(seen) > 3


def test_blank_paper_at_the_end_does_not_make_a_page_unreadable() -> None:
    def read(piece: Page, first: OcrPage | None) -> OcrPage:
        is_blank = min(piece.image.tobytes()) > 200
        words = () if is_blank else (Word("EF", (0, 0, 9, 9), 0.9, 0, 0),)
        return OcrPage(
            1, words, {"contrast": 0.0 if is_blank else 0.9}, "No text was found." if is_blank else ""
        )

    image = blank((700, 4200))
    write(image, ["LVEF 42 %"], at=(40, 60))

    assert read_in_pieces(page(image), read).unreadable_reason == ""
    assert read_in_pieces(page(blank((700, 4200))), read).unreadable_reason == "No text was found."


@pytest.mark.tesseract
def test_a_line_far_down_a_long_screenshot_is_read_where_it_stands() -> None:
    image = blank((1240, 9000))
    write(image, ["LVEF : 42 %"], at=(90, 7000), size_px=30)

    read = read_words(page(image))

    assert join_words([read]).text == "LVEF : 42 %"
    assert read.unreadable_reason == "" and 6990 < read.words[0].box[1] < 7040
