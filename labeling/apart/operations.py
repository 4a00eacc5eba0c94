"""What a decoding process does with pages and lists; each operation loads what it needs when it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from db.apart.frames import Frame
from db.apart.worker import Arguments, Operation


def _pages(arguments: Arguments, _payload: bytes) -> Iterator[Frame]:
    from labeling.apart.page_frames import frames_of

    return frames_of(Path(arguments["path"]), arguments["limits"])


def _encoded(arguments: Arguments, _payload: bytes) -> Iterator[Frame]:
    from labeling.apart.page_frames import encoded_frames_of

    wanted = arguments["page"], arguments["is_lossy"]
    return encoded_frames_of(Path(arguments["path"]), arguments["limits"], *wanted)


def _header(arguments: Arguments, _payload: bytes) -> Iterator[Frame]:
    from labeling.apart.page_frames import header_frame_of

    yield header_frame_of(Path(arguments["path"]))


def _count(arguments: Arguments, _payload: bytes) -> Iterator[Frame]:
    from labeling.apart.page_frames import count_frames_of

    return count_frames_of(Path(arguments["path"]), arguments["limits"])


def _stored(_arguments: Arguments, payload: bytes) -> Iterator[Frame]:
    from labeling.apart.page_frames import stored_frame_of

    yield stored_frame_of(payload)


def _rows(arguments: Arguments, _payload: bytes) -> Iterator[Frame]:
    from labeling.apart.table_frames import rows_of

    return rows_of(Path(arguments["path"]))


def _workbook(arguments: Arguments, payload: bytes) -> Iterator[Frame]:
    from labeling.apart.table_frames import workbook_of

    yield workbook_of(Path(arguments["path"]), payload, arguments["cells"])


OPERATIONS: Final[dict[str, Operation]] = {
    "pages": _pages,
    "encoded": _encoded,
    "header": _header,
    "count": _count,
    "stored": _stored,
    "rows": _rows,
    "workbook": _workbook,
}
