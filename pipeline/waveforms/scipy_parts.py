"""SciPy for those who work with signals, and what to install where it is missing: the light set has none."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Literal

from db.errors import EchoDeskError, pip_install


def scipy_part(name: Literal["ndimage", "optimize", "signal"]) -> ModuleType:
    """The module `scipy.<name>`.

    Raises:
        EchoDeskError: SciPy is not installed.
    """
    try:
        return import_module(f"scipy.{name}")
    except ImportError as error:
        hint = f"Install the optional set: {pip_install('train')}"
        raise EchoDeskError("Working with signals needs SciPy, which is not installed.", hint) from error
