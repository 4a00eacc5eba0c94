"""`echodesk calibrate`."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import EchoDeskError
from pipeline.commands.benchmark.figures import rate
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, reading
from pipeline.commands.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from labeling.trust.calibration import ReviewedField
    from labeling.trust.calibration_report import FieldReport


def calibrate(
    ctx: typer.Context,
    reader: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Whose drafts. Default: the reader with most reviews.", show_default=False
        ),
    ] = "",
    reader_version: Annotated[
        str,
        typer.Option(
            metavar="VERSION",
            help="Which version of it. Default: the one with most reviews.",
            show_default=False,
        ),
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn from reviews how often a reader is right, so that its lights mean something.

    Needs 200 reviewed drafts of one reader at one version. The next extraction uses what was learnt. The
    figures are cross-fitted by patient; people saw the draft when they decided, see docs/agreement.md.
    """
    from labeling.trust.calibration import fit_calibration, store_calibration
    from labeling.trust.calibration_report import report_fields, write_report

    chosen = chosen_workspace(ctx, workspace)
    with reading(chosen) as session:
        name, version, fields = _chosen_fields(session, reader, reader_version)
    reports = report_fields(fields)
    if not as_json:
        _show(name, version, reports)
    calibration = fit_calibration(fields, reader=name, reader_version=version, now=datetime.now(UTC))
    path = store_calibration(chosen.calibration, calibration)
    title = f"{name} {version}: {calibration.reviews} reviews, cross-fitted by patient"
    written = write_report(chosen.reports / f"calibration-{path.stem}", reports, title=title)
    if as_json:
        say_json({"reader": name, "reader_version": version, "fields": [_as_json(one) for one in reports]})
        return
    say(f"\nStored in {path}. The next extraction with this reader uses it.")
    say(f"Reliability: {', '.join(str(one) for one in written)}")


def _chosen_fields(session: Any, reader: str, reader_version: str) -> tuple[str, str, list[ReviewedField]]:
    from labeling.trust.reviewed_fields import reviewed_fields, reviewed_versions

    known = [
        one for one in reviewed_versions(session) if reader in ("", one[0]) and reader_version in ("", one[1])
    ]
    if not known:
        who = " ".join(part for part in (reader, reader_version) if part) or "any reader"
        raise EchoDeskError(
            f"not yet calibrated: no draft by {who} has been reviewed", "Review drafts: echodesk review"
        )
    name, version, _ = known[0]
    return name, version, reviewed_fields(session, reader=name, reader_version=version)


def _show(name: str, version: str, reports: list[FieldReport]) -> None:
    say(f"Reader {name} {version}. Each figure: hits/n = percent [95 % Wilson interval].\n")
    rows = []
    for one in reports:
        after = f"{one.after.ece:.3f}" if one.after else "not yet calibrated"
        rows.append([one.field, one.n, rate(one.accuracy), f"{one.before.ece:.3f}", after])
    say_table(["field", "n", "right", "ECE of the score", "ECE calibrated"], rows)
    say()
    lights = ("green", "amber", "red")
    say_table(
        ["field", *(f"{light} (errors/n)" for light in lights), "errors in amber and red"],
        [
            [
                one.field,
                *(f"{one.lights[light].hits}/{one.lights[light].n}" for light in lights),
                rate(one.errors_watched),
            ]
            for one in reports
        ],
    )


def _as_json(one: FieldReport) -> dict[str, Any]:
    return {
        "field": one.field,
        "n": one.n,
        "right": one.accuracy.hits,
        "ece_score": _number(one.before.ece),
        "ece_calibrated": _number(one.after.ece) if one.after else None,
        "brier_calibrated": _number(one.after.brier) if one.after else None,
        "lights": {str(light): {"errors": held.hits, "n": held.n} for light, held in one.lights.items()},
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
