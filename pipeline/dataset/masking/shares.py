"""What was measured on a cohort's pictures, as shares with exact intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

from db.measures.estimate import Estimate
from db.measures.proportions import exact_share
from pipeline.dataset.masking.measure import NAME_KINDS, PictureFigures

Shares = dict[str, Estimate]


def shares_of(figures: Sequence[PictureFigures]) -> Shares:
    """Every share that is promised, with its exact interval."""
    out = [one for one in figures if not one.refusal]
    words = [pair for one in out for pair in one.words]
    read = [pair for one in out for pair in one.read_back]
    names, values = _parted(read, lambda kind: kind in NAME_KINDS)
    checked = [one.evidence for one in out if one.evidence]
    shares = {
        "identifying words masked": _share(is_masked for _, is_masked in words),
        "names readable in the masked picture": _share(names),
        "ids, phones, dates, hospitals readable": _share(values),
        "label evidence boxes untouched": _share(flag for boxes in checked for flag in boxes),
        "report pages with all evidence untouched": _share(all(boxes) for boxes in checked),
        "pictures that go out": _share(not one.refusal for one in figures),
    }
    return shares | _by_kind(words)


def _by_kind(words: Sequence[tuple[str, bool]]) -> Shares:
    kinds = sorted({kind for kind, _ in words})
    return {f"masked: {kind}": _share(masked for other, masked in words if other == kind) for kind in kinds}


def _parted(
    read: Sequence[tuple[str, str]], is_first: Callable[[str], bool]
) -> tuple[list[bool], list[bool]]:
    """Whether anything was read of each entry: of the kinds asked for, and of the others."""
    parts: tuple[list[bool], list[bool]] = [], []
    for kind, text in read:
        parts[not is_first(kind)].append(bool(text))
    return parts


def _share(flags: Iterable[bool]) -> Estimate:
    held = list(flags)
    return exact_share(sum(held), len(held))


def left_out(figures: Sequence[PictureFigures]) -> Counter[tuple[str, str, str]]:
    """(role, condition, reason) -> pictures that stay here."""
    return Counter((one.role, one.condition, one.refusal) for one in figures if one.refusal)


def as_plain(figures: Sequence[PictureFigures], shares: Shares) -> dict[str, Any]:
    """For a script to read."""
    went_out = [one for one in figures if not one.refusal]
    return {
        "pictures": len(figures),
        "shares": {name: _share_json(one) for name, one in shares.items()},
        "left_out": [
            {"role": role, "condition": condition, "reason": reason, "pictures": count}
            for (role, condition, reason), count in sorted(left_out(figures).items())
        ],
        "conflicts": sum(one.conflicts for one in figures),
        "seconds_a_picture": _medians(figures, lambda one: one.elapsed_s, digits=2),
        "painted_share": _medians(went_out, lambda one: one.painted_share, digits=4),
        # The cohort is invented: what was missed may be shown.
        "missed": [[one.role, one.condition, *one.missed] for one in figures if one.missed],
        "readable": [[one.role, one.condition, read] for one in figures for _, read in one.read_back if read],
    }


def _share_json(one: Estimate) -> dict[str, float | int]:
    return {"count": round(one.value * one.n) if one.n else 0, "n": one.n, "low": one.low, "high": one.high}


def _medians(
    figures: Sequence[PictureFigures], number: Callable[[PictureFigures], float], *, digits: int
) -> dict[str, float]:
    """Role -> median of a figure of its pictures."""
    return {
        role: round(median(number(one) for one in figures if one.role == role), digits)
        for role in sorted({one.role for one in figures})
    }
