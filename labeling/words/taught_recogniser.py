"""A recogniser that `echodesk finetune --recogniser` taught: a file of weights, checked before it reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from db.errors import EchoDeskError
from labeling.words.recognising import CHARACTERS

ALPHABET_KEY: Final = "echodesk_alphabet"
MODEL_FILE: Final = "recogniser.onnx"
CARD_FILE: Final = "recogniser.json"
# What is said to read without one.
NOBODY: Final = "none"
_AGAIN: Final = "Make it anew with: echodesk finetune --recogniser, or copy the whole folder again."


class TaughtRecogniser:
    """As `recognising.Recogniser`.

    Attributes:
        characters: what its outputs are, "blank" first.
        sha256: of its file.
    """

    def __init__(self, session: Any, characters: Sequence[str], sha256: str) -> None:
        self._session = session
        self.characters = tuple(characters)
        self.sha256 = sha256

    def chances(self, batch: Any) -> Any:
        """Chances (lines x columns x characters) of a batch (lines x 3 x 48 x width, -1 to 1)."""
        (answer,) = self._session.run(None, {self._session.get_inputs()[0].name: batch})
        return answer


def choose(chosen: str) -> TaughtRecogniser | None:
    """The recogniser a person chose: a file or folder; `none` for none; empty for none, too.

    Raises:
        EchoDeskError: as `find_model` and `load_recogniser`.
    """
    return load_recogniser(find_model(Path(chosen))) if chosen not in ("", NOBODY) else None


def find_model(chosen: Path) -> Path:
    """The model's file, of its own name or of the folder it lies in.

    Raises:
        EchoDeskError: there is none.
    """
    path = chosen / MODEL_FILE if chosen.is_dir() else chosen
    if not path.is_file():
        raise EchoDeskError(
            f"there is no recogniser at {chosen}", "Name a folder made by: echodesk finetune."
        )
    return path


@lru_cache(maxsize=4)
def load_recogniser(path: Path, threads: int = 1) -> TaughtRecogniser:
    """The recogniser in a file, with its card beside it.

    Raises:
        EchoDeskError: card or file are missing, damaged, or don't belong together; or it was taught other
            characters than are read here.
    """
    data, expected = _bytes_of(path), _hash_in_card(path.with_name(CARD_FILE))
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != expected:
        raise EchoDeskError(f"{path} is not the file its card {CARD_FILE} describes", _AGAIN)
    session = _session(data, path, threads)
    characters = _alphabet(session, path)
    return TaughtRecogniser(session, characters, sha256)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EchoDeskError(f"{path} cannot be read", _AGAIN) from error


def _hash_in_card(path: Path) -> str:
    try:
        return str(json.loads(path.read_bytes())["model"]["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EchoDeskError(f"{path} is not the card of a recogniser", _AGAIN) from error


def _session(data: bytes, path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime raises kinds of its own
        raise EchoDeskError(f"{path} cannot be opened as a recogniser", _AGAIN) from error


def _alphabet(session: Any, path: Path) -> list[str]:
    listed = session.get_modelmeta().custom_metadata_map.get(ALPHABET_KEY, "null")
    characters = json.loads(listed)
    outputs = session.get_outputs()[0].shape[-1]
    is_ours = (
        isinstance(characters, list)
        and len(characters) == outputs
        and characters[:1] == ["blank"]
        and set(characters[1:]) <= CHARACTERS
        and set("0123456789%. ") <= set(characters)
    )
    if not is_ours:
        raise EchoDeskError(f"{path} was taught another alphabet than is read here", _AGAIN)
    return [str(one) for one in characters]
