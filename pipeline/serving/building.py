"""A run and its evaluation -> a bundle. The same run gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from db.errors import EchoDeskError
from db.files.manifest import (
    MANIFEST_NAME,
    FileHash,
    canonical_json,
    hash_file,
    hash_folder,
    manifest_bytes,
    sha256_of,
)
from db.files.whole import new_folder, write_file
from pipeline.dataset.opened import OpenedSnapshot, open_snapshot
from pipeline.evaluation.answers import answers_of_rows
from pipeline.imaging.preprocess import preprocess
from pipeline.modeling.onnx_export import Graphs, export
from pipeline.referral import OperatingPoints
from pipeline.serving import bundle as parts
from pipeline.serving.card import card_text, license_text
from pipeline.serving.fitting import calibration, ef_bands, how_fitted, percentiles, rwma_sets, usual_spreads
from pipeline.serving.golden import example_photos
from pipeline.serving.photos.decoding import decoded
from pipeline.training.run_folder import EVALUATION, Run, open_run

NO_EVALUATION: Final = "no_evaluation"
# What of an evaluation vouches for which number of an answer.
_VOUCHERS: Final = {
    "calibration": "the probability of a wall motion abnormality is not shown",
    "conformal": "no interval and no set is shown",
    "operating": "nobody measured what the operating points do on this run",
    "referral": "no referral is given",
}
# Faults of the numbers themselves with which an answer is worth less than none: id -> what was found.
_NO_ANSWER: Final = {
    "worse_than_median": "EFs worse than the same number for everybody",
    "ef_not_taught": "an EF that was not taught",
    "rwma_not_taught": "a wall motion that was not taught",
}


@dataclass(frozen=True)
class Networks:
    """The graphs, whose networks they are, and what those say of the golden photograph by themselves."""

    graphs: Graphs
    models: tuple[parts.Model, ...]
    golden: parts.Said


def build_bundle(
    run_folder: Path, bundles: Path, *, snapshot: Path | None = None, despite: Sequence[str] = ()
) -> Path:
    """Make `bundles/<id>/` and say where it is; one that is there already is left as it is.

    Args:
        snapshot: folder of the one the run was trained on; its photographs say how far the models usually lie
            apart. Without it no agreement is shown, and nobody is cleared.
        despite: ids of verdicts to override, or `no_evaluation`.

    Raises:
        EchoDeskError: the run is not as it was written, has no networks, was not evaluated or the evaluation
            found a shortcut or a leak; nothing stands against it that would have to be overridden by one of
            these names; or a file can't be written.
    """
    run = open_run(run_folder)
    results, evaluation_sha256 = _results(run, despite)
    _refuse_faults(run, results, despite)
    _refuse_unknown(run, results, despite)
    photos = example_photos()
    made = _networks(run, photos[0])
    spreads = None if snapshot is None else usual_spreads(run, _snapshot_of(run, snapshot), made.graphs)
    about = _about(run, results, made, spreads)
    overridden = tuple(dict.fromkeys(despite))
    about = about.model_copy(update={"evaluation_sha256": evaluation_sha256, "despite": overridden})
    files = {
        parts.BODY: made.graphs.body,
        parts.HEADS: made.graphs.heads,
        parts.ABOUT: canonical_json(about.model_dump(mode="json")),
        parts.CARD: card_text(about, _quoted(results)).encode(),
        parts.LICENSE: license_text().encode(),
        parts.GOLDEN: photos[0],
        **{f"{parts.EXAMPLES}/{place}.jpg": photo for place, photo in enumerate(photos, start=1)},
    }
    return _written(bundles, files)


def _written(bundles: Path, files: Mapping[str, bytes]) -> Path:
    bundles.mkdir(parents=True, exist_ok=True)
    name = parts.bundle_id({one: FileHash(sha256_of(data), len(data)) for one, data in files.items()})
    place = bundles / name
    if place.exists():
        parts.open_bundle(place)
        return place
    try:
        with new_folder(place) as partial:
            for one, data in files.items():
                write_file(partial / one, data)
            said = {"format": parts.FORMAT, "bundle": name}
            write_file(partial / MANIFEST_NAME, manifest_bytes(said, hash_folder(partial)))
    except FileExistsError:
        raise EchoDeskError(f"another program is writing bundle {name}", "Wait for it.") from None
    return place


def _results(run: Run, despite: Sequence[str]) -> tuple[Mapping[str, Any], str]:
    """What the evaluation found, and the hash of its manifest; nothing where that was overridden."""
    folder = run.folder / EVALUATION
    try:
        found: Mapping[str, Any] = json.loads((folder / "results.json").read_bytes())
        return found, hash_file(folder / MANIFEST_NAME).sha256
    except (OSError, ValueError):
        if NO_EVALUATION in despite:
            return {}, ""
        raise EchoDeskError(
            f"run {run.name} has no evaluation",
            f"Evaluate it: echodesk evaluate {run.name} (or override: --despite {NO_EVALUATION})",
        ) from None


def _grave(results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The verdicts that stand against a bundle."""
    return [
        one
        for one in results.get("verdicts", ())
        if one["severity"] == "fault" and (one["kind"] in ("shortcut", "leak") or one["id"] in _NO_ANSWER)
    ]


