"""DICOM files say themselves whose they are: the files of one study are one report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from labeling.apart.pages import dicom_header
from labeling.intake.file_names import NameUnclear, split_stem
from labeling.intake.files import FoundFile
from labeling.intake.patient_ids import spelling, why_no_id
from labeling.intake.plan import PlannedCase
from labeling.intake.report import Refused
from labeling.pages.dicom import DicomHeader
from labeling.pages.file_kind import HEAD_BYTES, FileKind, kind_of
from labeling.pages.page import PageError

BY_HEADER: Final = "the patient id in its DICOM header"


def dicom_cases(
    files: Sequence[FoundFile],
) -> tuple[list[PlannedCase], list[FoundFile], list[Refused]]:
    """The cases told by DICOM headers, the files that don't say whose they are, and what can't be taken.

    The id of the header goes the way of every other id; of the rest of the header only the study's date is
    kept. A file without an id is paired by its name, like any picture.
    """
    studies: dict[tuple[str, str], list[tuple[DicomHeader, Path]]] = defaultdict(list)
    others: list[FoundFile] = []
    refused: list[Refused] = []
    for file in files:
        if not _is_dicom(file.path):
            others.append(file)
            continue
        try:
            header = dicom_header(file.path)
            problem = header.refusal or _unclear(header, file.path)
        except PageError as error:
            problem = error
        if problem:
            refused.append(
                Refused(file.path, getattr(problem, "code", "id_clash"), problem.message, problem.hint)
            )
        elif header.patient_id:
            studies[spelling(header.patient_id), header.study or str(file.path)].append((header, file.path))
        else:
            others.append(file)
    refused += _of_two(studies)
    return [_case(held) for held in studies.values()], others, refused


def _of_two(studies: dict[tuple[str, str], list[tuple[DicomHeader, Path]]]) -> list[Refused]:
    """Refusals of studies whose files say two patient ids; they are taken out."""
    ids: dict[str, set[str]] = defaultdict(set)
    for patient_id, study in studies:
        ids[study].add(patient_id)
    refused = []
    for key in [key for key in studies if len(ids[key[1]]) > 1]:
        reason = "the files of its study say different patient ids in their DICOM headers"
        refused += [Refused(path, "id_clash", reason, _BY_MANIFEST) for _, path in studies.pop(key)]
    return refused


def _case(held: list[tuple[DicomHeader, Path]]) -> PlannedCase:
    held.sort(key=lambda one: (one[0].order, one[1].name))
    return PlannedCase(
        patient_id=held[0][0].patient_id,
        reports=tuple(path for _, path in held),
        report_date=held[0][0].study_date,
        why=BY_HEADER,
    )


def _unclear(header: DicomHeader, path: Path) -> PageError | None:
    """Why the header's id can't be believed by itself."""
    reason = why_no_id(header.patient_id) if header.patient_id else ""
    if "\\" in header.patient_id:
        reason = "is several ids"
    if reason:
        return PageError("bad_id", f"the patient id in its DICOM header {reason}", _BY_MANIFEST)
    try:
        parts = split_stem(path.stem)
    except NameUnclear:
        return None
    is_told_otherwise = parts.roles and parts.patient_id and header.patient_id
    if is_told_otherwise and spelling(parts.patient_id) != spelling(header.patient_id):
        return PageError("id_clash", "its name and its DICOM header say different patient ids", _BY_MANIFEST)
    return None


_BY_MANIFEST = "Find out whose it is and name the file in a manifest."


def _is_dicom(path: Path) -> bool:
    try:
        if not path.is_file():  # opening a pipe would wait for its other end
            return False
        with path.open("rb") as file:
            return kind_of(file.read(HEAD_BYTES)) is FileKind.DICOM
    except OSError:
        return False
