"""Layers as an ONNX engine runs them fastest; what they say stays the same.

A picture of one size is padded by numbers that are known when the graph is written, and a mean over a whole
map is a pooling. Both as torch would write them, from shapes and as a reduction, keep ONNX Runtime from
joining padding and residual sums to the convolutions, and from leaving maps in its blocked layout.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from timm.layers import Conv2dSame
from timm.layers.padding import get_same_padding
from timm.models._efficientnet_blocks import SqueezeExcite
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, conv2d, pad


@contextmanager
def for_engines(module: nn.Module) -> Iterator[None]:
    """Within it, `module` is written as an engine likes it; its weights are not touched."""
    with warnings.catch_warnings():
        # Sizes become numbers on purpose: pictures have one side.
        warnings.simplefilter("ignore")
        changed = []
        try:
            for layer in module.modules():
                said = _FORWARDS.get(type(layer))
                if said is not None:
                    # An attribute of the object hides the method of its class until it is deleted.
                    layer.forward = partial(said, layer)
                    changed.append(layer)
            yield
        finally:
            for layer in changed:
                del layer.forward


def _same_convolution(layer: Any, pictures: Tensor) -> Tensor:
    """A convolution that pads as TensorFlow does, an odd pixel to the right and below."""
    pads: list[int] = []
    for axis in (1, 0):
        size = int(pictures.shape[2 + axis])
        whole = int(get_same_padding(size, layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis]))
        pads += [whole // 2, whole - whole // 2]
    # ONNX Runtime joins no padding to a convolution whose value is not said.
    padded = pad(pictures, pads, value=0.0)
    return conv2d(padded, layer.weight, layer.bias, layer.stride, 0, layer.dilation, layer.groups)


def _squeeze_excite(layer: Any, maps: Tensor) -> Tensor:
    squeezed = layer.act1(layer.conv_reduce(adaptive_avg_pool2d(maps, 1)))
    share: Tensor = layer.gate(layer.conv_expand(squeezed))
    return maps * share


_FORWARDS: Final[dict[type, Callable[[Any, Tensor], Tensor]]] = {
    Conv2dSame: _same_convolution,
    SqueezeExcite: _squeeze_excite,
}
