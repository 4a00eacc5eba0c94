"""What is told of a run whose EFs gather at the mean."""

from __future__ import annotations

import numpy as np

from db.measures.predicting.redraws import Redraws
from pipeline.dataset.opened import OpenedSnapshot
from pipeline.evaluation.all_parts import collapse_verdicts
from pipeline.evaluation.answers import answers_of
from pipeline.evaluation.ef_numbers import ef_numbers
from pipeline.evaluation.results import Severity
from pipeline.training.run_folder import Run


def collapse_of(run: Run, snapshot: OpenedSnapshot) -> list[tuple[str, Severity]]:
    """Its verdict, if there is one."""
    answers = answers_of(run, snapshot)
    redraws = Redraws.of(answers.patients, np.random.default_rng(1), 100)
    return [(one.id, one.severity) for one in collapse_verdicts(ef_numbers(answers, redraws).collapse)]
