"""Every part of an evaluation: what follows from the answers, what was asked for beside it, the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from db.measures.estimate import Estimate
from db.measures.predicting.redraws import RESAMPLES, Redraws
from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.opened import OpenedSnapshot
from pipeline.evaluation.answers import Answers, answers_of
from pipeline.evaluation.asking import Models
from pipeline.evaluation.binary_numbers import BinaryNumbers
from pipeline.evaluation.ef_numbers import Collapse, EfNumbers
from pipeline.evaluation.leaks.audit import audit, leak_verdicts
from pipeline.evaluation.leaks.evidence import Evidence, read_evidence
from pipeline.evaluation.leaks.same_pages import same_pages
from pipeline.evaluation.numbers import NumbersSettings, all_numbers
from pipeline.evaluation.overlap import CountPeople
from pipeline.evaluation.parts.beside_runs import beside_runs, beside_verdicts, refuse_strangers
from pipeline.evaluation.photographs import PhotoLook, looks_of, photo_groups
from pipeline.evaluation.reference_rows import constant_numbers
from pipeline.evaluation.report.checklist import counts
from pipeline.evaluation.report.curves import curves
from pipeline.evaluation.report.paper_figures import paper_figures
from pipeline.evaluation.results import NotRun, Severity, Verdict
from pipeline.evaluation.suspected import suspected
from pipeline.referral import OperatingPoints
from pipeline.training.run_folder import Run

NOT_ASKED: Final = NotRun("not_asked")
# What draws chances has a stream of its own, so that asking for one part changes no other.
_CONSTANT, _PICTURES, _ELSEWHERE, _BESIDE = 1, 2, 3, 4

# A question with fewer positives than this is answered by single patients.
FEW_POSITIVES: Final = 30
_ORDER: Final = {Severity.FAULT: 0, Severity.WARNING: 1, Severity.NOTE: 2}

# Says what is being done now.
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What is asked of an evaluation; with the run and its snapshot they decide its content.

    Attributes:
        resamples: of the patients, for every interval. seed: of all chance.
        has_paper_figures: the seed paper's figures go into the report.
        changes_pictures: pages are changed and the models asked again (torch, some minutes).
        has_adversary: faults are planted in copies of the data, to see which would be caught (minutes).
    """

    resamples: int = RESAMPLES
    seed: int = 0
    has_paper_figures: bool = False
    changes_pictures: bool = False
    has_adversary: bool = False


def parts_of(
    run: Run,
    snapshot: OpenedSnapshot,
    new: OpenedSnapshot | None,
    options: Options,
    *,
    models: Models | None = None,
    count_people: CountPeople | None = None,
    beside: Sequence[Run] = (),
    say: Say,
) -> tuple[dict[str, Any], Answers | None]:
    """Every part by its key in `results.json`; and the answers on other data, where there are any.

    Args:
        models: those of a bundle, to be asked about the other data. Default: the run's.
        beside: other runs of the snapshot.
    """
    if new is not None:
        from pipeline.evaluation.external import ready_for

        # What will be refused is refused before minutes of work.
        ready_for(run, snapshot, new, count_people)
    refuse_strangers(run, beside)
    say("measuring")
    looks = looks_of(snapshot)
    with ThreadPoolExecutor(1) as meanwhile:
        # Mostly other processes' work.
        one_page = meanwhile.submit(pages_in_two_folds, run, snapshot, looks)
        answers = answers_of(run, snapshot, more_groups=photo_groups(snapshot, looks))
        parts, verdicts = parts_of_answers(answers, options)
        others, of_others = _beside(run, beside, snapshot, answers, options)
        say("looking for leaks")
        evidence = _evidence(run, snapshot, parts, one_page.result())
    leaks = audit(evidence)
    shortcuts, found = _shortcuts(run, snapshot, options, say)
    elsewhere: Any = NOT_ASKED
    there: Answers | None = None
    if new is not None:
        say(f"asking the models about snapshot {new.name}")
        elsewhere, there = _external(run, snapshot, new, options, models, count_people)
    whole = {
        "about": about(run, snapshot, options),
        **parts,
        "beside": others,
        "shortcuts": shortcuts,
        "leaks": leaks,
        "external": elsewhere,
        "adversary": _adversary(evidence, options, say),
        "paper_figures": paper_figures() if options.has_paper_figures else NOT_ASKED,
        "suspects": suspected(answers),
        "verdicts": by_weight(
            [*untaught_verdicts(run.settings), *verdicts, *of_others, *leak_verdicts(leaks), *found]
        ),
    }
    return {**whole, "checklist": counts(whole)}, there


