"""Results of made-up answers, as `results.json` holds them: a report can be made of them in no time."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import numpy as np

from pipeline.evaluation.all_parts import NOT_ASKED, Options, by_weight, parts_of_answers
from pipeline.evaluation.answers import Answers
from pipeline.evaluation.invented import invented_answers
from pipeline.evaluation.report.checklist import counts
from pipeline.evaluation.report.paper_figures import paper_figures
from pipeline.evaluation.results import as_data
from pipeline.waveforms.ef_spread import MedianAnswer

# Working them out takes seconds; test_paper_figures does.
LIMITS = MedianAnswer(8.1, 7.0, 8.8, 0.716, 0.639, 0.811)

ABOUT: dict[str, Any] = {
    "run": "aaaabbbbcccc",
    "snapshot": "first",
    "content_sha256": "f" * 64,
    "is_synthetic": True,
    "profile": "cpu",
    "backbone": "some_network",
    "image_size_px": 224,
    "settings": {"picture": {"crop_share": 0.05}, "neck": {"widths": [512, 128]}},
    "first_weights": "package, lite",
    "first_weights_note": "",
    "photographs": 321,
    "photographs_left_out": 0,
    "targets": [{"field": "rwma", "category": "absent", "use": "negative", "n": 234}],
    "sites": 3,
    "resamples": 100,
    "seed": 0,
}


def results(answers: Answers | None = None) -> dict[str, Any]:
    """Everything that follows from answers; what needs a run or pictures was not asked for."""
    parts, verdicts = parts_of_answers(answers or invented_answers(240), Options(resamples=100))
    whole = {
        "about": ABOUT,
        **parts,
        "verdicts": by_weight(verdicts),
        **dict.fromkeys(
            ("beside", "shortcuts", "leaks", "external", "adversary", "paper_figures"), NOT_ASKED
        ),
    }
    data: dict[str, Any] = as_data({**whole, "checklist": counts(whole)})
    return data


@lru_cache(maxsize=1)
def usual() -> dict[str, Any]:
    """The results of answers that know something; not to be changed."""
    return results()


@lru_cache(maxsize=1)
def figures() -> list[Any]:
    """The seed paper's figures."""
    with patch("pipeline.evaluation.report.paper_figures.median_answer", return_value=LIMITS):
        found: list[Any] = as_data(paper_figures())
    return found


def constant_model() -> Answers:
    """A model that says 57 and a little chance for everybody."""
    answers = invented_answers(240)
    rng = np.random.default_rng(5)
    said = 57 + rng.normal(0, 0.5, size=answers.n)
    return replace(answers, ef_said=said, ef_one_view=said)


def noisy_model() -> Answers:
    """A model whose EFs spread as the truth does and have nothing to do with it."""
    answers = invented_answers(240)
    said = np.random.default_rng(6).permutation(answers.ef_percent)
    return replace(answers, ef_said=said, ef_one_view=said)
