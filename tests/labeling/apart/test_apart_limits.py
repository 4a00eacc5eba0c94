"""What a file from elsewhere may cost: a bomb ends its decoder and is named; the rest goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hostile_files import good_files, pdf_of, repacked
from page_files import blank_pdf, png_bomb, saved, sheet
from PIL import Image

from db.apart import decoder
from db.apart.limits import ApartLimits
from db.errors import EchoDeskError
from labeling.apart.kind import FILES
from labeling.apart.page_frames import facts_of, said_of
from labeling.apart.pages import dicom_header, encoded_pages, iter_pages, open_pages, stored_picture
from labeling.apart.tables import read_rows, workbook_with
from labeling.intake.files import find_files
from labeling.pages import opening
from labeling.pages.dicom import header_of
from labeling.pages.page import Page, PageError, PageLimits, PrintedWord, TextLayer

LIMITS = PageLimits()
HASTY = replace(LIMITS, page_s=0.4)


def drawing_pdf(path: Path, commands: int) -> Path:
    """A one-page PDF that fills the whole page again and again."""
    content = b"q 1 0 0 1 0 0 cm 0 0 500 800 re f Q\n" * commands
    path.write_bytes(pdf_of(content, box=b"0 0 500 800", compress=False))
    return path


def workbook(path: Path, *, styles: bytes | None = None, rows: int = 2) -> Path:
    """A small list as XLSX, its styles replaced where asked for."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["patient_id", "report"])
    for number in range(rows - 1):
        book.active.append([f"P{number}", f"{number}.png"])
    book.save(path)
    if styles is not None:
        path.write_bytes(repacked(path.read_bytes(), "xl/styles.xml", styles))
    return path


def code_of(path: Path, limits: PageLimits = LIMITS) -> str:
    """Why a file gives no pages; empty where it does."""
    try:
        open_pages(path, limits)
    except PageError as error:
        return error.code
    return ""


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.webp", "a.bmp"])
def test_a_good_page_comes_out_as_it_would_in_this_process(tmp_path: Path, name: str) -> None:
    path = saved(sheet(3), tmp_path / name)
    (apart,), (here,) = open_pages(path, LIMITS), opening.open_pages(path, LIMITS)
    assert (apart.number, apart.lossy, apart.image.mode) == (here.number, here.lossy, here.image.mode)
    assert apart.image.tobytes() == here.image.tobytes()


def test_everything_that_is_said_of_a_page_comes_along() -> None:
    layer = TextLayer((PrintedWord("LVEF", (1.0, 2.0, 3.5, 4.0)),), "scan")
    page = Page(7, Image.new("L", (3, 2)), lossy=True, layer=layer)
    assert said_of(facts_of(page)) | {"image": page.image} == vars(page)


