"""DICOM files as pages: the PDF within, the frames of a picture, the lines of a structured report.

Of the header only the patient's id and the study's number and date are ever looked at, by `header_of`, for
telling whose report it is; nothing of it becomes part of a page.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import PIL.Image

from labeling.pages.dicom_report import lines_of_report
from labeling.pages.page import Page, PageError, PageLimits, too_many_pages, too_many_pixels
from labeling.pages.pdf import iter_pdf_pages
from labeling.pages.typed_page import typed_pages
from labeling.pages.upright import upright

_PDF: Final = "1.2.840.10008.5.1.4.1.1.104.1"
# Structured reports that people write: text, enhanced, comprehensive, extensible, of an adult echo. Others
# are notes on other files: key pictures, doses, marks of a program.
_REPORTS: Final = frozenset(
    f"1.2.840.10008.5.1.4.1.1.88.{ending}" for ending in (1, 3, 4, 11, 22, 33, 34, 35, 72)
)
_FILMS: Final = ("1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.5.1.4.1.1.3")
# Secondary captures of every kind, still ultrasound pictures (machines store their report pages so),
# photographs.
_PICTURES: Final = (
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.6.1",
    "1.2.840.10008.5.1.4.1.1.6",
    "1.2.840.10008.5.1.4.1.1.77.1.4",
)
# Uncompressed, run lengths, JPEG, JPEG 2000. A deflated file could unpack to any size.
_READABLE: Final = frozenset(
    f"1.2.840.10008.1.2{ending}" for ending in ("", ".1", ".2", ".5", ".4.50", ".4.51", ".4.90", ".4.91")
)
_EIGHT_BIT_JPEG: Final = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
_UNDEFINED_LENGTH: Final = 0xFFFFFFFF
_SAVE_AS: Final = "Export the report from its program as PDF or as a picture."


@dataclass(frozen=True)
class DicomHeader:
    """What a file says of whose it is.

    Attributes:
        patient_id: as written; empty where the file does not say.
        study: the study's own number; order: places files of one study.
        refusal: why the file can't be a report, else None.
    """

    patient_id: str
    study: str
    study_date: date | None
    order: tuple[int, int]
    refusal: PageError | None = None


def _joined(value: Any) -> str:
    """The text of an element; several values, as they stand in the file, with a backslash between them."""
    values = [str(value or "")] if isinstance(value, str) or value is None else [str(one) for one in value]
    return "\\".join(values).strip()


def header_of(path: Path) -> DicomHeader:
    """Whose a DICOM file is; the picture in it is not touched.

    Raises:
        PageError: the file is damaged or not readable.
    """
    import pydicom

    wanted = ["SOPClassUID", "PatientID", "StudyInstanceUID", "StudyDate", "SeriesNumber", "InstanceNumber"]
    with _quiet():
        try:
            _check_syntax(path)
            held = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=wanted)
            refusal = _not_a_report(str(held.get("SOPClassUID", "")))
            return DicomHeader(
                patient_id=_joined(held.get("PatientID")),
                study=str(held.get("StudyInstanceUID") or ""),
                study_date=_day(str(held.get("StudyDate") or "")),
                order=(_number(held.get("SeriesNumber")), _number(held.get("InstanceNumber"))),
                refusal=refusal,
            )
        except PageError as error:
            return DicomHeader("", "", None, (0, 0), error)
        except Exception:  # noqa: BLE001 - a damaged file makes a decoder raise anything at all
            raise _damaged() from None


def iter_dicom_pages(path: Path, limits: PageLimits) -> Iterator[Page]:
    """The pages of a DICOM file, one at a time.

    Raises:
        PageError: it is no report, or over a limit; before anything is decoded.
    """
    import pydicom

    with _quiet():
        _check_syntax(path)
        held = pydicom.dcmread(path)
        kind = str(held.get("SOPClassUID", ""))
        refusal = _not_a_report(kind)
    if refusal:
        raise refusal
    if _is_cut(held):
        raise _truncated()
    if kind == _PDF:
        yield from _pages_of_pdf(held, limits)
    elif kind in _REPORTS:
        with _quiet():
            lines = lines_of_report(held)
        yield from typed_pages(lines, limits)
    else:
        yield from _pictures(held, limits)


@contextmanager
def _quiet() -> Iterator[None]:
    """Its warnings and log lines may hold values of the header."""
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check_syntax(path: Path) -> None:
    from pydicom.filereader import read_file_meta_info

    meta = read_file_meta_info(path)
    syntax = meta.get("TransferSyntaxUID")
    if syntax is not None and str(syntax) not in _READABLE:
        raise PageError(
            "transfer_syntax",
            f"the DICOM file is packed in a way EchoDesk can't read ({syntax.name})",
            _SAVE_AS,
        )


def _not_a_report(kind: str) -> PageError | None:
    if kind in _FILMS:
        return PageError("no_report", "the DICOM file is an ultrasound film without a report", _SAVE_AS)
    if kind == _PDF or kind.startswith(f"{_PICTURES[0]}.") or kind in _REPORTS or kind in _PICTURES:
        return None
    from pydicom.uid import UID

    name = UID(kind).name if kind else "it does not say what it is"
    return PageError("no_report", f"the DICOM file is no report ({name})", _SAVE_AS)


def _is_cut(held: Any) -> bool:
    """Whether an element announces more bytes than the file had; pydicom takes what there is."""
    from pydicom.dataelem import RawDataElement

    for tag in list(held.keys()):
        element = held.get_item(tag)
        if isinstance(element, RawDataElement) and element.length != _UNDEFINED_LENGTH:
            if len(element.value or b"") < element.length:
                return True
    return False


def _pages_of_pdf(held: Any, limits: PageLimits) -> Iterator[Page]:
    data = bytes(held.get("EncapsulatedDocument") or b"").rstrip(b"\0")
    if not data:
        raise PageError("no_pages", "the DICOM file holds no document", _SAVE_AS)
    if b"%PDF" not in data[:1024]:
        raise PageError("no_pages", "the DICOM file holds another document than a PDF", _SAVE_AS)
    if b"%%EOF" not in data[-16_384:]:
        raise _truncated()
    yield from iter_pdf_pages(data, limits)


def _pictures(held: Any, limits: PageLimits) -> Iterator[Page]:
    frames, size = _frames(held), (int(held.get("Columns") or 0), int(held.get("Rows") or 0))
    if "PixelData" not in held or not all(size):
        raise _truncated()
    if frames > limits.max_pages:
        raise too_many_pages(str(frames), limits.max_pages)
    if size[0] * size[1] > limits.max_pixels:
        raise too_many_pixels(limits.max_pixels, f"{size[0]} x {size[1]} is")
    if size[0] * size[1] * frames > limits.max_total_pixels:
        raise too_many_pixels(limits.max_total_pixels, "all pages together have")
    _check_length(held, frames, size)
    syntax = held.file_meta.get("TransferSyntaxUID")
    is_lossy = str(syntax or "").startswith("1.2.840.10008.1.2.4.")
    if str(syntax) in _EIGHT_BIT_JPEG and _number(held.get("BitsStored")) > 8:
        raise _packed(f"{syntax.name}, {held.BitsStored} bits")
    for index in range(frames):
        with _quiet():
            image = _picture(held, index)
        yield Page(index + 1, upright(image), lossy=is_lossy)


def _check_length(held: Any, frames: int, size: tuple[int, int]) -> None:
    """Pixels that are not packed must all be there; those of a half-resolution colour take less room."""
    from pydicom.uid import UID

    if UID(str(held.file_meta.get("TransferSyntaxUID", "1.2.840.10008.1.2"))).is_compressed:
        return
    bits = int(held.get("BitsAllocated") or 8) * int(held.get("SamplesPerPixel") or 1)
    if str(held.get("PhotometricInterpretation", "")).endswith("422"):
        bits = bits * 2 // 3
    if len(held.PixelData) < size[0] * size[1] * frames * bits // 8:
        raise _truncated()


def _picture(held: Any, index: int) -> PIL.Image.Image:
    """One frame as 8-bit grey or colour."""
    import numpy as np
    from pydicom.pixels.processing import apply_color_lut
    from pydicom.pixels.utils import pixel_array

    pixels = pixel_array(held, index=index)
    meaning = str(held.get("PhotometricInterpretation", ""))
    if meaning == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, held)
    if pixels.dtype != np.uint8:
        wide = pixels.astype(np.float64)
        padding = held.get("PixelPaddingValue")
        is_padding = wide == float(padding) if padding is not None else np.zeros(wide.shape, bool)
        inside = wide[~is_padding] if not is_padding.all() else wide
        low, high = float(inside.min()), float(inside.max())
        pixels = np.round((wide - low).clip(0, high - low) * (255 / max(high - low, 1.0))).astype(np.uint8)
    if meaning == "MONOCHROME1":
        pixels = 255 - pixels
    return PIL.Image.fromarray(_with_overlays(held, index, np.ascontiguousarray(pixels)))


def _with_overlays(held: Any, index: int, pixels: Any) -> Any:
    """A frame with what lies over it in planes of its own (measurements, words), as viewers show it."""
    import numpy as np

    for group in range(0x6000, 0x6020, 2):
        if (group, 0x3000) not in held:
            continue
        drawn = held.overlay_array(group)
        drawn = drawn[min(index, len(drawn) - 1)] if drawn.ndim == 3 else drawn
        origin = held.get((group, 0x0050))
        top, left = (int(place) - 1 for place in (origin.value if origin else (1, 1)))
        pixels = pixels.copy()
        room = pixels[max(0, top) :, max(0, left) :]
        drawn = drawn[max(0, -top) :, max(0, -left) :][: room.shape[0], : room.shape[1]] != 0
        room[: drawn.shape[0], : drawn.shape[1]][drawn] = 0 if float(np.median(pixels)) > 127 else 255
    return pixels


def _frames(held: Any) -> int:
    return max(1, _number(held.get("NumberOfFrames")))


def _number(written: Any) -> int:
    try:
        return int(written)
    except (TypeError, ValueError):
        return 0


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if len(written) == 8 else None
    except ValueError:
        return None


def _packed(name: str) -> PageError:
    reason = f"the DICOM file is packed in a way EchoDesk can't read ({name})"
    return PageError("transfer_syntax", reason, _SAVE_AS)


def _truncated() -> PageError:
    return PageError(
        "truncated",
        "the DICOM file stops before its end",
        "The copy was cut short: copy or send the file again.",
    )


def _damaged() -> PageError:
    return PageError("damaged", "the DICOM file is damaged and can't be read", f"Copy it again. {_SAVE_AS}")
