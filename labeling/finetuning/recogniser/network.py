"""RapidOCR's recogniser as a network that can be taught, and back as an ONNX file of half the size.

Only the characters of an English report are kept of its many thousand: their chances relative to each other
stay what they were. What is taught goes back into the graph it came from: nothing but its numbers changes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError, pip_install
from labeling.words.recognising import CHARACTERS
from labeling.words.taught_recogniser import ALPHABET_KEY

if TYPE_CHECKING:
    import torch

_NEEDED: Final = ("onnx", "onnx2torch", "torch")


@dataclass(frozen=True)
class Origin:
    """The recogniser that is taught.

    Attributes:
        graph: an `onnx.ModelProto` held to the characters of a report.
        characters: what its outputs are, "blank" first.
        name, sha256: of the file it was read from.
    """

    graph: Any
    characters: tuple[str, ...]
    name: str
    sha256: str


def open_origin() -> Origin:
    """The recogniser inside RapidOCR's package.

    Raises:
        EchoDeskError: what is needed is not installed, or the file is not what is expected there.
    """
    missing = [name for name in (*_NEEDED, "rapidocr") if importlib.util.find_spec(name) is None]
    if missing:
        raise EchoDeskError(
            f"teaching the recogniser needs {' and '.join(missing)}, not installed here",
            f"Install it with: {pip_install('recogniser')}",
        )
    import onnx

    package = importlib.util.find_spec("rapidocr")
    folder = Path(package.origin).parent / "models" if package and package.origin else Path()
    found = sorted(folder.glob("*_rec_*.onnx"))
    if not found:
        raise EchoDeskError(
            "RapidOCR's recogniser is not in its package", "Reinstall it: pip install --force rapidocr"
        )
    data = found[0].read_bytes()
    graph = onnx.load_model_from_string(data)
    characters = _hold_to_report(graph, found[0].name)
    return Origin(graph, characters, found[0].name, hashlib.sha256(data).hexdigest())


@dataclass(frozen=True)
class Teachable:
    """A recogniser as a network.

    Attributes:
        module: gives the logarithms of its chances.
        graph_names: name of a parameter -> name of the same numbers in the graph.
    """

    module: torch.nn.Module
    graph_names: dict[str, str]


def as_network(origin: Origin) -> Teachable:
    """The graph as a network; the statistics of its batch normalisation stay as they are."""
    import torch
    from onnx2torch import convert

    module: torch.nn.Module = convert(_without_softmax(origin.graph)).eval()
    known = _by_content(origin.graph)
    for part in list(module.modules()):
        if isinstance(part, torch.nn.modules.batchnorm._BatchNorm):
            continue
        for name, tensor in list(part.named_buffers(recurse=False)):
            if tensor.is_floating_point() and tensor.numel() > 1 and _content(tensor) in known:
                delattr(part, name)
                part.register_parameter(name, torch.nn.Parameter(tensor.clone()))
    names = {name: known.get(_content(parameter)) for name, parameter in module.named_parameters()}
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(names[name] is not None)
    # One thread convolves faster so.
    module.to(memory_format=torch.channels_last)
    return Teachable(module, {name: own for name, own in names.items() if own is not None})


def as_onnx(origin: Origin, network: Teachable) -> bytes:
    """The taught network as an ONNX file: numbers in 16 bits, computed with in 32."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.ModelProto()
    model.CopyFrom(origin.graph)
    parameters = dict(network.module.named_parameters())
    taught = {own: parameters[name].detach().numpy() for name, own in network.graph_names.items()}
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = taught.get(tensor.name, numpy_helper.to_array(tensor))
        if values.size < 2:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values, np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    del model.metadata_props[:]
    model.metadata_props.add(key=ALPHABET_KEY, value=json.dumps(origin.characters, ensure_ascii=False))
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _hold_to_report(model: Any, name: str) -> tuple[str, ...]:
    """Drop the outputs that stand for other characters, in place; returns those that stay."""
    from onnx import numpy_helper

    listed = next((one.value for one in model.metadata_props if one.key == "character"), "")
    characters = ["blank", *listed.split("\n"), " "]
    last = model.graph.output[0].type.tensor_type.shape.dim[2]
    if not listed or last.dim_value != len(characters):
        raise EchoDeskError(
            f"{name} does not list the characters it knows", "Install the RapidOCR that the lock file names."
        )
    keep = [index for index, one in enumerate(characters) if index == 0 or one in CHARACTERS]
    for tensor in model.graph.initializer:
        if tensor.dims and tensor.dims[-1] == len(characters):
            values = numpy_helper.to_array(tensor)[..., keep]
            tensor.CopyFrom(numpy_helper.from_array(values.copy(), tensor.name))
    last.dim_value = len(keep)
    del model.graph.value_info[:]
    _with_plain_padding(model)
    return tuple(characters[index] for index in keep)


def _with_plain_padding(model: Any) -> None:
    """Say in numbers what the graph says in words, for converters that don't know the words."""
    from onnx import helper

    for node in model.graph.node:
        for attribute in list(node.attribute):
            if attribute.name == "auto_pad" and attribute.s == b"SAME_UPPER":
                sizes = next(list(one.ints) for one in node.attribute if one.name == "kernel_shape")
                node.attribute.remove(attribute)
                before, after = [(size - 1) // 2 for size in sizes], [size // 2 for size in sizes]
                node.attribute.append(helper.make_attribute("pads", [*before, *after]))


def _without_softmax(model: Any) -> Any:
    """A copy whose last step gives logarithms of chances; those are what is taught on."""
    import onnx

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    last = copy.graph.node[-1]
    if last.op_type != "Softmax":
        raise EchoDeskError(
            "RapidOCR's recogniser is built otherwise than expected",
            "Install the RapidOCR that the lock file names.",
        )
    last.op_type = "LogSoftmax"
    return copy


def _content(tensor: Any) -> tuple[tuple[int, ...], bytes]:
    values = tensor.detach().numpy()
    return tuple(values.shape), values.tobytes()


def _by_content(model: Any) -> dict[tuple[tuple[int, ...], bytes], str]:
    """Shape and content of each table of numbers -> its name, where only one is so."""
    from onnx import numpy_helper

    found: dict[tuple[tuple[int, ...], bytes], list[str]] = {}
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        found.setdefault((tuple(values.shape), values.tobytes()), []).append(tensor.name)
    return {content: names[0] for content, names in found.items() if len(names) == 1}
