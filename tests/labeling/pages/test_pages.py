"""Pages out of files: every kind, every way a file can be bad."""

from __future__ import annotations

import io
import os
import pickle
import resource
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_files import blank_pdf, cut, locked_pdf, pdf, png_bomb, saved, sheet
from pdf_building import printed_pdf
from PIL import Image

from labeling.pages.opening import iter_pages, open_pages
from labeling.pages.page import PageError, PageLimits

LIMITS = PageLimits()


def refusal(path: Path, limits: PageLimits = LIMITS) -> PageError:
    with pytest.raises(PageError) as caught:
        open_pages(path, limits)
    return caught.value


def heic(path: Path, seed: int = 0) -> Path:
    import pillow_heif

    pillow_heif.from_pillow(sheet(seed)).save(path, quality=90)
    return path


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "bmp"])
def test_each_picture_kind_gives_one_page_of_the_same_size(tmp_path: Path, suffix: str) -> None:
    (page,) = open_pages(saved(sheet(), tmp_path / f"page.{suffix}"), LIMITS)
    assert (page.number, page.image.size) == (1, (320, 440))
    assert page.image.mode in ("L", "RGB")


def test_a_heic_photo_gives_one_page(tmp_path: Path) -> None:
    (page,) = open_pages(heic(tmp_path / "photo.heic"), LIMITS)
    assert page.image.size == (320, 440)
    assert page.lossy


def test_the_kind_is_told_by_content_not_by_extension(tmp_path: Path) -> None:
    path = saved(sheet(), tmp_path / "page.png").rename(tmp_path / "page.pdf")
    assert open_pages(path, LIMITS)[0].image.size == (320, 440)


def test_every_page_of_a_tiff_is_given_in_order_and_its_thumbnail_is_not(tmp_path: Path) -> None:
    sheets = [sheet(n, (100 + n, 90), "1") for n in range(3)]
    path = tmp_path / "scan.tif"
    sheets[0].save(path, save_all=True, append_images=sheets[1:], compression="group4")
    pages = open_pages(path, LIMITS)
    assert [(page.number, page.image.width, page.image.mode) for page in pages] == [
        (1, 100, "L"),
        (2, 101, "L"),
        (3, 102, "L"),
    ]
    with_thumbnail = tmp_path / "thumb.tif"
    frames = io.BytesIO()
    from PIL import TiffImagePlugin

    with TiffImagePlugin.AppendingTiffWriter(frames, True) as writer:
        sheet(1).save(writer, format="TIFF")
        writer.newFrame()
        sheet(1, (32, 44)).save(writer, format="TIFF", tiffinfo={254: 1})
        writer.newFrame()
    with_thumbnail.write_bytes(frames.getvalue())
    assert [page.image.size for page in open_pages(with_thumbnail, LIMITS)] == [(320, 440)]


def test_pdf_pages_are_rendered_at_the_asked_resolution(tmp_path: Path) -> None:
    path = blank_pdf(tmp_path / "letter.pdf", 2)
    pages = open_pages(path, PageLimits(pdf_dpi=144))
    assert [(page.number, page.image.size) for page in pages] == [(1, (1190, 1684)), (2, (1190, 1684))]


def test_a_pdf_page_of_a_metre_is_rendered_within_the_pixel_limit(tmp_path: Path) -> None:
    path = blank_pdf(tmp_path / "wide.pdf", 1, 14_000, 14_000)
    (page,) = open_pages(path, PageLimits(max_pixels=2_000_000))
    assert 1_900_000 < page.image.width * page.image.height < 2_010_000


