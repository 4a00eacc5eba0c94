"""A vision-language model of the Qwen-VL families, opened once a process."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from db.errors import EchoDeskError, pip_install
from labeling.readers.qwen.batching import is_out_of_memory
from labeling.readers.qwen.weights import AdapterFolder, WeightsFolder, find_adapter, find_weights

PACKAGES: Final = ("torch", "torchvision", "transformers", "qwen_vl_utils", "accelerate")
INSTALL_HINT: Final = f"Install the optional set with `{pip_install('vlm')}`."

_loaded: dict[tuple[str, ...], LoadedModel] = {}
_loading = threading.Lock()


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to be asked.

    Attributes:
        model: the transformers model, in eval mode; wrapped by peft where an adapter stays apart.
        processor: its tokenizer and picture settings.
        name, revision: see `WeightsFolder`. adapter: SHA-256 of the adapter, else empty.
        device: where its first layer is. precision: such as `bfloat16`. attention: the implementation.
    """

    model: Any
    processor: Any
    name: str
    revision: str
    adapter: str
    device: str
    precision: str
    attention: str

    @property
    def core(self) -> Any:
        """The model without the wrapper of an adapter and without the output layer."""
        whole = self.model.get_base_model() if hasattr(self.model, "get_base_model") else self.model
        return whole.model

    @property
    def tokenizer(self) -> Any:
        """The tokenizer of the processor."""
        return self.processor.tokenizer

    @property
    def vocabulary_size(self) -> int:
        """How many numbers it gives for the next token: more than the tokenizer has tokens."""
        return int(self.model.get_output_embeddings().weight.shape[0])

    @property
    def patch_px(self) -> int:
        """Side of a patch of the picture: 14, or 16 for Qwen3-VL."""
        return int(self.processor.image_processor.patch_size)

    @property
    def token_side_px(self) -> int:
        """Side of the square that becomes one token: 28, or 32 for Qwen3-VL."""
        return self.patch_px * int(self.processor.image_processor.merge_size)

    @property
    def stop_tokens(self) -> list[int]:
        """Tokens that end an answer."""
        ends = self.model.generation_config.eos_token_id
        ends = list(ends) if isinstance(ends, list | tuple) else [ends]
        return sorted({int(end) for end in [*ends, self.tokenizer.eos_token_id] if end is not None})


def load_model(
    model: str, *, revision: str = "", adapter: str = "", device: str = "auto", allow_download: bool = False
) -> LoadedModel:
    """Open a model, or give the one this process has opened with the same arguments.

    On a GPU it computes in bfloat16, as it was trained; on a CPU in float32, because most CPUs compute
    bfloat16 slower, and because answers then don't depend on how reports are batched.

    Args:
        model: hub name or folder; revision: see `find_weights`.
        adapter: folder of a fine-tuned adapter, or empty.
        device: `auto` (every GPU there is, else the CPU), `cpu`, `cuda`, `cuda:1`, ...
        allow_download: fetch a hub model that is not in the local cache.

    Raises:
        EchoDeskError: a package is missing, the weights can't be had or opened, or they don't fit into
            memory.
    """
    check_packages(PACKAGES)
    key = (model, revision, adapter, device)
    with _loading:
        if key not in _loaded:
            weights = find_weights(model, revision=revision, allow_download=allow_download)
            adapter_folder = find_adapter(adapter, weights) if adapter else None
            _loaded[key] = _open(weights, adapter_folder, device)
        return _loaded[key]


def forget_models() -> None:
    """Let go of every model this process holds, so that their memory can be used again."""
    with _loading:
        _loaded.clear()


def check_packages(names: Sequence[str]) -> None:
    """Raise `EchoDeskError` with what to install when one of these packages is missing."""
    for name in names:
        if importlib.util.find_spec(name) is None:
            raise EchoDeskError(
                f"a language model needs the package {name}, which is not installed", INSTALL_HINT
            )


def _open(weights: WeightsFolder, adapter: AdapterFolder | None, device: str) -> LoadedModel:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # before the first import, which reads it
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    placement = _placement(device)
    precision = torch.bfloat16 if placement else torch.float32
    options = {"local_files_only": True, "trust_remote_code": False}
    try:
        open_processor: Any = transformers.AutoProcessor.from_pretrained  # untyped there
        processor = open_processor(weights.path, **options)
        model = transformers.AutoModelForImageTextToText.from_pretrained(
            weights.path,
            dtype=precision,
            device_map=placement,
            use_safetensors=True,
            attn_implementation="sdpa",
            **options,
        )
        if adapter:
            model = _with_adapter(model, adapter, merge=precision is torch.float32)
    except EchoDeskError:
        raise
    except Exception as error:  # no such file, another file, no room: each library has kinds of its own
        raise _cannot_open(weights, error) from error
    processor.tokenizer.padding_side = "left"
    return LoadedModel(
        model=model.eval().requires_grad_(False),
        processor=processor,
        name=weights.name,
        revision=weights.revision,
        adapter=adapter.sha256 if adapter else "",
        device=str(model.get_input_embeddings().weight.device),
        precision=str(precision).removeprefix("torch."),
        attention="sdpa",
    )


def _placement(device: str) -> Any:
    """accelerate's device map; None for a plain load into the CPU's memory."""
    import torch

    if device == "cpu" or (device == "auto" and not torch.cuda.is_available()):
        return None
    if device == "auto":
        return "auto"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise EchoDeskError(f"there is no GPU for the device {device!r}", "Use --device auto, or cpu.")
    try:
        return {"": torch.device(device)}
    except RuntimeError:
        raise EchoDeskError(f"there is no device {device!r}", "Name auto, cpu, cuda or cuda:1.") from None


def _with_adapter(model: Any, adapter: AdapterFolder, *, merge: bool) -> Any:
    check_packages(("peft",))
    from peft import PeftModel

    wrapped = PeftModel.from_pretrained(model, str(adapter.path), is_trainable=False)
    # In bfloat16 a small correction added to a large weight would be rounded away in part: it stays apart
    # there.
    return wrapped.merge_and_unload() if merge else wrapped


def _cannot_open(weights: WeightsFolder, error: Exception) -> EchoDeskError:
    if is_out_of_memory(error):
        return EchoDeskError(
            f"the model {weights.name} does not fit into memory",
            "Use the 2B model, close other programs on the GPU, or read through a server with --reader "
            "remote.",
        )
    return EchoDeskError(
        f"the model {weights.name} can't be opened ({type(error).__name__})",
        "A file of it is missing or damaged: copy or download its folder again.",
    )
