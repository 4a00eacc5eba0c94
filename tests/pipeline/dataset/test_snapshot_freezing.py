"""Writing a snapshot: the same bytes for the same labels, nobody named, whole or not at all."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import resource
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from snapshot_rows import KEY, collected, digest_of, findings, forty, label

from db.errors import WrongUse
from db.files.manifest import hash_folder
from db.files.whole import write_file
from db.tabular import read_jsonl
from pipeline.dataset.checks import Source
from pipeline.dataset.choosing import Order, RefusedError
from pipeline.dataset.filters import parse_filter
from pipeline.dataset.freezing import freeze
from pipeline.dataset.frozen import Frozen, MaskedImage
from pipeline.dataset.records import Collected, ImageRef, LabelRow
from pipeline.dataset.rows import known_words


def frozen(folder: Path, given: Collected | None = None, name: str = "v1", **more: Any) -> Frozen:
    """Freeze into a folder without a database and, unless asked for, without the files that describe it."""
    options = {key: more.pop(key) for key in list(more) if key in Order.__dataclass_fields__}
    return freeze(
        given or forty(),
        more.pop("source", Source()),
        Order(name, **options),
        folder=folder,
        workspace_key=more.pop("workspace_key", KEY),
        describe=more.pop("describe", ()),
        **more,
    )


def everything_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def rows_of(folder: Path, name: str = "labels") -> list[dict[str, Any]]:
    return read_jsonl((folder / f"data/{name}.jsonl").read_bytes())


def test_the_same_labels_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    good = forty()
    frozen(tmp_path / "a", good)
    frozen(tmp_path / "b", replace(good, rows=list(reversed(good.rows))))
    assert everything_in(tmp_path / "a/v1") == everything_in(tmp_path / "b/v1")
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"v1"}


def test_another_label_gives_another_content_hash(tmp_path: Path) -> None:
    good = forty()
    other = replace(good, rows=[replace(good.rows[0], findings=findings(61.0)), *good.rows[1:]])
    assert frozen(tmp_path / "a", good).content_sha256 != frozen(tmp_path / "b", other).content_sha256


def test_the_manifest_says_what_and_of_what(tmp_path: Path) -> None:
    made = frozen(tmp_path, where=parse_filter("site != 'Ward 2'"), overrides=("vigilance",))
    manifest = json.loads((tmp_path / "v1/manifest.json").read_bytes())
    assert manifest["name"] == "v1"
    assert manifest["content_sha256"] == made.content_sha256
    assert manifest["counts"]["rows"] == len(made.labels) == 27
    assert manifest["registered"] - sum(one["cases"] for one in manifest["exclusions"]) == 27
    assert manifest["parents"]["reviews"] == 27
    assert manifest["as_of"] == "2026-03-04T05:06:07+00:00"
    assert manifest["arguments"]["overrides"] == ["vigilance"]
    assert manifest["overrides"] == []
    assert {name: one["sha256"] for name, one in manifest["files"].items()} == {
        name: one.sha256 for name, one in hash_folder(tmp_path / "v1").items()
    }


def test_files_are_read_only(tmp_path: Path) -> None:
    frozen(tmp_path)
    assert all(not path.stat().st_mode & 0o222 for path in (tmp_path / "v1").rglob("*") if path.is_file())


def test_three_formats_say_the_same(tmp_path: Path) -> None:
    rows = [label(number) for number in range(1, 40)]
    odd = label(40, findings=findings(None, lv_function='good, "normal"'), layout="=2+2", ecg_date=None)
    frozen(tmp_path, collected([*rows, odd]))
    for name in ("labels", "pairs"):
        lines = rows_of(tmp_path / "v1", name)
        parquet = pyarrow.parquet.ParquetFile(tmp_path / f"v1/data/{name}.parquet").read().to_pylist()
        cells = list(csv.DictReader(io.StringIO((tmp_path / f"v1/data/{name}.csv").read_text("utf-8"))))
        assert len(lines) == len(parquet) == len(cells) == 40
        for line, row, cell in zip(lines, parquet, cells, strict=True):
            plain = {
                key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()
            }
            assert plain == line
            assert list(cell) == list(line)
            assert cell["row_id"] == line["row_id"]
            assert (cell["ef_percent"] or None) == (
                None if line["ef_percent"] is None else f"{line['ef_percent']:g}"
            )
    layouts = {
        row["layout"] for row in csv.DictReader((tmp_path / "v1/data/labels.csv").open(encoding="utf-8"))
    }
    assert layouts == {"letter", "'=2+2"}


def test_nothing_of_the_database_or_the_patient_is_in_the_folder(tmp_path: Path) -> None:
    row = label(1, note="Mrs Rao called", findings=findings(None, lv_function="Mrs Rao: good function"))
    rows = [row, *(label(number) for number in range(2, 41))]
    frozen(tmp_path, collected(rows))
    files = everything_in(tmp_path / "v1")
    told = b"\n".join(data for name, data in files.items() if not name.endswith(".parquet"))
    for secret in (
        "Rao",
        "Ward",
        row.patient_key,
        digest_of("ecg 1"),
        "case_id",
        row.report_date.isoformat(),
    ):  # type: ignore[union-attr]
        assert secret.encode() not in told, secret
    assert not re.search(rb"\b(1001|2001)\b", told)  # numbers of reviews and drafts
    assert json.loads(files["manifest.json"])["counts"]["lv_function_withheld"] == 1


def test_names_differ_between_snapshots_and_between_workspaces(tmp_path: Path) -> None:
    ids = []
    for name, key in (("v1", KEY), ("v2", KEY), ("v1", b"x" * 32)):
        folder = tmp_path / str(len(ids))
        frozen(folder, name=name, workspace_key=key)
        rows = rows_of(folder / name)
        ids.append({row[column] for row in rows for column in ("row_id", "patient_id", "group_id")})
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]


def test_dates_are_shifted_by_whole_days_for_each_patient_and_intervals_stay(tmp_path: Path) -> None:
    patient = digest_of("one patient")
    rows = [
        label(number, patient_key=patient if number <= 3 else digest_of(f"p{number}"))
        for number in range(1, 41)
    ]
    shifts = []
    for name in ("v1", "v2"):
        made = frozen(tmp_path, collected(rows), name)
        counts = Counter(row["patient_id"] for row in made.labels)
        days = sorted(
            date.fromisoformat(row["report_date"]) for row in made.labels if counts[row["patient_id"]] == 3
        )
        assert [(later - earlier).days for earlier, later in zip(days, days[1:], strict=False)] == [1, 1]
        assert all(row["days_between"] == 2 for row in made.labels)
        shifts.append((rows[0].report_date or days[0]) - days[0])
    assert all(1 <= shift.days <= 730 for shift in shifts)
    assert shifts[0] != shifts[1]


def test_patients_are_shifted_by_different_numbers_of_days(tmp_path: Path) -> None:
    same_day = [
        label(number, report_date=date(2025, 6, 1), ecg_date=date(2025, 6, 1)) for number in range(1, 41)
    ]
    assert len({row["report_date"] for row in frozen(tmp_path, collected(same_day)).labels}) > 30


def test_notes_and_names_of_sites_come_out_only_when_asked_for(tmp_path: Path) -> None:
    rows = [label(number, note=f"note {number}") for number in range(1, 41)]
    where = parse_filter("site in ('Ward 1', 'Ward 2', 'Elsewhere')")
    shy = frozen(tmp_path, collected(rows), "shy", where=where)
    open_ = frozen(tmp_path, collected(rows), "open", where=where, with_notes=True, with_site_names=True)
    assert "note" not in shy.labels[0]
    assert {row["site"] for row in shy.labels} == {"site 1", "site 2"}
    assert "Ward" not in shy.arguments["where"] and "Elsewhere" not in shy.arguments["where"]
    assert open_.labels[0]["note"].startswith("note ")
    assert {row["site"] for row in open_.labels} == {"Ward 1", "Ward 2"}
    assert pyarrow.parquet.read_schema(tmp_path / "open/data/labels.parquet").names[-1] == "note"


@pytest.mark.parametrize(
    ("words", "is_let_out"),
    [
        ("good LV systolic function", True),
        ("Moderately to severely reduced LV function.", True),
        ("normal global and regional systolic function", True),
        ("good function, seen by Dr Rao", False),
        ("good function 9845012345", False),
        ("", False),
    ],
)
def test_words_for_function_come_out_only_where_all_are_known(words: str, is_let_out: bool) -> None:
    assert known_words(words) == (words if is_let_out else None)


def masked(image: ImageRef, row: LabelRow) -> MaskedImage:
    """A mask that fails for one patient and cannot check another one's ECG."""
    if row.case_id == 1:
        return MaskedImage(None, reason="OCR failed")
    if row.case_id == 2 and image.role == "ecg":
        return MaskedImage(None, reason="a name was still readable")
    return MaskedImage(
        f"{image.sha256} masked".encode(), "image/jpeg" if image.role == "ecg" else "image/png"
    )


