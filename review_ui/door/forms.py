"""What a plain HTML form of ours sends, read within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
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


def read_one_file(content_type: str, body: bytes) -> bytes:
    """The one file of a form that was sent whole, in memory: the web framework would put it on the disk.

    Raises:
        FormError: it is no such form, or does not hold exactly one part.
    """
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise FormError
    parts: list[bytearray] = []
    callbacks: Any = {
        "on_part_begin": lambda: parts.append(bytearray()),
        "on_part_data": lambda data, start, end: parts[-1].extend(data[start:end]),
    }
    try:
        parser = MultipartParser(boundary, callbacks)
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise FormError from error
    if len(parts) != 1:
        raise FormError
    return bytes(parts[0])
