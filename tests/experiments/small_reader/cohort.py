"""Write crops as a cohort the product can take in and score: page pictures, `manifest.csv`, `truth.jsonl`."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[3])]
from printing import print_crop  # noqa: E402
from wording import crops  # noqa: E402


def write_cohort(folder: Path, *, patients: int, seed: int, layout: str | None) -> None:
    """Invented patients nobody has seen: another seed gives other people, other words and other noise.

    Args:
        layout: `table` for the layout that training never shows; None for those it does.
    """
    (folder / "reports").mkdir(parents=True)
    rng = np.random.default_rng([seed, 99])
    with (
        (folder / "truth.jsonl").open("w", encoding="utf-8") as truth,
        (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as table,
    ):
        manifest = csv.writer(table)
        manifest.writerow(("patient_id", "report"))
        for number, crop in zip(range(1, patients + 1), crops(rng, level=1, layout=layout), strict=False):
            printed = print_crop(crop, rng, level=1)
            patient, name = f"SYN-{seed}-{number:04d}", f"reports/crop_{seed}_{number:04d}.png"
            printed.page.convert("RGB").save(folder / name)
            manifest.writerow((patient, name))
            findings = crop.findings.model_dump(mode="json")
            line = {
                "patient_id": patient,
                "reports": [name],
                "condition": "clean",
                "layout": crop.layout,
                "traps": [],
                "is_synthetic": True,
                "findings": findings,
                "printed": findings,
                "also_accept": {},
                "text": "\n".join(text.replace("\t", "  ") for text in crop.lines),
                "quotes": dict(crop.quotes),
                "answer": crop.answer,
            }
            truth.write(json.dumps(line, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--layout", choices=("table",))
    arguments = parser.parse_args()
    write_cohort(arguments.folder, patients=arguments.patients, seed=arguments.seed, layout=arguments.layout)


if __name__ == "__main__":
    main()