def test_a_small_pdf_page_keeps_the_detail_of_the_scan_inside_it(tmp_path: Path) -> None:
    path = tmp_path / "small.pdf"
    sheet(3, (800, 1100), "L").save(path, "PDF", resolution=600)
    (page,) = open_pages(path, LIMITS)
    assert page.image.width == pytest.approx(800, abs=2)
    assert page.image.mode == "L"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_exif_orientation_is_applied_once(tmp_path: Path, orientation: int, suffix: str) -> None:
    image = Image.new("RGB", (64, 48), "white")
    image.paste("black", (0, 0, 24, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    (page,) = open_pages(saved(image, tmp_path / f"turned.{suffix}", exif=exif), LIMITS)
    corner = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}[orientation]
    assert page.image.size == ((64, 48) if orientation < 5 else (48, 64))
    right, bottom = page.image.width - 4, page.image.height - 4
    dark = {
        name
        for name, spot in {"tl": (4, 4), "tr": (right, 4), "bl": (4, bottom), "br": (right, bottom)}.items()
        if page.image.convert("L").getpixel(spot) < 100  # type: ignore[operator]
    }
    assert dark == {corner}
    assert not page.image.getexif()


def test_transparency_becomes_white_and_sixteen_bits_keep_their_greys(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert open_pages(saved(clear, tmp_path / "clear.png"), LIMITS)[0].image.getpixel((0, 0)) == 255
    deep = Image.new("I;16", (3, 1))
    for x, value in enumerate((0, 32_768, 65_535)):
        deep.putpixel((x, 0), value)
    grey = open_pages(saved(deep, tmp_path / "deep.png"), LIMITS)[0].image
    assert [grey.getpixel((x, 0)) for x in range(3)] == [0, 127, 255]


def test_a_heic_of_two_pictures_gives_two_pages(tmp_path: Path) -> None:
    import pillow_heif

    file = pillow_heif.from_pillow(sheet(1))
    file.add_from_pillow(sheet(2, (300, 200)))
    file.save(tmp_path / "two.heic", quality=90)

    pages = open_pages(tmp_path / "two.heic", LIMITS)

    assert [(page.number, page.image.size) for page in pages] == [(1, (320, 440)), (2, (300, 200))]


def test_a_phone_jpeg_with_a_second_picture_inside_is_one_page(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    sheet(1).save(path, "MPO", save_all=True, append_images=[sheet(2, (64, 64))])
    assert [page.image.size for page in open_pages(path, LIMITS)] == [(320, 440)]


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_an_animation_is_refused(tmp_path: Path, suffix: str) -> None:
    path = saved(sheet(1), tmp_path / f"moving.{suffix}", save_all=True, append_images=[sheet(2)])
    assert refusal(path).code == "animated"


def test_a_pixel_bomb_is_refused_without_being_decoded(tmp_path: Path) -> None:
    path = png_bomb(tmp_path / "bomb.png")
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = refusal(path)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib
    assert error.code == "too_many_pixels"
    assert grown_kib < 50_000


def test_pixel_and_page_limits_hold_for_every_kind(tmp_path: Path) -> None:
    small = PageLimits(max_pixels=10_000, max_pages=2)
    assert refusal(saved(sheet(), tmp_path / "a.jpg"), small).code == "too_many_pixels"
    assert refusal(heic(tmp_path / "a.heic"), small).code == "too_many_pixels"
    scan = tmp_path / "a.tif"
    tiny = [sheet(n, (40, 40), "L") for n in range(3)]
    tiny[0].save(scan, save_all=True, append_images=tiny[1:])
    assert refusal(scan, small).code == "too_many_pages"
    assert refusal(scan, PageLimits(max_pixels=900)).code == "too_many_pixels"
    many = blank_pdf(tmp_path / "many.pdf", 500)
    error = refusal(many)
    assert (error.code, "500 pages" in error.message) == ("too_many_pages", True)


def test_many_large_pages_together_are_refused_before_decoding(tmp_path: Path) -> None:
    scan = tmp_path / "a.tif"
    pages = [sheet(n, (100, 100), "L") for n in range(6)]
    pages[0].save(scan, save_all=True, append_images=pages[1:])
    assert refusal(scan, PageLimits(max_pixels=10_000)).code == "too_many_pixels"


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "bmp", "heic", "pdf"])
@pytest.mark.parametrize("keep", [0.2, 0.6, 0.9])
def test_a_file_cut_short_is_refused_and_says_what_to_do(tmp_path: Path, suffix: str, keep: float) -> None:
    path = tmp_path / f"page.{suffix}"
    if suffix == "heic":
        heic(path)
    elif suffix == "pdf":
        pdf(path, 3)
    else:
        saved(sheet(4), path)
    error = refusal(cut(path, keep))
    assert error.code in ({"truncated", "damaged"} if suffix in ("tif", "heic") else {"truncated"})
    assert error.hint


def test_other_bad_files_have_their_own_code(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jpg"
    empty.touch()
    text = tmp_path / "notes.jpg"
    text.write_text("not a picture")
    noise = tmp_path / "noise.png"
    noise.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200) + b"IEND")
    bad_pdf = tmp_path / "bad.pdf"
    bad_pdf.write_bytes(b"%PDF-1.7\nnothing here\n%%EOF")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    expected = {
        empty: "empty",
        text: "not_an_image",
        noise: "damaged",
        bad_pdf: "damaged",
        locked_pdf(tmp_path / "locked.pdf"): "encrypted",
        tmp_path / "absent.jpg": "missing",
        tmp_path: "not_a_file",
        pipe: "not_a_file",
    }
    assert {path: refusal(path).code for path in expected} == expected