def test_whose_a_dicom_file_is_comes_along(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(good_files()["dcm"])
    assert dicom_header(path) == header_of(path)


def test_a_page_of_many_strips_is_put_together_in_order(tmp_path: Path) -> None:
    image = Image.effect_noise((2300, 2100), 90)
    path = saved(
        Image.merge("RGB", (image, image.rotate(90, expand=False), image.rotate(180))), tmp_path / "a.bmp"
    )
    assert open_pages(path, LIMITS)[0].image.tobytes() == opening.open_pages(path, LIMITS)[0].image.tobytes()


def test_what_is_wrong_with_a_file_is_said_in_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(PageError) as apart:
        open_pages(tmp_path / "empty.png", LIMITS)
    with pytest.raises(PageError) as here:
        opening.open_pages(tmp_path / "empty.png", LIMITS)
    assert vars(apart.value) == vars(here.value)


def test_a_page_that_draws_for_ever_is_ended_and_named_and_the_next_is_read(tmp_path: Path) -> None:
    assert code_of(drawing_pdf(tmp_path / "slow.pdf", 400_000), HASTY) == "too_slow"
    assert code_of(blank_pdf(tmp_path / "good.pdf", 1)) == ""


def test_all_pages_of_a_file_share_one_patience(tmp_path: Path) -> None:
    path = blank_pdf(tmp_path / "many.pdf", 40)
    assert code_of(path, replace(LIMITS, page_s=0.01)) == "too_slow"


def test_the_decoder_is_the_same_for_one_bad_file_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever tests came before: none is replaced here because it has had its share of files.
    monkeypatch.setattr(decoder, "_FILES_EACH", sys.maxsize)
    code_of(saved(sheet(), tmp_path / "good.png"))
    before = set(children())
    for number in range(5):
        (tmp_path / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(number) + b"IEND")
        assert code_of(tmp_path / f"{number}.png") == "damaged"
    assert set(children()) == before


def test_a_picture_of_59_million_pixels_is_stored_within_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.new("L", (9800, 6020), "white").save(path, quality=30)
    (page,) = encoded_pages(path, LIMITS)
    assert (page.encoded.width_px, page.encoded.height_px) == (9800, 6020)
    assert decoder.peak_bytes() < 700_000_000


def test_a_decoder_that_grows_too_large_is_stopped_and_the_file_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", styles=b"<styleSheet>" + b"<a/>" * 2_000_000 + b"</styleSheet>")
    with pytest.raises(EchoDeskError, match="memory"):
        read_rows(path, ApartLimits(memory_bytes=250_000_000))
    assert len(read_rows(workbook(tmp_path / "good.xlsx"))) == 2


def test_a_list_that_takes_too_long_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", rows=8000)
    with pytest.raises(EchoDeskError, match=r"list\.xlsx can't be opened: .* longer than 0\.1 s"):
        read_rows(path, ApartLimits(step_s=0.1))


def test_a_bomb_of_pixels_is_refused_by_its_header(tmp_path: Path) -> None:
    assert code_of(png_bomb(tmp_path / "bomb.png")) == "too_many_pixels"


def test_an_entity_bomb_is_named(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in b"bcdefghij"
    )
    path = workbook(tmp_path / "list.xlsx", styles=bomb + b"]><styleSheet>&j;</styleSheet>")
    with pytest.raises(EchoDeskError, match=r"list\.xlsx"):
        read_rows(path)


def test_a_zip_in_a_zip_is_named(tmp_path: Path) -> None:
    inner = workbook(tmp_path / "inner.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "list.xlsx", "w") as archive:
        archive.writestr("list.xlsx", inner)
    with pytest.raises(EchoDeskError, match=r"list\.xlsx"):
        read_rows(tmp_path / "list.xlsx")
    assert code_of(tmp_path / "list.xlsx") == "not_an_image"


def test_a_list_with_cells_added_is_read_and_written_apart(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx")
    path.write_bytes(workbook_with(path, [(1, 3, "Status"), (2, 3, "=1+1")]))
    assert [cells for _, cells in read_rows(path)] == [
        ["patient_id", "report", "Status"],
        ["P0", "0.png", "=1+1"],
    ]


def test_a_link_that_points_at_itself_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "l.png").symlink_to("l.png")
    (tmp_path / "loop").symlink_to("loop")
    saved(sheet(), tmp_path / "P1_report.png")
    found, refused = find_files([tmp_path])
    assert [file.path.name for file in found] == ["P1_report.png"]
    assert {(item.path.name, item.code) for item in refused} == {
        ("l.png", "endless_link"),
        ("loop", "endless_link"),
    }


def test_a_stored_picture_that_is_damaged_is_named() -> None:
    with pytest.raises(PageError) as caught:
        stored_picture(b"\x89PNG\r\n\x1a\nnothing")
    assert caught.value.code == "damaged"


def test_pages_that_nobody_waits_for_any_more_end_with_their_decoder(tmp_path: Path) -> None:
    pages = iter_pages(blank_pdf(tmp_path / "a.pdf", 3), LIMITS)
    next(pages)
    pages.close()  # type: ignore[attr-defined]
    assert len(open_pages(tmp_path / "a.pdf", LIMITS)) == 3


def test_a_decoder_knows_no_secret_and_no_module_of_the_folder_we_are_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "PIL.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ECHODESK_SECRET", "hidden-away")
    saved(sheet(), tmp_path / "a.png")
    one = decoder.Decoder(FILES)
    try:
        found = [
            answer.read(answer.size)
            for answer in one.answers("pages", {"path": "a.png", "limits": vars(LIMITS)}, ApartLimits(), b"")
        ]
        assert len(found) == 1
        told = Path(f"/proc/{one._process.pid}/environ")
        assert not told.exists() or b"hidden-away" not in told.read_bytes()
    finally:
        one.close()


def children() -> list[int]:
    """Processes of this one, but for the one that lists them."""
    asked = ["ps", "-o", "pid=", "--ppid", str(os.getpid())]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as lister:
        listed, _ = lister.communicate()
    return [int(word) for word in listed.split() if int(word) != lister.pid]


PROGRAM = """
import os, signal, sys
from pathlib import Path
from db.apart import decoder
from db.apart.limits import ApartLimits
from labeling.apart.kind import FILES
from labeling.pages.page import PageLimits

one = decoder.Decoder(FILES)
print(one._process.pid, flush=True)
list(one.answers("pages", {"path": sys.argv[1], "limits": vars(PageLimits())}, ApartLimits(), b""))
"""


def test_a_decoder_at_work_ends_with_the_program_that_was_killed(tmp_path: Path) -> None:
    path = drawing_pdf(tmp_path / "slow.pdf", 400_000)
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 30
    while _lives(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _lives(child)


def _lives(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
