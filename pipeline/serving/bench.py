"""How fast a photograph becomes an answer, beside eager torch: fold by fold, view by view."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.config.settings import ExperimentSettings, PictureSettings
from pipeline.imaging.augment import VIEWS, shifted
from pipeline.imaging.preprocess import normalised, to_square
from pipeline.serving.bundle import BODY, HEADS
from pipeline.serving.photos.apart import decoded_apart
from pipeline.serving.photos.decoding import decoded
from pipeline.serving.runtime import Engine, Runtime
from pipeline.serving.screen import ask, judged

if TYPE_CHECKING:
    from pipeline.modeling.network import Network

FOLDS: Final = 5
Clock = Callable[[], float]


@dataclass(frozen=True)
class ScreeningSpeed:
    """One number of views, from the bytes of a photograph to the numbers of an answer.

    Attributes:
        own_ms, plain_ms: of EchoDesk, and of eager torch; the fastest of several rounds, in turns.
        ef_points, rwma: the largest differences between the two, EF points and probability.
    """

    views: int
    own_ms: float
    plain_ms: float
    ef_points: float
    rwma: float

    @property
    def ratio(self) -> float:
        """How many times as fast EchoDesk is."""
        return self.plain_ms / self.own_ms


@dataclass(frozen=True)
class Screening:
    """What was measured.

    Attributes:
        shares_trunk: whether the folds have one frozen trunk. threads: of both sides.
        prepare_ms: decoding a photograph and preparing one view of it, which both paths do alike.
        quality_ms: judging whether the photograph can be used, which the plain path does not do.
        apart_ms: what decoding in a process of its own adds, on the wall: the photograph's way there and its
            pixels' way back.
        resident_mb: most memory of a process that screens and does nothing else.
    """

    backbone: str
    shares_trunk: bool
    engine: str
    threads: int
    speeds: tuple[ScreeningSpeed, ...]
    prepare_ms: float
    quality_ms: float
    apart_ms: float
    resident_mb: float


def random_networks(settings: ExperimentSettings) -> list[Network]:
    """Five networks as training would make them, with random weights: as fast as trained ones."""
    from pipeline.modeling.backbones import early_layers
    from pipeline.modeling.network import build_network

    networks = [build_network(settings, seed=fold).eval() for fold in range(FOLDS)]
    cut = settings.backbone.frozen_through_block
    for network in networks[1:] if cut is not None else ():
        pairs = zip(early_layers(network.backbone, cut or 0), early_layers(networks[0].backbone, cut or 0),
                    strict=True)  # fmt: skip
        for own, first in pairs:
            own.load_state_dict(first.state_dict())
    return networks


def measure_screening(
    networks: Sequence[Network],
    settings: ExperimentSettings,
    photos: Sequence[bytes],
    *,
    rounds: int = 3,
    threads: int = 2,
    engine: Engine = "onnxruntime",
    clock: Clock | None = None,
) -> Screening:
    """Both paths about the same photographs in the same process, in turns.

    Args:
        networks: one a fold. photos: bytes of JPEGs.
        clock: default: processor time with one thread, which other work on the machine hardly moves, and
            the time on the wall with more.
    """
    import torch

    from pipeline.modeling.fold_networks import FoldNetworks
    from pipeline.modeling.onnx_export import export

    shares = FoldNetworks({fold: [network] for fold, network in enumerate(networks)}).shares_trunk
    graphs = export(networks, side_px=settings.picture.image_size_px, shares_trunk=shares)
    runtime = Runtime(graphs.body, graphs.heads, threads=threads, engine=engine)
    clock = clock or (time.process_time if threads == 1 else time.perf_counter)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        speeds = tuple(_speed(networks, runtime, settings.picture, photos, views, rounds, clock)
                       for views in (1, VIEWS))  # fmt: skip
    finally:
        torch.set_num_threads(before)
    image = decoded(photos[0])
    with tempfile.TemporaryDirectory(prefix="echodesk-bench-") as folder:
        for name, graph in ((BODY, graphs.body), (HEADS, graphs.heads)):
            (Path(folder) / name).write_bytes(graph)
        inputs = (folder, settings.picture.model_dump(mode="json"), photos[0], threads, engine)
        # Unlike a pool of processes, this says so where its process dies, and does not wait for ever.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            resident = pool.submit(resident_mb, *inputs).result()
    return Screening(
        backbone=settings.backbone.name,
        shares_trunk=shares,
        engine=engine,
        threads=threads,
        speeds=speeds,
        prepare_ms=_best_ms([lambda: prepared(photos[0], settings.picture)], rounds, clock)[0],
        quality_ms=_best_ms([lambda: judged(image)], rounds, clock)[0],
        apart_ms=_apart_ms(photos[0], rounds),
        resident_mb=resident,
    )


def prepared(photo: bytes, picture: PictureSettings) -> NDArray[np.float32]:
    """What both paths do before any network is asked: the bytes of a photograph to one view of it."""
    return normalised(to_square(decoded(photo), picture), picture)


def _apart_ms(photo: bytes, rounds: int) -> float:
    """How much longer a photograph takes that another process decodes, as every one that is served."""

    def here() -> object:
        return decoded(photo)

    def apart() -> object:
        return decoded_apart(photo)

    here(), apart()
    here_ms, apart_ms = _best_ms([here, apart], 5 * rounds, time.perf_counter)
    return apart_ms - here_ms


def _speed(
    networks: Sequence[Network],
    runtime: Runtime,
    picture: PictureSettings,
    photos: Sequence[bytes],
    views: int,
    rounds: int,
    clock: Clock,
) -> ScreeningSpeed:
    def own() -> list[tuple[float, float]]:
        said = [ask(runtime, decoded(photo), picture, views=views) for photo in photos]
        return [(float(one.ef_percent.mean()), float(one.rwma.mean())) for one in said]

    def plain() -> list[tuple[float, float]]:
        return [_plain(networks, photo, picture, views) for photo in photos]

    apart = np.abs(np.array(own()) - np.array(plain())).max(axis=0)
    own_ms, plain_ms = _best_ms([own, plain], rounds, clock)
    return ScreeningSpeed(
        views, own_ms / len(photos), plain_ms / len(photos), float(apart[0]), float(apart[1])
    )


def _plain(
    networks: Sequence[Network], photo: bytes, picture: PictureSettings, views: int
) -> tuple[float, float]:
    """Eager torch: each fold about each view, one by one."""
    import torch

    from pipeline.modeling.ensemble import predict

    square = to_square(decoded(photo), picture)
    said = [
        predict(network, torch.from_numpy(normalised(shifted(square, view), picture)[None]))
        for network in networks
        for view in range(views)
    ]
    ef = np.mean([one.ef_percent for one in said])
    return float(ef), float(np.mean([one.rwma_probability for one in said]))


def _best_ms(acts: Sequence[Callable[[], object]], rounds: int, clock: Clock) -> list[float]:
    """The fastest round of each, in turns, milliseconds."""
    best = [float("inf")] * len(acts)
    for _ in range(rounds):
        for place, act in enumerate(acts):
            began = clock()
            act()
            best[place] = min(best[place], 1000 * (clock() - began))
    return best


def resident_mb(folder: str, picture: dict[str, Any], photo: bytes, threads: int, engine: Engine) -> float:
    """Most memory this process ever held, MB, after it judged and screened a photograph with all views."""
    settings = PictureSettings.model_validate(picture)
    runtime = Runtime(*((Path(folder) / name).read_bytes() for name in (BODY, HEADS)), threads=threads,
                      engine=engine)  # fmt: skip
    image = decoded(photo)
    judged(image)
    ask(runtime, image, settings, views=VIEWS)
    return _most_resident_mb()


def _most_resident_mb() -> float:
    """Of this program alone: what `getrusage` calls the most is, after a start, that of who started it."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return float("nan")
