"""What lies on a PDF page beside its print: typed notes and fields are read, comments and strokes told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pdf_building import REPORT, Annotation, printed_pdf

from labeling.pages.opening import open_pages
from labeling.pages.page import Page, PageLimits, TextLayer
from labeling.readers.base import ReaderSpec, Reading
from labeling.readers.files import answer_of
from labeling.readers.registry import build_reader
from labeling.trust.light import light_of_fields
from labeling.words.read_page import OcrPage
from labeling.words.text_layer import read_words

WITHOUT_EF = tuple(line for line in REPORT if "LVEF" not in line)
NOTE = "/Subtype /FreeText /Contents (LVEF: 42 %) /DA (/F 12 Tf 0 g)"
FIELD = "/Subtype /Widget /FT /Tx /T (ef) /V (LVEF: 42 %) /DA (/F 12 Tf 0 g)"
# Where the line with the EF stands: the fifth, 18 points each, the first on 780.
EF_LINE = (60, 705, 200, 719)
QUADS = "/QuadPoints [60 719 200 719 60 705 200 705]"


def read(path: Path) -> Reading:
    panel = build_reader(ReaderSpec("panel", {"primary": {"name": "rules"}}))
    return panel.read_pages(open_pages(path, PageLimits()))


def only_page(path: Path) -> Page:
    (page,) = open_pages(path, PageLimits())
    return page


def lights(reading: Reading) -> set[str]:
    return {light.value for light in light_of_fields(reading).values()}


def ink_in(page: Page, rect: tuple[int, int, int, int]) -> int:
    """Dark pixels where an annotation lies."""
    points = page.image.height / 842
    left, bottom, right, top = rect
    piece = np.asarray(page.image.convert("L"))[
        round((842 - top) * points) : round((842 - bottom) * points),
        round(left * points) : round(right * points),
    ]
    return int((piece < 128).sum())


@pytest.mark.parametrize(
    "what",
    [
        Annotation(NOTE),
        Annotation(NOTE, shows="LVEF: 42 %"),
        Annotation(NOTE.replace("/Contents (LVEF: 42 %)", "/RC (<body><p>LVEF: 42 %</p></body>)")),
        Annotation(FIELD),
        Annotation(FIELD, shows="LVEF: 42 %"),
        Annotation(FIELD.replace("/Tx", "/Ch /Ff 131072 /Opt [(LVEF: 42 %) (LVEF: 60 %)]")),
    ],
    ids=["note", "note with its picture", "rich note", "field", "field with its picture", "choice"],
)
def test_a_value_typed_onto_the_page_is_read_and_seen(what: Annotation, tmp_path: Path) -> None:
    path = printed_pdf(tmp_path / "typed.pdf", WITHOUT_EF, annotations=[what])

    page = only_page(path)
    assert page.layer is not None and not page.layer.notes
    assert ink_in(page, what.rect) > 100
    (box,) = [word.box for word in page.layer.words if word.text == "42"]
    # The word stands where its ink is: its rectangle's top is at 600 of 842 points.
    points = page.image.height / 842
    assert (842 - 602) * points < (box[1] + box[3]) / 2 < (842 - 578) * points
    reading = read(path)
    assert reading.findings.ef_percent == 42
    assert light_of_fields(reading)["ef_percent"].value == "green"


def test_a_long_note_is_wrapped_in_its_box(tmp_path: Path) -> None:
    says = "The left ventricle pumps poorly and its LVEF is 42 % by the biplane method today"
    note = Annotation(NOTE.replace("LVEF: 42 %", says), (60, 400, 200, 600))

    page = only_page(printed_pdf(tmp_path / "long.pdf", WITHOUT_EF, annotations=[note]))

    assert page.layer is not None
    words = page.layer.words[-len(says.split()) :]
    assert [word.text for word in words] == says.split()
    points = page.image.height / 842
    assert all(word.box[0] >= 60 * points - 1 and word.box[2] <= 201 * points for word in words)
    assert len({word.box[1] for word in words}) > 3


def test_a_note_with_a_ground_hides_what_is_below(tmp_path: Path) -> None:
    note = Annotation(NOTE.replace("42", "30") + " /C [1 1 1]", EF_LINE)

    reading = read(printed_pdf(tmp_path / "ground.pdf", annotations=[note]))

    assert reading.findings.ef_percent == 30
    assert "green" not in lights(reading)


def test_what_a_viewer_hides_is_not_read(tmp_path: Path) -> None:
    hidden = [
        Annotation(f"{NOTE} /F 2", shows="LVEF: 42 %"),
        Annotation(f"{NOTE} /F 32", (60, 540, 300, 560), shows="LVEF: 42 %"),
        Annotation(f"{FIELD} /F 2", (60, 500, 300, 520)),
    ]

    page = only_page(printed_pdf(tmp_path / "hidden.pdf", WITHOUT_EF, annotations=hidden))

    assert page.layer is not None
    assert not any("42" in word.text for word in page.layer.words) and not page.layer.notes
    assert all(ink_in(page, one.rect) == 0 for one in hidden)


@pytest.mark.parametrize(
    "what",
    [
        Annotation(NOTE, shows=""),
        Annotation(NOTE, (300, 600, 300, 600)),
        Annotation(NOTE, (700, 600, 900, 620)),
        Annotation(NOTE, (60, 750, 300, 770)),
        Annotation(FIELD, shows="LVEF: 60 %"),
        Annotation(FIELD.replace("0 g", "1 g")),
        Annotation(NOTE.replace("LVEF", r"One\r" * 60 + "LVEF")),
    ],
    ids=[
        "empty picture",
        "no room",
        "off the page",
        "over the print",
        "another value in its picture",
        "white letters",
        "more lines than the page has room for",
    ],
)
def test_typed_words_that_are_not_seen_leave_no_field_green(what: Annotation, tmp_path: Path) -> None:
    reading = read(printed_pdf(tmp_path / "unseen.pdf", WITHOUT_EF, annotations=[what]))

    assert "page_note:1:unshown" in reading.warnings
    assert "green" not in lights(reading)
    assert answer_of("unseen.pdf", "rules", reading)["notes"][-1] == (
        "Page 1 holds typed words that its picture does not show clearly."
    )


@pytest.mark.parametrize("shows", [None, "LVEF: 30 %"])
def test_of_a_scan_with_a_note_on_it_the_picture_is_read(shows: str | None, tmp_path: Path) -> None:
    scan = only_page(printed_pdf(tmp_path / "plain.pdf")).image
    note = Annotation(NOTE.replace("42", "30"), (60, 200, 300, 220), shows=shows)

    page = only_page(printed_pdf(tmp_path / "scan.pdf", (), scan=scan, annotations=[note]))

    assert page.layer is not None and page.layer.refused == "scan"
    assert ink_in(page, note.rect) > 100


@pytest.mark.parametrize(
    "entries",
    [
        "/Subtype /Text /Contents (EF is 30 % says the consultant)",
        "/Subtype /Popup /Open true /Contents (EF 30 %)",
        f"/Subtype /Highlight /C [1 1 0] /Contents (should be 30 %) {QUADS}",
        "/Subtype /Caret /Contents (30 %)",
        "/Subtype /Square /C [0 0 1] /Contents (EF 30 %)",
        "/Subtype /Stamp /Contents (EF 30 %)",
    ],
)
def test_a_comment_is_no_finding_and_is_told(entries: str, tmp_path: Path) -> None:
    reading = read(printed_pdf(tmp_path / "comment.pdf", annotations=[Annotation(entries, EF_LINE)]))

    assert (reading.findings.ef_percent, reading.findings.rvsp_mmhg) == (42, 38)
    assert "page_note:1:comment" in reading.warnings and "green" not in lights(reading)
    (reason,) = {check.reason for check in reading.checks if check.name == "page_note"}
    assert reason == ("Page 1 carries a comment that is not on its picture. Please look at the file itself.")


@pytest.mark.parametrize(
    "entries",
    [
        f"/Subtype /Highlight /C [1 1 0] /Contents (LVEF: 42 %) {QUADS}",
        f"/Subtype /Highlight /C [1 1 0] {QUADS}",
        f"/Subtype /Underline /C [1 0 0] {QUADS}",
        "/Subtype /Text /Contents ()",
        "/Subtype /Link /Contents (EF 30 %)",
    ],
)
def test_marks_without_a_remark_of_their_own_change_nothing(entries: str, tmp_path: Path) -> None:
    reading = read(printed_pdf(tmp_path / "marked.pdf", annotations=[Annotation(entries, EF_LINE)]))

    assert reading.findings.ef_percent == 42 and not reading.warnings
    assert lights(reading) == {"green"}


@pytest.mark.parametrize(
    "entries",
    [
        f"/Subtype /StrikeOut /C [1 0 0] {QUADS}",
        "/Subtype /Line /C [1 0 0] /L [60 711 200 711]",
        "/Subtype /Ink /C [1 0 0] /InkList [[60 711 130 712 200 710]]",
        f"/Subtype /Redact {QUADS}",
    ],
)
@pytest.mark.parametrize("turned_deg", [0, 90])
def test_a_value_that_is_struck_out_wants_a_person(entries: str, turned_deg: int, tmp_path: Path) -> None:
    path = printed_pdf(
        tmp_path / "struck.pdf", turned_deg=turned_deg, annotations=[Annotation(entries, EF_LINE)]
    )

    page = only_page(path)
    assert page.layer is not None and len(page.layer.struck) == 1
    reading = read(path)
    assert light_of_fields(reading)["ef_percent"].value != "green"
    assert (reading.findings.ef_percent, reading.findings.ef_state) == (None, "unreadable")
    if not turned_deg:
        assert light_of_fields(reading)["rwma"].value == "green"
        assert "struck_out" in {check.name for check in reading.checks if check.field == "ef_percent"}


@pytest.mark.parametrize(
    ("drawn", "is_crossed"),
    [
        (b"2 w 50 780 m 545 420 l S 50 420 m 545 780 l S\n", True),
        (b"0.8 0 0 RG 1 w 60 790 m 540 60 l 60 60 m 540 790 l S\n", True),
        (b"2 w 50 780 m 545 420 l S\n", False),
        (b"1 w 50 420 495 360 re S 300 420 m 300 780 l S 50 600 m 545 600 l S\n", False),
    ],
)
def test_a_page_that_the_file_crosses_out_is_green_in_no_field(
    drawn: bytes, is_crossed: bool, tmp_path: Path
) -> None:
    reading = read(printed_pdf(tmp_path / "crossed.pdf", behind=drawn))

    assert ("page_note:1:crossed" in reading.warnings) == is_crossed
    assert ("green" in lights(reading)) != is_crossed


def test_what_stands_beside_a_struck_value_is_the_draft(tmp_path: Path) -> None:
    lines = [line.replace("42 %", "42 % 30 %") for line in REPORT]
    strike = Annotation("/Subtype /Line /C [1 0 0] /L [98 711 118 711]", (95, 706, 120, 716))

    reading = read(printed_pdf(tmp_path / "mended.pdf", lines, annotations=[strike]))

    assert reading.findings.ef_percent == 30
    assert light_of_fields(reading)["ef_percent"].value == "amber"


def test_a_line_of_the_page_itself_strikes_out_its_words(tmp_path: Path) -> None:
    page = only_page(printed_pdf(tmp_path / "plain.pdf"))
    assert page.layer is not None
    (word,) = [word for word in page.layer.words if word.text == "42"]
    left, top, right, bottom = word.box
    pixels = np.array(page.image)
    middle = round(top + 0.55 * (bottom - top))
    pixels[middle : middle + 2, int(left) : round(right)] = 0

    import PIL.Image

    struck = read_words(Page(1, PIL.Image.fromarray(pixels), layer=page.layer))

    assert read_words(page).struck == ()
    assert [round(box[0]) for box in struck.struck] == [round(left)]


def test_a_list_of_a_form_that_shows_several_lines_leaves_no_field_green(tmp_path: Path) -> None:
    options = "/Subtype /Widget /FT /Ch /T (pah) /Opt [(none) (mild) (severe)] /V (severe) /DA (/F 12 Tf 0 g)"
    shown = Annotation(options, (110, 500, 200, 560))

    reading = read(printed_pdf(tmp_path / "list.pdf", (*REPORT[:6], "PAH:"), annotations=[shown]))

    assert "page_note:1:chosen" in reading.warnings and "green" not in lights(reading)


def test_files_packed_into_a_report_are_told(tmp_path: Path) -> None:
    packed = b"/Names << /EmbeddedFiles << /Names [(report.pdf) << /F (report.pdf) /UF (report.pdf) >>] >> >>"
    data = packed.replace(b"report.pdf", b"data.xml")

    reading = read(printed_pdf(tmp_path / "packed.pdf", WITHOUT_EF, catalog=packed))
    assert "page_note:1:packed" in reading.warnings and "green" not in lights(reading)
    assert not read(printed_pdf(tmp_path / "data.pdf", WITHOUT_EF, catalog=data)).warnings


def test_what_is_told_of_a_page_is_kept_with_its_words() -> None:
    layer = TextLayer((), "scan", ((1.0, 2.0, 3.0, 4.0),), ("comment",))

    assert TextLayer.from_bytes(layer.as_bytes()) == layer
    assert TextLayer.from_bytes(b'{"refused": "", "words": [["EF", 1, 2, 3, 4]]}').notes == ()


def test_a_page_without_words_is_read_as_a_picture_and_its_notes_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labeling.words import tesseract

    monkeypatch.setattr(tesseract, "read_words", lambda page, **_: OcrPage(page.number, ()))
    comment = Annotation("/Subtype /Text /Contents (EF 30 %)")

    page = only_page(printed_pdf(tmp_path / "empty.pdf", (), annotations=[comment]))

    seen = read_words(page)
    assert not seen.is_layer and seen.notes == ("comment",) and not seen.layer_refused
