"""What `echodesk lineage` prints of a step."""

from __future__ import annotations

from pipeline.commands.datasets.lineage import step_line
from pipeline.curation.lineage import value_steps


def test_walls_are_named_and_boxes_are_numbers() -> None:
    evidence = {"rwma_walls": {"page": 1, "boxes": [[1, 2, 3.5, 4], [5, 6, 7, 8]]}}
    drafted = {"rwma_walls": ["anterior", "apex"]}
    (step,) = value_steps(evidence, drafted, depth=1)
    assert step_line(step) == "  rwma_walls  value anterior apex, page 1, boxes (1, 2, 3.5, 4) (5, 6, 7, 8)"


def test_a_value_read_from_nowhere_has_no_boxes() -> None:
    (step,) = value_steps({"rwma_walls": {"page": 2}}, {"rwma_walls": []}, depth=0)
    assert step_line(step) == "rwma_walls  value none, page 2, boxes none"
