"""Patient keys: stable for one id, unlinkable without the secret, never from a secret others can read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.access.patient_key import load_or_create_secret, load_secret, patient_key
from db.errors import EchoDeskError

SECRET = bytes(range(32))


def test_the_key_is_the_hmac_of_the_normalised_id() -> None:
    # Golden value: HMAC-SHA256 of b"ab12" under bytes 0-31, worked out with the standard library.
    golden = "64a4182cc3a5384c54de947534cde53a4b36c6b2a94e231d4056b0d3289f258c"
    assert patient_key("AB 12", SECRET) == golden
    spelt = ("UHID 12", " uhid12", "Uhid\u00a0 12\t", "\ufeffUHID12", "\uff35\uff28\uff29\uff24\uff11\uff12")
    spellings = {patient_key(spelling, SECRET) for spelling in spelt}
    assert len(spellings) == 1
    assert patient_key("uhid13", SECRET) not in spellings
    assert patient_key("uhid12", bytes(32)) not in spellings


@given(st.text(min_size=1, max_size=20))
def test_surrounding_spaces_and_case_never_change_the_key(patient_id: str) -> None:
    try:
        key = patient_key(patient_id, SECRET)
    except EchoDeskError:
        return
    assert patient_key(f"  {patient_id} ", SECRET) == key
    assert len(key) == 64


def test_an_empty_id_has_no_key() -> None:
    with pytest.raises(EchoDeskError):
        patient_key("  \t", SECRET)


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "workspace" / "patient.key"
    secret = load_or_create_secret(path)
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_secret(path) == secret
    assert [entry.name for entry in path.parent.iterdir()] == ["patient.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o777])
def test_a_secret_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "patient.key"
    load_or_create_secret(path)
    path.chmod(mode)
    with pytest.raises(EchoDeskError, match="other users") as caught:
        load_secret(path)
    assert "chmod 600" in caught.value.hint


def test_a_short_or_missing_secret_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "patient.key"
    with pytest.raises(EchoDeskError, match="missing"):
        load_secret(path)
    path.write_bytes(b"short")
    path.chmod(0o600)
    with pytest.raises(EchoDeskError, match="32 bytes"):
        load_secret(path)


def test_processes_that_start_together_share_one_secret(tmp_path: Path) -> None:
    path = tmp_path / "patient.key"
    code = (
        "import sys; from pathlib import Path; from db.access.patient_key import load_or_create_secret;"
        "print(load_or_create_secret(Path(sys.argv[1])).hex())"
    )
    root = Path(__file__).resolve().parents[3]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            stdout=subprocess.PIPE,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        for _ in range(6)
    ]
    assert len({process.communicate()[0] for process in started}) == 1
    assert all(process.returncode == 0 for process in started)
