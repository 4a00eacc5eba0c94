"""Settings: profiles, what is saved, and what is refused with the nearest right name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from house_tree import ROOT
from pydantic import ValidationError

from db.errors import EchoDeskError
from pipeline.config.files import PROFILES, dump, load, nearest_setting, override, resolve
from pipeline.imaging.preprocess import straightened


def refused(values: Any) -> EchoDeskError:
    with pytest.raises(EchoDeskError) as caught:
        resolve(values, where="trial.json")
    return caught.value


def test_the_paper_profile_says_what_the_paper_says() -> None:
    paper = PROFILES["paper"]
    assert paper.backbone.name == "tf_efficientnet_b3.ns_jft_in1k"
    assert (paper.picture.image_size_px, paper.picture.crop_share, paper.picture.clahe_clip) == (
        384,
        0.05,
        2.5,
    )
    assert (paper.backbone.drop_rate, paper.backbone.drop_path) == (0.2, 0.1)
    assert (paper.neck.widths, paper.neck.dropouts) == ((512, 256, 128), (0.45, 0.315, 0.225))
    assert (paper.optimiser.backbone_rate, paper.optimiser.head_rate) == (1e-4, 1e-3)
    assert (paper.losses.ef_weight_cap, paper.losses.ef_weight, paper.losses.rwma_weight) == (3, 1, 1)
    assert paper.training.folds == 5


def test_the_cpu_profile_trains_the_rest_of_a_small_network_on_cached_activations() -> None:
    cpu = PROFILES["cpu"]
    assert cpu.backbone.name == "tf_efficientnet_lite0"
    assert cpu.training.caches_trunk
    assert cpu.backbone.frozen_through_block is not None


def test_the_cpu_profile_works_on_every_camera_at_about_one_size_and_sharpens_nothing() -> None:
    picture = PROFILES["cpu"].picture
    photos = [np.zeros((3 * by, 4 * by, 3), np.uint8) for by in (320, 500, 1000)]
    sides = [max(straightened(photo, picture).shape) for photo in photos]
    assert sides == [1280, 1000, 1000]
    assert not picture.sharpen
    # The paper's stays the paper's.
    assert (PROFILES["paper"].picture.working_px, PROFILES["paper"].picture.sharpen) == (None, True)


@pytest.mark.parametrize("name", list(PROFILES))
def test_what_is_saved_is_read_back_the_same(name: str, tmp_path: Path) -> None:
    settings = override(PROFILES[name], {"losses.ef_weight_cap": 6, "losses.rwma_class_weights": [1, 2.5]})
    dump(settings, tmp_path / "settings.json")
    again = load(tmp_path / "settings.json")
    assert again == settings
    assert again.sha256() == settings.sha256()


def test_what_is_saved_names_every_value(tmp_path: Path) -> None:
    dump(PROFILES["cpu"], tmp_path / "settings.json")
    saved = json.loads((tmp_path / "settings.json").read_text())
    assert saved["losses"]["smooth_l1_beta"] == 0.1
    assert saved["backbone"]["freeze_batch_norm"] is True


def test_a_file_says_only_what_differs_from_its_profile(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text('{"profile": "cpu", "training": {"epochs": 9}}')
    settings = load(tmp_path / "mine.json")
    assert settings.training.epochs == 9
    assert settings == override(PROFILES["cpu"], {"training.epochs": 9})


def test_every_setting_changes_the_hash() -> None:
    hashes = {override(PROFILES["paper"], {"losses.ef_weight_cap": cap}).sha256() for cap in (1, 2, 3, 6)}
    assert len(hashes) == 4
    assert PROFILES["paper"].sha256() in hashes


def test_the_same_values_written_otherwise_have_the_same_hash() -> None:
    one = resolve({"losses": {"ef_weight_cap": 2, "ef_weight": 1.0}}, where="a")
    other = resolve({"losses": {"ef_weight": 1, "ef_weight_cap": 2.0}}, where="b")
    assert one.sha256() == other.sha256()


@pytest.mark.parametrize(
    ("values", "wrong", "nearest"),
    [
        ({"losses": {"ef_weight_capp": 3}}, "losses.ef_weight_capp", "losses.ef_weight_cap"),
        ({"losses": {"weight_decay": 3}}, "losses.weight_decay", "optimiser.weight_decay"),
        ({"lossess": {}}, "lossess", "losses"),
        ({"folds": 5}, "folds", "training.folds"),
    ],
)
def test_an_unknown_setting_is_named_with_the_nearest_known_one(
    values: Any, wrong: str, nearest: str
) -> None:
    error = refused(values)
    assert error.message == f"trial.json: there is no setting {wrong}"
    assert error.hint == f"The nearest is {nearest}."
    assert nearest_setting(wrong) == nearest


def test_fewer_epochs_than_patience_is_refused_with_what_to_set() -> None:
    error = refused({"training": {"epochs": 2}})
    assert "training.patience is longer than training.epochs (6 and 2)" in error.message
    assert error.hint == "Set training.patience=null, which trains all epochs, or to 2 or less."


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"training": {"epochs": 0}}, "training.epochs"),
        ({"training": {"epochs": 3}}, "training.patience is longer"),
        ({"training": {"seeds": [1, 1]}}, "a seed twice"),
        ({"training": {"precision": "fp8"}}, "training.precision"),
        ({"neck": {"widths": [8]}}, "one value for each layer"),
        ({"losses": {"ef_weight": 0, "rwma_weight": 0}}, "nothing would be learnt"),
        ({"losses": {"rwma_class_weights": "equal"}}, "losses.rwma_class_weights: "),
        ({"losses": {"ef_weight_cap": 0.5}}, "losses.ef_weight_cap"),
        ({"losses": {"smooth_l1_beta": float("nan")}}, "losses.smooth_l1_beta"),
        ({"backbone": {"weights": "file"}}, "weights_file"),
        ({"backbone": {"weights_file": "b3.pth"}}, "weights_file"),
        ({"training": {"caches_trunk": True}}, "backbone.frozen_through_block"),
        ({"profile": "cpu", "augmentation": {"cached_variants": 1}}, "cached_variants of 2 or more"),
        ({"augmentation": {"cached_variants": 4}}, "training.caches_trunk alone"),
        ({"profile": "cpu", "augmentation": {"enabled": False}}, "all the same"),
        (
            {"augmentation": {"backmix_share": 0.5, "enabled": False}},
            "backmix_share changes nothing while augmentation.enabled is false",
        ),
        ({"profile": "gpu"}, "there is no profile 'gpu'"),
        ({"profile": ["cpu"]}, "there is no profile"),
        ([], "not a JSON object"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(values: Any, said: str) -> None:
    error = refused(values)
    assert error.message.startswith("trial.json")
    assert said in error.message
    assert error.hint


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="none.json"):
        load(tmp_path / "none.json")
    (tmp_path / "torn.json").write_text('{"profile": ')
    with pytest.raises(EchoDeskError, match=r"torn\.json is not JSON"):
        load(tmp_path / "torn.json")


def test_settings_do_not_change_after_they_were_checked() -> None:
    with pytest.raises(ValidationError):
        PROFILES["paper"].losses.ef_weight_cap = 9  # type: ignore[misc]


def test_settings_need_no_torch() -> None:
    code = "import sys, pipeline.config.files; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


def test_a_file_without_a_profile_differs_from_the_one_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"training": {"epochs": 9}}', encoding="utf-8")
    assert load(file, "cpu") == override(PROFILES["cpu"], {"training.epochs": 9})
    assert load(file) == override(PROFILES["paper"], {"training.epochs": 9})


def test_a_file_of_another_profile_than_the_one_asked_for_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    dump(PROFILES["paper"], file)
    assert load(file, "paper") == PROFILES["paper"]
    with pytest.raises(EchoDeskError, match="names the profile 'paper', and --profile says 'cpu'"):
        load(file, "cpu")


@pytest.mark.parametrize("value", [7, "abc"])
def test_a_single_seed_is_told_to_be_a_list(value: object) -> None:
    said = refused({"training": {"seeds": value}})
    assert said.message == "trial.json: training.seeds: it is a list in brackets, such as [7] or [1, 2]"
