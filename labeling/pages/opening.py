"""A file on disk -> upright page images, with size limits checked before anything is decoded.

Kinds: JPEG, PNG, TIFF (multi-page), WebP, BMP, HEIC, PDF and DICOM, recognised by content, not by extension.
Several pictures in one file mean this:

* TIFF: every full-size frame is a page; thumbnails and masks stored beside them are skipped.
* PDF: every page.
* DICOM: every page of the PDF in it, every frame of a picture that is no film, or the lines of a structured
  report.
* HEIC: every picture that stands for itself; previews, depth and brightness maps of a shot do not.
* JPEG: the main picture only; the others are previews or maps of the same shot.
* PNG and WebP: an animation is refused, because dropping frames could drop pages.
"""

from __future__ import annotations

import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import PIL.Image

from labeling.pages.dicom import iter_dicom_pages
from labeling.pages.file_kind import HEAD_BYTES, TAIL_BYTES, FileKind, end_is_missing, foreign_name, kind_of
from labeling.pages.page import Page, PageError, PageLimits, too_many_pages, too_many_pixels
from labeling.pages.pdf import iter_pdf_pages
from labeling.pages.upright import upright

KINDS_IN_WORDS = "JPEG, PNG, TIFF, WebP, BMP, HEIC, PDF or DICOM"

_TIFF_SUBFILE_TAG = 254
_TIFF_THUMBNAIL_OR_MASK = 0b101


def open_pages(path: Path, limits: PageLimits) -> list[Page]:
    """All pages of a file, upright. Raises `PageError` before decoding a file that is over a limit."""
    return list(iter_pages(path, limits))


def iter_pages(path: Path, limits: PageLimits) -> Iterator[Page]:
    """The pages of a file one at a time, so that one decoded page is held at once.

    Raises:
        PageError: at the first page that can't be had; limits are checked for all pages before the first.
    """
    kind, cut_short = _inspect(path)
    if kind is FileKind.PDF:
        if cut_short:
            raise _truncated(kind)
        yield from iter_pdf_pages(path, limits)
        return
    if kind is FileKind.DICOM:
        yield from _dicom_pages(path, limits)
        return
    # The error handler is entered for each step and left before every yield: it changes the process's warning
    # filters, which the caller must not see.
    with _decoder_errors(kind, cut_short):
        image = _open_image(path, kind)
    with image:
        with _decoder_errors(kind, cut_short):
            frames = _frames_within(image, kind, limits)
        for number, frame in enumerate(frames, start=1):
            with _decoder_errors(kind, cut_short):
                image.seek(frame)
                page = Page(number, upright(image), lossy=_is_lossy(image, kind))
            if number == len(frames):
                image.close()  # whoever works on a large page has its memory for that
            yield page


def _dicom_pages(path: Path, limits: PageLimits) -> Iterator[Page]:
    """One step at a time within the error handler, as pictures are."""
    pages = iter_dicom_pages(path, limits)
    while True:
        with _decoder_errors(FileKind.DICOM, cut_short=False):
            page = next(pages, None)
        if page is None:
            return
        yield page


