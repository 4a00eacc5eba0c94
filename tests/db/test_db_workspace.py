"""Settings come from arguments, then the environment, then the defaults."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from db.errors import EchoDeskError
from db.workspace import Workspace, shares_set_outside


def test_everything_lies_in_the_workspace_folder(tmp_path: Path) -> None:
    workspace = Workspace(workspace=tmp_path)
    parts = (
        workspace.database_file,
        workspace.images,
        workspace.patient_key_file,
        workspace.backups,
        workspace.reports,
    )
    assert {part.parent for part in parts} == {tmp_path.resolve()}
    assert len(set(parts)) == 5
    assert workspace.url == f"sqlite:///{workspace.database_file}"


def test_the_environment_is_read_and_arguments_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ECHODESK_WORKSPACE", str(tmp_path / "from environment"))
    monkeypatch.setenv("ECHODESK_DATABASE_URL", "postgresql://ana@host/x")
    monkeypatch.setenv("ECHODESK_MAX_PAGES", "7")
    assert Workspace().root == (tmp_path / "from environment").resolve()
    assert Workspace().max_pages == 7
    told = Workspace(workspace=tmp_path, database_url="sqlite:///x.db")
    assert (told.root, told.url) == (tmp_path.resolve(), "sqlite:///x.db")


def test_a_home_folder_is_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Workspace(workspace=Path("~/desk")).root == (tmp_path / "desk").resolve()


@pytest.mark.parametrize(("name", "value"), [("max_pages", 0), ("lease_s", 0), ("pdf_dpi", 10_000)])
def test_settings_keep_to_their_ranges(name: str, value: int) -> None:
    with pytest.raises(ValidationError):
        Workspace.model_validate({name: value})


def test_what_a_lead_has_set_counts_unless_the_environment_or_an_argument_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Workspace(workspace=tmp_path).desk_file.write_text(
        '{"blind_share": 0.5, "clean_share": 0, "pdf_dpi": 72}'
    )
    stored = Workspace(workspace=tmp_path)
    assert (stored.blind_share, stored.clean_share, stored.pdf_dpi) == (0.5, 0.0, 200)
    monkeypatch.setenv("ECHODESK_BLIND_SHARE", "0.2")
    assert Workspace(workspace=tmp_path).blind_share == 0.2
    assert Workspace(workspace=tmp_path, blind_share=0.3).blind_share == 0.3
    assert shares_set_outside() == {"blind_share"}


@pytest.mark.parametrize("text", ["", "[]", '{"blind_share": "many"}'])
def test_a_damaged_file_of_shares_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "desk.json").write_text(text)
    with pytest.raises(EchoDeskError, match="desk.json"):
        Workspace(workspace=tmp_path)
