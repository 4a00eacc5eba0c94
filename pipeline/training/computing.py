"""What a run computes with: device, processes, precision; and the first weights that all its models share."""

from __future__ import annotations

import ctypes
import logging
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import torch

from db.errors import EchoDeskError, pip_install
from db.files.code_version import code_version
from db.processes import silence_telemetry
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.checkpoints import InitialWeights
from pipeline.modeling.heads import EchoHeads
from pipeline.modeling.network import Network, build_class_network, build_network
from pipeline.modeling.precision import resolve_precision
from pipeline.modeling.weights import initialise
from pipeline.training.batches import Places

if TYPE_CHECKING:
    from accelerate import Accelerator

_log = logging.getLogger(__name__)

T = TypeVar("T")

_PACKAGES: Final = ("accelerate", "numpy", "opencv-python-headless", "scikit-learn", "timm", "torch")
_SOURCES: Final = ("pipeline/config", "pipeline/imaging", "pipeline/modeling", "pipeline/training")
# M_MMAP_MAX, M_TRIM_THRESHOLD and M_TOP_PAD of glibc's malloc.h; bytes for the last two.
_KEEPING_MEMORY: Final = ((-4, 0), (-1, 2**31 - 1), (-2, 256 * 2**20))
# M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD; bytes for the last two.
_SPARING_MEMORY: Final = ((-8, 1), (-3, 256 * 2**10), (-1, 128 * 2**10))
_TRACKERS: Final = {"tensorboard": "tensorboard", "mlflow": "mlflow"}


def accelerator_for(settings: ExperimentSettings) -> Accelerator:
    """A fresh one, with its own loss scaling: a model must not depend on which ones were trained before it.

    Raises:
        EchoDeskError: the device can't compute in the precision asked for.
    """
    # Inside: with accelerate comes a library that opens a socket when it is imported.
    from accelerate import Accelerator, PartialState
    from accelerate.utils.environment import get_int_from_env, parse_flag_from_env

    # Unasked, several processes without a GPU would each take themselves for the only one.
    is_several = get_int_from_env(["WORLD_SIZE"], 1) > 1
    cpu = parse_flag_from_env("ACCELERATE_USE_CPU") or (is_several and not torch.cuda.is_available())
    precision = resolve_precision(settings.training.precision, PartialState(cpu=cpu).device.type)
    return Accelerator(mixed_precision="no" if precision == "fp32" else precision, cpu=cpu)


def keep_freed_memory() -> None:
    """Let the C library keep what a layer frees for the next batch, which asks for the same again.

    Handed back to the system and fetched anew, it cost the frozen layers half of their processor time
    (docs/experiments.md). Where the process may have only so much (`ulimit -v`) it is the other way round:
    what one step keeps is missing to the next, smaller one, so freed blocks go back at once. Only glibc is
    known to take these settings; elsewhere nothing is changed.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    for parameter, value in _SPARING_MEMORY if _is_address_space_limited() else _KEEPING_MEMORY:
        library.mallopt(parameter, value)


def _is_address_space_limited() -> bool:
    try:
        import resource
    except ImportError:  # not on Windows
        return False
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def give_back_freed_memory() -> None:
    """Give what this process has freed and kept back to the device and the system."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def is_memory_error(error: BaseException) -> bool:
    """Whether memory ran out. On a processor, torch's convolutions then say that they could not be made."""
    from accelerate.utils.memory import should_reduce_batch_size

    return (
        isinstance(error, MemoryError)
        or "could not create a primitive" in str(error)
        or (isinstance(error, Exception) and should_reduce_batch_size(error))
    )