def _shortcuts(
    run: Run, snapshot: OpenedSnapshot, options: Options, say: Say
) -> tuple[Any, tuple[Verdict, ...]]:
    if not options.changes_pictures:
        return NOT_ASKED, ()
    if not run.checkpoints():
        return NotRun("no_models"), ()
    from pipeline.evaluation.pictures.parts import picture_parts

    say("changing pages and asking the models again")
    found = picture_parts(run, snapshot, np.random.default_rng([options.seed, _PICTURES]))
    parts = {one.name: getattr(found, one.name) for one in fields(found) if one.name != "verdicts"}
    return parts, found.verdicts


def _beside(
    run: Run, beside: Sequence[Run], snapshot: OpenedSnapshot, answers: Answers, options: Options
) -> tuple[Any, list[Verdict]]:
    shuffled = run.settings.training.labels == "shuffled"
    verdicts = [Verdict("labels_shuffled", "leak", Severity.FAULT, {})] if shuffled else []
    if not beside:
        return NOT_ASKED, verdicts
    redraws = Redraws.of(answers.patients, np.random.default_rng([options.seed, _BESIDE]), options.resamples)
    found = beside_runs(run, beside, snapshot, answers, redraws)
    return found, [*verdicts, *beside_verdicts(found)]


def _external(
    run: Run,
    snapshot: OpenedSnapshot,
    new: OpenedSnapshot,
    options: Options,
    models: Models | None,
    count_people: CountPeople | None,
) -> tuple[Any, Answers]:
    from pipeline.evaluation.external import external

    rng = np.random.default_rng([options.seed, _ELSEWHERE])
    settings = NumbersSettings(resamples=options.resamples)
    return external(run, snapshot, new, rng, settings, models=models, count_people=count_people)


def _adversary(evidence: Evidence, options: Options, say: Say) -> Any:
    if not options.has_adversary:
        return NOT_ASKED
    from pipeline.evaluation.adversary import adversary

    say("planting faults in copies of the data")
    return adversary(evidence, seed=options.seed)


def parts_of_answers(answers: Answers, options: Options) -> tuple[dict[str, Any], list[Verdict]]:
    """The parts that follow from the out-of-fold answers alone, and what a reader must know of them."""
    numbers = all_numbers(
        answers, np.random.default_rng(options.seed), NumbersSettings(resamples=options.resamples)
    )
    rng = np.random.default_rng([options.seed, _CONSTANT])
    constant = constant_numbers(answers, Redraws.of(answers.patients, rng, options.resamples))
    of_numbers = {one.name: getattr(numbers, one.name) for one in fields(numbers) if one.name != "binary"}
    parts = {
        **of_numbers,
        **numbers.binary,
        "constant": constant,
        "curves": curves(answers),
    }
    return parts, [*ef_verdicts(numbers.ef, constant.mae_gain), *binary_verdicts(numbers.binary)]


def untaught_verdicts(settings: ExperimentSettings) -> Iterator[Verdict]:
    """On heads that no loss reached: `ef_not_taught`, `rwma_not_taught`."""
    for head in settings.losses.untaught:
        yield Verdict(f"{head}_not_taught", "numbers", Severity.FAULT, {})


def _evidence(
    run: Run, snapshot: OpenedSnapshot, parts: Mapping[str, Any], one_page: Sequence[tuple[str, str]]
) -> Evidence:
    """What the audit looks at, with what this evaluation itself chose and quotes."""
    return read_evidence(
        run.folder,
        snapshot.folder,
        same_pages=one_page,
        choices={
            "threshold": {"value": OperatingPoints().rwma_abnormal, "chosen_on": "paper"},
            "calibration": {"chosen_on": "nested"},
            "test_time_views": {"chosen_on": "settings"},
        },
        headline={"ef_r": parts["ef"].pooled["r"].value, "rwma_auroc": parts["rwma"].pooled["auroc"].value},
    )


