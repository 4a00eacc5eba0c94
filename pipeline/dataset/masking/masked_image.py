"""One picture on its way out: read by two engines, painted, read again; masked bytes or the reason it stays
here.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Protocol

from db.files.manifest import sha256_of
from db.processes import process_pool
from pipeline.dataset.masking.checking import Refusal, printed, reason_uncheckable, still_found
from pipeline.dataset.masking.ecg_rows import leads_of
from pipeline.dataset.masking.findings import Certainty, Finding, IdentityKind
from pipeline.dataset.masking.names import name_tokens
from pipeline.dataset.masking.painting import Painted, encode, open_upright, paint, paint_mask
from pipeline.dataset.masking.patterns import KnownValues, Seen
from pipeline.dataset.masking.policy import Layout, find
from pipeline.dataset.masking.words import Box, PageWords, Word

# Readings of the painted picture; what one finds is painted before the next.
_ROUNDS = 3
_AHEAD = 4


class Engines(Protocol):
    """Two OCR engines of different make; the command line provides them."""

    def first(self, data: bytes, role: str) -> PageWords:
        """Words of an encoded picture by the one engine; `role` is `report` or `ecg`."""
        ...

    def second(self, data: bytes, like: PageWords) -> PageWords:
        """Words by the other; `like` is what the first read of the same picture, for which way up it lies."""
        ...

    def lines(self, data: bytes, words: Sequence[Word]) -> tuple[Word, ...]:
        """Words by the first, of the lines that `words` stand in, each cut out and enlarged."""
        ...


@dataclass(frozen=True)
class PictureToMask:
    """A stored picture with what is known about it.

    Attributes:
        role: `report` or `ecg`.
        media_type: of the bytes; the masked picture has the same.
        evidence: boxes (pixels) of the words its label was read from.
        known: values from a list outside the database.
    """

    data: bytes
    role: str
    media_type: str
    evidence: tuple[Box, ...] = ()
    known: KnownValues = KnownValues()

    @property
    def key(self) -> str:
        """Equal for pictures that come out alike."""
        told = repr((self.role, self.media_type, self.evidence, self.known))
        return sha256_of(hashlib.sha256(self.data).digest() + told.encode())


@dataclass(frozen=True)
class MaskedPicture:
    """What became of a picture.

    Attributes:
        data: the masked picture, null where it stays here.
        refusal: why it stays, null where it goes out.
        masked: kind -> how many stretches were painted.
        conflicts: evidence boxes in which a word had to be painted, because it surely identifies somebody.
    """

    data: bytes | None
    refusal: Refusal | None = None
    masked: Mapping[str, int] = field(default_factory=dict)
    conflicts: int = 0


def mask_picture(picture: PictureToMask, engines: Engines) -> MaskedPicture:
    """Mask one picture, or say why it can't be: it never comes back unchecked."""
    try:
        image = open_upright(picture.data)
    except Exception:  # noqa: BLE001 - a decoder fed a damaged file may raise anything at all
        return MaskedPicture(None, Refusal.UNDECODABLE)
    first, second = _read(picture, engines)
    refusal = reason_uncheckable(first, second, picture.role)
    if refusal is not None:
        return MaskedPicture(None, refusal)
    layout = Layout.of(picture.role, picture.evidence, (*first.words, *second.words))
    seen, findings = _find_by_both(first, second, layout, Seen.of(picture.known))
    for _ in range(_ROUNDS):
        painted = paint_mask(findings, picture.evidence, image.size)
        data = encode(paint(image, painted.mask), picture.media_type)
        left = still_found(engines.second(data, first), painted.mask, layout, seen, painted.boxes)
        if not left:
            return _result(data, findings, painted)
        findings += left
    return MaskedPicture(None, Refusal.STILL_READABLE)


def _read(picture: PictureToMask, engines: Engines) -> tuple[PageWords, PageWords]:
    """What both engines read before anything is painted.

    The first is made for pages: an ECG's traces may hide print from it, and mislead it about which way up it
        lies.
    """
    first = engines.first(picture.data, picture.role)
    if picture.role != "ecg":
        return first, engines.second(picture.data, first)
    upright = replace(first, rotation_deg=0)
    second = engines.second(picture.data, upright)
    if first.rotation_deg and leads_of(second.words) is None:
        turned = engines.second(picture.data, first)
        if leads_of(turned.words) is not None:
            upright, second = first, turned
    return replace(upright, words=(*first.words, *engines.lines(picture.data, printed(second)))), second


def _find_by_both(
    first: PageWords, second: PageWords, layout: Layout, seen: Seen
) -> tuple[Seen, list[Finding]]:
    """What either engine's words give away; each is asked again with the names the other could tell."""
    findings: list[Finding] = []
    for words in (first.words, second.words, first.words):
        findings += find(words, layout, seen)
        seen = Seen(seen.names | name_tokens(findings), seen.values)
    return seen, findings


def _result(data: bytes, findings: Sequence[Finding], painted: Painted) -> MaskedPicture:
    counts = patches(findings, painted)
    conflicts = len(painted.certain) + len(painted.doubtful)
    if painted.doubtful:
        return MaskedPicture(None, Refusal.EVIDENCE, counts, conflicts)
    return MaskedPicture(data, None, counts, conflicts)


def patches(findings: Sequence[Finding], painted: Painted) -> dict[str, int]:
    """How many painted patches there are of each kind; a patch is of the kind that is surest in it."""
    surest: dict[int, tuple[Certainty, IdentityKind]] = {}
    for finding in findings:
        for box in finding.boxes:
            patch = painted.patch_at((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
            if patch and (patch not in surest or surest[patch][0] < finding.certainty):
                surest[patch] = (finding.certainty, finding.kind)
    return dict(sorted(Counter(kind.value for _, kind in surest.values()).items()))


def mask_pictures(
    pictures: Iterable[PictureToMask], engines: Engines, *, workers: int = 1
) -> Iterator[MaskedPicture]:
    """Mask many, in order; neighbours that are equal are read once.

    Args:
        engines: goes to the worker processes, so it must pickle.
        workers: processes; 1 works in this one.
    """
    if workers <= 1:
        last: tuple[str, MaskedPicture] | None = None
        for picture in pictures:
            if last is None or last[0] != picture.key:
                last = (picture.key, mask_safely(picture, engines))
            yield last[1]
        return
    # A few for each worker are under way: what waits to be fetched stays small, however many pictures there
    # are.
    under_way: deque[tuple[str, Future[MaskedPicture]]] = deque()
    with process_pool(workers) as pool:
        for picture in pictures:
            known = dict(under_way)
            under_way.append(
                (picture.key, known.get(picture.key) or pool.submit(mask_safely, picture, engines))
            )
            if len(under_way) >= _AHEAD * workers:
                yield under_way.popleft()[1].result()
        while under_way:
            yield under_way.popleft()[1].result()


def mask_safely(picture: PictureToMask, engines: Engines) -> MaskedPicture:
    """`mask_picture`, where a failing engine costs this picture and not the run."""
    try:
        return mask_picture(picture, engines)
    except (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError):
        return MaskedPicture(None, Refusal.FAILED)
