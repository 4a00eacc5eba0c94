"""How many errors may still be in a population after a random sample of it was read again."""

from __future__ import annotations

from db.measures.distributions import hypergeometric_cdf
from db.measures.estimate import CONFIDENCE

# Where the probability is just 1 - confidence the larger bound is given, however the sum was rounded.
_TIE = 1e-12


def most_errors(*, errors: int, size: int, population: int, confidence: float = CONFIDENCE) -> int:
    """The exact one-sided upper bound on the number of errors in the whole population.

    The largest D for which seeing at most `errors` errors in the sample still has a probability of at
    least 1 - `confidence`. It counts the errors that were found as well.

    Args:
        errors: found in the sample, 0 to size.
        size: how many were read, drawn at random without replacement, 0 to population.

    Raises:
        ValueError: where the counts do not fit into each other.

    Source: the hypergeometric upper limit, Buonaccorsi 1987, American Statistician 41:215-218.
    """
    if not 0 <= errors <= size <= population:
        raise ValueError(f"{errors} errors among {size} of {population}")
    possible, impossible = errors, population - (size - errors) + 1
    while impossible - possible > 1:
        middle = (possible + impossible) // 2
        if (
            hypergeometric_cdf(errors, population=population, errors=middle, size=size)
            >= 1 - confidence - _TIE
        ):
            possible = middle
        else:
            impossible = middle
    return possible


def more_to_read_for(
    target_share: float, *, errors: int, size: int, population: int, confidence: float = CONFIDENCE
) -> int | None:
    """How many more must be read, all of them right, until the bound is at or below a share of the
    population.

    0 where it is there already; None where the errors that were found are themselves more than that share.

    Args:
        target_share: of the population, 0-1, such as 0.01.
    """
    allowed = target_share * population

    def is_reached(more: int) -> bool:
        found = most_errors(errors=errors, size=size + more, population=population, confidence=confidence)
        return found <= allowed + 1e-9

    left = population - size
    if not is_reached(left):
        return None
    low, high = -1, left
    while high - low > 1:
        middle = (low + high) // 2
        if is_reached(middle):
            high = middle
        else:
            low = middle
    return high
