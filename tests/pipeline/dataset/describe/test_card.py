"""The dataset card: whole, honest, and nothing in it is markup from somebody else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt
from snapshot_card import bounds, frozen, with_certificate
from snapshot_rows import collected, findings, forty, label

from pipeline.dataset.certificate import certificate_json, certificate_of
from pipeline.dataset.describe.card import card_markdown
from pipeline.dataset.describe.citation import citation_cff
from pipeline.dataset.describe.croissant import croissant_json
from pipeline.dataset.describe.files import DESCRIPTIONS
from pipeline.dataset.frozen import Frozen
from pipeline.dataset.records import LabelStatus


def card_of(given: Frozen) -> str:
    return card_markdown(given).decode()


def section(card: str, heading: str) -> str:
    """The text below one heading."""
    return card.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def front_matter(card: str) -> dict[str, Any]:
    return dict(yaml.safe_load(card.split("---\n")[1]))


def test_the_head_of_the_card_says_what_hubs_need(tmp_path: Path) -> None:
    head = front_matter(card_of(frozen(tmp_path)))
    assert head["pretty_name"] == "EchoDesk snapshot v1"
    assert head["size_categories"] == ["n<1K"]
    assert [one["config_name"] for one in head["configs"]] == ["labels", "pairs"]
    assert "synthetic" in head["tags"]
    assert "license" not in head


@pytest.mark.parametrize(
    ("licence", "on_the_card", "in_croissant", "in_citation"),
    [
        ("CC-BY-4.0", {"license": "cc-by-4.0"}, "https://spdx.org/licenses/CC-BY-4.0.html", "CC-BY-4.0"),
        (
            "LicenseRef-Ward-3",
            {"license": "other", "license_name": "ward-3"},
            "LicenseRef-Ward-3",
            None,
        ),
    ],
)
def test_a_licence_stands_wherever_others_look_for_it(
    tmp_path: Path, licence: str, on_the_card: dict[str, str], in_croissant: str, in_citation: str | None
) -> None:
    given = frozen(tmp_path)
    given = replace(given, arguments={**given.arguments, "licence": licence})
    card = card_of(given)
    head = front_matter(card)
    assert {name: value for name, value in head.items() if name.startswith("license")} == on_the_card
    assert licence in card.split("---\n")[2]
    assert json.loads(croissant_json(given))["license"] == in_croissant
    assert yaml.safe_load(citation_cff(given)).get("license") == in_citation


def test_the_pictures_and_files_the_card_names_are_in_the_folder(tmp_path: Path) -> None:
    card = card_of(frozen(tmp_path, describe=None))
    named = set(re.findall(r"\]\(([^)]+)\)", card)) | {
        one["data_files"] for one in front_matter(card)["configs"]
    }
    assert {"plots/ef_histogram.svg", "CITATION.cff", "data/pairs.parquet"} <= named
    assert [name for name in named if not (tmp_path / "v1" / name).is_file()] == []


def test_table_1_counts_every_label_once_and_keeps_silence_apart(tmp_path: Path) -> None:
    rows = [label(number) for number in range(1, 41)]
    silent = [
        label(41, findings=findings(None, "not_stated")),
        label(42, findings=findings(None, ef_state="unreadable")),
    ]
    part = section(card_of(frozen(tmp_path, collected([*rows, *silent]))), "Table 1")
    assert "| Labels | 42 | of 42 patients |" in part
    bands = part.split("**Ejection fraction in bands**")[1].split("| **")[0]
    counts = dict(re.findall(r"\| (.+?) \| (\d+) \|", bands))
    assert counts == {
        "normal, 50 % or more": "10",
        "mildly reduced, 40 to 49 %": "10",
        "moderately reduced, 30 to 39 %": "10",
        "severely reduced, below 30 %": "10",
        "*not stated*": "1",
        "*unreadable*": "1",
    }
    assert "| mean | 40 | 41.8 (37.3 to 46.2) |" in part


def test_the_flow_of_records_ends_with_the_rows_of_the_snapshot(tmp_path: Path) -> None:
    given = frozen(tmp_path)
    part = section(card_of(given), "Flow of records")
    assert "| registered |  | 43 |" in part
    assert "| waiting for a first reading | 3 | 40 |" in part
    assert "| **in this snapshot** |  | **40** |" in part


def test_every_check_is_told_and_an_override_stands_out(tmp_path: Path) -> None:
    given = frozen(tmp_path, collected(forty().rows, quality={}), overrides=("vigilance",))
    card = card_of(given)
    part = section(card, "Checks before freezing")
    assert all(f"| {check.name} |" in part for check in given.checks)
    assert "| vigilance | **failed, overridden** |" in part
    assert "Overridden by whoever froze it: vigilance." in part
    assert "The check vigilance failed and was overridden" in section(card, "Known limits")


def test_what_was_not_measured_is_said_and_not_left_out(tmp_path: Path) -> None:
    card = card_of(frozen(tmp_path, collected(forty().rows, quality={}), overrides=("vigilance",)))
    assert "Not certified: no audit sample was drawn." in section(card, "How many labels may still be wrong")
    assert "not known how far two people agree" in section(card, "Agreement of readers")
    assert "No practice draft was answered" in section(card, "Vigilance")
    assert "Not tried for this snapshot" in section(card, "Shortcuts in the photographs")


def test_agreement_and_vigilance_stand_with_n_and_interval(tmp_path: Path) -> None:
    one = {"value": 0.91, "low": 0.8, "high": 0.97, "n": 33}
    pair = {
        "readers": ["first", "second"],
        "records": 33,
        "measures": {"rwma_kappa": one},
        "same_answer": {"ef": one},
    }
    quality = {**forty().quality, "agreement": [pair]}
    card = card_of(frozen(tmp_path, collected(forty().rows, quality=quality)))
    part = section(card, "Agreement of readers")
    assert "| wall motion, Cohen's kappa | 33 | 0.91 (0.80 to 0.97) |" in part
    assert "| ejection fraction, same answer | 33 | 91.0 % (80.0 to 97.0) |" in part
    assert "| all | 40 | 100.0 % (91.0 to 100.0) |" in section(card, "Vigilance")


def test_the_shortcut_probe_is_told_where_there_is_one(tmp_path: Path) -> None:
    probe = {
        "families": {"colour": {"auroc": 0.99, "low": 0.97, "high": 1.0, "n": 60}},
        "checks": [{"name": "colour", "is_issue": True, "reason": "the colour alone tells the label"}],
    }
    quality = {**forty().quality, "shortcuts": probe}
    part = section(
        card_of(frozen(tmp_path, collected(forty().rows, quality=quality))), "Shortcuts in the photographs"
    )
    assert "| colour | 60 | 0.99 (0.97 to 1.00) |" in part
    assert "* colour: the colour alone tells the label" in part


def test_the_card_says_once_that_this_is_no_medical_device(tmp_path: Path) -> None:
    assert card_of(frozen(tmp_path)).count("Research software, not a medical device.") == 1


def test_limits_name_small_bands_single_readings_and_the_draft_in_sight(tmp_path: Path) -> None:
    rows = [replace(row, status=LabelStatus.DOUBLE_READ) if row.case_id < 5 else row for row in forty().rows]
    part = section(card_of(frozen(tmp_path, collected(rows))), "Known limits")
    assert "36 of 40 labels rest on one person's reading." in part
    assert "40 of 40 labels were decided with the draft in sight" in part
    assert "severely reduced 10" in part
    assert "Everything is synthetic" in part


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "![x](https://evil.example/x.png)",
        "a | b\n| c | d |",
        "https://evil.example",
        "www.evil.example",
        "`a` *b* __c__ ~~d~~ # e",
        "someone@evil.example",
    ],
)
def test_names_from_elsewhere_stay_text(tmp_path: Path, hostile: str) -> None:
    rows = [label(number, site=hostile, reader=hostile, reader_version="") for number in range(1, 41)]
    card = card_of(frozen(tmp_path, collected(rows), with_site_names=True))
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(card.split("---\n", 2)[2])
    plain = card_of(frozen(tmp_path / "plain", forty()))
    usual = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(plain.split("---\n", 2)[2])
    for tag in ("<script", "<a ", "<img", "<code", "<em>", "<s>", "<h1", "<table"):
        assert html.count(tag) == usual.count(tag), tag
    assert "://evil" not in card
    assert "www.evil" not in card
    assert "@evil" not in card


def test_a_filter_with_a_hostile_text_stays_one_line_of_text(tmp_path: Path) -> None:
    from pipeline.dataset.filters import parse_filter

    asked = parse_filter("layout != '<b>| x |</b>'")
    card = card_of(frozen(tmp_path, where=asked))
    assert "<b>" not in card.replace("\\<", "")


def test_a_certificate_says_the_worst_bound_of_any_field() -> None:
    made = certificate_of(with_certificate(bounds(residual=2)), 40)
    assert made["is_certified"]
    assert made["statement"].startswith(
        "Certified: in each field, taken by itself, at most 5.00 % of the labels are still wrong"
    )
    assert made["fields"]["rwma"]["share_at_most"] == 0.05


@pytest.mark.parametrize(
    "reason", ["the newest audit sample was not drawn at random", "it was not re-read blindly"]
)
def test_a_refused_certificate_gives_the_reason_and_no_number(reason: str) -> None:
    made = certificate_of({"certificate": {"is_certified": False, "reason": reason, "sample": 1}}, 40)
    assert made["statement"] == f"Not certified: {reason}."
    assert made["fields"] == {}


def test_labels_changed_since_the_draw_are_not_certified_and_count_as_wrong() -> None:
    made = certificate_of(with_certificate(bounds(residual=2, population=36, not_covered=4)), 40)
    assert not made["is_certified"]
    assert (
        made["statement"]
        == "Not certified: 4 of 40 labels were made or changed after the audit sample was drawn."
    )
    assert made["labels_covered"] == 36
    assert made["fields"]["ef"]["share_at_most_of_all"] == (2 + 4) / 40


def test_the_same_statement_is_in_card_manifest_certificate_and_croissant(tmp_path: Path) -> None:
    quality = {**forty().quality, **with_certificate(bounds(residual=1))}
    given = frozen(tmp_path, collected(forty().rows, quality=quality), describe=None)
    statement = certificate_of(quality, 40)["statement"]
    folder = tmp_path / "v1"
    assert statement in (folder / "README.md").read_text("utf-8")
    assert json.loads((folder / "manifest.json").read_bytes())["certificate"]["statement"] == statement
    assert json.loads((folder / "certificate.json").read_bytes())["statement"] == statement
    croissant = json.loads((folder / "croissant.json").read_bytes())
    assert statement in croissant["rai:dataAnnotationAnalysis"]
    assert statement in croissant["description"]
    assert json.loads(certificate_json(given))["content_sha256"] == given.content_sha256


def test_the_citation_is_valid_yaml_with_what_the_format_asks_for(tmp_path: Path) -> None:
    given = frozen(tmp_path)
    cited = yaml.safe_load(citation_cff(given))
    assert {"cff-version", "message", "title", "authors", "type", "version", "date-released"} <= set(cited)
    assert cited["type"] == "dataset"
    assert cited["version"] == given.content_sha256[:12]


def test_describing_twice_gives_the_same_bytes_and_names_nobody(tmp_path: Path) -> None:
    first, second = frozen(tmp_path / "a"), frozen(tmp_path / "b", replace(forty(), rows=forty().rows[::-1]))
    secrets = [row.patient_key for row in forty().rows] + [image.sha256 for image in forty().rows[0].images]
    for name, describe in DESCRIPTIONS:
        data = describe(first)
        assert data == describe(second), name
        assert not any(secret.encode() in data for secret in secrets), name
        assert b"Ward 1" not in data, name


def test_a_snapshot_without_ecgs_has_a_card_without_pairs(tmp_path: Path) -> None:
    rows = [replace(row, images=row.images[:1]) for row in forty().rows]
    given = frozen(tmp_path, collected(rows))
    assert [one["config_name"] for one in front_matter(card_of(given))["configs"]] == ["labels"]
    assert [one["@id"] for one in json.loads(croissant_json(given))["recordSet"]] == ["labels", "pairs"]
