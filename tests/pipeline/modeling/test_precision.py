"""No number format is used that a device only imitates."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from house_tree import ROOT

from db.errors import EchoDeskError
from pipeline.config.settings import Precision
from pipeline.modeling.precision import cpu_flags, resolve_precision

AVX2_ONLY = frozenset({"sse4_2", "avx", "avx2", "fma"})


@pytest.mark.parametrize("flag", ["avx512_bf16", "amx_bf16"])
def test_bf16_on_a_processor_that_has_it(flag: str) -> None:
    assert resolve_precision("bf16", "cpu", flags=AVX2_ONLY | {flag}) == "bf16"


@pytest.mark.parametrize("flags", [AVX2_ONLY, AVX2_ONLY | {"avx512f", "avx512_fp16"}, frozenset()])
def test_bf16_on_a_processor_without_it_is_refused(flags: frozenset[str]) -> None:
    with pytest.raises(EchoDeskError, match="this processor does not compute in it") as caught:
        resolve_precision("bf16", "cpu", flags=flags)
    assert "fp32" in caught.value.hint


@pytest.mark.parametrize(("device", "asked"), [("cpu", "fp16"), ("mps", "fp16"), ("mps", "bf16")])
def test_half_precision_elsewhere_is_refused(device: str, asked: Precision) -> None:
    with pytest.raises(EchoDeskError, match=f"training.precision is {asked}, and the device is {device}"):
        resolve_precision(asked, device, flags=AVX2_ONLY | {"avx512_bf16", "avx512_fp16"})


def test_a_gpu_has_fp16_and_newer_ones_bf16() -> None:
    assert resolve_precision("fp16", "cuda", capability=(7, 5)) == "fp16"
    assert resolve_precision("bf16", "cuda", capability=(9, 0)) == "bf16"
    with pytest.raises(EchoDeskError, match=r"this GPU has 7\.5"):
        resolve_precision("bf16", "cuda", capability=(7, 5))


@pytest.mark.parametrize(("device", "chosen"), [("cpu", "fp32"), ("cuda", "fp16"), ("mps", "fp32")])
def test_auto_is_fp16_on_a_gpu_and_fp32_elsewhere(device: str, chosen: str) -> None:
    assert resolve_precision("auto", device, flags=frozenset({"avx512_bf16"}), capability=(9, 0)) == chosen
    assert resolve_precision("fp32", device) == "fp32"


def test_flags_are_read_from_what_the_system_says(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nflags\t\t: fpu avx2 amx_bf16\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    assert cpu_flags(cpuinfo) == {"fpu", "avx2", "amx_bf16"}
    cpuinfo.write_text("processor\t: 0\nFeatures\t: fp asimd bf16\n")
    assert cpu_flags(cpuinfo) == frozenset()
    assert cpu_flags(tmp_path / "none") == frozenset()


def test_asking_about_a_processor_needs_no_torch() -> None:
    code = (
        "import sys\nfrom pipeline.modeling.precision import resolve_precision\n"
        "resolve_precision('auto', 'cpu')\nprint('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"