def test_only_pictures_whose_masking_was_checked_come_out_and_the_others_are_counted(tmp_path: Path) -> None:
    made = frozen(tmp_path, with_images=True, mask=masked)
    files = sorted((tmp_path / "v1/images").iterdir())
    assert len(files) == made.counts["images"] == 80 - 3
    assert made.left_out == {"OCR failed": 2, "a name was still readable": 1}
    assert made.counts["images_left_out"] == made.left_out
    paths = {row["path"] for row in made.pairs}
    assert sum(path is None for path in (row["path"] for row in made.pairs)) == 2
    assert all((tmp_path / "v1" / path).is_file() for path in paths if path)
    assert {path.suffix for path in files} == {".jpg", ".png"}
    assert made.content_sha256 != frozen(tmp_path / "without").content_sha256


class MaskAhead:
    """A mask that wants to know what will come."""

    def __init__(self) -> None:
        self.wanted: list[tuple[ImageRef, LabelRow]] = []
        self.asked: list[tuple[ImageRef, LabelRow]] = []

    def read_ahead(self, wanted: Sequence[tuple[ImageRef, LabelRow]]) -> None:
        self.wanted = list(wanted)

    def __call__(self, image: ImageRef, row: LabelRow) -> MaskedImage:
        self.asked.append((image, row))
        return masked(image, row)


