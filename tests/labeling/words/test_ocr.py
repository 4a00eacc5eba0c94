"""Words off a page with the real Tesseract: turned, tilted, shadowed, negative, in columns and tables."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import PIL.Image
import pytest
from PIL.Image import Transpose as Flip
from report_drawing import (
    LEFT_COLUMN,
    LETTER,
    RIGHT_COLUMN,
    blank,
    keystoned,
    landscape_photo,
    letter,
    negative,
    on_desk,
    page,
    ruled_table,
    shadowed,
    tilted,
    tiny_and_blurred,
    two_columns,
    write,
)

from db.errors import EchoDeskError
from labeling.pages import legibility
from labeling.words.evidence import join_words
from labeling.words.first_words import read_first
from labeling.words.read_page import OcrPage, Word
from labeling.words.tesseract import read_words

Rotation = PIL.Image.Transpose


def text_of(read: OcrPage) -> str:
    return join_words([read]).text


def assert_reads_the_letter(read: OcrPage) -> None:
    text = text_of(read)
    assert [line for line in LETTER if line not in text] == []
    assert read.unreadable_reason == ""


@pytest.mark.tesseract
@pytest.mark.parametrize(
    "image",
    [
        pytest.param(letter(), id="plain", marks=pytest.mark.slow),
        pytest.param(shadowed(letter()), id="shadow"),
        pytest.param(tilted(letter(), 4), id="tilted", marks=pytest.mark.slow),
        pytest.param(keystoned(letter(), 0.03), id="keystone"),
        pytest.param(negative(letter()), id="white on black"),
        pytest.param(on_desk(tilted(letter(), -2)), id="on a desk"),
        pytest.param(letter(14), id="small type"),
        pytest.param(letter().convert("RGB"), id="colour", marks=pytest.mark.slow),
    ],
)
def test_a_legible_letter_is_read_to_the_letter(image: PIL.Image.Image) -> None:
    assert_reads_the_letter(read_words(page(image)))


@pytest.mark.tesseract
@pytest.mark.parametrize(
    ("turn", "undone_by_deg"),
    [(Rotation.ROTATE_90, 270), (Rotation.ROTATE_180, 180), (Rotation.ROTATE_270, 90)],
)
def test_a_turned_page_is_read_and_its_turn_reported(turn: Rotation, undone_by_deg: int) -> None:
    read = read_words(page(letter().transpose(turn)))

    assert read.rotation_deg == undone_by_deg
    assert_reads_the_letter(read)


@pytest.mark.tesseract
def test_a_page_with_a_single_short_line_is_read() -> None:
    image = blank()
    write(image, ["LVEF 45 %"], at=(500, 700))

    assert text_of(read_words(page(image))).replace(" ", "") == "LVEF45%"


@pytest.mark.tesseract
def test_two_columns_are_not_mixed() -> None:
    text = text_of(read_words(page(two_columns(offset_px=9))))

    lines = text.splitlines()
    places = [lines.index(line) for line in (*LEFT_COLUMN, *RIGHT_COLUMN)]
    assert places == sorted(places)
    assert lines[0].startswith("Echocardiography report") and lines[-1].startswith("Impression")


@pytest.mark.tesseract
@pytest.mark.parametrize("has_rules", [True, False])
def test_table_rows_stay_on_one_line(has_rules: bool) -> None:
    squeezed = text_of(read_words(page(ruled_table(has_rules=has_rules)))).replace(" ", "").splitlines()

    assert "LVEF61%55-70" in squeezed
    assert "RVSP27mmHgbelow35" in [line.replace(".", "") for line in squeezed]


def word_named(words: tuple[Word, ...], text: str) -> Word:
    (found,) = [word for word in words if word.text == text]
    return found


@pytest.mark.tesseract
@pytest.mark.parametrize("angle_deg", [0, 90, 180, 270])
def test_boxes_are_in_pixels_of_the_page_as_given(angle_deg: int) -> None:
    image = blank((1000, 1200))
    write(
        image,
        [
            "This page has a single number in the middle of the",
            "text, and it is 4711 as you can see from here",
        ],
    )
    write(image, ["Biplane"], at=(620, 900))
    (left, top, right, bottom), *_ = write(blank((1000, 1200)), ["Biplane"], at=(620, 900))
    if angle_deg:
        image = image.rotate(angle_deg, expand=True)
    centre_x, centre_y = (left + right) / 2, (top + bottom) / 2
    expected = {
        0: (centre_x, centre_y),
        90: (centre_y, 1000 - centre_x),
        180: (1000 - centre_x, 1200 - centre_y),
        270: (1200 - centre_y, centre_x),
    }[angle_deg]

    read = read_words(page(image))

    box = word_named(read.words, "Biplane").box
    assert ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) == pytest.approx(expected, abs=6)
    assert sorted((box[2] - box[0], box[3] - box[1])) == pytest.approx(
        sorted((right - left, bottom - top)), abs=9
    )


@pytest.mark.tesseract
def test_boxes_of_a_tilted_small_page_still_lie_on_the_word() -> None:
    image = letter(14)
    ((left, top, right, bottom),) = write(blank(), [LETTER[0]], size_px=14)
    tilt = tilted(image, 3)
    read = read_words(page(tilt))

    first = read.words[0]

    assert first.text == "Department"
    # Where the top left corner of the first line went, by PIL's own turn about the middle.
    angle = math.radians(3)
    dx, dy = left - image.width / 2, (top + bottom) / 2 - image.height / 2
    x = dx * math.cos(angle) + dy * math.sin(angle) + tilt.width / 2
    y = -dx * math.sin(angle) + dy * math.cos(angle) + tilt.height / 2
    assert first.box[0] == pytest.approx(x, abs=6)
    assert first.box[1] - 4 < y < first.box[3] + 4


@pytest.mark.tesseract
def test_confidences_are_shares_and_lines_count_up() -> None:
    read = read_words(page(letter()))

    assert all(0 <= word.confidence <= 1 for word in read.words)
    assert [word.line for word in read.words] == sorted(word.line for word in read.words)
    assert read.words[-1].line == len(LETTER) - 1
    assert (read.width_px, read.height_px) == (1240, 1754)
    assert read.elapsed_s > 0 and read.own_elapsed_s > 0


@pytest.mark.tesseract
@pytest.mark.parametrize(
    ("image", "word"),
    [
        pytest.param(tiny_and_blurred(letter()), "small", id="tiny and blurred"),
        pytest.param(blank(), "No text", id="blank"),
        pytest.param(landscape_photo(), "No text", id="no text"),
    ],
)
def test_a_page_whose_digits_cannot_be_trusted_says_why(image: PIL.Image.Image, word: str) -> None:
    read = read_words(page(image))

    assert word in read.unreadable_reason
    assert read.unreadable_reason.endswith(".")


@pytest.mark.tesseract
@pytest.mark.parametrize("way", [Flip.FLIP_LEFT_RIGHT, Flip.FLIP_TOP_BOTTOM])
def test_a_mirrored_page_is_named_as_such(way: Flip) -> None:
    seen = read_first(page(letter().transpose(way)))

    assert seen.unreadable_reason == legibility.MIRRORED


def test_a_missing_tesseract_is_named_with_what_to_install() -> None:
    with pytest.raises(EchoDeskError) as caught:
        read_words(page(letter()), tesseract="no-such-tesseract")

    assert "no-such-tesseract" in caught.value.message
    assert "apt-get install" in caught.value.hint


def test_a_failing_tesseract_is_an_error_and_not_an_empty_page(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text(
        f"#!{sys.executable}\nimport sys\nsys.stdin.buffer.read()\nsys.exit('data file is missing')\n"
    )
    broken.chmod(0o755)

    with pytest.raises(EchoDeskError, match="data file is missing"):
        read_words(page(letter()), tesseract=str(broken))


def test_no_page_is_written_to_a_file_on_its_way_to_tesseract(tmp_path: Path) -> None:
    said = tmp_path / "arguments"
    pretended = tmp_path / "pretended"
    pretended.write_text(
        f"#!{sys.executable}\nimport os, sys\nsys.stdin.buffer.read()\n"
        f"open({str(said)!r}, 'w').write(' '.join([os.environ['OMP_THREAD_LIMIT'], *sys.argv[1:]]))\n"
        "print('level\\ttext')\n"
    )
    pretended.chmod(0o755)

    read = read_words(page(letter()), tesseract=str(pretended))

    assert said.read_text().split()[:3] == ["1", "stdin", "stdout"]
    assert "/" not in said.read_text()
    assert read.unreadable_reason == "No text was found on the page."
