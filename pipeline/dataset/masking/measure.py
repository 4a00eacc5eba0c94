"""How well masking works on a demo cohort: the bytes that would go out, against the printed truth."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz.distance import OSA

from db.processes import process_pool
from pipeline.dataset.masking.engines import OcrEngines
from pipeline.dataset.masking.letters import bare
from pipeline.dataset.masking.vocabulary import is_known
from pipeline.dataset.masking.words import rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.dataset.masking.words import Box, PageWords

NAME_KINDS = frozenset({"patient_name", "doctor"})
VALUE_KINDS = frozenset({"patient_id", "phone", "date", "hospital"})
# A word is masked when so much of the box around its ink is black; a label's words are untouched when so
# little is.
MASKED_SHARE, TOUCHED_SHARE = 0.9, 0.02
# JPEG leaves solid black within a few grey levels of it.
_BLACK, _NOT_BLACK = 24, 48
_LEAST_LETTERS = 4


@dataclass(frozen=True)
class PictureFigures:
    """What became of one picture of the cohort.

    Attributes:
        refusal: why it stays here, empty where it goes out.
        words: (kind, masked) of every identifying word; of a picture that stays, all count as not out.
        read_back: (kind, what was read of it) of every identifying entry, by either engine in the masked
            picture; empty where nothing was.
        evidence: for each box of words that carry a label, whether it is untouched.
        painted_share: of the picture's area, 0-1.
    """

    role: str
    condition: str
    refusal: str
    elapsed_s: float
    words: tuple[tuple[str, bool], ...]
    read_back: tuple[tuple[str, str], ...] = ()
    evidence: tuple[bool, ...] = ()
    painted_share: float = 0.0
    conflicts: int = 0
    missed: tuple[str, ...] = field(default=(), repr=False)


def measure_cohort(truth: Path, *, tesseract: str, workers: int) -> Iterator[list[PictureFigures]]:
    """The figures of each patient's pictures, in order.

    Args:
        truth: `truth.jsonl` of a demo cohort.
        workers: processes.
    """
    lines = truth.read_text(encoding="utf-8").splitlines()
    jobs = [(str(truth.parent), line, tesseract) for line in lines]
    with process_pool(workers) as pool:
        yield from pool.map(measure_patient, jobs)


def measure_patient(job: tuple[str, str, str]) -> list[PictureFigures]:
    """One patient: folder of the cohort, line of its truth, Tesseract's program."""
    folder, record, engines = Path(job[0]), json.loads(job[1]), OcrEngines(job[2])
    pages = [page for name in record["reports"] for page in stored_pictures(folder / name)]
    evidence = drafted_evidence([data for data, _ in pages], engines)
    figures = []
    for number, (data, media_type) in enumerate(pages, start=1):
        marks = [mark for mark in record["phi"] if mark["page"] == number]
        quoted = [box for mark in record["evidence"] if mark["page"] == number for box in mark["boxes"]]
        figures.append(
            _measure(
                data, media_type, "report", record["condition"], marks, quoted, engines, evidence[number]
            )
        )
    for data, media_type in stored_pictures(folder / record["ecg"]):
        figures.append(
            _measure(data, media_type, "ecg", record["condition"], record["ecg_phi"], [], engines, ())
        )
    return figures


def stored_pictures(path: Path) -> list[tuple[bytes, str]]:
    """The pages of a file as `echodesk intake` would store them: bytes and media type."""
    import tempfile

    from db.store.images import ImageStore
    from labeling.apart.pages import open_pages
    from labeling.pages.page import PageLimits

    with tempfile.TemporaryDirectory(prefix="echodesk-masking-") as folder:
        store = ImageStore(Path(folder))
        found = []
        for page in open_pages(path, PageLimits()):
            stored = store.put(page.image, original_sha256="0" * 64, page=page.number, lossy=page.lossy)
            found.append((store.path(stored.sha256).read_bytes(), stored.media_type))
    return found


def drafted_evidence(pages: Sequence[bytes], engines: OcrEngines) -> dict[int, tuple[Box, ...]]:
    """Page -> boxes of the words that the draft of the rules names: what masking is told in earnest."""
    from labeling.readers.rules import reading_of_ocr

    read = [
        replace(engines.first_page(data, "report"), number=number)
        for number, data in enumerate(pages, start=1)
    ]
    found: dict[int, set[Box]] = {number: set() for number in range(1, len(pages) + 1)}
    for evidence in reading_of_ocr(read).evidence.values():
        found[evidence.page] |= set(evidence.boxes or ((evidence.box,) if evidence.box else ()))
    return {number: tuple(sorted(boxes)) for number, boxes in found.items()}


