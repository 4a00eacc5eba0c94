"""The loss and its parts: against torch's own, numbers by hand, and batches with nothing to learn from."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch import nn

from db.errors import EchoDeskError
from pipeline.config.settings import LossSettings
from pipeline.modeling.heads import EchoOutputs
from pipeline.modeling.losses import Denominators, EchoLoss, TargetBatch, class_loss, rwma_class_weights

NAN = float("nan")


def outputs(n: int, seed: int = 0) -> EchoOutputs:
    draws = torch.Generator().manual_seed(seed)
    return EchoOutputs(
        torch.rand(n, generator=draws, requires_grad=True),
        torch.randn(n, 2, generator=draws, requires_grad=True),
    )


def batch(ef: list[float], weight: list[float], rwma: list[int]) -> TargetBatch:
    return TargetBatch(torch.tensor(ef), torch.tensor(weight), torch.tensor(rwma))


def loss(weights: tuple[float, float] = (1.0, 1.0), **settings: float) -> EchoLoss:
    return EchoLoss(LossSettings.model_validate(settings), weights)


def test_smooth_l1_turns_linear_at_ten_ef_points() -> None:
    said = EchoOutputs(torch.tensor([0.55, 0.80]), torch.zeros(2, 2))
    parts = loss()(said, batch([0.60, 0.50], [1, 1], [-1, -1]))
    # 5 points: 0.05^2 / (2 * 0.1) = 0.0125. 30 points: 0.30 - 0.1 / 2 = 0.25.
    assert parts.ef.item() == pytest.approx((0.0125 + 0.25) / 2, abs=1e-7)


def test_ef_loss_is_the_weighted_mean_of_torchs_smooth_l1() -> None:
    said, weights = outputs(6), torch.tensor([0.5, 0.5, 1, 1, 1, 2])
    ef = torch.rand(6, generator=torch.Generator().manual_seed(9))
    parts = loss()(said, TargetBatch(ef, weights, torch.full((6,), -1)))
    expected = (nn.SmoothL1Loss(reduction="none", beta=0.1)(said.ef, ef) * weights).mean()
    torch.testing.assert_close(parts.ef, expected)


def test_wall_motion_loss_is_torchs_class_weighted_cross_entropy() -> None:
    said, rwma = outputs(6), torch.tensor([0, 1, 1, 0, 0, 1])
    parts = loss((0.67, 1.94))(said, TargetBatch(torch.full((6,), NAN), torch.ones(6), rwma))
    expected = nn.CrossEntropyLoss(weight=torch.tensor([0.67, 1.94]))(said.rwma_logits, rwma)
    torch.testing.assert_close(parts.rwma, expected)


def test_cross_entropy_by_hand() -> None:
    said = EchoOutputs(torch.zeros(2), torch.tensor([[0.0, 0.0], [0.0, np.log(3.0)]]))
    parts = loss((1.0, 3.0))(said, batch([NAN, NAN], [0, 0], [0, 1]))
    # p = 1/2 with weight 1, p = 3/4 with weight 3.
    assert parts.rwma.item() == pytest.approx((np.log(2) + 3 * np.log(4 / 3)) / 4, abs=1e-6)


def test_the_total_is_the_weighted_sum_of_both_parts() -> None:
    targets = batch([0.5, 0.6, NAN], [1, 2, 7], [1, -1, 0])
    parts = loss()(outputs(3), targets)
    torch.testing.assert_close(parts.total, parts.ef + parts.rwma)
    other = loss(ef_weight=4, rwma_weight=0.5)(outputs(3), targets)
    torch.testing.assert_close(other.total, 4 * parts.ef + 0.5 * parts.rwma)
    torch.testing.assert_close(other.ef, parts.ef)


def test_records_without_a_target_change_neither_loss_nor_gradient() -> None:
    said = outputs(5)
    whole = loss((0.7, 1.9))(said, batch([0.5, NAN, 0.3, NAN, 0.6], [1, 99, 2, NAN, 1], [1, 0, -1, -1, 0]))
    gradients = torch.autograd.grad(whole.total, said)
    assert gradients[0][[1, 3]].tolist() == [0, 0]
    assert gradients[1][[2, 3]].abs().sum().item() == 0
    ef, rwma = [0, 2, 4], [0, 1, 4]
    alone = loss((0.7, 1.9))
    only_ef = alone(
        EchoOutputs(said.ef[ef], said.rwma_logits[ef]), batch([0.5, 0.3, 0.6], [1, 2, 1], [-1] * 3)
    )
    only_rwma = alone(
        EchoOutputs(said.ef[rwma], said.rwma_logits[rwma]), batch([NAN] * 3, [1] * 3, [1, 0, 0])
    )
    torch.testing.assert_close(whole.ef, only_ef.ef)
    torch.testing.assert_close(whole.rwma, only_rwma.rwma)


def test_a_batch_with_no_target_at_all_has_a_loss_and_a_gradient_of_zero() -> None:
    said = outputs(4)
    parts = loss((0.7, 1.9))(said, batch([NAN] * 4, [1, 1, 3, NAN], [-1] * 4))
    assert [part.item() for part in parts] == [0, 0, 0]
    gradients = torch.autograd.grad(parts.total, said)
    assert all(bool((gradient == 0).all()) for gradient in gradients)


def test_half_precision_outputs_are_lossed_in_full_precision() -> None:
    said = EchoOutputs(*(value.detach().bfloat16() for value in outputs(4)))
    parts = loss()(said, batch([0.5, 0.6, 0.3, NAN], [1, 1, 1, 1], [0, 1, 1, 0]))
    assert parts.total.dtype == torch.float32
    assert bool(parts.total.isfinite())


def test_two_processes_that_average_their_denominators_come_to_the_loss_of_the_whole_batch() -> None:
    said, criterion = outputs(6), loss((0.6, 2.4))
    targets = batch([0.5, NAN, NAN, 0.3, 0.6, 0.7], [1, 1, 1, 3, 1, 0.5], [1, -1, 0, 0, 0, -1])
    whole = criterion(said, targets)
    gradient = torch.autograd.grad(whole.total, said, retain_graph=True)
    halves = [slice(0, 3), slice(3, 6)]
    shares = [TargetBatch(*(tensor[half] for tensor in targets)) for half in halves]
    counted = [criterion.denominators(share) for share in shares]
    mean = Denominators((counted[0].ef + counted[1].ef) / 2, (counted[0].rwma + counted[1].rwma) / 2)
    parts = [
        criterion(EchoOutputs(said.ef[half], said.rwma_logits[half]), share, mean)
        for half, share in zip(halves, shares, strict=True)
    ]
    averaged = (parts[0].total + parts[1].total) / 2
    torch.testing.assert_close(averaged, whole.total)
    for got, expected in zip(torch.autograd.grad(averaged, said), gradient, strict=True):
        torch.testing.assert_close(got, expected)


def test_balanced_class_weights_are_scikit_learns() -> None:
    rwma = np.array([0] * 371 + [1] * 129)
    expected = compute_class_weight("balanced", classes=np.array([0, 1]), y=rwma)
    np.testing.assert_allclose(rwma_class_weights([*rwma, -1, -1], LossSettings()), expected)


def test_class_weights_may_be_none_or_given() -> None:
    assert rwma_class_weights([0, 0, 1], LossSettings(rwma_class_weights="none")) == (1, 1)
    assert rwma_class_weights([0, 0, 1], LossSettings(rwma_class_weights=(1, 4))) == (1, 4)


@pytest.mark.parametrize("rwma", [[0, 0, -1], [1, 1], [-1]])
def test_a_fold_that_lacks_a_class_is_refused_unless_wall_motion_is_not_learnt(rwma: list[int]) -> None:
    with pytest.raises(EchoDeskError, match="the training fold has no record with"):
        rwma_class_weights(rwma, LossSettings())
    assert rwma_class_weights(rwma, LossSettings(rwma_weight=0)) == (1, 1)


def test_the_second_stage_asks_yes_or_no_of_each_class() -> None:
    logits = torch.tensor([[0.0, np.log(3.0)]])
    # p = 1/2 and 3/4; the second class is not there.
    expected = (np.log(2) + np.log(4)) / 2
    assert class_loss(logits, torch.tensor([[1, 0]])).item() == pytest.approx(expected, abs=1e-6)
