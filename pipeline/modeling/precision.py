"""Which number formats a device really computes in, so that none is only imitated.

A processor without bfloat16 imitates it: ten times slower was measured for EfficientNet-B3 with AVX2 alone.
Nothing here imports torch before a GPU is asked about, so `doctor` can use it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from db.errors import EchoDeskError
from pipeline.config.settings import Precision

RealPrecision = Literal["fp32", "fp16", "bf16"]

BF16_FLAGS: Final = frozenset({"avx512_bf16", "amx_bf16"})
_CPUINFO: Final = Path("/proc/cpuinfo")
_BF16_CAPABILITY: Final = (8, 0)


def cpu_flags(cpuinfo: Path = _CPUINFO) -> frozenset[str]:
    """What the processor says it can; empty where the system keeps no such file."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), ()))


def gpu_capability() -> tuple[int, int] | None:
    """Compute capability of the current CUDA device; None without one."""
    import torch

    return torch.cuda.get_device_capability() if torch.cuda.is_available() else None


def resolve_precision(
    asked: Precision,
    device: str,
    *,
    flags: frozenset[str] | None = None,
    capability: tuple[int, int] | None = None,
) -> RealPrecision:
    """The precision to train in.

    `auto` is fp16 on CUDA, as in the seed paper, and fp32 elsewhere: even on a processor that has bf16,
    training steps of EfficientNet lite0 and B3 took longer in it.

    Args:
        device: `cpu`, `cuda` or `mps`.
        flags: of the processor; default: this one's.
        capability: of the CUDA device; default: this one's.

    Raises:
        EchoDeskError: the device can't do what is asked.
    """
    if asked == "auto":
        return "fp16" if device == "cuda" else "fp32"
    if asked == "fp32":
        return asked
    if device == "cuda":
        return _on_cuda(asked, capability or gpu_capability())
    if device == "cpu" and asked == "bf16":
        if BF16_FLAGS & (cpu_flags() if flags is None else flags):
            return asked
        raise EchoDeskError(
            "training.precision is bf16, and this processor does not compute in it (no avx512_bf16)",
            "Set training.precision to fp32 or auto; imitated, bf16 is many times slower.",
        )
    raise EchoDeskError(
        f"training.precision is {asked}, and the device is {device}",
        "fp16 needs a CUDA GPU. Set training.precision to fp32 or auto.",
    )


def _on_cuda(asked: Literal["fp16", "bf16"], capability: tuple[int, int] | None) -> RealPrecision:
    if asked == "bf16" and (capability is None or capability < _BF16_CAPABILITY):
        has = "unknown" if capability is None else f"{capability[0]}.{capability[1]}"
        raise EchoDeskError(
            f"training.precision is bf16, which needs compute capability 8.0; this GPU has {has}",
            "Set training.precision to fp16 or auto.",
        )
    return asked
