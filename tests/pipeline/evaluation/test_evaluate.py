"""An evaluation folder: whole or not at all, sealed by itself, the same for the same inputs."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from fabricated_runs import Fabricated, fabricate

from db.errors import EchoDeskError
from db.files.manifest import MANIFEST_NAME, hash_folder
from pipeline.dataset.opened import OpenedSnapshot, open_snapshot
from pipeline.evaluation.adversary import ATTACKS, adversary
from pipeline.evaluation.all_parts import Options
from pipeline.evaluation.evaluate import PAGE, Written, evaluate, read_results
from pipeline.evaluation.photographs import PhotoLook, looks_of
from pipeline.evaluation.report.facts import number, percent
from pipeline.evaluation.report.text.shortcuts import ATTACKS as FAULTS
from pipeline.evaluation.report.text.shortcuts import NEVER
from pipeline.training.run_folder import open_run, run_problems

FEW = Options(resamples=100)


def silent(_: str) -> None:
    """Says nothing."""


def evaluated(made: Fabricated, options: Options = FEW, *, is_again: bool = False) -> Written:
    return evaluate(made.run, open_snapshot(made.snapshot), options, is_again=is_again, say=silent)


@pytest.fixture(scope="module", autouse=True)
def _few_pages_are_compared_and_once() -> Iterator[None]:
    """More than half of the time of an evaluation without models; copies of one snapshot look the same."""
    seen: dict[str, dict[Path, PhotoLook]] = {}

    def look(snapshot: OpenedSnapshot) -> dict[Path, PhotoLook]:
        if snapshot.content_sha256 not in seen:
            files = [pair.picture for pair in snapshot.pairs[:12] if pair.picture]
            seen[snapshot.content_sha256] = looks_of(snapshot, paths=files)
        return {
            snapshot.folder / "images" / file.name: one for file, one in seen[snapshot.content_sha256].items()
        }

    with patch("pipeline.evaluation.all_parts.looks_of", look):
        yield


@pytest.fixture(scope="module")
def done(usual_run: Fabricated, tmp_path_factory: pytest.TempPathFactory) -> Fabricated:
    """A run with its evaluation; not to be changed."""
    made = copied(usual_run, tmp_path_factory.mktemp("evaluate"))
    assert evaluated(made).is_new
    return made


def copied(made: Fabricated, place: Path) -> Fabricated:
    snapshot, run = (place / one.name for one in (made.snapshot, made.run))
    shutil.copytree(made.snapshot, snapshot)
    shutil.copytree(made.run, run)
    for path in run.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return replace(made, snapshot=snapshot, run=run)


def test_the_folder_has_results_page_tables_predictions_and_a_manifest(done: Fabricated) -> None:
    names = set(hash_folder(done.run / "evaluation"))
    assert {"results.json", "report.html", "predictions.csv", "tables/ef.csv", "tables/rwma.csv"} <= names
    manifest = json.loads((done.run / "evaluation" / MANIFEST_NAME).read_bytes())
    assert set(manifest["files"]) == names
    assert manifest["run"] == done.run.name


def test_the_run_is_still_as_it_was_written(done: Fabricated) -> None:
    assert run_problems(done.run) == []
    assert open_run(done.run).name == done.run.name


def test_a_changed_evaluation_is_named_by_its_file(done: Fabricated, tmp_path: Path) -> None:
    made = copied(done, tmp_path)
    (made.run / "evaluation" / "results.json").write_text("{}")
    (made.run / "stray.txt").write_text("")
    assert run_problems(made.run) == [
        "stray.txt does not belong there",
        "evaluation: results.json was changed",
    ]


def test_the_same_inputs_give_the_same_bytes_elsewhere(done: Fabricated, tmp_path: Path) -> None:
    made = copied(done, tmp_path)
    shutil.rmtree(made.run / "evaluation")
    evaluated(made)
    assert hash_folder(made.run / "evaluation") == hash_folder(done.run / "evaluation")


def test_the_same_evaluation_is_not_made_twice(done: Fabricated) -> None:
    before = (done.run / "evaluation" / MANIFEST_NAME).stat().st_mtime_ns
    again = evaluated(done)
    assert not again.is_new
    assert (again.folder / MANIFEST_NAME).stat().st_mtime_ns == before


def test_other_settings_are_refused_until_asked_for_and_then_keep_the_older_one(
    done: Fabricated, tmp_path: Path
) -> None:
    made = copied(done, tmp_path)
    other = replace(FEW, seed=1)
    with pytest.raises(EchoDeskError, match="made with other settings") as refused:
        evaluated(made, other)
    assert "--again" in refused.value.hint
    assert evaluated(made, other, is_again=True).is_new
    older = [path.name for path in made.run.glob("evaluation.*")]
    assert len(older) == 1
    assert run_problems(made.run) == []
    assert read_results(made.run / "evaluation")["about"]["seed"] == 1


def test_what_the_adversary_found_stands_in_the_results_and_on_the_page(
    done: Fabricated, tmp_path: Path
) -> None:
    made = copied(done, tmp_path)
    with patch("pipeline.evaluation.adversary.adversary", partial(adversary, repeats=2)):
        written = evaluated(made, replace(FEW, has_adversary=True), is_again=True)
    found = read_results(written.folder)["adversary"]
    assert set(found) == set(ATTACKS)
    page = (written.folder / PAGE).read_text("utf-8")
    section = page[page.index('id="adversary"') : page.index('id="paper-tables"')]
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in section.split("<tr")]
    for name, limit in found.items():
        assert limit["steps"][0]["caught"]["value"] == 0
        title, says = FAULTS[name]
        share = limit["weakest"]
        known = share is not None and {"percent": percent(share), "count": number(share, 0)}
        worth = [number(limit["missed_auroc_gain"], 3), number(limit["missed_mae_gain"], 2)]
        assert [title, says.format_map(known) if known else NEVER, *worth] in rows


def test_a_run_of_other_data_is_refused(done: Fabricated, tmp_path: Path) -> None:
    other = fabricate(tmp_path, patients=30, seed=9)
    with pytest.raises(EchoDeskError, match="other data"):
        evaluate(done.run, open_snapshot(other.snapshot), replace(FEW, seed=9), is_again=True, say=silent)
    assert (done.run / "evaluation").is_dir()


def test_a_folder_without_results_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="holds no results.json") as refused:
        read_results(tmp_path)
    assert "echodesk evaluate" in refused.value.hint


def test_the_predictions_are_those_of_the_run_in_its_order(done: Fabricated) -> None:
    lines = (done.run / "evaluation" / "predictions.csv").read_text("utf-8-sig").splitlines()
    rows = open_run(done.run).predictions()
    assert [line.split(",")[0] for line in lines[1:]] == [row["row_id"] for row in rows]
