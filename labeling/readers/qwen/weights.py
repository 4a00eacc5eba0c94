"""Which folder the weights of a vision-language model are in, what they are called, and whether they may be
opened.

Weights are safetensors: a pickle (.bin, .pt) can run code when it is opened, so a folder with nothing else is
refused. Nothing is fetched unless the caller says so, and then only the one commit that was named.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from db.errors import EchoDeskError
from db.files.manifest import hash_file

DEFAULT_MODEL: Final = "Qwen/Qwen2-VL-2B-Instruct"

# Name on the Hugging Face hub -> the commit whose weights are meant. A branch could change under the same
# name.
PINNED_REVISIONS: Final = {
    "Qwen/Qwen2-VL-2B-Instruct": "895c3a49bc3fa70a340399125c650a463535e71c",
    "Qwen/Qwen2-VL-7B-Instruct": "eed13092ef92e448dd6875b2a00151bd3f7db0ac",
}

# `model_type` of the families that take the same messages and pictures.
MODEL_TYPES: Final = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl")

# What fine-tuning writes beside an adapter; `base_revision` is the revision of the weights it was trained on.
ADAPTER_CARD: Final = "adapter_card.json"

_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
# Everything that decides what a model answers: weights, sizes, tokenizer, picture settings, dialogue form.
_DECISIVE = ("*.safetensors", "*.json", "*.txt", "*.jinja", "*.model")


@dataclass(frozen=True)
class WeightsFolder:
    """A folder `from_pretrained` can open.

    Attributes:
        path: where it is. name: the hub name, or the folder's own name.
        revision: the commit on the hub, or a SHA-256 over what is in a local folder.
        model_type: one of `MODEL_TYPES`.
    """

    path: Path
    name: str
    revision: str
    model_type: str


@dataclass(frozen=True)
class AdapterFolder:
    """A fine-tuned adapter: where it is, and the SHA-256 of its weights and settings."""

    path: Path
    sha256: str


def find_weights(model: str, *, revision: str = "", allow_download: bool = False) -> WeightsFolder:
    """The folder of a model named by hub name or by path.

    Args:
        revision: a 40-digit commit for a hub name; for a local folder the SHA-256 it must have, if any.
        allow_download: fetch the hub's files when they are not in the local cache.

    Raises:
        EchoDeskError: no such folder, an unpinned name, pickles only, another kind of model, or not in the
            cache.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        model_type = check_folder(folder)
        found = weights_sha256(folder, _DECISIVE)
        if revision and revision != found:
            raise EchoDeskError(
                f"the folder {model} holds other weights than the revision asked for",
                f"Its revision is {found}; name that one, or none.",
            )
        return WeightsFolder(folder, folder.resolve().name, found, model_type)
    if not _HUB_NAME.fullmatch(model):
        raise EchoDeskError(
            f"there is no model folder {model}", f"Name a folder of weights, or {DEFAULT_MODEL}."
        )
    commit = revision or PINNED_REVISIONS.get(model, "")
    if not _COMMIT.fullmatch(commit):
        raise EchoDeskError(
            f"the model {model} needs a revision: the 40 digits of a commit",
            "Take it from the model's page on the hub (Files, History), or download the model and name its "
            "folder.",
        )
    folder = _cached(model, commit, allow_download)
    return WeightsFolder(folder, model, commit, check_folder(folder))


def check_folder(folder: Path) -> str:
    """The `model_type` of a folder of weights.

    Raises:
        EchoDeskError: it lacks a configuration or safetensors, or is another kind of model.
    """
    config = _json_object(folder / "config.json")
    if config is None:
        raise EchoDeskError(
            f"the folder {folder.name} is not a model: it has no readable config.json",
            "Name the folder that holds config.json, the weights (*.safetensors) and the tokenizer.",
        )
    model_type = str(config.get("model_type", ""))
    if model_type not in MODEL_TYPES:
        raise EchoDeskError(
            f"the folder {folder.name} holds a model of type {model_type or 'unknown'!r}, which this "
            "reader can't ask",
            f"Name a Qwen2-VL, Qwen2.5-VL or Qwen3-VL checkpoint ({', '.join(MODEL_TYPES)}).",
        )
    _check_safetensors(folder, "model")
    return model_type