def test_a_pdf_that_only_another_program_shows_is_named(tmp_path: Path) -> None:
    xfa = b"/AcroForm << /Fields [] /XFA [] >>"
    wait = printed_pdf(tmp_path / "xfa.pdf", ["Please wait..."], catalog=xfa + b" /NeedsRendering true")
    packed = printed_pdf(
        tmp_path / "many.pdf", ["For the best experience, open this PDF portfolio in Acrobat"]
    )
    assert "XFA" in refusal(wait).message and "portfolio" in refusal(packed).message
    assert all("print" in refusal(path).hint for path in (wait, packed))
    assert open_pages(printed_pdf(tmp_path / "static.pdf", catalog=xfa), PageLimits())


def test_a_known_but_unsupported_kind_is_named(tmp_path: Path) -> None:
    gif = saved(sheet(), tmp_path / "a.gif")
    dicom = tmp_path / "a.dcm"
    dicom.write_bytes(bytes(128) + b"DICM" + bytes(100))
    assert "GIF" in refusal(gif).message
    assert "DICOM" in refusal(dicom).message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_read_permission_is_refused(tmp_path: Path) -> None:
    path = saved(sheet(), tmp_path / "secret.jpg")
    path.chmod(0)
    assert refusal(path).code == "unreadable"


def test_a_refusal_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(PageError("empty", "the file is empty", "Copy it again.")))  # noqa: S301
    assert (error.code, error.message, error.hint) == ("empty", "the file is empty", "Copy it again.")


def test_pages_come_one_at_a_time(tmp_path: Path) -> None:
    scan = tmp_path / "a.tif"
    pages = [sheet(n, (100, 100), "L") for n in range(3)]
    pages[0].save(scan, save_all=True, append_images=pages[1:])
    stream = iter_pages(scan, LIMITS)
    assert next(stream).number == 1
    assert [page.number for page in stream] == [2, 3]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from(["jpg", "png", "tif", "webp", "bmp", "pdf", "heic"]),
    where=st.floats(0, 1, exclude_max=True),
    junk=st.binary(min_size=1, max_size=40),
)
def test_a_damaged_file_gives_pages_or_a_refusal_never_another_error(
    tmp_path: Path, suffix: str, where: float, junk: bytes
) -> None:
    original = tmp_path / f"whole.{suffix}"
    if not original.exists():
        if suffix == "heic":
            heic(original)
        elif suffix == "pdf":
            pdf(original)
        else:
            saved(sheet(9, (60, 80)), original)
    data = bytearray(original.read_bytes())
    at = int(where * len(data))
    data[at : at + len(junk)] = junk
    broken = tmp_path / f"broken.{suffix}"
    broken.write_bytes(bytes(data))
    try:
        pages = open_pages(broken, LIMITS)
    except PageError as error:
        assert error.code and error.message and error.hint
    else:
        assert all(page.image.mode in ("RGB", "L") for page in pages)
