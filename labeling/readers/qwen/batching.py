"""Questions of different sizes -> batches that fit into memory, answers in the order they were asked.

Batches are made from the largest question down, so that little is padded and memory runs out early if it
does. When it does, the batch is halved, and what fitted is remembered for all that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from db.errors import EchoDeskError

Q = TypeVar("Q")
A = TypeVar("A")


class BatchRunner(Generic[Q, A]):
    """Runs questions in batches.

    Args:
        run: answers one batch, in its order.
        batch_size: most questions in a batch.
        free_memory: gives back what a failed attempt left behind.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Q]], Sequence[A]],
        *,
        batch_size: int,
        free_memory: Callable[[], None] = lambda: None,
    ) -> None:
        self._run = run
        self._batch_size = batch_size
        self._free_memory = free_memory
        # Most tokens of one batch, padding included, that can fit; unknown until memory ran out once.
        self.most_tokens: int | None = None

    def run_all(self, questions: Sequence[Q], sizes: Sequence[int]) -> list[A | Exception]:
        """All answers, in the order of the questions; what fails for one question is its answer.

        Args:
            sizes: how large each question is, in tokens of the prompt.
        """
        answers: dict[int, A | Exception] = {}
        waiting = sorted(range(len(questions)), key=lambda number: (-sizes[number], number))
        while waiting:
            taken = waiting[: self._count_that_fits(sizes[waiting[0]])]
            given = self._attempt([questions[number] for number in taken])
            if given is None and len(taken) > 1:
                self.most_tokens = len(taken) // 2 * sizes[taken[0]]
                continue
            waiting = waiting[len(taken) :]
            if given is None:
                given = [too_large(sizes[taken[0]])]
            answers.update(zip(taken, given, strict=True))
        return [answers[number] for number in range(len(questions))]

    def _count_that_fits(self, largest: int) -> int:
        if self.most_tokens is None:
            return self._batch_size
        return max(1, min(self._batch_size, self.most_tokens // max(1, largest)))

    def _attempt(self, batch: Sequence[Q]) -> Sequence[A | Exception] | None:
        """The answers of a batch; None when memory ran out."""
        failure: Exception | None = None
        try:
            return self._run(batch)
        except Exception as error:  # noqa: BLE001 - whatever fails for one report must not stop the others
            failure = error.with_traceback(None) if is_out_of_memory(error) else error
        # Outside of the handler: until here the error's frames held on to the memory of the attempt.
        if is_out_of_memory(failure):
            self._free_memory()
            return None
        if len(batch) == 1:
            return [failure]
        return [answer for question in batch for answer in self._attempt([question]) or [too_large(0)]]


def too_large(tokens: int) -> EchoDeskError:
    """The answer for a report that does not fit into memory by itself."""
    size = f" ({tokens} tokens)" if tokens else ""
    return EchoDeskError(
        f"the report does not fit into memory{size}",
        "Read it with a lower --max-pixels, or on a machine with more memory.",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on the CPU or on a GPU; torch has no one kind for it."""
    if isinstance(error, MemoryError):
        return True
    if not isinstance(error, RuntimeError):
        return False
    text = str(error).lower()
    return "out of memory" in text or "can't allocate memory" in text or "cannot allocate memory" in text
