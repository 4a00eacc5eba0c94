"""The desk's key: made once, for its owner alone, and the same for every process."""

from __future__ import annotations

import hashlib
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.access.desk_key import KEY_BYTES, drawn_share, load_or_create_desk_key, opaque_mark
from db.errors import EchoDeskError
from db.workspace import Workspace


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    workspace = Workspace(workspace=tmp_path / "new" / "workspace")
    key = load_or_create_desk_key(workspace)
    assert len(key) == KEY_BYTES
    assert load_or_create_desk_key(workspace) == key
    assert stat.S_IMODE(workspace.desk_key_file.stat().st_mode) == 0o600
    assert [file.name for file in workspace.root.iterdir()] == ["desk.key"]
    assert load_or_create_desk_key(Workspace(workspace=tmp_path / "other")) != key


def test_processes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    workspaces = [Workspace(workspace=tmp_path / "workspace")] * 8
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        keys = set(pool.map(load_or_create_desk_key, workspaces))
    assert len(keys) == 1
    assert [file.name for file in (tmp_path / "workspace").iterdir()] == ["desk.key"]


def test_a_secret_stands_for_the_file(tmp_path: Path) -> None:
    workspace = Workspace(workspace=tmp_path / "workspace", secret="s" * 40)
    assert load_or_create_desk_key(workspace) == hashlib.sha256(b"s" * 40).digest()
    assert not workspace.root.exists()
    other = Workspace(workspace=tmp_path / "elsewhere", secret="s" * 40)
    assert load_or_create_desk_key(other) == load_or_create_desk_key(workspace)


@pytest.mark.parametrize("content", ["", "not hex", "ab" * 31, "ab" * 33, "ü" * 64])
def test_a_file_that_is_no_key_is_told_and_left_alone(tmp_path: Path, content: str) -> None:
    workspace = Workspace(workspace=tmp_path)
    workspace.desk_key_file.write_text(content, "utf-8")
    with pytest.raises(EchoDeskError, match="desk.key") as caught:
        load_or_create_desk_key(workspace)
    assert content not in caught.value.message or not content
    assert workspace.desk_key_file.read_text("utf-8") == content


def test_a_place_where_no_key_can_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EchoDeskError, match="cannot be read"):
        load_or_create_desk_key(Workspace(workspace=tmp_path / "file"))


@given(st.binary(min_size=1, max_size=64), st.lists(st.integers() | st.text(max_size=5), max_size=4))
def test_a_draw_lies_in_zero_to_one_and_a_mark_tells_nothing(key: bytes, parts: list[object]) -> None:
    share, mark = drawn_share(key, *parts), opaque_mark(key, *parts)
    assert 0 <= share < 1
    assert (drawn_share(key, *parts), opaque_mark(key, *parts)) == (share, mark)
    assert drawn_share(key + b"x", *parts) != share
    assert (opaque_mark(key + b"x", *parts) != mark, len(mark)) == (True, 32)


def test_draws_are_uniform() -> None:
    counts = [0] * 10
    for number in range(5000):
        counts[int(drawn_share(b"key", "hidden", number) * 10)] += 1
    chi_square = sum((count - 500) ** 2 / 500 for count in counts)
    assert chi_square < 21.67  # 99th percentile, 9 degrees of freedom
