"""A reader that replays prepared answers, for tests and rehearsals: no OCR, no model, the same every time.

An answer is a JSON object with the fields of `Reading` (`findings`, `evidence`, `confidence`, ...), all
optional. It may instead or besides misbehave, so that the job around a reader can be tested: `sleep_s` waits
first, `raises` raises a RuntimeError with that text, `exits` ends the whole process at once with that code
(negative: by signal).
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.errors import EchoDeskError
from db.files.manifest import sha256_of
from db.labels import Check, Evidence, Findings
from labeling.readers.base import Outcome, Reading, read_singly

if TYPE_CHECKING:
    from labeling.pages.page import Page

ScriptedAnswer = Mapping[str, Any]


def fingerprint(pages: Sequence[Page]) -> str:
    """SHA-256 over the pixels of the pages in order; what an answer for pages is filed under."""
    digest = hashlib.sha256()
    for page in pages:
        digest.update(f"{page.image.mode} {page.image.size}\n".encode())
        digest.update(page.image.tobytes())
    return digest.hexdigest()


def text_fingerprint(text: str) -> str:
    """SHA-256 of a text; what an answer for text is filed under."""
    return sha256_of(text.encode())


class ScriptedReader:
    """Replays answers.

    Args:
        answers: fingerprint -> answer, or a JSON file of such an object.
        default: the answer where none is filed; without it an unknown report is an error.
        version: what the reader calls itself.
        log: a file that gets one line, the fingerprint, for every reading that is begun.
        batch_size: how many reports it asks to be handed at once.
    """

    name = "scripted"

    def __init__(
        self,
        answers: Mapping[str, ScriptedAnswer] | str | Path | None = None,
        *,
        default: ScriptedAnswer | None = None,
        version: str = "1",
        log: str | Path | None = None,
        batch_size: int = 1,
    ) -> None:
        if isinstance(answers, str | Path):
            answers = _load(Path(answers))
        self._answers = dict(answers or {})
        self._default = default
        self._version = version
        self._log = log
        self.batch_size = batch_size

    @property
    def version(self) -> str:
        """The version given when it was built."""
        return self._version

    def read_pages(self, pages: Sequence[Page]) -> Reading:
        """The answer filed for these pages."""
        return self._answer(fingerprint(pages))

    def read_reports(self, reports: Sequence[Sequence[Page]]) -> list[Outcome]:
        """The answers filed for several reports; one that is missing or raises is that report's answer."""
        return read_singly(self, reports)

    def read_text(self, text: str) -> Reading:
        """The answer filed for this text."""
        return self._answer(text_fingerprint(text))

    def _answer(self, key: str) -> Reading:
        if self._log is not None:
            # One write of one short line in append mode: lines of several processes don't mix.
            handle = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, f"{key}\n".encode())
            finally:
                os.close(handle)
        answer = self._answers.get(key, self._default)
        if answer is None:
            raise EchoDeskError("the scripted reader has no answer for this report", "Add one, or a default.")
        _misbehave(answer)
        return reading_from_json(answer)


def _load(path: Path) -> dict[str, ScriptedAnswer]:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EchoDeskError(f"the answers in {path} can't be read", "They are one JSON object.") from error
    if not isinstance(loaded, dict):
        raise EchoDeskError(f"the answers in {path} are not a JSON object", "File answers by fingerprint.")
    return loaded


def _misbehave(answer: ScriptedAnswer) -> None:
    time.sleep(float(answer.get("sleep_s", 0)))
    if "exits" in answer:
        code = int(answer["exits"])
        if code < 0:
            os.kill(os.getpid(), -code)
        os._exit(code)
    if "raises" in answer:
        raise RuntimeError(str(answer["raises"]))


def reading_from_json(answer: ScriptedAnswer) -> Reading:
    """A reading from plain values. Raises pydantic's ValidationError where the vocabulary forbids one."""
    return Reading(
        findings=Findings.model_validate(answer.get("findings", {})),
        evidence={
            name: Evidence.model_validate(item) for name, item in dict(answer.get("evidence", {})).items()
        },
        confidence=dict(answer.get("confidence", {})),
        checks=[Check.model_validate(item) for item in answer.get("checks", [])],
        unreadable_reason=str(answer.get("unreadable_reason", "")),
        legibility=dict(answer.get("legibility", {})),
        warnings=list(answer.get("warnings", [])),
    )
