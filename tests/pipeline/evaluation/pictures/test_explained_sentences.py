"""What is said of one photograph's answer, in words."""

from __future__ import annotations

import pytest

from pipeline.evaluation.pictures.explain import Answer, Explanation
from pipeline.evaluation.pictures.explain_page import sentences


@pytest.mark.parametrize(
    ("raw", "said"),
    [(52.4, "EF 52 %;"), (-24.5, "EF 0 % (the networks say -24, which no heart has);"),
     (104.0, "EF 100 % (the networks say 104, which no heart has);")],
)  # fmt: skip
def test_an_ef_is_told_as_one_that_a_heart_can_have(raw: float, said: str) -> None:
    found = Explanation("run", Answer(raw, 0.5), {0: Answer(raw, 0.5)}, 0.0, 0.0, None, (), ())
    assert next(iter(sentences(found))).startswith(said)
