"""New names and shifted days for one snapshot, by a key that stays in the workspace.

Two snapshots name the same patient differently, so that they cannot be joined by whoever has no key; the
workspace finds its own rows again by making the names anew.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, timedelta

ID_DIGITS = 16
MOST_DAYS = 730


class SnapshotKey:
    """The key of one snapshot, derived from the workspace's key and the snapshot's name."""

    def __init__(self, workspace_key: bytes, name: str) -> None:
        self._key = hmac.new(workspace_key, f"snapshot\n{name}".encode(), hashlib.sha256).digest()
        self._made: dict[tuple[object, ...], str] = {}

    def row_id(self, case_id: int) -> str:
        """The name of a case; begins with a letter, so that no program takes it for a number."""
        return "r" + self._digits("row", case_id)

    def patient_id(self, patient_key: str) -> str:
        """The name of a patient."""
        return "p" + self._digits("patient", patient_key)

    def image_id(self, sha256: str) -> str:
        """The name of a picture; equal pictures have equal names."""
        return "i" + self._digits("image", sha256)

    def review_id(self, review_id: int) -> str:
        """The name of a decision."""
        return "v" + self._digits("review", review_id)

    def draft_id(self, draft_id: int) -> str:
        """The name of a draft."""
        return "d" + self._digits("draft", draft_id)

    def order(self, kind: str, value: object) -> str:
        """Where something comes in an order that says nothing about it."""
        return self._digits("order", kind, value)

    def days_earlier(self, patient_key: str) -> int:
        """By how many days all dates of a patient are moved back, 1 to 730."""
        return 1 + int(self._digits("days", patient_key), 16) % MOST_DAYS

    def shifted(self, day: date | None, patient_key: str) -> date | None:
        """A day of a patient, moved; intervals between days of one patient stay."""
        return None if day is None else day - timedelta(days=self.days_earlier(patient_key))

    @property
    def mark(self) -> str:
        """Tells later whether a workspace's key is the one this snapshot was made with."""
        return self._digits("mark")

    def _digits(self, *parts: object) -> str:
        made = self._made.get(parts)
        if made is None:
            # A patient is named in both tables and for every date.
            made = hmac.digest(self._key, "\n".join(map(str, parts)).encode(), "sha256").hex()[:ID_DIGITS]
            self._made[parts] = made
        return made
