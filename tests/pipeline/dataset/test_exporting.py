"""Exports: whole and verified at a folder, a zip file or a bucket, or not there at all."""

from __future__ import annotations

import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from snapshot_card import frozen
from typer.testing import CliRunner

from db.files.manifest import MANIFEST_NAME, hash_folder
from pipeline.cli import app
from pipeline.dataset.exporting import ExportError, export_snapshot, manifest_last
from pipeline.dataset.verifying import verify_folder


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace") / "snapshots"
    frozen(folder, describe=None)
    return folder / "v1"


def contents(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("prefix", ["", "file://"])
def test_a_folder_holds_the_same_snapshot(snapshot: Path, tmp_path: Path, prefix: str) -> None:
    done = export_snapshot(snapshot, f"{prefix}{tmp_path}/out")
    assert verify_folder(tmp_path / "out/v1").is_sound
    assert done.files == len(hash_folder(snapshot)) + 1
    assert contents(tmp_path / "out") - {"v1"} == {f"v1/{name}" for name in contents(snapshot)}


def test_two_zips_have_the_same_bytes_and_open_to_the_same_snapshot(snapshot: Path, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        export_snapshot(snapshot, str(tmp_path / name))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert (tmp_path / "a.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist()[-1] == f"v1/{MANIFEST_NAME}"
        archive.extractall(tmp_path / "opened")
    assert verify_folder(tmp_path / "opened/v1").is_sound


@pytest.mark.parametrize("to", ["", "x.zip"])
def test_what_is_there_is_never_replaced(snapshot: Path, tmp_path: Path, to: str) -> None:
    export_snapshot(snapshot, str(tmp_path / to))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(ExportError, match="there is already something"):
        export_snapshot(snapshot, str(tmp_path / to))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("to", ["out", "out/x.zip", "memory://damaged"])
def test_a_damaged_snapshot_goes_nowhere(snapshot: Path, tmp_path: Path, to: str) -> None:
    damaged = tmp_path / "v1"
    shutil.copytree(snapshot, damaged)
    target = damaged / "data/labels.csv"
    target.chmod(0o644)
    target.write_bytes(target.read_bytes()[:-1])
    with pytest.raises(ExportError, match=r"data/labels\.csv was changed"):
        export_snapshot(damaged, to if "://" in to else str(tmp_path / to))
    assert not (tmp_path / "out").exists()
    assert not MemoryFileSystem().exists("/damaged")


@pytest.mark.parametrize("to", ["file/out", "file/out.zip"])
def test_a_place_that_cannot_be_written_is_named_in_a_sentence(
    snapshot: Path, tmp_path: Path, to: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ExportError, match=r"could not be written|already something") as raised:
        export_snapshot(snapshot, str(tmp_path / to))
    assert raised.value.hint
    assert contents(tmp_path) == {"file"}


class FaultyStore(MemoryFileSystem):
    """A store that fails, or stores other bytes, at one file."""

    protocol = "faulty"
    store: dict[str, Any] = {}
    pseudo_dirs: list[str] = [""]
    fault = ""

    def put_file(self, lpath: str, rpath: str, **more: Any) -> None:
        """Put one file there, or not."""
        if self.fault == "full" and rpath.endswith("labels.parquet"):
            self.pipe_file(rpath, b"half")
            raise OSError(28, "No space left on device")
        super().put_file(lpath, rpath, **more)
        if self.fault == "changed" and rpath.endswith("pairs.csv"):
            self.pipe_file(rpath, b"other bytes")


@pytest.fixture
def faulty() -> Iterator[type[FaultyStore]]:
    fsspec.register_implementation("faulty", FaultyStore, clobber=True)
    FaultyStore.store.clear()
    FaultyStore.pseudo_dirs[:] = [""]
    yield FaultyStore
    FaultyStore.fault = ""


@pytest.mark.parametrize(
    ("fault", "said"), [("full", "No space left"), ("changed", r"pairs\.csv did not arrive")]
)
def test_a_store_that_fails_keeps_nothing(
    snapshot: Path, faulty: type[FaultyStore], fault: str, said: str
) -> None:
    faulty.fault = fault
    with pytest.raises(ExportError, match=said):
        export_snapshot(snapshot, "faulty://there")
    assert faulty.store == {}
    faulty.fault = ""
    export_snapshot(snapshot, "faulty://there")
    assert [at for at in faulty.store if at.endswith(f"there/v1/{MANIFEST_NAME}")]


def test_the_manifest_goes_last() -> None:
    assert manifest_last(["z", MANIFEST_NAME, "a"]) == ["a", "z", MANIFEST_NAME]


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """An S3-compatible server on this machine, with one empty bucket."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ):
            patch.setenv(name, value)
        fsspec.filesystem("s3", skip_instance_cache=True).mkdir("shared")
        yield "s3://shared"
    server.stop()


def test_a_bucket_holds_the_same_snapshot_and_is_not_written_twice(
    snapshot: Path, tmp_path: Path, bucket: str
) -> None:
    done = export_snapshot(snapshot, f"{bucket}/team")
    assert done.place == "s3://shared/team/v1"
    store = fsspec.filesystem("s3", skip_instance_cache=True)
    store.get("shared/team/v1", str(tmp_path / "v1"), recursive=True)
    assert verify_folder(tmp_path / "v1").is_sound
    with pytest.raises(ExportError, match="already something at s3://shared/team"):
        export_snapshot(snapshot, f"{bucket}/team")


def test_a_bucket_that_does_not_exist_is_not_made(snapshot: Path, bucket: str) -> None:
    with pytest.raises(ExportError, match="s3://missing/v1 could not be written"):
        export_snapshot(snapshot, "s3://missing")
    assert fsspec.filesystem("s3", skip_instance_cache=True).ls("") == [bucket.removeprefix("s3://")]


@pytest.mark.parametrize(("protocol", "package", "extra"), [("s3", "s3fs", "s3"), ("gs", "gcsfs", "gs")])
def test_a_missing_package_names_the_extra_to_install(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch, protocol: str, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    # What was loaded before is kept by fsspec.
    monkeypatch.delitem(sys.modules["fsspec.registry"].__dict__["_registry"], protocol, raising=False)
    with pytest.raises(ExportError) as raised:
        export_snapshot(snapshot, f"{protocol}://bucket/folder")
    assert raised.value.hint == f"Type: pip install 'echodesk[{extra}]'"


@pytest.mark.parametrize(
    ("to", "said"),
    [("nowhere://x", "no place that is known"), ("s3://bucket/x.zip", "a zip file is written to a disk")],
)
def test_a_place_of_no_known_kind_is_refused(snapshot: Path, to: str, said: str) -> None:
    with pytest.raises(ExportError, match=said):
        export_snapshot(snapshot, to)


def test_secrets_in_an_address_are_not_repeated(snapshot: Path) -> None:
    with pytest.raises(ExportError) as raised:
        export_snapshot(snapshot, "memory://name:hidden@host/x.zip?token=hidden")
    assert "hidden" not in str(raised.value) + raised.value.hint
    done = export_snapshot(snapshot, "memory://name:hidden@host/x")
    assert "hidden" not in done.place


def test_the_command_exports_by_name_and_ends_with_1_on_a_taken_place(snapshot: Path, tmp_path: Path) -> None:
    arguments = [
        "--workspace",
        str(snapshot.parents[1]),
        "snapshot",
        "export",
        "v1",
        "--to",
        str(tmp_path / "out"),
    ]
    first, second = (CliRunner().invoke(app, arguments) for _ in range(2))
    assert first.exit_code == 0
    assert "all as they were frozen" in first.output
    assert second.exit_code == 1
    assert "there is already something" in second.output