def _refuse_unknown(run: Run, results: Mapping[str, Any], despite: Sequence[str]) -> None:
    """What is overridden stands in the card and in every answer, so it must have been found."""
    known = sorted({str(one["id"]) for one in _grave(results)}) if results else [NO_EVALUATION]
    for name in despite:
        if name not in known:
            listed = f"Those that do: {', '.join(known)}." if known else "Leave --despite out: none does."
            raise EchoDeskError(f"--despite {name}: no such verdict stands against run {run.name}", listed)


def _refuse_faults(run: Run, results: Mapping[str, Any], despite: Sequence[str]) -> None:
    for verdict in _grave(results):
        if verdict["id"] not in despite:
            what = _NO_ANSWER.get(verdict["id"], f"a {verdict['kind']}")
            raise EchoDeskError(
                f"the evaluation of run {run.name} found {what}: {verdict['id']}",
                f"Read its report, mend the data and train anew; or override it by name: "
                f"--despite {verdict['id']}",
            )


def _has(results: Mapping[str, Any], part: str) -> bool:
    """Whether a part of the evaluation was done, for wall motion where it has several questions."""
    found = results.get(part)
    if isinstance(found, Mapping) and part in ("calibration", "operating"):
        found = found.get("rwma")
    return isinstance(found, Mapping) and bool(found) and set(found) != {"reason"}


def _about(
    run: Run, results: Mapping[str, Any], made: Networks, spreads: parts.Spreads | None
) -> parts.About:
    answers = answers_of_rows(run.predictions())
    fitted: dict[str, Any] = {
        "calibration": calibration(answers) if _has(results, "calibration") else None,
        "ef_bands": ef_bands(answers) if _has(results, "conformal") else None,
        "rwma_sets": rwma_sets(answers) if _has(results, "conformal") else None,
        "spreads": spreads,
        "points": _points(results) if _has(results, "referral") else None,
    }
    lacks = [f"The evaluation has no {part}: {what}." for part, what in _VOUCHERS.items()
             if not _has(results, part)]  # fmt: skip
    if _has(results, "calibration") and fitted["calibration"] is None:
        lacks.append("All labels of wall motion are alike: its probability is not shown.")
    if fitted["spreads"] is None:
        lacks.append(
            "Nobody asked the models about the snapshot: agreement is not shown, and nobody is cleared."
        )
    return parts.About(
        run=run.name,
        run_sha256=hash_file(run.folder / MANIFEST_NAME).sha256,
        evaluation_sha256="",
        snapshot=str(run.manifest["snapshot"]),
        content_sha256=str(run.manifest["content_sha256"]),
        is_synthetic=bool(run.manifest["is_synthetic"]),
        profile=str(run.manifest["profile"]),
        backbone=str(run.manifest["backbone"]),
        models=made.models,
        shares_trunk=made.graphs.shares_trunk,
        has_maps=made.graphs.has_maps,
        settings=run.settings,
        how=how_fitted(answers, fitted),
        lacks=tuple(lacks),
        despite=(),
        reference={"ef_percent": percentiles(answers.ef_said), "rwma": percentiles(answers.rwma_said)},
        golden=made.golden,
        **fitted,
    )


def _points(results: Mapping[str, Any]) -> parts.Points:
    """Those the evaluation chose; of one from before it chose any, the seed paper's."""
    chosen = results["referral"].get("chosen")
    return parts.Points.model_validate(chosen["points"] if chosen else asdict(OperatingPoints()))


def _snapshot_of(run: Run, folder: Path) -> OpenedSnapshot:
    opened = open_snapshot(folder)
    if opened.content_sha256 != run.manifest["content_sha256"]:
        raise EchoDeskError(
            f"run {run.name} was trained on other data than snapshot {opened.name}",
            "Name the snapshot that the run's data.json names.",
        )
    return opened


def _networks(run: Run, golden: bytes) -> Networks:
    import torch

    from pipeline.modeling.checkpoints import read_sidecar
    from pipeline.modeling.ensemble import predict
    from pipeline.modeling.fold_networks import FoldNetworks

    places = run.checkpoints()
    loaded = FoldNetworks.load(places)
    sidecars = [read_sidecar(place) for place in places]
    models = tuple(
        parts.Model(fold=int(one.data["fold"]), seed=int(one.data["seed"]), sha256=one.weights_sha256)
        for one in sorted(sidecars, key=lambda one: int(one.data["fold"]))
    )
    networks = [network for of_fold in loaded.by_fold.values() for network in of_fold]
    picture = run.settings.picture
    pictures = torch.from_numpy(preprocess(decoded(golden), picture)[None])
    said = [predict(network, pictures) for network in networks]
    graphs = export(networks, side_px=picture.image_size_px, shares_trunk=loaded.shares_trunk)
    answers = parts.Said(
        ef_percent=tuple(round(float(one.ef_percent[0]), 6) for one in said),
        rwma=tuple(round(float(one.rwma_probability[0]), 8) for one in said),
    )
    return Networks(graphs, models, answers)


def _quoted(results: Mapping[str, Any]) -> dict[str, Any]:
    """What the card tells of the evaluation: its headline numbers and its verdicts."""
    pooled = {
        name: (results.get(part) or {}).get("pooled", {}).get(name)
        for part, name in (("ef", "mae"), ("ef", "r"), ("rwma", "auroc"))
    }
    verdicts = [f"{one['severity']}: {one['id']}" for one in results.get("verdicts", ())]
    return {"numbers": pooled, "verdicts": verdicts}
