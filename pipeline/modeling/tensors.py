"""Named tensors: read from files, told apart by a hash, put into a network with none missing or left over."""

from __future__ import annotations

import hashlib
import pickle
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from db.errors import EchoDeskError

# What the readers of both formats raise on bytes that are no weights; the unpickler takes them for commands
# and fails wherever they lead it.
_NO_WEIGHTS: Final = (
    SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError,
    LookupError, TypeError, AttributeError, AssertionError, struct.error,
)  # fmt: skip


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Named tensors of a `.safetensors` or `.pth` file; nothing in it is run.

    Raises:
        EchoDeskError: it can't be read, or holds something else.
    """
    hint = "Name a .safetensors file, or a .pth file that holds tensors by name and nothing else."
    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path, device="cpu"))
        held = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise EchoDeskError(f"{path}: {error.strerror or 'no such file'}", hint) from None
    except _NO_WEIGHTS:
        raise EchoDeskError(f"{path} holds no weights that can be read", hint) from None
    inner = held.get("state_dict", held) if isinstance(held, dict) else {}
    if not inner or not all(isinstance(value, Tensor) for value in inner.values()):
        raise EchoDeskError(f"{path} holds something other than tensors by name", hint)
    return dict(inner)


def fill(module: nn.Module, state: Mapping[str, Tensor], name: str) -> None:
    """Copy tensors into a module, every one, and none left over but a classifier it does not have.

    Raises:
        EchoDeskError: a tensor is missing, left over or of another shape; prints both shapes.
    """
    own = module.state_dict()
    given = {key: tensor for key, tensor in state.items() if key in own or not _is_classifier(key)}
    wrong = [key for key in own if key in given and own[key].shape != given[key].shape]
    if wrong:
        key = wrong[0]
        here, there = (list(tensors[key].shape) for tensors in (own, given))
        raise EchoDeskError(
            f"the weights are not for {name}: {key} is {there} in them and {here} in the network "
            f"({len(wrong)} of {len(own)} tensors differ)",
            "Name the backbone the weights were made for, or weights made for this one.",
        )
    missing, extra = sorted(own.keys() - given.keys()), sorted(given.keys() - own.keys())
    if missing or extra:
        words = [f"{len(missing)} tensors are missing ({missing[0]})"] if missing else []
        words += [f"{len(extra)} have no place in it ({extra[0]})"] if extra else []
        raise EchoDeskError(
            f"the weights are not for {name}: {' and '.join(words)}",
            "Name the backbone the weights were made for, or weights made for this one.",
        )
    module.load_state_dict(given, strict=True)


def _is_classifier(key: str) -> bool:
    return key.split(".")[0] in ("classifier", "fc", "head")


def tensors_sha256(state: Mapping[str, Tensor]) -> str:
    """One hash for named tensors: names, types, shapes and values, whatever file they lie in."""
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}\0".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
