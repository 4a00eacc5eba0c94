"""The order of records follows from seed and epoch alone, however many processes share it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.training.batches import chunks, epoch_steps, steps_an_epoch


@given(
    n=st.integers(1, 60), batch=st.integers(1, 16), processes=st.integers(1, 4), seed=st.integers(0, 2**31)
)
def test_processes_share_the_batches_that_one_would_see(
    n: int, batch: int, processes: int, seed: int
) -> None:
    places = np.arange(100, 100 + n)
    alone = list(epoch_steps(places, batch, seed=seed, epoch=3))
    shared = [
        list(epoch_steps(places, batch, seed=seed, epoch=3, process=one, processes=processes))
        for one in range(processes)
    ]
    for number, step in enumerate(alone):
        together = [part[number] for part in shared]
        assert all(one.batch.tolist() == step.batch.tolist() for one in together)
        assert sorted(np.concatenate([one.places for one in together])) == sorted(step.batch)
        seed_of = dict(zip(step.places.tolist(), step.seeds.tolist(), strict=True))
        for one in together:
            assert [seed_of[place] for place in one.places.tolist()] == one.seeds.tolist()


@given(n=st.integers(1, 60), batch=st.integers(1, 16))
def test_an_epoch_has_whole_batches_and_no_record_twice(n: int, batch: int) -> None:
    steps = list(epoch_steps(np.arange(n), batch, seed=1, epoch=0))
    seen = np.concatenate([step.batch for step in steps])
    assert len(set(seen.tolist())) == len(seen)
    assert {len(step.batch) for step in steps} == {min(n, batch)}
    assert len(steps) == steps_an_epoch(n, min(n, batch))


def test_another_epoch_has_another_order() -> None:
    orders = [
        np.concatenate([step.batch for step in epoch_steps(np.arange(40), 8, seed=1, epoch=epoch)]).tolist()
        for epoch in (0, 0, 1)
    ]
    assert orders[0] == orders[1] != orders[2]


def test_chunks_keep_the_order() -> None:
    assert [piece.tolist() for piece in chunks(np.arange(5), 2)] == [[0, 1], [2, 3], [4]]
