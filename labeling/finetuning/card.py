"""What an adapter says about itself: what it was made from, how it was judged, what that does not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from db.fields.names import of_fields
from db.markdown import table
from labeling.finetuning.examples import ReviewedSet, TrainingExample, counts_of
from labeling.finetuning.progress import Trained, history_json
from labeling.finetuning.settings import FinetuneSettings
from labeling.finetuning.splitting import Split
from labeling.finetuning.validation import table_rows, usual_answers
from labeling.readers.answer_schema import ANSWER_SCHEMA_VERSION, schema_sha256
from labeling.readers.prompts import PROMPTS

CARD_VERSION: Final = 1

TITLES: Final = of_fields(
    ef_percent="EF (state and number)", rwma="RWMA", pah="PAH by word", rvsp_mmhg="RVSP"
) | {
    "rwma_severity": "RWMA with its grade",
    "ef_operator": "EF with its sign",
}


def card_of(
    reviewed: ReviewedSet,
    split: Split,
    trained: Trained,
    settings: FinetuneSettings,
    *,
    base: Mapping[str, Any],
    adapter_sha256: str,
    code_version: str,
    created_at: datetime,
    elapsed_s: float,
) -> dict[str, Any]:
    """The card as plain values: numbers, hashes and names; no report text and no patient key.

    Args:
        base: about the base model, with at least `base_model` and `base_revision`.
        elapsed_s: of the whole training, seconds.
    """
    prompt = PROMPTS[settings.prompt_id]
    return {
        "kind": "echodesk adapter",
        "card_version": CARD_VERSION,
        "created_at": created_at.isoformat(),
        **base,
        "adapter_sha256": adapter_sha256,
        "prompt_id": prompt.id,
        "prompt_sha256": prompt.sha256,
        "schema_version": ANSWER_SCHEMA_VERSION,
        "schema_sha256": schema_sha256(),
        "codebook_versions": sorted({example.codebook_version for example in reviewed.examples}),
        "code_version": code_version,
        "is_synthetic": reviewed.is_synthetic,
        "seed": settings.seed,
        "data": {
            "sha256": reviewed.data_sha256,
            "records": len(reviewed.examples),
            "left_out": dict(reviewed.left_out),
            "fields": counts_of(reviewed.examples),
        },
        "split": {"train": _side(split.train), "validation": _side(split.validation)},
        "settings": asdict(settings),
        "training": {
            "best_epoch": trained.best_epoch,
            "epochs": history_json(trained.lines),
            "trained_weights": trained.trained_weights,
            "elapsed_s": round(elapsed_s, 1),
        },
        "validation": {
            "table": table_rows(usual_answers(split.train, split.validation), trained.before, trained.after),
            "unusable_before": trained.before.unusable,
            "unusable_after": trained.after.unusable,
        },
        "limits": limits_of(reviewed, split, trained),
    }


def _side(examples: Sequence[TrainingExample]) -> dict[str, Any]:
    return {
        "records": len(examples),
        "patients": len({example.patient_key for example in examples}),
        "with_corrections": sum(bool(example.corrected) for example in examples),
        "reviews": [example.review_id for example in examples],
    }


def limits_of(reviewed: ReviewedSet, split: Split, trained: Trained) -> list[str]:
    """What the figures do not show, as sentences."""
    sentences = [
        f"Judged on {len(split.validation)} records: the intervals say how little that fixes.",
        "The epoch was chosen by the same validation records the table shows, so “after” is a little too "
        "good. What counts is how often people correct the next drafts.",
        "Train and validation reports come from the same hospital, desk and annotators. Another layout or "
        "another hospital may read worse than before: compare on its reports before use.",
        "The target is what one person decided on seeing a draft; what they overlooked was taught, too.",
        "Not a medical device. It drafts records for people to check and takes no decision about a patient.",
    ]
    if trained.best_epoch == 0:
        sentences.insert(
            0,
            "No epoch read the validation records better than the model did before: this adapter changes "
            "nothing.",
        )
    if reviewed.is_synthetic:
        sentences.insert(0, "Made from made-up reports: it says nothing about real ones and is not for them.")
    return sentences


def readme_of(card: Mapping[str, Any]) -> str:
    """The card for people, as Markdown."""
    split, training, data = card["split"], card["training"], card["data"]
    lines = [
        "# Adapter for reading echocardiography reports",
        "",
        f"Fine-tuned from `{card['base_model']}` (revision `{card['base_revision']}`) on reviewed records.",
        "Use it with `echodesk extract --reader qwen2vl --model MODEL --adapter DIR`, where MODEL is "
        "exactly these weights.",
        "",
        "## What it was made from",
        "",
        f"* {data['records']} reviewed {'made-up' if card['is_synthetic'] else 'real'} records, data hash "
        f"`{data['sha256'][:16]}`; left out: {_listed(data['left_out'])}.",
        *(
            f"* {name}: {split[name]['records']} records of {split[name]['patients']} patients, "
            f"{split[name]['with_corrections']} with corrections."
            for name in ("train", "validation")
        ),
        f"* Prompt `{card['prompt_id']}`, answer form {card['schema_version']}, codebook "
        f"{', '.join(card['codebook_versions'])}, code `{card['code_version']}`, seed {card['seed']}.",
        f"* Rank {card['settings']['rank']}, rate {card['settings']['rate']:g}, layers "
        f"{card['settings']['layers']}; best after epoch {training['best_epoch']} of "
        f"{len(training['epochs'])}; "
        f"{training['elapsed_s']:.0f} s.",
        "",
        table(
            ["field", "corrected", "quotes from the draft", "from another reading", "unknown"],
            [_count_cells(name, counts) for name, counts in data["fields"].items()],
            right=(1, 2, 3, 4),
        ),
        "",
        "## Validation: records of patients it was not taught",
        "",
        "Hits/n = percent [95 % Wilson interval]. “Usual answer” always gives the most frequent answer of "
        "the training records.",
        "",
        table(
            ["field", "usual answer", "before", "after", "mended", "spoilt"],
            table_cells(card),
            right=(4, 5),
        ),
        "",
        "## What this does not say",
        "",
        *(f"* {sentence}" for sentence in card["limits"]),
    ]
    return "\n".join(lines) + "\n"


def table_cells(card: Mapping[str, Any]) -> list[list[str]]:
    """The before/after table as words: field, usual answer, before, after, mended, spoilt."""
    return [
        [
            TITLES.get(row["field"], row["field"]),
            *(_rate_words(row[column]) for column in ("usual_answer", "before", "after")),
            *("" if row[column] is None else str(row[column]) for column in ("mended", "spoilt")),
        ]
        for row in card["validation"]["table"]
    ]


def _rate_words(rate: Mapping[str, Any]) -> str:
    if not rate["n"]:
        return "-"
    percent = 100 * rate["hits"] / rate["n"]
    return f"{rate['hits']}/{rate['n']} = {percent:.0f} % [{100 * rate['low']:.0f}, {100 * rate['high']:.0f}]"


def _count_cells(name: str, counts: Mapping[str, Any]) -> list[str]:
    quotes = counts["quotes"]
    cells = [counts["corrected"], *(quotes.get(kind, 0) for kind in ("draft", "other_reading", "unknown"))]
    return [TITLES[name], *(str(cell) for cell in cells)]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in counts.items()) or "none"
