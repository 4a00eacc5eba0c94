"""What a plain HTML form of ours sends, read within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from starlette.requests import Request

FORM_TYPE: Final = "application/x-www-form-urlencoded"
MAX_FIELDS: Final = 40


class FormError(Exception):
    """Not a form of ours."""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; of a repeated one the last. The shell has limited the size.

    Raises:
        FormError: another media type, not UTF-8, or too many fields.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise FormError
    try:
        body = (await request.body()).decode("ascii")
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:  # also what is not ASCII or UTF-8
        raise FormError from error
    return dict(pairs)