def find_adapter(adapter: str, weights: WeightsFolder) -> AdapterFolder:
    """The folder of a fine-tuned adapter, checked against the weights it is to be put on.

    Raises:
        EchoDeskError: no adapter there, pickles only, or made for other weights.
    """
    folder = Path(adapter).expanduser()
    if _json_object(folder / "adapter_config.json") is None:
        raise EchoDeskError(
            f"there is no adapter in {adapter}",
            "Name the folder `echodesk finetune` wrote: it holds adapter_config.json and "
            "adapter_model.safetensors.",
        )
    _check_safetensors(folder, "adapter")
    base = str((_json_object(folder / ADAPTER_CARD) or {}).get("base_revision", ""))
    if base and base != weights.revision:
        raise EchoDeskError(
            f"the adapter {folder.name} was trained on other weights than those of {weights.name}",
            f"It belongs to the revision {base}; name that model, or train the adapter anew.",
        )
    return AdapterFolder(
        folder, weights_sha256(folder, ("adapter_model*.safetensors", "adapter_config.json"))
    )


def check_adapter_prompt(adapter: str, prompt_id: str) -> None:
    """See to it that an adapter is asked with the prompt it was taught with, where its card names one.

    Raises:
        EchoDeskError: it was taught with another.
    """
    folder = Path(adapter).expanduser()
    taught = str((_json_object(folder / ADAPTER_CARD) or {}).get("prompt_id", ""))
    if taught and taught != prompt_id:
        raise EchoDeskError(
            f"the adapter {folder.name} was taught with the prompt {taught} and would be asked with "
            f"{prompt_id}",
            f"Use --prompt {taught}.",
        )


def weights_sha256(folder: Path, patterns: Iterable[str]) -> str:
    """One SHA-256 over the names and contents of the files that match, in order of their names."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}):
        digest.update(f"{path.name}\0{hash_file(path).sha256}\n".encode())
    return digest.hexdigest()


def _check_safetensors(folder: Path, what: str) -> None:
    if any(folder.glob(f"{what}*.safetensors")):
        return
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
    if pickles:
        raise EchoDeskError(
            f"the weights in {folder.name} are pickles ({pickles[0]}), which can run code when they are "
            "opened",
            "Convert them to safetensors where you trust them, or fetch the safetensors files of the same "
            "model.",
        )
    raise EchoDeskError(
        f"there are no weights in {folder.name}",
        f"It should hold {what}.safetensors or its numbered parts; copy the whole folder.",
    )


def _cached(model: str, commit: str, allow_download: bool) -> Path:
    """The hub's folder in the local cache; fetched there when that is allowed."""
    # Set before the first import: the package reads it once. It would otherwise report what is used to its
    # makers.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import snapshot_download

    folder = _complete_snapshot(model, commit)
    if folder is not None:
        return folder
    if not allow_download:
        raise EchoDeskError(
            f"the model {model} is not on this machine",
            "Allow the download with --download, or copy its files here and name their folder.",
        )
    try:
        return Path(snapshot_download(model, revision=commit, allow_patterns=list(_DECISIVE)))
    except Exception as error:  # noqa: BLE001 - dozens of kinds mean: not fetched
        raise EchoDeskError(
            f"the model {model} could not be downloaded ({type(error).__name__})",
            "Check the network and the free disk space and start again: what has arrived is kept. Or copy "
            "the files here and name their folder.",
        ) from None


def _complete_snapshot(model: str, commit: str) -> Path | None:
    """The cached folder of a commit if every file of it has arrived."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(model, revision=commit, local_files_only=True))
    except (LocalEntryNotFoundError, OSError):
        return None
    index = _json_object(folder / "model.safetensors.index.json")
    weights = sorted(set(index.get("weight_map", {}).values())) if index else ["model.safetensors"]
    patterns = ["config.json", "*processor_config.json", "tokenizer*", *weights]
    return folder if all(any(folder.glob(pattern)) for pattern in patterns) else None


def _json_object(path: Path) -> dict[str, Any] | None:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) else None
