"""A model that has learnt its lines: the answer follows from the bytes of the photo alone."""

from __future__ import annotations

import hashlib

from pipeline.serving.screened import Screened, Verdict

BUNDLE = "scripted-0001"
# The first bytes of a JPEG; nothing behind them is looked at.
JPEG = b"\xff\xd8\xff\xe0"


def photo(number: int, *, kind: str = "ok", size: int = 200) -> bytes:
    """A photo that the script knows; `kind` is `ok`, `breaks`, or the reason for a retake."""
    return JPEG + f"{kind} {number} ".encode() + bytes(size)


def screen(content: bytes) -> Screened:
    """The script."""
    kind, number = content[len(JPEG) :].split(b" ")[:2]
    if kind == b"breaks":
        raise RuntimeError("the script ends here")
    if kind != b"ok":
        return Screened(Verdict.BAD_PHOTO, BUNDLE, retake=kind.decode(), where="left half")
    ef = ef_of(content)
    return Screened(
        Verdict.OK, BUNDLE, ef_percent=ef, ef_low=ef - 8, ef_high=ef + 8, rwma_probability=0.12,
        rwma_set=("absent",), agreement=81, referral="no_referral",
    )  # fmt: skip


def ef_of(content: bytes) -> float:
    """The ejection fraction the script gives a photo, percent."""
    return 30 + hashlib.sha256(content).digest()[0] % 40
