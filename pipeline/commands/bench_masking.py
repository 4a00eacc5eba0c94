"""`echodesk bench masking`."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.commands.options import (
    JsonOption,
    WorkersOption,
    WorkspaceOption,
    chosen_workspace,
    usual_workers,
)
from pipeline.commands.terminal import counted, progress, say, say_json, say_table

if TYPE_CHECKING:
    from db.measures.estimate import Estimate
    from pipeline.dataset.masking.measure import PictureFigures

Shares = dict[str, "Estimate"]


def bench_masking_command(
    ctx: typer.Context,
    patients: Annotated[int, typer.Option(min=1, help="How many patients to invent.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Of the invented cohort.")] = 20260401,
    workers: WorkersOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """How much of what identifies somebody is masked, on invented pictures whose every word is known.

    Reads back the bytes that would go out with both engines. See docs/deidentification.md.
    """
    from pipeline.dataset.masking.measure import measure_cohort
    from pipeline.demo.cohort import build_cohort

    tesseract = chosen_workspace(ctx, workspace).tesseract
    with tempfile.TemporaryDirectory(prefix="echodesk-bench-") as folder:
        with progress("Printing and photographing", "patients") as advance:
            cohort = build_cohort(Path(folder) / "cohort", patients=patients, seed=seed, on_progress=advance)
        figures: list[PictureFigures] = []
        with progress("Masking and reading back", "patients") as advance:
            runs = measure_cohort(cohort.truth, tesseract=tesseract, workers=workers or usual_workers())
            for done, found in enumerate(runs, start=1):
                figures += found
                advance(done, patients)
    shares = shares_of(figures)
    if as_json:
        say_json(as_plain(figures, shares))
    else:
        show_masking_bench(figures, shares)


def shares_of(figures: Sequence[PictureFigures]) -> Shares:
    """Every share that is promised, with its exact interval."""
    from pipeline.dataset.masking.measure import NAME_KINDS

    out = [one for one in figures if not one.refusal]
    words = [pair for one in out for pair in one.words]
    names = [bool(read) for one in out for kind, read in one.read_back if kind in NAME_KINDS]
    values = [bool(read) for one in out for kind, read in one.read_back if kind not in NAME_KINDS]
    reports = [all(one.evidence) for one in out if one.evidence]
    shares = {
        "identifying words masked": _share(is_masked for _, is_masked in words),
        "names readable in the masked picture": _share(names),
        "ids, phones, dates, hospitals readable": _share(values),
        "label evidence boxes untouched": _share(flag for one in out for flag in one.evidence),
        "report pages with all evidence untouched": _share(reports),
        "pictures that go out": _share(not one.refusal for one in figures),
    }
    for kind in sorted({kind for kind, _ in words}):
        shares[f"masked: {kind}"] = _share(is_masked for other, is_masked in words if other == kind)
    return shares


def _share(flags: Iterable[bool]) -> Estimate:
    from db.measures.proportions import exact_share

    held = list(flags)
    return exact_share(sum(held), len(held))


def left_out(figures: Sequence[PictureFigures]) -> Counter[tuple[str, str, str]]:
    """(role, condition, reason) -> pictures that stay here."""
    return Counter((one.role, one.condition, one.refusal) for one in figures if one.refusal)


def as_plain(figures: Sequence[PictureFigures], shares: Shares) -> dict[str, Any]:
    """For a script to read."""
    return {
        "pictures": len(figures),
        "shares": {
            name: {
                "count": round(one.value * one.n) if one.n else 0,
                "n": one.n,
                "low": one.low,
                "high": one.high,
            }
            for name, one in shares.items()
        },
        "left_out": [
            {"role": role, "condition": condition, "reason": reason, "pictures": count}
            for (role, condition, reason), count in sorted(left_out(figures).items())
        ],
        "conflicts": sum(one.conflicts for one in figures),
        "seconds_a_picture": {
            role: round(median(one.elapsed_s for one in figures if one.role == role), 2)
            for role in sorted({one.role for one in figures})
        },
        "painted_share": {
            role: round(
                median(one.painted_share for one in figures if one.role == role and not one.refusal), 4
            )
            for role in sorted({one.role for one in figures if not one.refusal})
        },
        # The cohort is invented: what was missed may be shown.
        "missed": [[one.role, one.condition, *one.missed] for one in figures if one.missed],
        "readable": [[one.role, one.condition, read] for one in figures for _, read in one.read_back if read],
    }


def show_masking_bench(figures: Sequence[PictureFigures], shares: Shares) -> None:
    """The figures with n and exact 95 % intervals."""
    say(f"{counted(len(figures), 'picture')} of an invented cohort; exact 95 % intervals")
    say_table(("", "of", "share %", "from %", "to %"), [_row(name, one) for name, one in shares.items()])
    say("\nLeft out")
    rows = [(*why, count) for why, count in sorted(left_out(figures).items())]
    say_table(("picture", "capture", "reason", "pictures"), rows or [("none", "", "", 0)])
    plain = as_plain(figures, shares)
    for role, seconds in plain["seconds_a_picture"].items():
        say(f"{role}: {seconds:.1f} s a picture in one process (median)")
    for role, share in plain["painted_share"].items():
        say(f"{role}: {100 * share:.1f} % of the picture painted (median)")
    for role, condition, *words in plain["missed"]:
        say(f"not masked in a {condition} {role}: {', '.join(words)}")
    for role, condition, read in plain["readable"]:
        say(f"readable in a {condition} {role}: {read}")


def _row(name: str, one: Estimate) -> tuple[str, int, float, float, float]:
    return (name, one.n, round(100 * one.value, 2), round(100 * one.low, 2), round(100 * one.high, 2))