def pages_in_two_folds(
    run: Run, snapshot: OpenedSnapshot, looks: Mapping[Path, PhotoLook]
) -> tuple[tuple[str, str], ...]:
    """Pairs of photographs of one page that lie in two folds of the run, by their paths in the snapshot."""
    fold_of = {row["row_id"]: int(row["fold"]) for row in run.predictions()}
    folds = {
        pair.picture: fold_of[pair.row_id]
        for pair in snapshot.pairs
        if pair.picture and pair.row_id in fold_of
    }
    pairs = same_pages({file: look.sketch for file, look in looks.items()}, folds)
    named = (tuple(file.relative_to(snapshot.folder).as_posix() for file in pair) for pair in pairs)
    return tuple((one, other) for one, other in named)


def about(run: Run, snapshot: OpenedSnapshot, options: Options) -> dict[str, Any]:
    """What was evaluated, and with what."""
    data: Mapping[str, Any] = run.read_json("data.json")
    weights = run.manifest["initial_weights"]
    return {
        "run": run.name,
        "snapshot": snapshot.name,
        "content_sha256": snapshot.content_sha256,
        "is_synthetic": snapshot.is_synthetic,
        **({"is_brought_in": True} if snapshot.is_brought_in else {}),
        "profile": run.manifest["profile"],
        "backbone": run.manifest["backbone"],
        "image_size_px": run.settings.picture.image_size_px,
        "settings": run.settings.model_dump(mode="json"),
        "first_weights": f"{weights['source']}, {weights['name']}",
        "first_weights_note": weights["note"],
        "photographs": data["photographs"],
        "photographs_left_out": len(data["photographs_left_out"]),
        "targets": data["targets"],
        "sites": len([site for site in data["sites"] if site]),
        "resamples": options.resamples,
        "seed": options.seed,
    }


def by_weight(verdicts: list[Verdict]) -> tuple[Verdict, ...]:
    """Faults first, then warnings, then notes; within each as they were found."""
    return tuple(sorted(verdicts, key=lambda one: _ORDER[one.severity]))


def ef_verdicts(ef: EfNumbers, gain: Estimate) -> Iterator[Verdict]:
    """On EF.

    Args:
        gain: error of answering the median for everybody minus the model's, points; above 0 is better.
    """
    values: dict[str, Any] = {"gain": gain, "mae": ef.pooled["mae"]}
    if gain.has_interval and gain.high < 0:
        yield Verdict("worse_than_median", "numbers", Severity.FAULT, values)
    elif gain.has_interval and gain.low <= 0:
        yield Verdict("no_better_than_median", "numbers", Severity.FAULT, values)
    yield from collapse_verdicts(ef.collapse)
    slope = ef.pooled["slope"]
    is_told_apart = ef.collapse.truth_sd.value > 0  # where all labels are alike there is no slope to be right
    if is_told_apart and slope.has_interval and slope.high < 1 and not ef.collapse.is_collapsed:
        yield Verdict("ef_overspread", "numbers", Severity.WARNING, {"slope": slope})


def collapse_verdicts(found: Collapse) -> Iterator[Verdict]:
    """The only word on regression to the mean: a fault below `COLLAPSED_BELOW`, else nothing.

    Shrinkage alone is no fault: with correlation r the best predictor has r times the spread of the truth.
    """
    if found.is_collapsed:
        values = {"said_sd": found.said_sd, "truth_sd": found.truth_sd, "in_spike": found.in_spike}
        yield Verdict("collapse", "numbers", Severity.FAULT, values)


def binary_verdicts(binary: Mapping[str, BinaryNumbers]) -> Iterator[Verdict]:
    """On the yes-or-no questions."""
    for name, one in binary.items():
        values: dict[str, Any] = {"question": name, "n": one.n, "positives": one.positives}
        auroc = one.pooled["auroc"]
        if one.positives in (0, one.n):
            yield Verdict("no_such_cases", "numbers", Severity.WARNING, values)
        elif one.positives < FEW_POSITIVES:
            few = "few_positives" if auroc.has_interval else "too_few_positives"
            yield Verdict(few, "numbers", Severity.WARNING, {**values, "auroc": auroc})
        elif auroc.has_interval and auroc.low <= 0.5:
            yield Verdict("no_better_than_chance", "numbers", Severity.FAULT, {**values, "auroc": auroc})
