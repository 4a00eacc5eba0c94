"""Labels in the form of another program, as one file or two that belong together."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from db.exports import fhir, label_studio, redcap
from db.exports.labelled import LabelledRecord, decided, outgoing_records
from db.files.whole import named_file
from db.standings import Status
from db.store.engine import Database
from db.store.images import ImageStore
from db.workspace import Workspace

# Two archives of the same labels have the same bytes.
_ZIP_MOMENT: Final = (1980, 1, 1, 0, 0, 0)


class Form(StrEnum):
    """Whose form it is."""

    REDCAP = "redcap"
    FHIR = "fhir"
    FHIR_BUNDLE = "fhir-bundle"
    LABEL_STUDIO = "label-studio"


@dataclass(frozen=True)
class Parts:
    """What goes out.

    Attributes:
        main: the data.
        beside: ending of a further file's name -> its bytes.
        records: how many go out with what was decided or drafted.
        flagged: how many have a flag that nobody has settled: none of them goes out with a label.
    """

    main: bytes
    beside: Mapping[str, bytes]
    records: int
    flagged: int


def parts_of(database: Database, workspace: Workspace, form: Form) -> Parts:
    """The labels in this form."""
    with database.read() as session:
        records = outgoing_records(session, with_drafts=form is Form.LABEL_STUDIO)
    beside: dict[str, bytes] = {}
    number = len(decided(records))
    if form is Form.REDCAP:
        main, beside = redcap.data_csv(records), {"-dictionary.csv": redcap.dictionary_csv()}
    elif form is Form.LABEL_STUDIO:
        main = label_studio.tasks_json(records, _below(workspace))
        beside = {"-config.xml": label_studio.labelling_config()}
        number = sum(one.draft is not None for one in records)
    else:
        main = fhir.ndjson(records) if form is Form.FHIR else fhir.bundle(records)
    return Parts(main, beside, number, _flagged(records))


def write_parts(parts: Parts, target: Path, *, overwrite: bool = False) -> list[Path]:
    """Write all the files or none, each readable by its owner alone.

    Raises:
        EchoDeskError: one of them exists and `overwrite` is false, or the folder can't be written.
    """
    wanted = {target: parts.main}
    wanted |= {target.with_name(target.stem + ending): data for ending, data in parts.beside.items()}
    with ExitStack() as written:
        for path, data in wanted.items():
            written.enter_context(named_file(path, overwrite=overwrite)).write_bytes(data)
    return list(wanted)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Several files as one archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _ZIP_MOMENT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, data)
    return stream.getvalue()


def _flagged(records: list[LabelledRecord]) -> int:
    return sum(one.standing.status is Status.FLAGGED for one in records)


def _below(workspace: Workspace) -> label_studio.Place:
    store = ImageStore(workspace.images)
    return lambda sha256: store.path(sha256).relative_to(workspace.root).as_posix()
