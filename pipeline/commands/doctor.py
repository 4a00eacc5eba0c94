"""`echodesk doctor`."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import EchoDeskError, WrongUse
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.serving.screen import BundleOption, bundle_place
from pipeline.commands.terminal import say, say_json

if TYPE_CHECKING:
    from pipeline.diagnosis import Diagnosis


class Role(StrEnum):
    """What a machine is for."""

    DESK = "desk"
    RELAY = "relay"
    MODEL = "model"


def doctor(
    ctx: typer.Context,
    photos: Annotated[
        list[Path] | None,
        typer.Option(
            "--photo",
            metavar="PATH",
            help="Look at ECG photographs instead, files or folders; repeatable.",
            show_default=False,
        ),
    ] = None,
    role: Annotated[Role, typer.Option(help="What this machine is for.")] = Role.DESK,
    bundle: BundleOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check this machine and workspace, or photographs of ECGs, and say what to fix.

    Changes nothing.
    """
    from pipeline.diagnosis import Grade

    findings = _photographed(photos) if photos else _examined(ctx, workspace, role, bundle)
    failed = [finding for finding in findings if finding.grade is Grade.FAIL]
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{finding.grade.value}  {finding.name}: {finding.found}")
            if finding.fix:
                say(f"      {finding.fix}")
        warned = sum(finding.grade is Grade.WARN for finding in findings)
        say(f"\n{len(findings)} checks: {len(failed)} failed, {warned} to look at.")
    if failed:
        raise typer.Exit(1)


def _photographed(photos: list[Path]) -> list[Diagnosis]:
    from pipeline.doctor.photos import check_photo

    return [check_photo(file) for file in _files(photos)]


def _examined(ctx: typer.Context, workspace: Path | None, role: Role, bundle: Path | None) -> list[Diagnosis]:
    if role is Role.RELAY:
        from pipeline.serving.relay.checks import examine_relay
        from pipeline.serving.relay.settings import relay_settings

        return examine_relay(relay_settings())
    if role is Role.MODEL:
        return _model_host(ctx, workspace, bundle)
    from pipeline.doctor.examination import examine
    from pipeline.doctor.surroundings import Surroundings

    return [*examine(chosen_workspace(ctx, workspace), Surroundings()), _weights()]


def _weights() -> Diagnosis:
    """Whether the weights by which the rules doubt an answer are in the package, and whole."""
    from labeling.rules.expectation import weights
    from pipeline.diagnosis import Diagnosis, Grade

    name = "What reports usually say"
    try:
        held = weights.read(weights.FILE)
    except EchoDeskError as error:
        is_there = weights.FILE.exists()
        found = error.message if is_there else f"{weights.FILE.name} is missing from the package"
        return Diagnosis(Grade.FAIL, name, f"{found}; no report can be read", error.hint)
    return Diagnosis(Grade.PASS, name, f"{len(held.heads)} judges of the wording")


def _model_host(ctx: typer.Context, workspace: Path | None, bundle: Path | None) -> list[Diagnosis]:
    from pipeline.serving.host_checks import examine_model_host
    from pipeline.serving.relay.settings import worker_settings

    try:
        place = bundle_place(bundle, chosen_workspace(ctx, workspace))
    except WrongUse:
        place = None
    return examine_model_host(worker_settings(), place)


def _files(paths: list[Path]) -> list[Path]:
    """The files named, and those in the folders named.

    Raises:
        WrongUse: there is no such file or folder, or none in any of them.
    """
    absent = [path for path in paths if not path.exists()]
    if absent:
        raise WrongUse(f"there is no {absent[0]}", "Name a photograph, or a folder of them.")
    found = [
        file
        for path in paths
        for file in (sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path])
    ]
    if not found:
        raise WrongUse(f"there is no file in {paths[0]}", "Name a photograph, or a folder of them.")
    return found
