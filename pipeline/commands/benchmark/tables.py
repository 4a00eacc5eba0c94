"""How the benchmark's figures are printed: values, traffic lights, strata, wrong answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.fields.names import of_answers
from pipeline.commands.benchmark.figures import hits, percent, rate, ratio
from pipeline.commands.terminal import complain, say, say_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeling.benchmark.light_scores import LightScores
    from labeling.benchmark.run import BenchmarkResult, Failure
    from labeling.benchmark.scoring import Scores
    from labeling.readers.base import ReaderIdentity

FIELD_NAMES = of_answers(ef="EF", rwma="RWMA", severity="RWMA grade", pah="PAH", rvsp="RVSP") | {
    "all": "all four"
}


def show_result(result: BenchmarkResult) -> None:
    """The figures for real, synthetic and all reports, then the main ones by stratum, then the lights."""
    say(f"Input: {result.input_kind}. Each figure: hits/n = percent [95 % Wilson interval].")
    say(f"Reader: {reader_name(result.reader)}.\n")
    named = (("real", result.real), ("synthetic", result.synthetic), ("all", result.overall))
    columns = {name: figures_of(scores) for name, scores in named if scores.n}
    say_table(
        ["figure", *columns],
        [[name, *(figures[name] for figures in columns.values())] for name in figures_of(result.overall)],
    )
    if result.failures:
        say(
            f"\n{len(result.failures)} of {result.overall.n} reports could not be read "
            "and count as unanswered."
        )
    if result.quotes_not_in_text:
        say(f"\n{result.quotes_not_in_text} quotes are not verbatim in their text.")
    say("\nBy stratum")
    say_table(
        ["stratum", "n", "EF exact", "RWMA recall", "PAH exact"],
        [
            [name, scores.n, hits(scores.ef_exact), hits(scores.rwma_recall), hits(scores.pah_exact)]
            for name, scores in result.by_stratum.items()
        ],
    )
    show_lights(result.lights)


def show_lights(lights: LightScores) -> None:
    """How many errors each light holds, and the error rate among the surest answers."""
    say("\nTraffic light: errors of the answers with that light")
    say_table(
        ["field", "green", "amber", "red"],
        [
            [FIELD_NAMES[name], *(hits(by_light[light]) for light in ("green", "amber", "red"))]
            for name, by_light in lights.by_field.items()
        ],
    )
    held = (
        f"hold {hits(lights.errors_watched)} errors ({hits(lights.wrong_watched)} of the wrong values; "
        "the other errors are fields left open)"
        if lights.errors_watched.n
        else "had no error to hold"
    )
    say(f"Amber and red are {rate(lights.watched)} of the answers and {held}.")
    say(f"Green answers that are an error (lower is better): {rate(lights.green_errors)}.")
    area = ratio(lights.area_under_risk)
    say(f"\nErrors among the surest answers; area under the curve of their share {area}")
    points = lights.risk_by_confidence
    say_table(
        ["kept", *(f"{100 * point.coverage:.0f} %" for point in points)],
        [
            ["errors", *(f"{point.errors:.1f}".removesuffix(".0") + f"/{point.n}" for point in points)],
            ["share", *(percent(point.risk) for point in points)],
        ],
    )


def show_misses(result: BenchmarkResult) -> None:
    """Every wrong answer."""
    say()
    rows = [[miss.name, miss.field, miss.expected, miss.got] for miss in result.overall.misses]
    say_table(["report", "field", "expected", "read"], rows)


def name_failures(failures: Sequence[Failure]) -> None:
    """Each report that failed on a line of its own, on standard error."""
    for failure in failures:
        sentences = [failure.error.rstrip("."), failure.hint.rstrip(".")]
        complain(f"{failure.name}: {'. '.join(part for part in sentences if part)}.")


def reader_name(identity: ReaderIdentity) -> str:
    """`qwen2vl, version 1, weights 0123abcd, prompt 2`; what isn't known is left out."""
    parts = {
        "version": identity.version,
        "weights": identity.weights_revision,
        "prompt": identity.prompt_version,
    }
    return ", ".join([identity.name, *(f"{name} {value}" for name, value in parts.items() if value)])


def figures_of(scores: Scores) -> dict[str, str]:
    """The benchmark's figures, as printed; higher is better unless the name says otherwise."""
    return {
        "reports": str(scores.n),
        "EF exact": rate(scores.ef_exact),
        "EF wrong number (lower is better)": rate(scores.ef_wrong),
        "EF called unreadable": f"{scores.ef_unreadable}/{scores.ef_exact.n}",
        "EF invented on blanks (lower)": rate(scores.false_ef),
        "RWMA precision": rate(scores.rwma_precision),
        "RWMA recall": rate(scores.rwma_recall),
        "RWMA F1 (present)": ratio(scores.rwma_f1),
        "RWMA severity": rate(scores.rwma_severity),
        "global-only called regional (lower)": rate(scores.global_called_regional),
        "PAH exact": rate(scores.pah_exact),
        "PAH weighted kappa": ratio(scores.pah_weighted_kappa),
        "PAH none found when stated": rate(scores.pah_none_found),
        "number-only called a grade (lower)": rate(scores.number_called_grade),
        "RVSP exact": rate(scores.rvsp_exact),
        "wrong values (lower)": rate(scores.wrong_values),
        "values without a quote (lower)": str(scores.quotes_missing),
    }