def _inspect(path: Path) -> tuple[FileKind, bool]:
    """The kind of a file and whether its end is missing, from its first and last bytes."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PageError("not_a_file", "this is a folder or a device, not a file", "Name a file.")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(max(0, status.st_size - TAIL_BYTES))
            tail = file.read(TAIL_BYTES)
    except FileNotFoundError:
        raise PageError("missing", "there is no such file", "Check the name and the folder.") from None
    except OSError as error:
        reason = f"the file can't be opened ({error.strerror or type(error).__name__})"
        raise PageError(
            "unreadable", reason, "Check that you may read it and that the disk is well."
        ) from None
    if not head:
        raise PageError("empty", "the file is empty (0 bytes)", "Copy it again from where it came from.")
    kind = kind_of(head)
    if kind is None:
        what = foreign_name(head) or "not a picture or PDF that EchoDesk knows"
        raise PageError("not_an_image", f"the file is {what}", f"Save the page as {KINDS_IN_WORDS}.")
    return kind, end_is_missing(kind, head, tail, status.st_size)


def _truncated(kind: FileKind) -> PageError:
    return PageError(
        "truncated",
        f"the {kind.value} file stops before its end",
        "The copy was cut short: copy or send the file again.",
    )


@contextmanager
def _decoder_errors(kind: FileKind, cut_short: bool) -> Iterator[None]:
    """Turn whatever a decoder raises on a bad file into a `PageError`; bomb warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
        try:
            yield
        except (PageError, MemoryError):
            raise
        except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError):
            raise too_many_pixels(PIL.Image.MAX_IMAGE_PIXELS or 0) from None
        except Exception as error:  # noqa: BLE001 - a decoder fed a damaged file may raise anything at all
            if cut_short or isinstance(error, EOFError) or "truncated" in str(error):
                raise _truncated(kind) from None
            raise PageError(
                "damaged",
                f"the {kind.value} file is damaged and can't be decoded",
                "Open it in a picture viewer; if that fails too, photograph or scan the page again.",
            ) from None


def _open_image(path: Path, kind: FileKind) -> PIL.Image.Image:
    """The picture with its header read and nothing decoded."""
    if kind is FileKind.HEIF:
        import pillow_heif

        # Registering is Pillow's only way in; doing it again changes nothing.
        pillow_heif.register_heif_opener(thumbnails=False)
        return PIL.Image.open(path, formats=["HEIF"])
    names = ["JPEG", "MPO"] if kind is FileKind.JPEG else [kind.name]
    return PIL.Image.open(path, formats=names)


def _frames_within(image: PIL.Image.Image, kind: FileKind, limits: PageLimits) -> list[int]:
    """The frame numbers that are pages, every one checked against the limits from its header."""
    if kind is FileKind.TIFF:
        return _tiff_frames(image, limits)
    if kind in (FileKind.PNG, FileKind.WEBP) and getattr(image, "n_frames", 1) > 1:
        raise PageError("animated", "this is an animation, not a page", "Save each page as a still picture.")
    count = getattr(image, "n_frames", 1) if kind is FileKind.HEIF else 1
    if count == 1:
        _check_pixels(image.size, limits)
        return [image.tell()]
    if count > limits.max_pages:
        raise too_many_pages(str(count), limits.max_pages)
    total = 0
    for number in range(count):
        image.seek(number)
        total += _check_pixels(image.size, limits)
    if total > limits.max_total_pixels:
        raise too_many_pixels(limits.max_total_pixels, "all pages together have")
    return list(range(count))


def _tiff_frames(image: PIL.Image.Image, limits: PageLimits) -> list[int]:
    frames: list[int] = []
    total = 0
    seen = 0
    while True:
        tags: Any = getattr(image, "tag_v2", {})
        if not int(tags.get(_TIFF_SUBFILE_TAG, 0)) & _TIFF_THUMBNAIL_OR_MASK:
            total += _check_pixels(image.size, limits)
            frames.append(seen)
        if len(frames) > limits.max_pages or seen > 4 * limits.max_pages:
            raise too_many_pages(f"more than {limits.max_pages}", limits.max_pages)
        if total > limits.max_total_pixels:
            raise too_many_pixels(limits.max_total_pixels, "all pages together have")
        seen += 1
        try:
            image.seek(seen)
        except EOFError:
            break
    if not frames:
        raise PageError("no_pages", "the TIFF file holds no full-size picture", "Scan the page again.")
    return frames


def _check_pixels(size: tuple[int, int], limits: PageLimits) -> int:
    pixels = size[0] * size[1]
    if pixels > limits.max_pixels:
        raise too_many_pixels(limits.max_pixels, f"{size[0]} x {size[1]} is")
    return pixels


def _is_lossy(image: PIL.Image.Image, kind: FileKind) -> bool:
    if kind is FileKind.WEBP:
        return not getattr(image, "_lossless", False)
    return kind in (FileKind.JPEG, FileKind.HEIF)