def _measure(
    data: bytes,
    media_type: str,
    role: str,
    condition: str,
    marks: Sequence[Mapping[str, Any]],
    quoted: Sequence[Sequence[float]],
    engines: OcrEngines,
    evidence: tuple[Box, ...],
) -> PictureFigures:
    from pipeline.dataset.masking.masked_image import PictureToMask, mask_picture

    started = time.perf_counter()
    masked = mask_picture(PictureToMask(data, role, media_type, evidence), engines)
    elapsed_s = time.perf_counter() - started
    if masked.data is None:
        words = tuple((mark["kind"], False) for mark in marks for _ in telling(mark))
        refusal = masked.refusal.value if masked.refusal else "not masked"
        return PictureFigures(role, condition, refusal, elapsed_s, words)
    before, after = gray_pixels(data), gray_pixels(masked.data)
    words, missed = covered_words(after, marks)
    first = engines.first(masked.data, role)
    upright = engines.first(data, role)
    if role == "ecg":  # those of the cohort lie upright; traces mislead the engine about that
        upright = replace(upright, rotation_deg=0)
    return PictureFigures(
        role=role,
        condition=condition,
        refusal="",
        elapsed_s=elapsed_s,
        words=words,
        read_back=read_back(marks, (first, engines.second(masked.data, upright))),
        evidence=tuple(blackened(before, after, box) < TOUCHED_SHARE for box in quoted),
        painted_share=float(((after <= _BLACK) & (before > _NOT_BLACK)).mean()),
        conflicts=masked.conflicts,
        missed=missed,
    )


def gray_pixels(data: bytes) -> NDArray[Any]:
    """Height x width, uint8."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        return np.array(image.convert("L"))


def telling(mark: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The words of an entry that hold a letter or figure."""
    return [word for word in mark["words"] if bare(word["text"])]


def covered_words(
    after: NDArray[Any], marks: Sequence[Mapping[str, Any]]
) -> tuple[tuple[tuple[str, bool], ...], tuple[str, ...]]:
    """(kind, masked) of every identifying word, and the words that are not masked."""
    import cv2
    import numpy as np

    height, width = after.shape
    found, missed = [], []
    for mark in marks:
        for word in telling(mark):
            corners = (np.array(word["corners"]) * (width, height)).round().astype(np.int32)
            inside = np.zeros((height, width), np.uint8)
            cv2.fillConvexPoly(inside, corners, 1)
            is_masked = bool((after[inside > 0] <= _BLACK).mean() >= MASKED_SHARE)
            found.append((mark["kind"], is_masked))
            if not is_masked:
                missed.append(word["text"])
    return tuple(found), tuple(missed)


def blackened(before: NDArray[Any], after: NDArray[Any], box: Sequence[float]) -> float:
    """Share of a box (given as shares of the picture) that was painted, 0-1."""
    height, width = after.shape
    left, top, right, bottom = (
        round(side * size) for side, size in zip(box, (width, height) * 2, strict=True)
    )
    window = (after[top:bottom, left:right] <= _BLACK) & (before[top:bottom, left:right] > _NOT_BLACK)
    return float(window.mean()) if window.size else 0.0


def read_back(marks: Sequence[Mapping[str, Any]], pages: Sequence[PageWords]) -> tuple[tuple[str, str], ...]:
    """(kind, what was read of it) of every identifying entry.

    A name is read by any of its words, a value as a whole.
    """
    tokens = sorted({bare(word.text) for page in pages for word in page.words})
    lines = [plain(row.text) for page in pages for row in rows_of(page.words)]
    found = []
    for mark in marks:
        if mark["kind"] in NAME_KINDS:
            found.append((mark["kind"], _name_read(mark, tokens)))
        elif mark["kind"] in VALUE_KINDS:
            value = plain(mark["quote"].split(":")[-1])
            found.append((mark["kind"], value if any(value in line for line in lines) else ""))
    return tuple(found)


def _name_read(mark: Mapping[str, Any], tokens: Sequence[str]) -> str:
    """`valuk as valuk`: a telling word of a name and what was read; empty where none was."""
    names = [bare(word["text"]) for word in mark["words"]]
    for name in names:
        if len(name) < _LEAST_LETTERS or not name.isalpha():
            continue
        for token in tokens:
            if is_read(name, token):
                return f"{name} as {token}"
    return ""


def plain(text: str) -> str:
    """Letters and figures only, lower case."""
    return "".join(character for character in text.lower() if character.isalnum())


def is_read(name: str, token: str) -> bool:
    """Whether a recognised word is a name, with one letter misread where it has five or more; or holds it.

    A word that reports print anyway is a name only where it has all its letters: "value" is not Valuk.
    """
    if len(name) >= 5 and name in token:
        return True
    if is_known(token):
        return name == token
    return OSA.distance(name, token, score_cutoff=1) <= (1 if len(name) >= 5 else 0)
