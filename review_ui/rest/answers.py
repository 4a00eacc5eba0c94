"""Each address as a function from the database and its parameters to plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from db.exports.tables import LABEL_COLUMNS, label_rows
from db.fields.columns import FINDINGS
from db.progress import progress
from db.records import RecordFilter, RecordRow, find_records
from db.standings import Status
from db.tabular import Column, Kind

if TYPE_CHECKING:
    from sqlmodel import Session

Json = dict[str, Any]

MOST: Final = 1000
USUAL: Final = 100
_HIGHEST: Final = 2**31 - 1
STATUSES: Final = tuple(one.value for one in Status)

RECORD_COLUMNS: Final = (
    Column("case_id", Kind.INTEGER),
    Column("site", Kind.TEXT),
    Column("report_date", Kind.DATE),
    Column("status", Kind.TEXT, codes=STATUSES),
    *FINDINGS,
    Column("decided_at", Kind.MOMENT),
)


class ParameterError(Exception):
    """A parameter that cannot be; its text says which and why."""


@dataclass(frozen=True)
class Parameter:
    """What may stand behind the `?`.

    Attributes:
        low, high: of a whole number; a text has neither.
        codes: the texts it may be; empty where any will do.
    """

    name: str
    meaning: str
    low: int = 0
    high: int = 0
    usual: int = 0
    codes: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether it is a whole number."""
        return self.high > 0

    def read(self, written: str | None) -> int | str | None:
        """Its value. Raises ParameterError."""
        if written is None:
            return self.usual if self.is_number else None
        if not self.is_number:
            if self.codes and written not in self.codes:
                raise ParameterError(f"{self.name} is one of: {', '.join(self.codes)}")
            return written
        is_plain = written.isascii() and written.isdigit() and len(written) <= 10
        if not is_plain or not self.low <= int(written) <= self.high:
            raise ParameterError(f"{self.name} is a whole number from {self.low} to {self.high}")
        return int(written)


_LIMIT: Final = Parameter("limit", "how many at most", 1, MOST, USUAL)


@dataclass(frozen=True)
class Address:
    """One address that is read.

    Attributes:
        columns: of each item; empty where the answer is no list.
    """

    about: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    answer: Callable[[Session, Mapping[str, Any]], Json]

    def read(self, query: list[tuple[str, str]]) -> dict[str, Any]:
        """The parameters of a request. Raises ParameterError for an unknown, repeated or impossible one."""
        given = dict(query)
        unknown = set(given) - {one.name for one in self.parameters}
        if unknown or len(given) != len(query):
            known = ", ".join(one.name for one in self.parameters) or "none"
            raise ParameterError(f"a parameter is unknown or given twice; there are: {known}")
        return {one.name: one.read(given.get(one.name)) for one in self.parameters}


def _labels(session: Session, asked: Mapping[str, Any]) -> Json:
    """Labels by record; of a flagged one nothing that was decided before."""
    rows = label_rows(session, after=asked["after"], limit=asked["limit"])
    empty = {column.name: None for column in FINDINGS}
    items = [row | empty if row["is_flagged"] else row for row in rows]
    is_full = len(items) == asked["limit"]
    return {"items": items, "next_after": items[-1]["case_id"] if is_full else None}


def _records(session: Session, asked: Mapping[str, Any]) -> Json:
    status = None if asked["status"] is None else Status(asked["status"])
    search = RecordFilter(status=status, site=asked["site"])
    rows, total = find_records(session, search, limit=asked["limit"], offset=asked["offset"])
    return {"items": [_record(row) for row in rows], "total": total}


def _record(row: RecordRow) -> Json:
    is_decided = row.status is Status.DECIDED and row.findings is not None
    found = row.findings.model_dump(mode="json") if is_decided and row.findings is not None else {}
    return {column.name: found.get(column.name) for column in FINDINGS} | {
        "case_id": row.case_id,
        "site": row.site,
        "report_date": row.report_date,
        "status": row.status.value,
        "decided_at": row.decided_at if is_decided else None,
    }


def _progress(session: Session, _asked: Mapping[str, Any]) -> Json:
    return asdict(progress(session))


ADDRESSES: Final[Mapping[str, Address]] = {
    "/api/v1/labels": Address(
        "What was decided, by record number; of a flagged record the findings are null.",
        (Parameter("after", "only records with a higher number", 0, _HIGHEST), _LIMIT),
        LABEL_COLUMNS,
        _labels,
    ),
    "/api/v1/records": Address(
        "Every record and how it stands, the newest first; findings of decided ones.",
        (
            Parameter("offset", "how many to leave out", 0, 1_000_000_000),
            _LIMIT,
            Parameter("status", "how it stands", codes=STATUSES),
            Parameter("site", "where the report comes from"),
        ),
        RECORD_COLUMNS,
        _records,
    ),
    "/api/v1/progress": Address("How far the work is, in counts.", (), (), _progress),
}
