"""Whether intervals and sets still hold what they promise, by outcomes that came later."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from db.errors import EchoDeskError
from db.labels import Rwma
from db.measures.estimate import Estimate
from db.measures.proportions import exact_share
from pipeline.serving.watching.kept import Joined, Outcome, name_of

_IDS: Final = ("photo_id", "message_id", "id")
_EF: Final = ("ef_percent", "ef")
_RWMA: Final = "rwma"
_NUMBER: Final = re.compile(r"\d{1,3}(?:\.\d{1,3})? ?%?")
# Where the cells stand that no column is named for.
_BEYOND: Final = ""
HINT: Final = (
    "The first row names the columns: photo_id or message_id, and ef_percent (5-90), rwma (present or "
    "absent), or both; what is not known is left empty."
)


@dataclass(frozen=True)
class Held:
    """How often one kind of promise held.

    Attributes:
        what: which, in words. promised: share, 0-1.
        share: of the outcomes, with its exact 95 % interval.
    """

    what: str
    promised: float
    share: Estimate

    @property
    def is_below(self) -> bool:
        """Whether it holds less than was promised, beyond what chance explains."""
        return self.share.n > 0 and self.share.high < self.promised

    def said(self) -> str:
        """The numbers, in words."""
        if not self.share.n:
            return "no outcome yet"
        low, high = (round(100 * end) for end in (self.share.low, self.share.high))
        hits = round(self.share.value * self.share.n)
        return f"{hits} of {self.share.n}: {100 * self.share.value:.0f} % ({low}-{high} %)"

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "what": self.what,
            "promised": self.promised,
            **self.share.as_json(),
            "is_below": self.is_below,
        }


def held_by(joined: Iterable[Joined], bundle: str) -> list[Held]:
    """Of a bundle's answers: its EF intervals, and its sets for the ill and for the others, which each have
    their promise.
    """
    own = [one for one in joined if one.bundle == bundle]
    promised = max((one.coverage for one in own), default=0.0)
    ef = [low <= one.outcome.ef_percent <= high for one in own
          if one.outcome.ef_percent is not None
          and (low := one.ef_low) is not None and (high := one.ef_high) is not None]  # fmt: skip
    found = [Held("EF interval", promised, exact_share(sum(ef), len(ef)))]
    for state in (Rwma.PRESENT, Rwma.ABSENT):
        sets = [one.rwma_set for one in own if one.outcome.rwma == state and one.rwma_set is not None]
        hits = sum(state in chosen for chosen in sets)
        found.append(Held(f"wall motion, {state.value}", promised, exact_share(hits, len(sets))))
    return found


def read_outcomes(file: Path) -> list[Outcome]:
    """Outcomes of a CSV file.

    Raises:
        EchoDeskError: it can't be read, or a line says what no echo says; names the line.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restkey=_BEYOND, strict=True)
            columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
            if len(columns) < len(reader.fieldnames or ()):
                raise EchoDeskError(f"{file}: two columns have one name", HINT)
            read = _reading(columns, file)
            return [read(row, reader.line_num) for row in reader]
    except OSError as error:
        raise EchoDeskError(f"{file}: {error.strerror}", HINT) from None
    except (UnicodeDecodeError, csv.Error):
        raise EchoDeskError(f"{file} is not a whole CSV file in UTF-8", HINT) from None


def _reading(columns: Mapping[str, str], file: Path) -> Callable[[Mapping[str, str | None], int], Outcome]:
    """What reads a line of a file with these columns."""
    identities, ef = [name for name in _IDS if name in columns], _first(_EF, columns)
    if not identities or (ef is None and _RWMA not in columns):
        raise EchoDeskError(f"{file}: the columns are not those of outcomes", HINT)

    def cell(row: Mapping[str, str | None], column: str | None) -> str:
        return "" if column is None else (row.get(columns[column]) or "").strip()

    def read(row: Mapping[str, str | None], line: int) -> Outcome:
        try:
            if _BEYOND in row:
                raise ValueError("more cells than the first row has columns")
            named = next(filter(None, (cell(row, name) for name in identities)), "")
            return Outcome(_named(named), _ef(cell(row, ef)), _rwma(cell(row, _first((_RWMA,), columns))))
        except ValueError as error:
            raise EchoDeskError(f"{file}, line {line}: {error}", HINT) from None

    return read


def _first(names: Sequence[str], columns: Mapping[str, str]) -> str | None:
    return next((name for name in names if name in columns), None)


def _named(text: str) -> str:
    if not text:
        raise ValueError("no photo or message is named")
    return name_of(text)


def _ef(text: str) -> float | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError("the EF is no number")
    found = float(text.rstrip("% "))
    if not 5 <= found <= 90:
        raise ValueError("an EF is from 5 to 90 percent")
    return found


def _rwma(text: str) -> str:
    """`present`, `absent`, or empty for what was not told."""
    known = {one.value for one in Rwma}
    if text and text.lower() not in known:
        raise ValueError(f"wall motion is one of {', '.join(sorted(known))}")
    return text.lower() if text.lower() in (Rwma.PRESENT, Rwma.ABSENT) else ""
