"""Intake: whole cases or none, every refused file named, the same again changes nothing, kill -9 neither."""

from __future__ import annotations

import csv
import multiprocessing
import os
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from intake_state import NOW, state_of, take_in
from page_files import blank_pdf, cut, locked_pdf, pdf, png_bomb, saved, sheet
from PIL import Image

from db.access.patient_key import load_secret, patient_key
from db.cases import case_images
from db.decisions import ImageRole
from db.errors import EchoDeskError
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.workspace import Workspace
from labeling.intake.register import IntakeProgress, intake
from labeling.intake.report import IntakeReport


class Desk:
    """One workspace with its database, and a folder to put files into."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "files"
        self.files.mkdir()
        self.workspace = Workspace(workspace=folder / "workspace")
        self.database: Database = open_database(self.workspace)

    def intake(self, *paths: Path, manifest: Path | None = None, site: str = "") -> IntakeReport:
        return intake(
            paths or ([] if manifest else [self.files]),
            manifest=manifest,
            site=site,
            workspace=self.workspace,
            database=self.database,
            now=NOW,
        )

    def manifest(self, text: str) -> Path:
        path = self.files / "list.csv"
        path.write_text(text)
        return path

    def report(self, name: str, seed: int) -> Path:
        return saved(sheet(seed), self.files / name)

    def ecg(self, name: str, seed: int) -> Path:
        return saved(sheet(seed, (400, 300)), self.files / name)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.database.close()


def codes(report: IntakeReport) -> dict[str, str]:
    return {item.path.name: item.code for item in report.refused}


def test_a_folder_is_registered_case_by_case_with_pages_in_order(desk: Desk) -> None:
    for page in (2, 1):
        desk.report(f"A17_report_p{page}.png", page)
    desk.ecg("A17_ecg.jpg", 9)
    pdf(desk.files / "B2.pdf", 3, seed=20)
    report = desk.intake(site="North")
    assert (report.registered, report.duplicates, report.refused, report.report_file) == (2, 0, [], None)
    secret = load_secret(desk.workspace.patient_key_file)
    state = state_of(desk.workspace)
    assert {(key, site) for _, key, site, _, _ in state["cases"]} == {
        (patient_key("A17", secret), "North"),
        (patient_key("B2", secret), "North"),
    }
    store = ImageStore(desk.workspace.images)
    with desk.database.read() as session:
        pages = case_images(session, case_id=1, role=ImageRole.REPORT)
        assert len(case_images(session, case_id=1, role=ImageRole.ECG)) == 1
        assert len(case_images(session, case_id=2, role=ImageRole.REPORT)) == 3
    assert [store.open(page.sha256).tobytes() for page in pages] == [
        sheet(1).convert("L").tobytes(),
        sheet(2).convert("L").tobytes(),
    ]


def test_a_file_of_a_refused_row_is_refused_and_not_left_alone(desk: Desk) -> None:
    for number, name in enumerate(("one.png", "two.png", "spare.png"), start=1):
        desk.report(name, number)
    manifest = desk.manifest("patient_id,report,report_date\nA1,one.png,\nA2,two.png,someday\n")
    report = desk.intake(desk.files, manifest=manifest)
    assert [refused.code for refused in report.refused] == ["bad_date"]
    assert [path.name for path in report.not_listed] == ["spare.png"]


def test_a_manifest_gives_ids_files_dates_and_sites(desk: Desk) -> None:
    desk.report("deep/one.png", 1)
    desk.report("two.png", 2)
    desk.report("spare.png", 3)
    desk.ecg("e.png", 4)
    manifest = desk.manifest(
        "patient_id,report,ecg,report_date,ecg_date,site,Form name\n"
        "A1,deep\\one.png;two.png,e.png,2024-03-05,13/03/2024,South,table 2\n"
    )
    report = desk.intake(desk.files, manifest=manifest, site="North")
    assert (report.registered, report.refused) == (1, [])
    assert [path.name for path in report.not_listed] == ["spare.png"]
    ((_, _, site, report_date, ecg_date),) = state_of(desk.workspace)["cases"]
    assert (site, report_date, ecg_date) == ("South", "2024-03-05", "2024-03-13")
    with sqlite3.connect(desk.workspace.database_file) as connection:
        assert connection.execute("SELECT layout FROM case_record").fetchall() == [("table 2",)]


def test_files_are_found_by_name_under_the_given_folders(desk: Desk, tmp_path: Path) -> None:
    desk.report("reports/7.png", 1)
    desk.report("x/8.png", 2)
    desk.report("y/8.png", 3)
    elsewhere = tmp_path / "list.csv"
    elsewhere.write_text("patient_id,report\nA,7.png\nB,8.png\nC,y/8.png\n")
    report = desk.intake(desk.files, manifest=elsewhere)
    assert report.registered == 2
    assert [(item.path.name, item.code, item.row) for item in report.refused] == [("8.png", "clash", 3)]


def test_manifest_problems_name_the_row_and_the_rest_goes_on(desk: Desk) -> None:
    desk.report("good.png", 1)
    desk.report("half.png", 2)
    desk.report("late.png", 3)
    desk.report("undated.png", 4)
    manifest = desk.manifest(
        "patient_id,report,ecg,report_date\n"
        "A,good.png,absent_ecg.png,2024-01-02\n"
        "B,half.png;absent.png,,2024-01-02\n"
        ",good.png,,\n"
        "D,late.png,,2031-01-01\n"
        "E,undated.png,,03/04/2024\n"
    )
    report = desk.intake(manifest=manifest)
    assert report.registered == 1
    assert [(item.row, item.path.name, item.code) for item in report.refused] == [
        (2, "absent_ecg.png", "missing"),
        (3, "absent.png", "missing"),
        (3, "half.png", "not_taken"),
        (4, "list.csv", "bad_row"),
        (5, "list.csv", "bad_date"),
        (5, "late.png", "not_taken"),
        (6, "list.csv", "bad_date"),
    ]
    assert all(item.reason and item.remedy for item in report.refused)


def test_a_manifest_without_a_needed_column_stops_with_a_sentence(desk: Desk) -> None:
    manifest = desk.manifest("patient_id,drawing\nA,a.png\n")
    with pytest.raises(EchoDeskError, match="no column report; found: 'patient_id', 'drawing'"):
        desk.intake(manifest=manifest)


def test_every_bad_file_is_named_with_its_own_reason_and_the_good_ones_are_taken(desk: Desk) -> None:
    folder = desk.files
    desk.report("good.png", 1)
    (folder / "empty.jpg").touch()
    cut(saved(sheet(2), folder / "cut.jpg"))
    png_bomb(folder / "bomb.png", 12_000)
    locked_pdf(folder / "locked.pdf")
    blank_pdf(folder / "long.pdf", 500)
    (folder / "noise.tif").write_bytes(b"II*\0" + os.urandom(100))
    (folder / "letter.jpg").write_text("only words")
    (folder / "notes.txt").write_text("only words")
    (folder / ".hidden.png").touch()
    (folder / "Thumbs.db").write_bytes(b"x")
    os.mkfifo(folder / "pipe.jpg")
    absent = folder / "nowhere"
    report = desk.intake(folder, absent)
    assert report.registered == 1
    assert codes(report) == {
        "empty.jpg": "empty",
        "cut.jpg": "truncated",
        "bomb.png": "too_many_pixels",
        "locked.pdf": "encrypted",
        "long.pdf": "too_many_pages",
        "noise.tif": "damaged",
        "letter.jpg": "not_an_image",
        "notes.txt": "not_an_image",
        "pipe.jpg": "not_a_file",
        "nowhere": "missing",
    }
    assert report.report_file is not None
    assert report.report_file.stat().st_mode & 0o077 == 0
    with report.report_file.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(Path(row["file"]).name, row["code"]) for row in rows] == [
        (item.path.name, item.code) for item in report.refused
    ]
    assert all(row["reason"] and row["remedy"] for row in rows)


def test_one_bad_page_keeps_the_whole_case_out_and_names_its_other_files(desk: Desk) -> None:
    desk.report("A1_p1.png", 1)
    cut(desk.report("A1_p2.png", 2))
    desk.ecg("A1_ecg.png", 3)
    report = desk.intake()
    assert report.registered == 0
    assert codes(report) == {"A1_p2.png": "truncated", "A1_p1.png": "not_taken", "A1_ecg.png": "not_taken"}
    assert state_of(desk.workspace)["cases"] == []
    desk.report("A1_p2.png", 2)
    assert desk.intake().registered == 1


def test_a_bad_ecg_is_named_the_report_is_taken_and_the_ecg_follows_once_it_is_right(desk: Desk) -> None:
    desk.report("A_report.png", 1)
    cut(desk.ecg("A_ecg.jpg", 2))
    report = desk.intake()
    assert (report.registered, codes(report)) == (1, {"A_ecg.jpg": "truncated"})
    desk.ecg("A_ecg.jpg", 2)
    again = desk.intake()
    assert (again.registered, again.duplicates, again.refused) == (0, 1, [])
    with desk.database.read() as session:
        assert len(case_images(session, case_id=1, role=ImageRole.ECG)) == 1


def test_running_again_registers_nothing_and_decodes_nothing(desk: Desk) -> None:
    for number in range(4):
        desk.report(f"{number}_report.png", number)
        desk.ecg(f"{number}_ecg.jpg", 100 + number)
    desk.intake()
    before = state_of(desk.workspace)
    started = time.perf_counter()
    report = desk.intake()
    assert time.perf_counter() - started < 2
    assert (report.registered, report.duplicates, len(report.duplicate_files)) == (0, 4, 4)
    assert state_of(desk.workspace) == before


@pytest.mark.parametrize(
    "how", ["copy", "turned", "other_kind", "lossy_to_lossless", "lossless_to_lossy_name"]
)
def test_the_same_report_in_another_file_is_recognised(desk: Desk, how: str) -> None:
    photo = Image.effect_noise((160, 120), 40).convert("RGB")
    photo.paste("red", (10, 10, 60, 40))
    original = desk.files / ("A.jpg" if how.startswith("lossy") else "A.png")
    saved(photo, original)
    desk.intake(original)
    other = desk.files / "other" / "A.png"
    other.parent.mkdir()
    if how == "copy":
        shutil.copy(original, other)
    elif how == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6
        saved(photo.transpose(Image.Transpose.ROTATE_90), other, exif=exif)
    elif how == "other_kind":
        other = saved(photo, other.with_suffix(".bmp"))
    elif how == "lossy_to_lossless":
        saved(Image.open(original), other)
    else:
        other = saved(photo, other.with_suffix(".tif"))
    report = desk.intake(other)
    assert (report.registered, report.duplicates, report.near_duplicates) == (0, 1, 0)


def test_the_same_report_for_another_patient_is_refused_by_name(desk: Desk) -> None:
    shutil.copy(desk.report("A.png", 1), desk.files / "B.png")
    report = desk.intake()
    assert (report.registered, codes(report)) == (1, {"B.png": "other_patient"})


def test_a_look_alike_is_registered_and_flagged(desk: Desk) -> None:
    page = sheet(5, (640, 880))
    saved(page, desk.files / "A.png")
    saved(page, desk.files / "B.jpg", quality=60)
    saved(page.transpose(Image.Transpose.ROTATE_90), desk.files / "C.png")
    report = desk.intake()
    assert (report.registered, report.near_duplicates) == (3, 1)


def test_links_out_of_the_folder_are_named_not_followed(desk: Desk, tmp_path: Path) -> None:
    outside = saved(sheet(1), tmp_path / "outside" / "A.png")
    (desk.files / "A.png").symlink_to(outside)
    (desk.files / "more").symlink_to(outside.parent, target_is_directory=True)
    (desk.files / "gone.png").symlink_to(tmp_path / "gone.png")
    real = desk.report("B.png", 2)
    (desk.files / "sub").mkdir()
    (desk.files / "sub" / "C.png").symlink_to(real)
    report = desk.intake()
    assert report.registered == 1
    assert codes(report) == dict.fromkeys(("A.png", "more", "gone.png"), "outside_link")


def test_a_workspace_inside_the_folder_is_not_taken_in(tmp_path: Path) -> None:
    saved(sheet(1), tmp_path / "A.png")
    workspace = Workspace(workspace=tmp_path / "workspace")
    database = open_database(workspace)
    for _ in range(2):
        report = intake([tmp_path], workspace=workspace, database=database, now=NOW)
    assert [item for item in report.refused if "workspace/images" in str(item.path)] == []
    assert report.duplicates == 1
    database.close()


def test_a_lost_key_file_is_not_replaced_while_there_are_patients(desk: Desk) -> None:
    desk.report("A.png", 1)
    desk.intake()
    desk.workspace.patient_key_file.unlink()
    with pytest.raises(EchoDeskError, match="missing"):
        desk.intake()
    assert not desk.workspace.patient_key_file.exists()


def test_refusal_lists_are_safe_in_a_spreadsheet_and_never_overwritten(desk: Desk) -> None:
    manifest = desk.manifest("patient_id,report\nA,=cmd()\n")
    first, second = desk.intake(manifest=manifest), desk.intake(manifest=manifest)
    assert first.report_file and second.report_file and first.report_file != second.report_file
    assert "'=cmd()" in first.report_file.read_text(encoding="utf-8-sig")


def test_progress_is_told_after_every_case(desk: Desk) -> None:
    desk.report("A.png", 1)
    cut(desk.report("B.png", 2))
    told: list[IntakeProgress] = []
    intake([desk.files], workspace=desk.workspace, database=desk.database, now=NOW, on_progress=told.append)
    assert told == [IntakeProgress(1, 2, 1, 0, 0), IntakeProgress(2, 2, 1, 0, 1)]


def test_a_damaged_stored_picture_is_written_again(desk: Desk) -> None:
    desk.report("A.png", 1)
    desk.intake()
    store = ImageStore(desk.workspace.images)
    (sha256,) = state_of(desk.workspace)["images"]
    store.path(sha256).write_bytes(b"rot")
    desk.intake()
    assert store.verify(sha256)


@pytest.mark.slow
def test_killed_anywhere_and_run_again_the_end_is_the_same(tmp_path: Path) -> None:
    source = tmp_path / "files"
    for number in range(16):
        saved(sheet(number, (160, 220)), source / f"{number}_report.png")
        saved(sheet(1000 + number, (200, 150)), source / f"{number}_ecg.jpg")
    pdf(source / "many.pdf", 6, seed=500)
    cut(saved(sheet(99), source / "bad.jpg"))
    # A server that has imported everything forks the processes to be killed, so that the time before a kill
    # is spent in the intake and not in starting Python.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["intake_state"])

    def start(workspace: Workspace) -> ForkServerProcess:
        process = processes.Process(target=take_in, args=(source, workspace.root))
        process.start()
        return process

    calm = Workspace(workspace=tmp_path / "calm")
    undisturbed = start(calm)
    undisturbed.join()
    rough = Workspace(workspace=tmp_path / "rough")
    rough.root.mkdir(parents=True)
    shutil.copy(calm.patient_key_file, rough.patient_key_file)
    chance = random.Random(20260305)
    killed = 0
    while killed < 10:
        process = start(rough)
        process.join(chance.uniform(0.02, 0.5))
        if process.exitcode is not None:
            break
        process.kill()
        process.join()
        killed += 1
    last = start(rough)
    last.join()
    assert (undisturbed.exitcode, last.exitcode) == (0, 0)
    assert killed >= 2
    assert state_of(rough) == state_of(calm)
