"""Files and folders appear whole or not at all, and never over what is there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from db.errors import EchoDeskError
from db.files import held, whole
from db.files.code_version import code_version
from db.files.leftovers import remove_leftovers
from db.files.manifest import hash_file, hash_folder, manifest_bytes, read_manifest, sha256_of
from db.files.whole import named_file, new_folder, scratch_folder, whole_file, write_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole_for_its_owner_alone(tmp_path: Path) -> None:
    target = tmp_path / "labels.csv"
    with whole_file(target) as temporary:
        temporary.write_bytes(b"half")
        assert not target.exists()
        temporary.write_bytes(b"whole")
    assert target.read_bytes() == b"whole"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert names(tmp_path) == ["labels.csv"]


@pytest.mark.parametrize("way", ["removed", "removed and made anew", "held"])
def test_a_beginning_that_another_program_clears_away_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    begun, hold, holders = [], whole._hold, []

    def late(handle: int) -> bool:
        (path,) = (path for path in tmp_path.iterdir() if path.name != "key")
        begun.append(path)
        if len(begun) > 1:
            return hold(handle)
        if way == "held":
            holders.append(held.hold(path))
            return hold(handle)
        path.unlink()
        if way == "removed and made anew":
            path.touch(0o644)
        return hold(handle)

    monkeypatch.setattr(whole, "_hold", late)
    with whole_file(tmp_path / "key") as temporary:
        temporary.write_bytes(b"secret")
    assert len(begun) == 2 and temporary == begun[1] != begun[0]
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert names(tmp_path) == ["key"]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "labels.csv"
    target.write_bytes(b"before")
    with pytest.raises(ZeroDivisionError), whole_file(target, overwrite=True) as temporary:
        temporary.write_bytes(b"half")
        raise ZeroDivisionError
    assert target.read_bytes() == b"before"
    assert names(tmp_path) == ["labels.csv"]


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "labels.csv"
    with pytest.raises(FileExistsError), whole_file(target) as temporary:
        temporary.write_bytes(b"ours")
        target.write_bytes(b"theirs")
    assert target.read_bytes() == b"theirs"
    with pytest.raises(FileExistsError), whole_file(target):
        pytest.fail("it is there already")
    assert names(tmp_path) == ["labels.csv"]


def test_what_stands_in_the_way_of_a_named_file_is_a_sentence(tmp_path: Path) -> None:
    there = tmp_path / "labels.csv"
    there.write_bytes(b"before")
    with pytest.raises(EchoDeskError, match=r"labels\.csv exists already") as refused, named_file(there):
        pytest.fail("it is there already")
    assert "--overwrite" in refused.value.hint
    nowhere = tmp_path / "gone" / "labels.csv"
    with pytest.raises(EchoDeskError, match="can't be written .No such file") as refused, named_file(nowhere):
        pytest.fail("there is no such folder")
    assert "folder" in refused.value.hint
    assert there.read_bytes() == b"before"
    assert names(tmp_path) == ["labels.csv"]


def test_a_name_of_any_length_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)
    with whole_file(target) as temporary:
        temporary.write_bytes(b"whole")
    assert target.read_bytes() == b"whole"


@pytest.mark.parametrize("is_read_only", [True, False])
def test_a_folder_appears_when_it_is_whole(tmp_path: Path, is_read_only: bool) -> None:
    target = tmp_path / "v1"
    with new_folder(target, is_read_only=is_read_only) as partial:
        write_file(partial / "data" / "labels.csv", b"labels")
        assert not target.exists()
    assert (target / "data" / "labels.csv").read_bytes() == b"labels"
    can_be_written = (target / "data" / "labels.csv").stat().st_mode & 0o200 != 0
    assert can_be_written is not is_read_only
    assert names(tmp_path) == ["v1"]


def test_a_failed_folder_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "v1") as partial:
        write_file(partial / "labels.csv", b"labels")
        raise ZeroDivisionError
    assert names(tmp_path) == []


def test_two_programs_never_write_one_folder(tmp_path: Path) -> None:
    target = tmp_path / "v1"
    with new_folder(target), pytest.raises(FileExistsError), new_folder(target):
        pytest.fail("another one writes it")
    with pytest.raises(FileExistsError), new_folder(target):
        pytest.fail("it is there already")


def test_a_folder_goes_again_where_what_publishes_it_fails(tmp_path: Path) -> None:
    def publish(rename: object) -> None:
        assert callable(rename)
        rename()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "v1", publish=publish) as partial:
        write_file(partial / "labels.csv", b"labels")
    assert names(tmp_path) == []


def test_a_manifest_notices_a_changed_byte_of_itself(tmp_path: Path) -> None:
    write_file(tmp_path / "labels.csv", b"labels")
    data = manifest_bytes({"name": "v1"}, hash_folder(tmp_path))
    listed = {"labels.csv": {"bytes": 6, "sha256": sha256_of(b"labels")}}
    assert read_manifest(data) == {"name": "v1", "files": listed}
    assert hash_file(tmp_path / "labels.csv").bytes == 6
    for place in range(0, len(data), 7):
        changed = bytes([*data[:place], data[place] ^ 1, *data[place + 1 :]])
        with pytest.raises(ValueError):
            read_manifest(changed)


def test_the_version_of_the_code_is_of_its_paths_and_bytes() -> None:
    whole = code_version("db/files", "db/labels.py")
    assert whole == code_version("db/labels.py", "db/files")
    assert whole.split("+")[0] == code_version("db/labels.py").split("+")[0]
    assert len({whole, code_version("db/files"), code_version("db/labels.py")}) == 3


def test_of_a_scratch_folder_nothing_is_left_and_others_keep_out(tmp_path: Path) -> None:
    (tmp_path / ".work.partial").mkdir()
    (tmp_path / ".work.partial/of a killed one").write_text("x")
    with pytest.raises(ZeroDivisionError), scratch_folder(tmp_path, "work") as folder:
        assert list(folder.iterdir()) == [] and stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert remove_leftovers([tmp_path]) == 0 and folder.exists()
        with pytest.raises(FileExistsError), scratch_folder(tmp_path, "work"):
            pass
        1 / 0  # noqa: B018 - any error
    assert list(tmp_path.iterdir()) == []