def test_a_mask_that_reads_ahead_is_told_what_it_will_be_asked_for_in_order(tmp_path: Path) -> None:
    mask = MaskAhead()
    frozen(tmp_path, with_images=True, mask=mask)
    assert len(mask.wanted) == 80
    assert mask.asked == mask.wanted


def test_a_mask_that_is_not_asked_for_is_not_used(tmp_path: Path) -> None:
    frozen(tmp_path, mask=masked)
    assert not (tmp_path / "v1/images").exists()


def test_describing_files_see_the_written_data_and_are_in_the_manifest(tmp_path: Path) -> None:
    seen: list[Frozen] = []

    def card(given: Frozen) -> bytes:
        seen.append(given)
        return f"# {given.name}\n{given.content_sha256}\n".encode()

    made = frozen(tmp_path, describe=[("README.md", card), ("plots/ef.svg", lambda _given: b"<svg/>")])
    assert set(seen[0].files) == {
        *(f"data/{name}.{ending}" for name in ("labels", "pairs") for ending in ("csv", "jsonl", "parquet")),
        "data/lineage.jsonl",
    }
    listed = json.loads((tmp_path / "v1/manifest.json").read_bytes())["files"]
    assert {"README.md", "plots/ef.svg"} < set(listed)
    assert made.content_sha256 == frozen(tmp_path / "bare", describe=[]).content_sha256


def test_a_name_that_exists_is_refused_and_left_alone(tmp_path: Path) -> None:
    frozen(tmp_path)
    before = everything_in(tmp_path / "v1")
    with pytest.raises(RefusedError, match="already a snapshot v1") as caught:
        frozen(tmp_path)
    assert "another name" in caught.value.hint
    assert everything_in(tmp_path / "v1") == before


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a b", "x" * 81, "-x", "a\n", "v1."])
def test_a_name_that_could_be_a_path_is_refused(name: str) -> None:
    with pytest.raises(WrongUse, match="name of a snapshot"):
        Order(name)


class FullDisk:
    """Writes files until the disk is full."""

    def __init__(self, room_files: int) -> None:
        self.room_files = room_files

    def __call__(self, path: Path, data: bytes) -> None:
        if not self.room_files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room_files -= 1
        write_file(path, data)


@pytest.mark.parametrize("room_files", range(8))
def test_a_full_disk_leaves_nothing_whichever_file_it_strikes(tmp_path: Path, room_files: int) -> None:
    with pytest.raises(RefusedError, match="No space left on device.*nothing of it was kept"):
        frozen(tmp_path, write=FullDisk(room_files))
    assert list(tmp_path.iterdir()) == []
    frozen(tmp_path)
    assert (tmp_path / "v1/manifest.json").exists()


def test_a_real_limit_on_file_size_leaves_nothing_either(tmp_path: Path) -> None:
    pid = os.fork()
    if not pid:  # in a process of its own, because a limit can't be raised again
        code = 3
        try:
            import signal

            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
            frozen(tmp_path)
        except RefusedError as refused:
            code = 0 if "File too large" in str(refused) else 4
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert list(tmp_path.iterdir()) == []


def failing_publish(after_rename: bool) -> Callable[..., None]:
    def publish(_manifest: dict[str, Any], _digest: str, rename: Callable[[], None]) -> None:
        if after_rename:
            rename()
        raise RuntimeError("the transaction failed")

    return publish


@pytest.mark.parametrize("after_rename", [False, True])
def test_a_snapshot_the_database_could_not_take_is_not_visible(tmp_path: Path, after_rename: bool) -> None:
    with pytest.raises(RuntimeError):
        frozen(tmp_path, publish=failing_publish(after_rename))
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_was_killed_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    pid = os.fork()
    if not pid:

        def die(path: Path, data: bytes) -> None:
            write_file(path, data)
            os._exit(9)

        try:
            frozen(tmp_path, write=die)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    assert not (tmp_path / "v1").exists()
    frozen(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"v1"}


def test_two_writers_of_one_name_do_not_mix(tmp_path: Path) -> None:
    refusals = []

    def write(path: Path, data: bytes) -> None:
        if not refusals:
            with pytest.raises(RefusedError, match="another program is making it") as caught:
                frozen(tmp_path)
            refusals.append(caught.value)
        write_file(path, data)

    frozen(tmp_path, write=write)
    assert len(refusals) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"v1"}
