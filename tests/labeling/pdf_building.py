"""PDFs built by hand: lines of Helvetica as a program prints them, and pictures as a scanner does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import PIL.Image

REPORT = (
    "Northside Hospital, Department of Cardiology",
    "Transthoracic echocardiogram of an outpatient",
    "The left ventricle is mildly dilated with normal wall thickness.",
    "Hypokinesia of the inferior wall is seen.",
    "LVEF: 42 % by the biplane method.",
    "Mild mitral regurgitation, trivial tricuspid regurgitation.",
    "RVSP: 38 mmHg.",
    "No clot and no pericardial effusion.",
)


def printed_pdf(
    path: Path,
    lines: Sequence[str] = REPORT,
    *,
    turned_deg: int = 0,
    is_invisible: bool = False,
    scan: PIL.Image.Image | None = None,
    catalog: bytes = b"",
    annotations: Sequence[Annotation] = (),
    before: bytes = b"",
    behind: bytes = b"",
) -> Path:
    """One A4 page with lines of text.

    Args:
        turned_deg: how a viewer is told to turn the page, clockwise.
        is_invisible: the text paints nothing, as an OCR program's over a scan.
        scan: a picture over the whole page, below the text.
        catalog: more entries of the document's catalog.
        annotations: what lies on the page; widgets are fields of the document's form.
        before, behind: operators of the page in front of its lines and behind them; `/F` is its font.
    """
    shown = before + (b"q 595 0 0 842 0 0 cm /I Do Q\n" if scan else b"")
    shown += b"BT /F 12 Tf 18 TL 60 780 Td %d Tr\n" % (3 if is_invisible else 0)
    shown += b"".join(b"(%s) Tj T*\n" % _escaped(line) for line in lines) + b"ET\n" + behind
    resources = b"/Font << /F 4 0 R >>" + (b" /XObject << /I 6 0 R >>" if scan else b"")
    lying = annotations_as_objects(annotations, first=7 if scan else 6)
    references = [b"%d 0 R" % number for number, body in lying.items() if b"/Annot " in body]
    annots = b"/Annots [%s] " % b" ".join(references) if references else b""
    fields = [b"%d 0 R" % number for number, body in lying.items() if b"/Widget" in body]
    if fields:
        catalog += (
            b" /AcroForm << /Fields [%s] /DA (/F 12 Tf 0 g) /DR << /Font << /F 4 0 R >> >> >>"
            % b" ".join(fields)
        )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate %d /Contents 5 0 R "
        b"%s/Resources << %s >> >>" % (turned_deg, annots, resources),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        _stream(b"", shown),
    ]
    if scan is not None:
        header = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray " % scan.size
        objects.append(_stream(header + b"/BitsPerComponent 8 ", scan.convert("L").tobytes()))
    objects.extend(lying.values())
    path.write_bytes(_document(objects))
    return path


@dataclass(frozen=True)
class Annotation:
    """One thing that lies on the page.

    Attributes:
        entries: of its dictionary, such as `/Subtype /FreeText /Contents (LVEF: 42 %)`.
        rect: left, bottom, right, top in points.
        shows: the line of its own picture of itself; None where it brings none.
    """

    entries: str
    rect: tuple[int, int, int, int] = (60, 580, 300, 600)
    shows: str | None = None


def annotations_as_objects(annotations: Sequence[Annotation], first: int) -> dict[int, bytes]:
    """The objects of the annotations by their numbers, from `first` on."""
    made: dict[int, bytes] = {}
    for one in annotations:
        number = first + len(made)
        left, bottom, right, top = one.rect
        body = b"<< /Type /Annot /P 3 0 R /Rect [%d %d %d %d] %s" % (*one.rect, one.entries.encode("cp1252"))
        if one.shows is not None:
            body += b" /AP << /N %d 0 R >>" % (number + 1)
        made[number] = body + b" >>"
        if one.shows is not None:
            header = b"/Type /XObject /Subtype /Form /BBox [0 0 %d %d] " % (right - left, top - bottom)
            shown = b"BT /F 12 Tf 2 5 Td (%s) Tj ET" % _escaped(one.shows)
            made[number + 1] = _stream(header + b"/Resources << /Font << /F 4 0 R >> >> ", shown)
    return made


def _escaped(line: str) -> bytes:
    return line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _stream(header: bytes, body: bytes) -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (header, len(body), body)


def _document(objects: Sequence[bytes]) -> bytes:
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % at for at in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return out
