"""What the work pages do: the plan and the intake of the command, in the words of whoever chose the files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pillow_heif
import pytest
from desk_halls import copy_empty
from page_files import pdf, saved, sheet
from PIL import Image

from db.errors import EchoDeskError
from db.progress import progress
from db.store.engine import Database, open_database
from db.workspace import Workspace
from pipeline.commands.desk.pictures import picture_hook
from pipeline.commands.desk.work import add_chosen, preview_of
from review_ui.work.hooks import Chosen


@pytest.fixture
def workspace(tmp_path: Path, migrated_file: Path) -> Workspace:
    return copy_empty(migrated_file, tmp_path / "workspace")


@pytest.fixture
def database(workspace: Workspace) -> Iterator[Database]:
    opened = open_database(workspace)
    yield opened
    opened.close()


@pytest.fixture
def chosen_folder(workspace: Workspace) -> Path:
    folder = workspace.uploads / "desk" / "one" / "files"
    folder.mkdir(parents=True)
    return folder


def test_names_say_whose_the_files_are_and_nothing_is_stored(
    workspace: Workspace, database: Database, chosen_folder: Path
) -> None:
    for name in ("A17_report.png", "A17_ecg.png", "IMG_0001.png", "Z_ecg.png", "sita.png"):
        saved(sheet(len(name)), chosen_folder / name)
    preview = preview_of(workspace, database, Chosen(chosen_folder))
    assert [(one.patient_id, one.reports, one.ecgs, one.why) for one in preview.records] == [
        ("A17", ("A17_report.png",), ("A17_ecg.png",), "file name"),
        ("IMG_0001", ("IMG_0001.png",), (), "file name"),
        ("sita", ("sita.png",), (), "file name"),
    ]
    assert [one.is_named_by_a_device for one in preview.records] == [False, True, False]
    assert [one.is_speaking for one in preview.records] == [False, False, True]
    assert set(preview.nameless) == {"IMG_0001.png", "Z_ecg.png", "sita.png"}
    assert [(one.name, one.reason) for one in preview.refused] == [
        ("Z_ecg.png", "there is no report for this ECG")
    ]
    with database.read() as session:
        assert progress(session).cases == 0


def test_how_many_pages_a_pdf_has_and_what_does_not_open_is_told_before_anything_is_stored(
    workspace: Workspace, database: Database, chosen_folder: Path
) -> None:
    pdf(chosen_folder / "A17_report.pdf", pages=3)
    pdf(chosen_folder / "A18_report.pdf", pages=1)
    (chosen_folder / "A19_report.pdf").write_bytes(b"%PDF-1.7 cut")
    preview = preview_of(workspace, database, Chosen(chosen_folder))
    assert [one.told for one in preview.records] == [("A17_report.pdf: 3 pages",), ()]
    ((name, reason, remedy),) = [(one.name, one.reason, one.remedy) for one in preview.refused]
    assert name == "A19_report.pdf" and "stops before its end" in reason and remedy


def test_the_first_page_of_a_heic_photo_or_a_pdf_is_drawn_as_jpeg(
    workspace: Workspace, chosen_folder: Path
) -> None:
    draw = picture_hook(workspace)
    photo, broken = chosen_folder / "IMG_0001.heic", chosen_folder / "IMG_0002.heic"
    pillow_heif.from_pillow(sheet(1)).save(photo, quality=90)
    broken.write_bytes(photo.read_bytes()[:400])
    for path in (photo, pdf(chosen_folder / "two.pdf", pages=2)):
        drawn = draw(path)
        assert drawn is not None and Image.open(io.BytesIO(drawn)).format == "JPEG"
    assert draw(broken) is None


def test_a_folder_that_was_chosen_is_no_patient_but_folders_side_by_side_are(
    workspace: Workspace, database: Database, chosen_folder: Path
) -> None:
    saved(sheet(1), chosen_folder / "scans" / "A17" / "report.png")
    assert [one.patient_id for one in preview_of(workspace, database, Chosen(chosen_folder)).records] == [
        "A17"
    ]
    saved(sheet(2), chosen_folder / "A18" / "report.png")
    found = preview_of(workspace, database, Chosen(chosen_folder))
    assert [one.patient_id for one in found.records] == ["A18", "A17"]


def test_a_list_says_whose_the_files_are_and_adding_does_what_was_shown(
    workspace: Workspace, database: Database, chosen_folder: Path
) -> None:
    saved(sheet(1), chosen_folder / "IMG_1.png")
    saved(sheet(2), chosen_folder / "IMG_2.png")
    chosen_list = chosen_folder / "list.csv"
    chosen_list.write_text("UHID,File name,Echo date\nA17,IMG_1,2026-06-01\nA18,IMG_9.png,\n")
    chosen = Chosen(chosen_folder, chosen_list, "Site 7", is_synthetic=True)
    preview = preview_of(workspace, database, chosen)
    (record,) = preview.records
    assert (record.patient_id, record.why, record.told) == (
        "A17",
        "row 2 of list.csv",
        ("report of 2026-06-01",),
    )
    assert not record.is_named_by_a_device
    assert [(one.name, one.row) for one in preview.refused] == [("IMG_9.png", 3)]
    assert preview.left_alone == ["IMG_2.png"]
    steps: list[tuple[int, int]] = []
    added = add_chosen(workspace, database, chosen, lambda done, total: steps.append((done, total)))
    assert (added.registered, added.known, steps) == (1, 0, [(1, 1)])
    assert add_chosen(workspace, database, chosen, lambda *_: None).known == 1


def test_trouble_with_a_list_names_it_as_the_person_did(
    workspace: Workspace, database: Database, chosen_folder: Path
) -> None:
    (chosen_folder / "list.csv").write_text("a,b\n1,2\n")
    with pytest.raises(EchoDeskError) as trouble:
        preview_of(workspace, database, Chosen(chosen_folder, chosen_folder / "list.csv"))
    assert str(workspace.root) not in trouble.value.message
    assert "list.csv" in trouble.value.message
