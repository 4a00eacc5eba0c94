"""The snapshot as other programs open it: mlcroissant, datasets and pandas, all without a network."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from snapshot_card import bounds, frozen, with_certificate
from snapshot_rows import collected, findings, forty, label

from db.files.manifest import hash_folder
from db.tabular import Kind, read_jsonl
from pipeline.dataset.frozen import MaskedImage
from pipeline.dataset.tables import label_columns


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty labels, one of them silent, with figures of an audit."""
    folder = tmp_path_factory.mktemp("snapshots")
    silent = label(40, findings=findings(None, "not_stated", pah="not_stated"), ecg_date=None, layout="=2+2")
    quality = {**forty().quality, **with_certificate(bounds(residual=1))}
    frozen(folder, collected([*forty().rows[:39], silent], quality=quality), describe=None)
    return folder / "v1"


@pytest.fixture(scope="module")
def dataset(snapshot: Path) -> Any:
    import mlcroissant

    return mlcroissant.Dataset(jsonld=str(snapshot / "croissant.json"))


def test_mlcroissant_finds_nothing_wrong(dataset: Any) -> None:
    assert list(dataset.metadata.ctx.issues.errors) == []
    assert list(dataset.metadata.ctx.issues.warnings) == []
    assert str(dataset.metadata.ctx.conforms_to) == "CroissantVersion.V_1_1"


def test_mlcroissant_reads_the_records_that_are_in_the_folder(snapshot: Path, dataset: Any) -> None:
    for table in ("labels", "pairs"):
        expected = read_jsonl((snapshot / f"data/{table}.jsonl").read_bytes())
        found = [_plain(record, table) for record in dataset.records(table)]
        assert len(found) == 40
        assert found == expected


def _plain(record: dict[str, Any], table: str) -> dict[str, Any]:
    """A record as mlcroissant gives it, as the snapshot's own JSON has it."""
    return {name.removeprefix(f"{table}/"): _value(value) for name, value in record.items()}


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, bytes):
        return value.decode()
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%d")
    return None if value is None or value != value else value


def test_every_data_file_is_named_with_the_hash_and_size_it_has(snapshot: Path) -> None:
    said = json.loads((snapshot / "croissant.json").read_bytes())["distribution"]
    named = {one["contentUrl"]: (one["sha256"], one["contentSize"]) for one in said}
    found = {name: (one.sha256, f"{one.bytes} B") for name, one in hash_folder(snapshot).items()}
    assert named == {name: one for name, one in found.items() if name.startswith("data/")}


def test_every_column_is_a_field_with_type_unit_and_codes(dataset: Any) -> None:
    fields = {field.name: field for record in dataset.metadata.record_sets[:1] for field in record.fields}
    assert list(fields) == [column.name for column in label_columns()]
    for column in label_columns():
        told = str(fields[column.name].description)
        assert column.meaning in told
        assert (f"unit: {column.unit}" in told) is bool(column.unit)
        assert all(code in told for code in column.codes)
        assert bool(fields[column.name].is_array) is (column.kind is Kind.TEXTS)


def test_the_fields_for_responsible_ai_are_told(snapshot: Path, dataset: Any) -> None:
    metadata = dataset.metadata
    for name in (
        "data_collection", "data_collection_type", "data_collection_missing_data", "data_annotation_protocol",
        "data_annotation_platform", "data_annotation_analysis", "annotations_per_item",
        "machine_annotation_tools",
        "data_biases", "data_use_cases", "data_limitations", "personal_sensitive_information",
        "data_release_maintenance_plan",
    ):  # fmt: skip
        assert getattr(metadata, name), name
    said = json.loads((snapshot / "croissant.json").read_bytes())
    assert any("at most 2.50 % of 40 labels wrong" in one for one in said["rai:dataAnnotationAnalysis"])
    assert "http://mlcommons.org/croissant/RAI/1.0" in said["conformsTo"]


def test_pictures_that_were_put_out_are_files_with_hashes(tmp_path: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n not decoded here"
    from pipeline.dataset.checks import Source
    from pipeline.dataset.choosing import Order
    from pipeline.dataset.freezing import freeze

    freeze(
        forty(), Source(), Order("v1", with_images=True), folder=tmp_path, workspace_key=b"k" * 32,
        mask=lambda _image, _row: MaskedImage(png),
    )  # fmt: skip
    said = json.loads((tmp_path / "v1/croissant.json").read_bytes())
    pictures = [one for one in said["distribution"] if one["@id"].startswith("images/")]
    assert len(pictures) == 80
    assert {one["encodingFormat"] for one in pictures} == {"image/png"}
    assert all((tmp_path / "v1" / one["contentUrl"]).is_file() for one in pictures)


def test_datasets_and_pandas_open_the_folder(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets
    import pandas

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    expected = read_jsonl((snapshot / "data/labels.jsonl").read_bytes())
    assert datasets.get_dataset_config_names(str(snapshot)) == ["labels", "pairs"]
    for config in ("labels", "pairs"):
        loaded = datasets.load_dataset(str(snapshot), config, split="train", cache_dir=str(tmp_path))
        assert [row["row_id"] for row in loaded] == [row["row_id"] for row in expected]
        assert [row["ef_percent"] for row in loaded] == [row["ef_percent"] for row in expected]
    frame = pandas.read_parquet(snapshot / "data/labels.parquet")
    assert list(frame["rwma"]) == [row["rwma"] for row in expected]
    assert frame["ef_percent"].isna().sum() == 1


def test_a_snapshot_without_ecgs_opens_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets
    import mlcroissant

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    rows = [replace(row, images=row.images[:1]) for row in forty().rows]
    frozen(tmp_path, collected(rows), describe=None)
    assert datasets.get_dataset_config_names(str(tmp_path / "v1")) == ["labels"]
    opened = mlcroissant.Dataset(jsonld=str(tmp_path / "v1/croissant.json"))
    assert list(opened.records("pairs")) == []
    assert len(list(opened.records("labels"))) == 40
