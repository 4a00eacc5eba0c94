"""Low-rank adapters on a Qwen vision-language model: where they go, and how their weights get in and out.

The base model's weights are never touched: they are frozen, and an adapter is a pair of small matrices beside
each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError, pip_install
from labeling.finetuning.settings import FinetuneSettings, Layers

if TYPE_CHECKING:
    import torch

# Module names of Qwen2-VL, Qwen2.5-VL and Qwen3-VL, with and without the leading `model.`.
_LANGUAGE: Final = r"language_model\.layers\.\d+\.(?:self_attn|mlp)\.(?:q|k|v|o|gate|up|down)_proj"
_MERGER: Final = r"visual\.(?:merger|deepstack_merger_list\.\d+)\.(?:mlp\.[02]|linear_fc[12])"
_VISION: Final = (
    r"visual\.blocks\.\d+\.(?:attn\.(?:qkv|proj)|mlp\.(?:(?:linear_)?fc[12]|(?:gate|up|down)_proj))"
)
_PARTS: Final[dict[Layers, tuple[str, ...]]] = {
    Layers.LANGUAGE: (_LANGUAGE, _MERGER),
    Layers.VISION: (_VISION, _MERGER),
    Layers.ALL: (_LANGUAGE, _VISION, _MERGER),
}


def missing_extra(package: str) -> EchoDeskError:
    """What to say when an optional package is not there."""
    return EchoDeskError(
        f"fine-tuning needs the optional package {package}",
        f"Install the optional set: {pip_install('vlm')}",
    )


def target_pattern(layers: Layers) -> str:
    """Pattern of the full names of the modules that get an adapter."""
    return rf"(?:.*\.)?(?:{'|'.join(_PARTS[layers])})"


def target_names(model: torch.nn.Module, layers: Layers) -> list[str]:
    """The modules of a model that get an adapter, in order.

    Raises:
        EchoDeskError: a part that was asked for is not there: not a model of the Qwen-VL family.
    """
    names = [name for name, _ in model.named_modules()]
    for part in _PARTS[layers]:
        if not any(re.fullmatch(rf"(?:.*\.)?{part}", name) for name in names):
            raise EchoDeskError(
                f"this model ({type(model).__name__}) has no layers of the kind {layers.value!r} that can "
                "be taught",
                "Fine-tuning knows Qwen2-VL, Qwen2.5-VL and Qwen3-VL checkpoints.",
            )
    return [name for name in names if re.fullmatch(target_pattern(layers), name)]


def attach_adapter(model: torch.nn.Module, settings: FinetuneSettings, *, base_model: str) -> Any:
    """Freeze a model and put fresh adapters into it; gives the peft model around it.

    A fresh adapter changes nothing: one of its two matrices is zero. The other is drawn from torch's
    generator of the moment, which the caller seeds.

    Args:
        base_model: name the adapter's own configuration gives its base.

    Raises:
        EchoDeskError: peft is not installed, or the model has no such layers.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise missing_extra("peft") from None
    target_names(model, settings.layers)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.scale,
        lora_dropout=settings.dropout,
        target_modules=target_pattern(settings.layers),
        bias="none",
    )
    adapted = get_peft_model(model, config)
    adapted.peft_config["default"].base_model_name_or_path = base_model
    return adapted


def trainable(adapted: torch.nn.Module) -> list[torch.nn.Parameter]:
    """The weights that training moves."""
    return [weight for weight in adapted.parameters() if weight.requires_grad]


def adapter_state(adapted: Any) -> dict[str, torch.Tensor]:
    """A copy of the adapter's weights, on the CPU."""
    from peft import get_peft_model_state_dict

    # Left to itself, peft asks the hub whether the base model's vocabulary was changed.
    held = get_peft_model_state_dict(adapted, save_embedding_layers=False)
    return {name: weight.detach().cpu().clone() for name, weight in held.items()}


def save_adapter(adapted: Any, folder: Path) -> None:
    """Write weights and configuration as peft opens them; asks nobody, and nothing leaves the machine."""
    adapted.save_pretrained(str(folder), safe_serialization=True, save_embedding_layers=False)


def restore_adapter(adapted: Any, state: Mapping[str, torch.Tensor]) -> None:
    """Put weights from `adapter_state` back."""
    from peft import set_peft_model_state_dict

    set_peft_model_state_dict(adapted, dict(state))


@contextmanager
def computing_twice(model: Any, is_wanted: bool) -> Iterator[None]:
    """Inside, passes are computed again for the gradient instead of kept: slower, with far less memory."""
    if not is_wanted:
        yield
        return
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    try:
        yield
    finally:
        model.gradient_checkpointing_disable()
