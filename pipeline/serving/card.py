"""The card and the licence of a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.serving.bundle import About

_LIMITS = (
    "Research software, not a medical device. It is a screening aid; the clinician decides.",
    "It reads photographs of printed 12-lead ECGs. It says nothing about rhythm, infarction in progress or "
    "anything else that needs action now.",
    "It was fitted on the records of one snapshot. How well it does elsewhere is unknown until it was "
    "validated there.",
    "Agreement of the models is not accuracy: all can be wrong together.",
    "Interval and set hold the stated share of patients like those of the snapshot, not of every group.",
)


def card_text(about: About, quoted: Mapping[str, Any]) -> str:
    """`README.md` of a bundle.

    Args:
        quoted: `numbers` and `verdicts` of the evaluation.
    """
    trunk = "one shared trunk" if about.shares_trunk else "each whole"
    lines = [
        f"# Model bundle of run {about.run}",
        "",
        f"{len(about.models)} networks ({about.backbone}, {trunk}), profile {about.profile}, trained on "
        f"snapshot {about.snapshot} ({about.content_sha256[:12]}).",
        "",
    ]
    if about.is_synthetic:
        lines += ["**Trained on invented data. Its answers mean nothing for a patient.**", ""]
    lines += ["## Limits", "", *(f"* {limit}" for limit in _LIMITS), ""]
    lines += ["## How it was fitted", "", *(f"* {name}: {said}" for name, said in about.how.items()), ""]
    lines += ["## Out of fold", "", *_numbers(quoted["numbers"]), ""]
    found = [f"* {one}" for one in quoted["verdicts"]] or ["* nothing"]
    lines += ["## What its evaluation found", "", *found, ""]
    if about.despite:
        lines += ["## Overridden by name", "", *(f"* {one}" for one in about.despite), ""]
    if about.lacks:
        lines += ["## What is missing", "", *(f"* {one}" for one in about.lacks), ""]
    return "\n".join(lines)


def _numbers(numbers: Mapping[str, Any]) -> list[str]:
    said = [
        f"* {name}: {one['value']:.3g} [{one['low']:.3g}, {one['high']:.3g}], n = {one['n']}"
        for name, one in numbers.items()
        if one and all(one.get(part) is not None for part in ("value", "low", "high", "n"))
    ]
    return said or ["* not measured"]


def license_text() -> str:
    """Under which terms weights and code may be used."""
    return (
        "The software is under the Apache License, version 2.0; its text comes with EchoDesk.\n"
        "The weights follow from the data they were trained on: whoever holds the rights in the snapshot "
        "decides who may have them. Weights do not hold pictures, but may tell whether a person was among "
        "the data.\n"
    )
