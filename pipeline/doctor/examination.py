"""Every check of a desk, in the order a newcomer meets the things."""

from __future__ import annotations

from db.workspace import Workspace
from pipeline.diagnosis import Diagnosis
from pipeline.doctor.packages import check_extras, check_reader_parts, check_training
from pipeline.doctor.programs import (
    check_chromium,
    check_foreign_files,
    check_python,
    check_sqlite,
    check_tesseract,
)
from pipeline.doctor.storage import (
    check_database,
    check_disk,
    check_key_file,
    check_leftovers,
    check_privacy,
    check_workspace,
)
from pipeline.doctor.surroundings import Surroundings


def examine(workspace: Workspace, surroundings: Surroundings) -> list[Diagnosis]:
    """Every check, in the order a newcomer meets the things."""
    return [
        check_python(surroundings),
        *check_tesseract(workspace, surroundings),
        check_sqlite(surroundings),
        check_foreign_files(surroundings),
        check_workspace(workspace),
        check_privacy(workspace),
        check_key_file(workspace),
        check_leftovers(workspace),
        check_disk(workspace, surroundings),
        *check_database(workspace),
        *check_extras(surroundings),
        *check_reader_parts(surroundings),
        *check_training(surroundings),
        check_chromium(surroundings),
    ]
