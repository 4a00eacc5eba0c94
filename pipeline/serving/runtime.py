"""A bundle's networks, run by ONNX Runtime or OpenVINO: pictures in, each network's answers out. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from db.processes import processors, silence_telemetry

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Engine = Literal["onnxruntime", "openvino"]
# The input of a graph -> its outputs by name.
Graph = Callable[[Singles], Mapping[str, Singles]]
# More threads than this gain nothing on networks of this size.
_MOST_THREADS: Final = 8


@dataclass(frozen=True, eq=False)
class Asked:
    """What k networks say of n pictures.

    Attributes:
        ef_percent, rwma: shape [n, k]; as said: percent, which can leave 0-100, and a probability.
        features: shape [n, k, width].
        maps: of the first picture, shape [k, width, rows, columns], whose mean its features are; None where
            there are none.
    """

    ef_percent: Floats
    rwma: Floats
    features: Singles
    maps: Singles | None


class Runtime:
    """The two graphs of a bundle, loaded.

    Args:
        body, heads: ONNX; see `pipeline.modeling.onnx_export`.
        threads: None for one a core, up to 8.
        engine: OpenVINO where it is installed and asked for.

    Raises:
        EchoDeskError: the engine is not installed, or can't read the graphs.
    """

    def __init__(
        self, body: bytes, heads: bytes, *, threads: int | None = None, engine: Engine = "onnxruntime"
    ) -> None:
        number = threads or min(_MOST_THREADS, processors())
        load = _openvino if engine == "openvino" else _onnxruntime
        self.threads = number
        self.engine = engine
        self._body = load(body, number)
        self._heads = load(heads, number)

    def ask(self, pictures: Singles) -> Asked:
        """Every network about every picture.

        One picture after the other: what several need at a time no longer lies in a processor's cache, which
        takes a fourth longer and several times the memory.

        Args:
            pictures: shape [n, 3, side, side], preprocessed; one or more.
        """
        first = self._body(pictures[:1])
        others = (self._body(picture[None])["features"] for picture in pictures[1:])
        features = np.concatenate([first["features"], *others])
        ef, odds = self.heads(features)
        maps = first["maps"][0] if "maps" in first else None
        return Asked(100 * ef, 1 / (1 + np.exp(-odds)), features, maps)

    def heads(self, features: Singles) -> tuple[Floats, Floats]:
        """What the heads say of features [n, k, width]: EF as a fraction, log-odds; shape [n, k] each."""
        found = self._heads(features)
        return found["ef"].astype(np.float64), found["rwma"].astype(np.float64)


def _onnxruntime(graph: bytes, threads: int) -> Graph:
    silence_telemetry()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A thread that waits by spinning takes the processor from whoever has work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - its errors have no common kind
        raise _unreadable(type(error).__name__) from None
    entry = session.get_inputs()[0].name
    names = [output.name for output in session.get_outputs()]

    def run(values: Singles) -> Mapping[str, Singles]:
        return dict(zip(names, session.run(names, {entry: values}), strict=True))

    return run


def _openvino(graph: bytes, threads: int) -> Graph:
    try:
        import openvino  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise EchoDeskError(
            "the engine openvino is not installed",
            "Install it (pip install openvino), or leave --engine out.",
        ) from None
    core = openvino.Core()
    # Single precision everywhere: a processor without bf16 would be ten times slower with it.
    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    try:
        model = core.compile_model(core.read_model(graph), "CPU", settings)
    except RuntimeError as error:
        raise _unreadable(type(error).__name__) from None

    def run(values: Singles) -> Mapping[str, Singles]:
        found: Any = model(values)
        return {output.any_name: found[output] for output in model.outputs}

    return run


def _unreadable(why: str) -> EchoDeskError:
    return EchoDeskError(
        f"the networks of the bundle can't be loaded ({why})",
        "Use a newer onnxruntime, or make the bundle again: echodesk bundle RUN",
    )
