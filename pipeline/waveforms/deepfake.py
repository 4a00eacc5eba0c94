"""Realistic sinus rhythm of nobody: the generator inside the package `deepfake-ecg`, an optional extra.

Source: Thambawita et al., DeepFake electrocardiograms, Sci Rep 2021;11:21896. Licence of the package: MIT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError, pip_install
from pipeline.waveforms.leads import twelve_leads
from pipeline.waveforms.recording import Recording
from pipeline.waveforms.streams import Stream, drawing

if TYPE_CHECKING:
    from types import ModuleType

SAMPLING_RATE_HZ = 500.0
_SAMPLES = 5000
# The network answers -1 to 1; its authors multiply by this and call it microvolt.
_MV_AT_ONE = 6.0
_WEIGHTS = ("checkpoints", "g_stat.pt")


class DeepfakeGenerator:
    """The network with its weights, loaded once.

    Raises:
        EchoDeskError: the extra is not installed, or its weights are not those this code knows.
    """

    def __init__(self) -> None:
        self._torch, package = _imported()
        self._network = _loaded(self._torch, package)

    def recording(self, seed: int, number: int) -> Recording:
        """The `number`-th invented person of a seed, 10 s at 500 Hz; same numbers, same signal."""
        noise = drawing(seed, Stream.GENERATED_BEATS, number).uniform(-1, 1, size=(1, 8, _SAMPLES))
        with self._torch.inference_mode():
            answer = self._network(self._torch.from_numpy(noise.astype(np.float32)))
        eight: NDArray[Any] = answer[0].numpy() * _MV_AT_ONE
        return Recording(
            recording_id=f"deepfake-{seed}-{number:05d}",
            patient_key=f"deepfake-{seed}-{number}",
            signal_mv=twelve_leads(eight[0], eight[1], eight[2:]).astype(np.float32),
            sampling_rate_hz=SAMPLING_RATE_HZ,
            source="deepfake-ecg",
            is_synthetic=True,
        )


def _imported() -> tuple[ModuleType, ModuleType]:
    try:
        import deepfakeecg
        import torch
    except ImportError as error:
        raise EchoDeskError(
            f"Generated ECGs need {error.name or 'a package'}, which is not installed.",
            f"Install the extra: {pip_install('waveforms')}",
        ) from error
    return torch, deepfakeecg


def _loaded(torch: ModuleType, package: ModuleType) -> Any:  # a network of a package without types
    import warnings
    from importlib.resources import as_file, files

    with as_file(files(package).joinpath(*_WEIGHTS)) as weights, torch.random.fork_rng(devices=[]):
        with warnings.catch_warnings():
            # The package initialises weights, which are then overwritten, by a name that PyTorch has retired.
            warnings.simplefilter("ignore", FutureWarning)
            network = package.Generator()
        try:
            state = torch.load(weights, map_location="cpu", weights_only=True)["stat_dict"]
            network.load_state_dict(state)
        except (OSError, KeyError, RuntimeError) as error:
            hint = 'Install the extra anew: pip install --force-reinstall "deepfake-ecg>=1.1"'
            raise EchoDeskError(f"The weights of deepfake-ecg in {weights} cannot be used.", hint) from error
    return network.eval()
