"""A bundle: made of a run and its evaluation, whole or not at all, and what it may not be made of."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fabricated_runs import fabricate, fabricated_snapshot
from made_bundles import VOUCHED, eager_answers, with_one_trunk, write_evaluation

from db.errors import EchoDeskError
from db.files.manifest import MANIFEST_NAME, hash_folder, manifest_bytes
from db.measures.predicting.conformal import class_p_values
from pipeline.commands.models.elsewhere import bundle_models
from pipeline.dataset.opened import open_snapshot
from pipeline.evaluation.answers import answers_of_rows
from pipeline.evaluation.external import external_answers
from pipeline.evaluation.parts.conformal import by_truth
from pipeline.evaluation.screens import rwma_screen
from pipeline.serving.answer import NOT_ACCURACY, OUTSIDE, answer_of
from pipeline.serving.building import build_bundle
from pipeline.serving.bundle import Points, open_bundle
from pipeline.serving.runtime import Asked
from pipeline.serving.screen import Photographs
from pipeline.serving.told import warnings_of
from pipeline.training.run_folder import open_run

pytest.importorskip("onnx")


def _run_of(place: Path) -> Path:
    return next((place.parents[1] / "runs").glob("[!.]*"))


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes(place: Path, tmp_path: Path) -> None:
    snapshot = place.parents[1] / "snapshots" / "fabricated"
    again = build_bundle(_run_of(place), tmp_path, snapshot=snapshot)
    assert again.name == place.name
    names = sorted(file.relative_to(place) for file in place.rglob("*") if file.is_file())
    assert all((again / name).read_bytes() == (place / name).read_bytes() for name in names)


def test_a_byte_that_changed_is_named(place: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(place, copied)
    (copied / "heads.onnx").chmod(0o600)
    (copied / "heads.onnx").write_bytes((copied / "heads.onnx").read_bytes()[:-1] + b"!")
    with pytest.raises(EchoDeskError, match=r"heads\.onnx differs"):
        open_bundle(copied)


def test_a_bundle_that_calls_itself_another_or_is_of_another_version_is_refused(
    place: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(place, copy)
    manifest = copy / MANIFEST_NAME
    manifest.chmod(0o600)
    own = {"format": "echodesk-bundle/1", "bundle": place.name}
    for changed, why in (
        ({**own, "bundle": "deadbeef0000"}, "another name"),
        ({"format": own["format"]}, "another name"),
        ({**own, "format": "echodesk-bundle/2"}, "its format"),
    ):
        manifest.write_bytes(manifest_bytes(changed, hash_folder(copy)))
        with pytest.raises(EchoDeskError, match=why):
            open_bundle(copy)
    manifest.write_bytes(manifest_bytes(own, hash_folder(copy)))
    assert open_bundle(copy).id == place.name


def test_a_bundle_that_answers_otherwise_is_refused_when_it_is_loaded(place: Path) -> None:
    loaded = Photographs.load(place, threads=1)
    golden = loaded.bundle.about.golden
    other = golden.model_copy(update={"ef_percent": tuple(value + 1 for value in golden.ef_percent)})
    changed = loaded.bundle.about.model_copy(update={"golden": other})
    loaded.bundle = dataclasses.replace(loaded.bundle, about=changed)
    with pytest.raises(EchoDeskError, match="golden photograph"):
        loaded.check_golden()


def test_onnx_says_what_the_networks_say(place: Path) -> None:
    loaded = Photographs.load(place, threads=1, views=1)
    photo = loaded.bundle.examples[1].read_bytes()
    ef, rwma = eager_answers(_run_of(place), photo)
    answer = loaded.screen(photo)
    assert answer.ef_models == pytest.approx(ef, abs=1e-3)
    assert answer.rwma_said == pytest.approx(np.mean(rwma), abs=1e-5)


def _copied(place: Path, folder: Path, results: dict[str, Any] | None) -> Path:
    """The run of a bundle with another evaluation, or none."""
    run = folder / _run_of(place).name
    shutil.copytree(_run_of(place), run)
    shutil.rmtree(run / "evaluation")
    if results is not None:
        write_evaluation(run, results)
    return run


@pytest.mark.slow
def test_folds_with_one_frozen_trunk_store_it_once(place: Path, tmp_path: Path) -> None:
    run = _copied(place, tmp_path, VOUCHED)
    with_one_trunk(run)
    shared, apart = open_bundle(build_bundle(run, tmp_path / "bundles")), open_bundle(place)
    assert (apart.about.shares_trunk, shared.about.shares_trunk) == (False, True)
    assert shared.file("body.onnx").stat().st_size < apart.file("body.onnx").stat().st_size
    loaded = Photographs.load(shared.folder, threads=1)
    ef, _ = eager_answers(run, shared.examples[0].read_bytes())
    assert loaded.screen(shared.examples[0].read_bytes()).ef_models == pytest.approx(ef, abs=0.5)


def test_a_run_without_evaluation_is_refused_unless_that_is_overridden(place: Path, tmp_path: Path) -> None:
    run = _copied(place, tmp_path, None)
    with pytest.raises(EchoDeskError, match="has no evaluation"):
        build_bundle(run, tmp_path / "bundles")
    about = open_bundle(build_bundle(run, tmp_path / "bundles", despite=["no_evaluation"])).about
    assert about.despite == ("no_evaluation",)
    assert (about.calibration, about.ef_bands, about.rwma_sets, about.points) == (None,) * 4
    assert len(about.lacks) == 5


@pytest.mark.parametrize(("errors", "is_outside"), [((-8.0, 9.0), False), ((10.0, 20.0), True)])
def test_an_ef_outside_its_own_interval_is_said_to_be_no_number_to_use(
    place: Path, errors: tuple[float, float], is_outside: bool
) -> None:
    bundle = open_bundle(place)
    assert bundle.about.ef_bands is not None
    bands = bundle.about.ef_bands.model_copy(update={"limits": (), "ends": (errors,)})
    bundle = dataclasses.replace(bundle, about=bundle.about.model_copy(update={"ef_bands": bands}))
    asked = Asked(np.full((1, 2), 50.0), np.full((1, 2), 0.3), np.zeros((1, 2, 1), np.float32), None)
    answer = answer_of(bundle, asked, None)
    assert answer.ef_low is not None and answer.ef_high is not None
    assert (not answer.ef_low <= 50 <= answer.ef_high) is is_outside
    assert (OUTSIDE in answer.notes) is (OUTSIDE in warnings_of(answer)) is is_outside


@pytest.mark.parametrize(("said", "told"), [(-3.0, 0.0), (0.4, 0.4), (99.8, 99.8), (104.0, 100.0)])
def test_an_ef_that_no_heart_has_is_told_as_the_nearest_end(place: Path, said: float, told: float) -> None:
    asked = Asked(np.full((1, 2), said), np.full((1, 2), 0.3), np.zeros((1, 2, 1), np.float32), None)
    assert answer_of(open_bundle(place), asked, None).ef_percent == pytest.approx(told)


@pytest.mark.parametrize(("models", "is_told"), [(1, False), (2, True)])
def test_agreement_is_told_of_two_models_and_never_of_one(place: Path, models: int, is_told: bool) -> None:
    bundle = open_bundle(place)
    about = bundle.about.model_copy(update={"models": bundle.about.models[:models]})
    asked = Asked(
        np.full((1, models), 50.0), np.full((1, models), 0.3), np.zeros((1, models, 1), np.float32), None
    )
    answer = answer_of(dataclasses.replace(bundle, about=about), asked, None)
    assert (answer.agreement is not None, NOT_ACCURACY in answer.notes) == (is_told, is_told)
    unknown = dataclasses.replace(bundle, about=about.model_copy(update={"spreads": None}))
    assert answer_of(unknown, asked, None).agreement is None


@pytest.mark.parametrize("kind", ["shortcut", "leak"])
def test_a_fault_is_refused(place: Path, tmp_path: Path, kind: str) -> None:
    verdict = {"id": "reads_the_header", "kind": kind, "severity": "fault", "values": {}}
    run = _copied(place, tmp_path, {**VOUCHED, "verdicts": [verdict]})
    for despite in ([], ["another"]):
        with pytest.raises(EchoDeskError, match="reads_the_header"):
            build_bundle(run, tmp_path / "bundles", despite=despite)


def test_only_what_stands_against_a_run_can_be_overridden(place: Path, tmp_path: Path) -> None:
    leak = {"id": "reads_the_header", "kind": "leak", "severity": "fault", "values": {}}
    mild = {"id": "few_records", "kind": "numbers", "severity": "warning", "values": {}}
    run = _copied(place, tmp_path, {**VOUCHED, "verdicts": [leak, mild]})
    for name in ("nonsense", "few_records", "no_evaluation"):
        with pytest.raises(EchoDeskError, match=f"--despite {name}") as refused:
            build_bundle(run, tmp_path / "bundles", despite=["reads_the_header", name])
        assert "reads_the_header" in refused.value.hint
    (tmp_path / "none").mkdir()
    bare = _copied(place, tmp_path / "none", None)
    with pytest.raises(EchoDeskError, match="--despite nonsense") as refused:
        build_bundle(bare, tmp_path / "bundles", despite=["no_evaluation", "nonsense"])
    assert "no_evaluation" in refused.value.hint
    assert not (tmp_path / "bundles").exists()


@pytest.mark.parametrize("verdict", ["worse_than_median", "ef_not_taught", "rwma_not_taught"])
def test_numbers_that_are_worth_less_than_none_are_refused(place: Path, tmp_path: Path, verdict: str) -> None:
    found = {"id": verdict, "kind": "numbers", "severity": "fault", "values": {}}
    run = _copied(place, tmp_path, {**VOUCHED, "verdicts": [found]})
    with pytest.raises(EchoDeskError, match=verdict):
        build_bundle(run, tmp_path / "bundles")


@pytest.mark.slow
def test_a_fault_that_is_overridden_by_name_stands_in_card_and_answer(place: Path, tmp_path: Path) -> None:
    verdict = {"id": "reads_the_header", "kind": "leak", "severity": "fault", "values": {}}
    results = {**VOUCHED, "conformal": {"reason": "not_asked"}, "verdicts": [verdict]}
    made = build_bundle(_copied(place, tmp_path, results), tmp_path / "bundles", despite=["reads_the_header"])
    assert "reads_the_header" in (made / "README.md").read_text(encoding="utf-8")
    answer = Photographs.load(made, threads=1).screen((made / "golden.jpg").read_bytes())
    assert "Overridden by name: reads_the_header." in answer.notes
    assert answer.overridden == ("reads_the_header",)
    # What was not evaluated is left out and named.
    assert answer.ef_percent is not None and answer.rwma_probability is not None
    assert (answer.ef_low, answer.ef_high, answer.rwma_set, answer.agreement) == (None,) * 4
    assert answer.referral in ("clinical_correlation", "cardiologist", "cardiologist_priority")
    assert any("no conformal" in note for note in answer.notes)
    with pytest.raises(ValueError, match="missing"):
        answer.to_screened()


@pytest.mark.slow
def test_the_operating_points_are_those_that_the_evaluation_chose(place: Path, tmp_path: Path) -> None:
    assert open_bundle(place).about.points == Points()  # an evaluation that chose none
    points = {**Points().model_dump(), "ef_abnormal_percent": 53.5, "rwma_abnormal": 0.23}
    results = {**VOUCHED, "referral": {"chosen": {"points": points}}}
    about = open_bundle(build_bundle(_copied(place, tmp_path, results), tmp_path / "bundles")).about
    assert about.points == Points(ef_abnormal_percent=53.5, rwma_abnormal=0.23)
    assert "out-of-fold answers" in about.how["points"]


@pytest.mark.slow
def test_a_bundle_is_validated_elsewhere_as_its_run_is_and_one_of_another_run_is_refused(
    place: Path, tmp_path: Path
) -> None:
    run = open_run(_run_of(place))
    new = open_snapshot(fabricated_snapshot(tmp_path / "elsewhere", patients=12, seed=9, name="elsewhere"))
    models = bundle_models(place, run)
    assert models is not None and models.name == f"bundle {place.name}"
    packed, own = (external_answers(run, new, models=one)[0] for one in (models, None))
    assert np.abs(packed.ef_said - own.ef_said).max() < 0.05
    assert np.abs(packed.rwma_said - own.rwma_said).max() < 0.002
    assert np.abs(packed.ef_spread - own.ef_spread).max() < 0.05
    other = open_run(fabricate(tmp_path / "other", patients=60, seed=3).run)
    with pytest.raises(EchoDeskError, match="made of another run"):
        bundle_models(place, other)


def test_a_changed_evaluation_is_refused(place: Path, tmp_path: Path) -> None:
    run = _copied(place, tmp_path, VOUCHED)
    (run / "evaluation" / "results.json").write_text("{}", encoding="utf-8")
    with pytest.raises(EchoDeskError, match="evaluation"):
        build_bundle(run, tmp_path / "bundles")


def test_intervals_and_sets_are_those_of_the_evaluation(place: Path) -> None:
    about = open_bundle(place).about
    assert about.ef_bands is not None and about.rwma_sets is not None
    answers = answers_of_rows(open_run(_run_of(place)).predictions())
    known = answers.where(answers.has_ef)
    asked = np.linspace(5, 95, 61)
    low, high = by_truth(known.ef_percent, known.ef_said, asked, about.ef_bands.coverage).hull
    for value, first, last in zip(asked.tolist(), low.tolist(), high.tolist(), strict=True):
        expected = (0.0, 100.0) if np.isnan(first) else (first, last)
        assert about.ef_bands.around(value) == pytest.approx(expected)
    screen, said = rwma_screen(answers), np.linspace(0, 1, 101)
    least = 1 - about.rwma_sets.coverage
    absent = class_p_values(screen.score[~screen.is_positive], said) > least
    present = class_p_values(-screen.score[screen.is_positive], -said) > least
    for value, one, other in zip(said.tolist(), absent, present, strict=True):
        held = [name for name, is_held in (("absent", one), ("present", other)) if is_held]
        assert list(about.rwma_sets.of(value)) == held
