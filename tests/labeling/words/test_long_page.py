"""Very long pages are cut where nothing is printed, read in pieces, and put together again."""

from __future__ import annotations

import PIL.Image
import PIL.ImageOps
import pytest
from report_drawing import blank, page, write

from labeling.pages.page import Page
from labeling.words.evidence import join_words
from labeling.words.long_page import cuts, is_long, read_in_pieces, windows
from labeling.words.read_page import OcrPage, Word
from labeling.words.tesseract import read_words

LINES = [f"Line number {number} of a report without an end" for number in range(60)]


def long_sheet() -> PIL.Image.Image:
    image = blank((700, 4200))
    write(image, LINES, at=(40, 60), size_px=26, leading=2.6)
    return image


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1240, 9000), True),
        ((1080, 7200), True),
        ((9000, 900), True),
        ((1240, 1754), False),
        ((300, 900), False),
        ((2400, 900), False),
        ((4000, 2000), False),
    ],
)
def test_only_what_is_far_longer_one_way_is_read_in_pieces(size: tuple[int, int], expected: bool) -> None:
    assert is_long(size) is expected


def test_a_cut_goes_through_no_letter() -> None:
    image = long_sheet()

    edges = cuts(image)

    assert edges[0] == 0 and edges[-1] == image.height and len(edges) > 3
    assert all(min(image.crop((0, row, image.width, row + 1)).tobytes()) > 200 for row in edges[1:-1])


def strip_of(words: dict[int, str], *, is_dark: bool = False) -> PIL.Image.Image:
    """A wide page with a few words far from one another, by their left edges."""
    image = blank((9000, 900))
    for left, text in words.items():
        write(image, [text], at=(left, 200), size_px=32)
    return PIL.ImageOps.invert(image.convert("L")) if is_dark else image


@pytest.mark.tesseract
@pytest.mark.parametrize("is_dark", [False, True])
def test_words_alone_in_a_wide_page_are_read_at_their_places(is_dark: bool) -> None:
    image = strip_of({100: "LVEF", 2600: "42 %", 5000: "RWMA", 7800: "none"}, is_dark=is_dark)

    read = read_words(page(image))

    assert not read.unreadable_reason
    assert join_words([read]).text.replace("42%", "42 %") == "LVEF 42 % RWMA none"
    for word in read.words:
        left, top, right, bottom = map(round, word.box)
        pixels = image.convert("L").crop((left, top, right, bottom)).getextrema()
        assert pixels[1] - pixels[0] > 100, f"{word.text} shows print at its place"
    assert [round(word.box[0], -2) for word in read.words if word.text in ("LVEF", "none")] == [100, 7800]


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


FAR_APART = (
    (60, ["LVEF:", "RWMA:", "RVSP:"]),
    (8200, ["42 %", "present, inferior wall", "38 mmHg"]),
)


def wide_sheet() -> PIL.Image.Image:
    image = blank((9000, 900))
    for left, lines in FAR_APART:
        write(image, lines, at=(left, 80), size_px=30, leading=2.0)
    return image


@pytest.mark.parametrize("size", [(9000, 900), (20000, 1000), (3100, 700), (9000, 3000)])
def test_the_pieces_of_a_wide_page_overlap_and_leave_nothing_out(size: tuple[int, int]) -> None:
    pieces = windows(size)

    assert pieces[0][0] == 0 and pieces[-1][1] == size[0]
    assert all(first[1] - second[0] > 400 for first, second in zip(pieces, pieces[1:], strict=False))
    assert not any(is_long((right - left, size[1])) for left, right in pieces)


def test_words_seen_in_two_pieces_are_there_once_and_cut_ones_are_left_to_the_other() -> None:
    words = [Word(f"word{number}", (40.0 + 130 * number, 80.0, 150.0 + 130 * number, 110.0), 0.9, 0, 0)
             for number in range(66)]  # fmt: skip

    def read(piece: Page, first: OcrPage | None) -> OcrPage:
        """The words of the piece; of those at its edges the part within."""
        (left,) = [
            start for start, end in windows((9000, 900)) if piece.image.getpixel((0, 0)) == tint(start)
        ]
        right = left + piece.image.width
        seen = []
        for word in words:
            box = (max(word.box[0], left) - left, 80.0, min(word.box[2], right) - left, 110.0)
            if box[2] > box[0]:
                is_cut = box[2] - box[0] < 110
                seen.append(Word("w0" if is_cut else word.text, box, 0.95 if is_cut else 0.9, 0, 0))
        return OcrPage(piece.number, tuple(seen), {"contrast": 1.0})

    image = PIL.Image.new("L", (9000, 900), 255)
    image.paste(0, (0, 85, 9000, 105))  # a page that is written on from edge to edge is not folded
    for start, _ in windows(image.size):
        image.putpixel((start, 0), tint(start))

    found = read_in_pieces(page(image), read)

    assert [(word.text, word.box) for word in found.words] == [(word.text, word.box) for word in words]
    assert len({word.line for word in found.words}) == 1


def tint(start: int) -> int:
    """A shade of its own for each piece."""
    return 1 + start // 50


def test_a_wide_page_whose_lines_run_down_it_is_named_with_the_remedy() -> None:
    def read(piece: Page, first: OcrPage | None) -> OcrPage:
        return OcrPage(1, (Word("EF", (9, 9, 20, 40), 0.9, 0, 0),), {"contrast": 1.0}, rotation_deg=90)

    found = read_in_pieces(page(blank((9000, 900))), read)

    assert "Turn the picture" in found.unreadable_reason and found.words == ()


@pytest.mark.tesseract
def test_a_value_far_from_its_label_on_a_wide_page_is_read_beside_it() -> None:
    seen = read_words(page(wide_sheet()))

    assert not seen.unreadable_reason
    lines = [" ".join(line.split()) for line in join_words([seen]).text.splitlines() if line]
    assert [line.replace(" %", "%") for line in lines] == [
        "LVEF: 42%", "RWMA: present, inferior wall", "RVSP: 38 mmHg",
    ]  # fmt: skip
    (number,) = [word for word in seen.words if word.text.startswith("42")]
    assert 8190 < number.box[0] < 8220
