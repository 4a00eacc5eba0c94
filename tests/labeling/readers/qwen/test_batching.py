"""Batches by size, answers in order, and what happens when memory runs out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import EchoDeskError
from labeling.readers.qwen.batching import BatchRunner, is_out_of_memory


class FakeModel:
    """Answers a number with itself; has room for so many tokens at once, padding included."""

    def __init__(self, room: int = 10**9, *, stumbles_over: int | None = None) -> None:
        self.room = room
        self.stumbles_over = stumbles_over
        self.batches: list[list[int]] = []
        self.freed = 0

    def run(self, batch: Sequence[int]) -> list[str]:
        self.batches.append(list(batch))
        if len(batch) * max(batch) > self.room:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        if self.stumbles_over in batch:
            raise ValueError("a damaged picture")
        return [f"answer {size}" for size in batch]

    def free(self) -> None:
        self.freed += 1

    def runner(self, batch_size: int) -> BatchRunner[int, str]:
        return BatchRunner(self.run, batch_size=batch_size, free_memory=self.free)


def test_answers_come_in_the_order_of_the_questions_and_batches_from_the_largest_down() -> None:
    model = FakeModel()
    answers = model.runner(2).run_all([3, 9, 1, 7, 5], [3, 9, 1, 7, 5])
    assert answers == ["answer 3", "answer 9", "answer 1", "answer 7", "answer 5"]
    assert model.batches == [[9, 7], [5, 3], [1]]


@given(st.lists(st.integers(1, 50)), st.integers(1, 9), st.integers(50, 200))
def test_every_question_that_fits_alone_is_answered_whatever_the_sizes(
    sizes: list[int], batch_size: int, room: int
) -> None:
    answers = FakeModel(room).runner(batch_size).run_all(sizes, sizes)
    assert answers == [f"answer {size}" for size in sizes]


def test_when_memory_runs_out_the_batch_is_halved_and_what_fits_is_remembered() -> None:
    model = FakeModel(room=200)
    runner = model.runner(8)
    assert not any(isinstance(answer, Exception) for answer in runner.run_all([100] * 8, [100] * 8))
    assert [len(batch) for batch in model.batches] == [8, 4, 2, 2, 2, 2]
    assert model.freed == 2
    model.batches.clear()
    runner.run_all([100] * 4, [100] * 4)
    assert [len(batch) for batch in model.batches] == [2, 2]


def test_small_reports_are_still_read_in_large_batches_after_a_large_one_filled_the_memory() -> None:
    model = FakeModel(room=200)
    sizes = [150, 150, *[10] * 8]
    model.runner(8).run_all(sizes, sizes)
    assert [len(batch) for batch in model.batches if batch[0] == 10] == [8]


def test_a_report_that_does_not_fit_alone_is_told_so_and_the_others_are_read() -> None:
    answers = FakeModel(room=200).runner(4).run_all([500, 20, 30], [500, 20, 30])
    assert isinstance(answers[0], EchoDeskError)
    assert "500 tokens" in answers[0].message and "--max-pixels" in answers[0].hint
    assert answers[1:] == ["answer 20", "answer 30"]


def test_another_failure_is_the_answer_of_its_own_report_alone() -> None:
    answers = FakeModel(stumbles_over=7).runner(4).run_all([7, 8, 9], [7, 8, 9])
    assert isinstance(answers[0], ValueError)
    assert answers[1:] == ["answer 8", "answer 9"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB"), True),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate"),
            True,
        ),
        (RuntimeError("shapes do not match"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_running_out_of_memory_is_recognised_on_cpu_and_gpu(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected
