"""The list beside the key: lines are added, half a line of a killed program is none, damage is told."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from db_rows import sha256_of
from hypothesis import given
from hypothesis import strategies as st

from db.consent.asked import ids_in
from db.consent.noted import note_consent, note_withdrawal, noted_withdrawals
from db.errors import EchoDeskError

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ONE, OTHER = sha256_of("one"), sha256_of("other")


def test_whoever_withdrew_is_on_it_until_they_consent_again(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "withdrawn.txt"
    assert noted_withdrawals(file) == {}
    for key in (ONE, OTHER, ONE):
        note_withdrawal(file, key, now=NOW)
    assert list(noted_withdrawals(file)) == [ONE, OTHER]
    assert noted_withdrawals(file)[ONE].at == NOW
    note_consent(file, ONE, now=NOW)
    note_consent(file, ONE, now=NOW)
    assert list(noted_withdrawals(file)) == [OTHER]
    note_withdrawal(file, ONE, now=NOW)
    assert list(noted_withdrawals(file)) == [OTHER, ONE]
    assert file.read_text().count("\n") == 4
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@given(kept=st.integers(0, 104))
def test_half_a_line_of_a_killed_program_is_written_over(
    kept: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("half") / "withdrawn.txt"
    note_withdrawal(file, ONE, now=NOW)
    whole = file.read_bytes()
    file.write_bytes(whole + whole.replace(ONE.encode(), OTHER.encode())[:kept][: len(whole) - 1])
    assert list(noted_withdrawals(file)) == [ONE]
    note_withdrawal(file, OTHER, now=NOW)
    assert list(noted_withdrawals(file)) == [ONE, OTHER]


def test_a_whole_line_without_its_end_counts_and_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "withdrawn.txt"
    note_withdrawal(file, ONE, now=NOW)
    file.write_text(file.read_text().rstrip("\n"))
    assert list(noted_withdrawals(file)) == [ONE]
    note_withdrawal(file, OTHER, now=NOW)
    assert list(noted_withdrawals(file)) == [ONE, OTHER]


@pytest.mark.parametrize("is_turned", [False, True])
def test_of_two_lists_put_together_in_any_order_the_newest_word_counts(
    is_turned: bool, tmp_path: Path
) -> None:
    here, there, both = (tmp_path / name for name in ("here", "there", "both"))
    note_withdrawal(here, ONE, now=NOW)
    note_consent(here, ONE, now=NOW + timedelta(days=1))
    note_withdrawal(there, ONE, now=NOW + timedelta(days=2))
    parts = [there, here] if is_turned else [here, there]
    both.write_text("".join(part.read_text() for part in parts))
    assert list(noted_withdrawals(both)) == [ONE]


@pytest.mark.parametrize(
    "content",
    [b"rubbish\n", b"\xff\xfe\n", f"yesterday withdrawn {ONE}\n".encode(), b"2026-03-04 withdrawn abc\n"],
)
def test_a_damaged_list_is_told_and_nobody_is_let_in(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "withdrawn.txt"
    file.write_bytes(content)
    with pytest.raises(EchoDeskError, match="withdrawn.txt") as caught:
        noted_withdrawals(file)
    assert "backup" in caught.value.hint


def test_ids_stand_one_a_line() -> None:
    assert ids_in("\ufeffMRN 1\n\n# left ward 3\n  MRN 2  \r\nMRN 3") == ["MRN 1", "MRN 2", "MRN 3"]
