"""Runs that look evaluated, and bundles of them: tiny networks with random weights, made in seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fabricated_runs import Answering, fabricate
from small_snapshots import tiny

from db.files.manifest import (
    MANIFEST_NAME,
    canonical_json,
    hash_file,
    hash_folder,
    manifest_bytes,
    read_manifest,
)
from pipeline.imaging.preprocess import preprocess
from pipeline.serving.building import build_bundle
from pipeline.serving.photos.decoding import decoded
from pipeline.training.run_folder import open_run

FROZEN = {"backbone__frozen_through_block": 1}
# Parts of results.json that vouch for numbers; what is in them does not matter here.
VOUCHED: dict[str, Any] = {
    "calibration": {"rwma": {"methods": {}}},
    "conformal": {"target": 0.9},
    "operating": {"rwma": {"points": {}}},
    "referral": {"n": 1},
    "verdicts": [],
}


def evaluated_run(
    folder: Path, *, results: dict[str, Any] | None = None, answer: Answering | None = None, **changes: Any
) -> Path:
    """A sealed run with networks, and an evaluation folder that holds these results."""
    settings = tiny(**{"picture__image_size_px": 96, **FROZEN, **changes})
    run = fabricate(folder, patients=80, answer=answer, with_models=True, settings=settings).run
    write_evaluation(run, VOUCHED if results is None else results)
    return run


def write_evaluation(run: Path, results: dict[str, Any]) -> None:
    """An evaluation of a run, sealed by itself."""
    place = run / "evaluation"
    place.mkdir()
    (place / "results.json").write_bytes(canonical_json(results))
    manifest = manifest_bytes({"format": "echodesk-evaluation/1"}, hash_folder(place))
    (place / MANIFEST_NAME).write_bytes(manifest)


def made_bundle(folder: Path, **changes: Any) -> Path:
    """A bundle of such a run."""
    run = evaluated_run(folder, **changes)
    return build_bundle(run, folder / "bundles", snapshot=folder / "snapshots" / "fabricated")


def eager_answers(run: Path, photo: bytes) -> tuple[list[float], list[float]]:
    """EF (percent) and probability of each network of a run by itself, as torch says them."""
    import torch

    from pipeline.modeling.checkpoints import load_checkpoint
    from pipeline.modeling.ensemble import predict

    opened = open_run(run)
    picture = torch.from_numpy(preprocess(decoded(photo), opened.settings.picture)[None])
    said = [predict(load_checkpoint(place)[0], picture) for place in opened.checkpoints()]
    return [float(one.ef_percent[0]) for one in said], [float(one.rwma_probability[0]) for one in said]


def with_one_trunk(run: Path) -> None:
    """Give every network of a run the frozen layers of the first, and seal it anew."""
    from safetensors.torch import load_file, save_file

    from pipeline.modeling.checkpoints import load_checkpoint

    files = sorted((run / "folds").glob("*.safetensors"))
    network, _ = load_checkpoint(files[0])
    first = load_file(files[0])
    frozen = [
        f"backbone.{name}" for name, one in network.backbone.named_parameters() if not one.requires_grad
    ]
    # Statistics of the frozen layers are theirs as well.
    layers = {name.rpartition(".")[0] for name in frozen}
    for file in files:
        tensors = load_file(file)
        for name in tensors:
            if name.rpartition(".")[0] in layers:
                tensors[name] = first[name]
        file.chmod(0o600)
        save_file(tensors, file)
        beside = file.with_suffix(".json")
        beside.chmod(0o600)
        said = json.loads(beside.read_bytes()) | {"weights_sha256": hash_file(file).sha256}
        beside.write_text(json.dumps(said), encoding="utf-8")
    manifest = read_manifest((run / MANIFEST_NAME).read_bytes())
    files_now = {name: one for name, one in hash_folder(run).items() if not name.startswith("evaluation")}
    (run / MANIFEST_NAME).chmod(0o600)
    (run / MANIFEST_NAME).write_bytes(
        manifest_bytes({key: value for key, value in manifest.items() if key != "files"}, files_now)
    )
