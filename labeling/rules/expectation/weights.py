"""The learned numbers of the expectation, in a file of the package."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from db.errors import EchoDeskError
from labeling.rules.expectation.wording import PLACES, WORDING_VERSION

if TYPE_CHECKING:
    from numpy.typing import NDArray

FILE: Final = Path(__file__).with_name("weights.npz")
_LEVELS: Final = 127


@dataclass(frozen=True)
class Head:
    """A linear judge of one column.

    Attributes:
        answers: what it chooses between.
        levels: answers x `PLACES`, whole numbers from -127 to 127.
        scale: one number an answer; a level times it is a weight.
        bias: one number an answer.
    """

    answers: tuple[str, ...]
    levels: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def of_weights(cls, answers: tuple[str, ...], weights: NDArray[np.float64], bias: object) -> Head:
        """From weights (answers x `PLACES`), rounded to 255 levels an answer."""
        scale = np.maximum(np.abs(weights).max(axis=1), 1e-12) / _LEVELS
        levels = np.rint(weights / scale[:, None]).astype(np.int8)
        return cls(answers, levels, scale.astype(np.float32), np.asarray(bias, np.float32))

    def chances(self, places: NDArray[np.int64], much: NDArray[np.float64]) -> dict[str, float]:
        """Answer -> its chance, 0-1, together 1, for a text's pieces."""
        scores = self.levels[:, places].astype(np.float64) @ much * self.scale + self.bias
        powers = np.exp(scores - scores.max())
        return dict(zip(self.answers, (powers / powers.sum()).tolist(), strict=True))


def as_bytes(heads: Mapping[str, Head], *, texts: str) -> bytes:
    """Heads by column as the bytes of a file.

    Args:
        texts: fingerprint of the texts they were taught.
    """
    arrays: dict[str, NDArray[Any]] = {"version": np.array(WORDING_VERSION), "texts": np.array(texts)}
    for column, head in heads.items():
        arrays |= {
            f"{column}.answers": np.array(head.answers),
            f"{column}.levels": head.levels,
            f"{column}.scale": head.scale,
            f"{column}.bias": head.bias,
        }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


@dataclass(frozen=True)
class Weights:
    """What a file holds.

    Attributes:
        heads: column -> its judge.
        texts: fingerprint of the texts they were taught.
    """

    heads: Mapping[str, Head]
    texts: str


def read(path: Path) -> Weights:
    """The weights in a file.

    Raises:
        EchoDeskError: the file is missing, damaged or of another version of the wording.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        if int(arrays.pop("version")) != WORDING_VERSION:
            raise ValueError("another version")
        texts = str(arrays.pop("texts"))
        heads = {
            column: Head(
                tuple(str(answer) for answer in arrays[f"{column}.answers"]),
                *(arrays[f"{column}.{part}"] for part in ("levels", "scale", "bias")),
            )
            for column in dict.fromkeys(name.rpartition(".")[0] for name in arrays)
        }
        if any(head.levels.shape != (len(head.answers), PLACES) for head in heads.values()):
            raise ValueError("another shape")
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise EchoDeskError(
            f"{path.name} does not hold an expectation that this version can use",
            "Install EchoDesk again, or make it anew (docs/finetuning.md) with: "
            "echodesk finetune --expectation --out DIR",
        ) from error
    return Weights(heads, texts)


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """Those of the package's own file. Raises as `read`."""
    return read(FILE)
