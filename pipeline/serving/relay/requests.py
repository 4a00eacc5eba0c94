"""Reading requests within limits: whatever is larger is refused before it is all in memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from pipeline.serving.relay.poll import Refusal


async def body_of(request: Request, *, most_bytes: int) -> bytes:
    """The body.

    Raises:
        Refusal: 413, it is larger; 400, its length is no number, another header contradicts it, or whoever
            sent it went away.
    """
    if "content-length" in request.headers and "transfer-encoding" in request.headers:
        raise Refusal(400)
    told = request.headers.get("content-length", "0")
    if not (told.isascii() and told.isdigit()):
        raise Refusal(400)
    if int(told) > most_bytes:
        raise Refusal(413)
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > most_bytes:
                raise Refusal(413)
    except ClientDisconnect as error:
        raise Refusal(400) from error
    return bytes(body)


class _InMemory(MultiPartParser):
    """A photo is never put on the disk unsealed, not even for a moment."""

    spool_max_size = 200_000_000


async def form_of(request: Request, *, most_bytes: int) -> tuple[str, bytes | None]:
    """(the pressed button's meaning, the bytes of the photo) of the page's form; empty, and None, where there
    is none.

    Raises:
        Refusal: 413, it is larger than `most_bytes`; 400, it is no form.
    """
    body = await body_of(request, most_bytes=most_bytes)

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body
        yield b""

    is_file = request.headers.get("content-type", "").lower().startswith("multipart/form-data")
    try:
        if is_file:
            parser = _InMemory(request.headers, stream(), max_files=1, max_fields=4, max_part_size=10_000)
            form = await parser.parse()
        else:
            form = await FormParser(request.headers, stream()).parse()
    except (MultiPartException, KeyError, UnicodeDecodeError, ValueError) as error:
        raise Refusal(400) from error
    text, photo = form.get("text", ""), form.get("photo")
    content = await photo.read() if isinstance(photo, UploadFile) else None
    return (text if isinstance(text, str) else "")[:200], content
