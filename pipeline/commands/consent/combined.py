"""Options of `echodesk withdraw` that do not go together: what was passed over would seem to be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.errors import WrongUse

_NOTHING: Final = "nothing was done"


def check_asked(modes: Mapping[str, bool], *, deleting: Mapping[str, bool], is_named: bool) -> None:
    """Refuse two things at once.

    Args:
        modes: options that ask for something else than taking out -> whether they were given.
        deleting: options that say what to take out -> whether they were given.
        is_named: whether ids or records were named.

    Raises:
        WrongUse: naming the two.
    """
    given = [option for option, is_given in modes.items() if is_given]
    more = [option for option, is_given in deleting.items() if is_given]
    if len(given) > 1:
        raise WrongUse(f"{' and '.join(given)} are two things: {_NOTHING}", "Ask for one, then the other.")
    if more and given and given[0] != "--plan":
        raise WrongUse(f"{given[0]} deletes nothing: {_NOTHING}", f"Leave {' and '.join(more)} out.")
    everybody = next((option for option in ("--list", "--noted") if option in (*given, *more)), None)
    if is_named and everybody:
        raise WrongUse(
            f"{everybody} is about everybody on the list: {_NOTHING} about those who were named",
            f"Leave {everybody} out to take them out, or type it without --from and --record.",
        )
