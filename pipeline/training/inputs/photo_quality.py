"""How many of a snapshot's photographs somebody would be asked to take again, and why: counted, not refused.

Judging takes about a second a photograph, so a share of them spread evenly over the snapshot is looked over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from db.errors import EchoDeskError
from db.processes import usual_workers
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.quality import judge
from pipeline.training.reporting import Advance, Reporter

# Above this share of unusable ones, somebody should look at the photographs before believing a number.
WARNED_FROM: Final = 0.1

Judge = Callable[[Path], str | None]


@dataclass(frozen=True)
class PhotoQuality:
    """What was found.

    Attributes:
        photographs, looked_at: how many there are, and how many of them were looked over.
        reasons: a fault of `imaging.quality` -> photographs whose gravest it is.
    """

    photographs: int
    looked_at: int
    reasons: Mapping[str, int]

    @property
    def unusable(self) -> int:
        """How many would be refused."""
        return sum(self.reasons.values())

    @property
    def is_worrying(self) -> bool:
        """Whether more than one in ten would be refused."""
        return self.unusable > WARNED_FROM * self.looked_at

    @property
    def sentence(self) -> str:
        """To be said."""
        text = f"looked over {self.looked_at} of {self.photographs} photographs: {self.unusable} unusable"
        named = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in self.reasons.items())
        text += f" ({named})" if named else ""
        if not self.is_worrying:
            return text
        return f"warning: {text}; more than 10 %. Look at them: echodesk doctor --photo FOLDER"

    def as_json(self) -> dict[str, Any]:
        """As `data.json` has it."""
        counts = {"photographs": self.photographs, "looked_at": self.looked_at, "unusable": self.unusable}
        return {**counts, "reasons": dict(self.reasons)}


def gravest_fault(file: Path) -> str | None:
    """Why a photograph can't be used, or None; one that can't be read is counted elsewhere."""
    try:
        complaints = judge(read_photo(file)).complaints
    except EchoDeskError:
        return None
    return complaints[0].fault.value if complaints else None


def look_over(
    files: Sequence[Path], most: int, reporter: Reporter, *, find_fault: Judge = gravest_fault
) -> PhotoQuality | None:
    """Judge at most so many photographs, spread evenly over the files, and say what was found.

    Args:
        most: 0 looks at none and returns None.
    """
    if not most or not files:
        return None
    places = np.unique(np.linspace(0, len(files) - 1, min(most, len(files))).round().astype(int))
    found: list[str] = []
    with reporter.progress("Looking photographs over", "photographs") as advance:
        found += _faults([files[place] for place in places.tolist()], find_fault, advance)
    quality = PhotoQuality(len(files), len(places), dict(sorted(Counter(found).items())))
    reporter.say(quality.sentence)
    return quality


def _faults(files: Sequence[Path], find_fault: Judge, advance: Advance) -> list[str]:
    found = []
    with ThreadPoolExecutor(usual_workers()) as pool:
        for done, fault in enumerate(pool.map(find_fault, files), start=1):
            advance(done, len(files))
            if fault is not None:
                found.append(fault)
    return found
