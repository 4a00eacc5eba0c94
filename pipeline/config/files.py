"""Settings files: a profile and what differs from it; saved as JSON that has every value.

What is saved says the same after a profile has changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from db.errors import EchoDeskError
from pipeline.config.settings import (
    AugmentationSettings,
    BackboneSettings,
    ExperimentSettings,
    NeckSettings,
    OptimiserSettings,
    PictureSettings,
    Section,
    StageSettings,
    TrainingSettings,
)

# `paper` is the seed paper's, for a GPU. `cpu` keeps where on the page something was seen, stops at a middle
# block, the activations before which are computed once, and begins its heads at a linear probe. It was
# measured beside the paper's head, and its working size without sharpening beside the camera's size with it:
# docs/experiments.md, "ECG photographs: semi-synthetic proof".
PROFILES: Final[Mapping[str, ExperimentSettings]] = MappingProxyType(
    {
        "paper": ExperimentSettings(),
        "cpu": ExperimentSettings(
            profile="cpu",
            picture=PictureSettings(image_size_px=288, working_px=940, sharpen=False, normalisation="half"),
            augmentation=AugmentationSettings(cached_variants=2),
            backbone=BackboneSettings(
                name="tf_efficientnet_lite0",
                weights="package",
                drop_rate=0,
                drop_path=0,
                frozen_through_block=3,
                last_block=4,
                pool="grid",
            ),
            neck=NeckSettings(widths=(), dropouts=(), starts_at_probe=True),
            optimiser=OptimiserSettings(head_rate=1e-4),
            pretraining=StageSettings(epochs=6, batch_size=32),
            training=TrainingSettings(epochs=5, batch_size=32, patience=3, caches_trunk=True),
        ),
    }
)


# What pydantic says of a number or a text where several numbers are due names a Python type.
_LISTS: Final = dict.fromkeys(("tuple_type", "list_type"), "it is a list in brackets, such as [7] or [1, 2]")


def load(path: Path, profile: str | None = None) -> ExperimentSettings:
    """Read a settings file: a profile, and what differs from it.

    Args:
        profile: what a file that names none differs from; one that names another is refused.

    Raises:
        EchoDeskError: it can't be read; or names the setting that is wrong, or unknown (and the nearest).
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EchoDeskError(f"{path}: {error.strerror}", "Name a settings file that can be read.") from None
    except ValueError:
        raise EchoDeskError(f"{path} is not JSON", "A settings file is one JSON object.") from None
    if profile is not None and isinstance(values, dict):
        named = values.setdefault("profile", profile)
        if named != profile:
            raise EchoDeskError(
                f"{path} names the profile {named!r}, and --profile says {profile!r}",
                "Leave --profile out, or change the file.",
            )
    return resolve(values, where=str(path))


def dump(settings: ExperimentSettings, path: Path) -> None:
    """Write every value, so that a later reader needs no profile. Raises OSError."""
    path.write_text(settings.model_dump_json(indent=2) + "\n", encoding="utf-8")


def resolve(values: Any, *, where: str) -> ExperimentSettings:
    """Fill up what is not given from the profile that is named, or from `paper`.

    Args:
        values: sections with settings, as from JSON.
        where: what to call their source in an error.

    Raises:
        EchoDeskError: see `load`.
    """
    if not isinstance(values, dict):
        raise EchoDeskError(
            f"{where} is not a JSON object", 'It begins like {"profile": "cpu", "training": {...}}.'
        )
    name = values.get("profile", "paper")
    if not isinstance(name, str) or name not in PROFILES:
        raise EchoDeskError(f"{where}: there is no profile {name!r}", f"There is {' and '.join(PROFILES)}.")
    merged = _merged(PROFILES[name].model_dump(mode="json"), values)
    try:
        return ExperimentSettings.model_validate(merged)
    except ValidationError as error:
        raise _said(error, where) from None


def override(settings: ExperimentSettings, changes: Mapping[str, Any]) -> ExperimentSettings:
    """Settings with some values replaced.

    Args:
        changes: by dotted name, such as `losses.ef_weight_cap`.

    Raises:
        EchoDeskError: see `load`.
    """
    values: dict[str, Any] = settings.model_dump(mode="json")
    for name, value in changes.items():
        section, _, key = name.rpartition(".")
        values = _merged(values, {section: {key: value}} if section else {key: value})
    return resolve(values, where="the changed settings")


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merged(base[key], value) if both else value
    return merged


def _said(error: ValidationError, where: str) -> EchoDeskError:
    """The first thing that is wrong, as a sentence."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return EchoDeskError(
            f"{where}: there is no setting {name}", f"The nearest is {nearest_setting(name)}."
        )
    known = list(_names(ExperimentSettings))
    name = next((setting for setting in known if name.startswith(setting + ".")), name)
    words = _LISTS.get(first["type"]) or str(first["msg"]).removeprefix("Value error, ")
    remedy = first.get("ctx", {}).get("remedy", "Change the setting and repeat.")
    return EchoDeskError(f"{where}: {name}: {words}" if name else f"{where}: {words}", remedy)


def nearest_setting(name: str) -> str:
    """The known dotted name (or section) most like this one; the same word in another section comes first."""
    known = [*_names(ExperimentSettings), *ExperimentSettings.model_fields]
    word = name.rpartition(".")[2]
    elsewhere = [candidate for candidate in known if candidate.rpartition(".")[2] == word]
    return get_close_matches(name, elsewhere or known, n=1, cutoff=0)[0]


def _names(section: type[Section], prefix: str = "") -> Iterator[str]:
    for key, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from _names(kind, f"{prefix}{key}.")
        else:
            yield prefix + key