def fewer_at_once(error: BaseException, at_once: int) -> int:
    """How many pictures to try next after an error: half as many, said in the log, where memory ran out.

    Call `give_back_freed_memory` once the error is gone: while it is at hand, so is what the attempt made.

    Raises:
        EchoDeskError: a single picture is too much.
        BaseException: the error itself, where it is another one.
    """
    if not is_memory_error(error):
        raise error
    if at_once == 1:
        raise EchoDeskError(
            "memory does not do for a single picture",
            "Set picture.image_size_px lower, or choose a smaller backbone.",
        ) from None
    _log.warning("memory ran out: %d records at once from here on", at_once // 2)
    return at_once // 2


def in_pieces(places: Places, at_once: int, do: Callable[[Places], T]) -> Iterator[T]:
    """What `do` gives for at most so many of the places at a time, in order; fewer after memory ran out.

    Raises:
        EchoDeskError: a single picture is too much.
    """
    start = 0
    while start < len(places):
        try:
            found = do(places[start : start + at_once])
        except (RuntimeError, MemoryError) as error:
            at_once = fewer_at_once(error, at_once)
        else:
            start += at_once
            yield found
            continue
        give_back_freed_memory()


def is_first_process() -> bool:
    """Whether this process is the only one, or the one that speaks and writes for all."""
    from accelerate.utils.environment import get_int_from_env

    return bool(get_int_from_env(["RANK"], 0) == 0)


def refuse_unknown_tracker(name: str | None) -> None:
    """So that a slip in a name costs nothing: asked before any picture is prepared.

    Raises:
        EchoDeskError: there is no such tracker, or its library isn't installed.
    """
    if name is None:
        return
    if name not in _TRACKERS:
        raise EchoDeskError(f"there is no tracker {name!r}", f"There are {' and '.join(_TRACKERS)}.")
    from importlib.util import find_spec

    if find_spec(_TRACKERS[name]) is None:
        raise EchoDeskError(f"{name} is not installed", f"Type: {pip_install('trackers')}")


def open_tracker(name: str | None, run: Path, settings: ExperimentSettings) -> Accelerator | None:
    """An experiment tracker by name, through accelerate; None where none is asked for.

    It writes into `tracking` beside the run: TensorBoard a folder of the run's name; MLflow, unless its own
    MLFLOW_TRACKING_URI names another place, a run of that name in `mlflow.db`.

    Raises:
        EchoDeskError: see `refuse_unknown_tracker`.
    """
    refuse_unknown_tracker(name)
    if name is None:
        return None
    from accelerate import Accelerator

    silence_telemetry()
    folder = (run.parent / "tracking").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if name == "mlflow":
        # Left to itself it begins a database wherever the person stands.
        os.environ.setdefault("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
    precision = accelerator_for(settings).mixed_precision
    tracking = Accelerator(log_with=name, project_dir=str(folder), mixed_precision=precision)
    tracking.init_trackers(
        run.name if name == "tensorboard" else "echodesk",
        config=_flat(settings.model_dump(mode="json")),
        init_kwargs={"mlflow": {"run_name": run.name}},
    )
    return tracking


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value if isinstance(value, int | float | str | bool) else str(value)
    return found


def environment(accelerator: Accelerator) -> dict[str, Any]:
    """What computed, without the name of a machine."""
    device = accelerator.device
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "device": device.type,
        "device_name": name,
        "precision": {"no": "fp32"}.get(accelerator.mixed_precision, accelerator.mixed_precision),
        "processes": accelerator.num_processes,
        "threads": torch.get_num_threads(),
        "packages": {package: _version(package) for package in _PACKAGES},
        "code_version": code_version(*_SOURCES),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def seed_of(*parts: int) -> int:
    """One seed from several numbers."""
    return int(np.random.SeedSequence(parts).generate_state(1)[0] % 2**31)


@dataclass(frozen=True, eq=False)
class FirstWeights:
    """The backbone that every model of a run begins with."""

    state: dict[str, torch.Tensor]
    origin: InitialWeights

    def network(self, settings: ExperimentSettings, *, seed: int, mean_ef: float | None = None) -> Network:
        """A network of the third stage: this backbone, heads by chance.

        Args:
            mean_ef: of the training records, 0-1; where the settings let the EF head begin there.
        """
        network = build_network(settings, seed=seed)
        network.backbone.load_state_dict(self.state)
        if settings.neck.starts_at_mean_ef and mean_ef is not None and isinstance(network.heads, EchoHeads):
            network.heads.start_ef_at(mean_ef)
        return _laid_out(network)

    def class_network(self, settings: ExperimentSettings, classes: tuple[str, ...], *, seed: int) -> Network:
        """A network of the second stage: this backbone under one linear layer."""
        network = build_class_network(settings, classes, seed=seed)
        network.backbone.load_state_dict(self.state)
        return _laid_out(network)


def first_weights(settings: ExperimentSettings) -> FirstWeights:
    """Stage 1: what the backbone knows already.

    Raises:
        EchoDeskError: see `pipeline.modeling.weights.initialise`.
    """
    backbone = build_network(settings, seed=settings.training.seeds[0]).backbone
    origin = initialise(backbone, settings)
    return FirstWeights(dict(backbone.state_dict()), origin)


def _laid_out(network: Network) -> Network:
    """Weights with their channels last, like the pictures."""
    laid_out: Network = network.to(memory_format=torch.channels_last)
    return laid_out
