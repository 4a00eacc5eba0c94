"""The part of the page where a person types whose the files are whose names do not say it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from db.markup.elements import Child, Html, element
from review_ui.leads.frame import aside, section, sentence
from review_ui.text import adding as said
from review_ui.work.hooks import TypedFile
from review_ui.work.uploads import Upload

WHOSE: Final = "/add/whose"
PICTURE: Final = "/add/picture"
# A form of ours has at most 40 fields, and each file takes three.
SHOWN_FILES: Final = 12
MAX_ID_CHARACTERS: Final = 200
_MAX_DATE_CHARACTERS: Final = 40
# What a browser shows by itself -> how such a file begins.
_SHOWN: Final = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
# HEIC, TIFF, WebP, BMP, PDF, DICOM: what stands where in files whose first page is drawn for the browser.
_DRAWN: Final = (
    (4, b"ftyp"), (0, b"II*\0"), (0, b"MM\0*"), (8, b"WEBP"), (0, b"BM"), (0, b"%PDF"), (128, b"DICM"),
)  # fmt: skip
_START_BYTES: Final = 132


def whose_section(upload: Upload, nameless: Sequence[str], typed: Mapping[str, TypedFile]) -> Html | None:
    """A row for each file: its picture, the id, the date, what it is; none where every name says it."""
    names = list(dict.fromkeys([*nameless, *typed]))
    if not names:
        return None
    rows = [_row(upload, name, typed.get(name, TypedFile(name, ""))) for name in names[:SHOWN_FILES]]
    more = len(names) - SHOWN_FILES
    form = element(
        "form",
        element("input", type="hidden", name="upload", value=upload.name),
        rows,
        aside(said.WHOSE_MORE.format(number=more)) if more > 0 else None,
        element("div", element("button", said.WHOSE_USE, class_="first"), class_="buttons"),
        method="post",
        action=WHOSE,
        class_="whose",
        id="whose",
    )
    return section(said.WHOSE, sentence(said.WHOSE_HOW), form, wide=True)


def read_whose(form: Mapping[str, str], upload: Upload) -> dict[str, TypedFile]:
    """What the form says about files that are there; a kind that is none is a report."""
    found = {}
    for name, path in _named(upload).items():
        tag = file_tag(upload.name, name)
        if f"id_{tag}" not in form or not path.is_file():
            continue
        kind = form.get(f"kind_{tag}", "")
        found[name] = TypedFile(
            name,
            form[f"id_{tag}"].strip()[: MAX_ID_CHARACTERS + 1],  # refused as too long, never cut to another's
            form.get(f"date_{tag}", "").strip()[:_MAX_DATE_CHARACTERS],
            kind if kind in said.KINDS else next(iter(said.KINDS)),
        )
    return found


def file_of(upload: Upload, tag: str) -> Path | None:
    """The file of a tag."""
    return next((path for name, path in _named(upload).items() if file_tag(upload.name, name) == tag), None)


def media_type(path: Path) -> str | None:
    """As what a browser shows the file by itself."""
    start = _start(path)
    return next((kind for kind, begins in _SHOWN.items() if start.startswith(begins)), None)


def is_drawn(path: Path) -> bool:
    """Whether the file's first page can be drawn for a browser."""
    start = _start(path)
    return any(start[at : at + len(mark)] == mark for at, mark in _DRAWN)


def file_tag(upload: str, name: str) -> str:
    """What stands for a file in forms and addresses: its name may hold a patient's.

    Args:
        upload: the name of the upload, which cannot be guessed; so neither can what a tag stands for.
    """
    return hashlib.sha256(f"{upload}/{name}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _named(upload: Upload) -> dict[str, Path]:
    return {path.relative_to(upload.folder).as_posix(): path for path in upload.files()}


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_START_BYTES)


def _row(upload: Upload, name: str, typed: TypedFile) -> Html:
    tag = file_tag(upload.name, name)
    picture: Child = None
    path = upload.folder / name
    if media_type(path) is not None or is_drawn(path):
        where = f"{PICTURE}/{tag}?upload={upload.name}"
        shown = element("img", src=where, alt=said.PICTURE_OF.format(name=name), loading="lazy")
        picture = element("a", shown, href=where, target="_blank")
    id_field = element(
        "input",
        name=f"id_{tag}",
        value=typed.patient_id,
        maxlength=MAX_ID_CHARACTERS,
        autocomplete="off",
        autocapitalize="characters",
        spellcheck="false",
    )
    date_field = element("input", name=f"date_{tag}", value=typed.report_date, type="date")
    options = [
        element("option", words, value=kind, selected="" if kind == typed.kind else None)
        for kind, words in said.KINDS.items()
    ]
    return element(
        "fieldset",
        element("legend", name),
        picture,
        element(
            "div",
            element("label", said.WHOSE_ID, id_field),
            element("label", said.WHOSE_DATE, date_field),
            element("label", said.WHOSE_KIND, element("select", options, name=f"kind_{tag}")),
            class_="fields",
        ),
    )
