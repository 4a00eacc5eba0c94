"""Readers by name, so that a choice made on the command line can travel to another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from db.errors import EchoDeskError
from labeling.readers.base import Reader, ReaderSpec


def _rules(options: Mapping[str, Any]) -> Reader:
    from labeling.readers.rules import RulesReader

    return RulesReader(**options)


def _scripted(options: Mapping[str, Any]) -> Reader:
    from labeling.readers.scripted import ScriptedReader

    return ScriptedReader(**options)


def _qwen2vl(options: Mapping[str, Any]) -> Reader:
    from labeling.readers.qwen.reader import Qwen2VLReader

    return Qwen2VLReader(**options)


def _remote(options: Mapping[str, Any]) -> Reader:
    from labeling.readers.remote.reader import RemoteReader

    return RemoteReader(**options)


def _panel(options: Mapping[str, Any]) -> Reader:
    from labeling.trust.panel import PanelReader

    return PanelReader(**options, build=build_reader)


_BUILDERS: dict[str, Callable[[Mapping[str, Any]], Reader]] = {
    "rules": _rules,
    "qwen2vl": _qwen2vl,
    "remote": _remote,
    "panel": _panel,
    "scripted": _scripted,
}

READER_NAMES = tuple(_BUILDERS)


def build_reader(spec: ReaderSpec) -> Reader:
    """The reader a spec names.

    Raises:
        EchoDeskError: no reader has this name, or it doesn't take these options.
    """
    builder = _BUILDERS.get(spec.name)
    if builder is None:
        raise EchoDeskError(f"there is no reader {spec.name!r}", f"Known readers: {', '.join(READER_NAMES)}.")
    try:
        return builder(spec.options)
    except TypeError as error:
        given = ", ".join(spec.options) or "none"
        raise EchoDeskError(
            f"the reader {spec.name!r} can't be built with the options given: {given}",
            "Look up its options with `echodesk extract --help`.",
        ) from error
