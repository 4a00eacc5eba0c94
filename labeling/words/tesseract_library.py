"""What a process of its own does with Tesseract's library: pages in, its table of words out.

Starting the program costs 0.1 s a page before it looks at anything; here its models are loaded once for many
pages. The library is the one that the program itself is linked with, asked for the same.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from db.apart.frames import Frame
from db.apart.worker import Arguments, Operation

_POINTER: Final = ctypes.c_void_p
_TEXT: Final = ctypes.c_char_p
_NUMBER: Final = ctypes.c_int
# Of each function: what it gives, and what it takes.
_FUNCTIONS: Final = {
    "TessBaseAPICreate": (_POINTER, ()),
    "TessBaseAPIInit3": (_NUMBER, (_POINTER, _TEXT, _TEXT)),
    "TessBaseAPISetPageSegMode": (None, (_POINTER, _NUMBER)),
    "TessBaseAPISetVariable": (_NUMBER, (_POINTER, _TEXT, _TEXT)),
    "TessBaseAPISetImage": (None, (_POINTER, _TEXT, _NUMBER, _NUMBER, _NUMBER, _NUMBER)),
    "TessBaseAPIRecognize": (_NUMBER, (_POINTER, _POINTER)),
    "TessBaseAPIGetTsvText": (_POINTER, (_POINTER, _NUMBER)),
    "TessBaseAPIClear": (None, (_POINTER,)),
    "TessDeleteText": (None, (_POINTER,)),
}


class LibraryError(Exception):
    """The library can't be used; the program may say why."""


@lru_cache(maxsize=1)
def _ready(path: str, language: str, page_mode: int, dpi: str) -> tuple[Any, Any]:
    """The library with its models loaded, and its handle."""
    # Read when the library is loaded. Pages run in parallel, and its own threads hinder each other.
    os.environ["OMP_THREAD_LIMIT"] = "1"
    library = ctypes.CDLL(path)
    for name, (gives, takes) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = gives, list(takes)
    handle = library.TessBaseAPICreate()
    if library.TessBaseAPIInit3(handle, None, language.encode()) != 0:
        raise LibraryError
    library.TessBaseAPISetPageSegMode(handle, page_mode)
    library.TessBaseAPISetVariable(handle, b"user_defined_dpi", dpi.encode())
    return library, handle


def _tsv(arguments: Arguments, payload: bytes) -> Iterator[Frame]:
    """The table of words of a gray picture (rows x columns, one byte each), without its head."""
    width, height = int(arguments["width"]), int(arguments["height"])
    if len(payload) != width * height or not payload:
        raise LibraryError
    library, handle = _ready(*(arguments[name] for name in ("library", "language", "page_mode", "dpi")))
    library.TessBaseAPISetImage(handle, payload, width, height, 1, width)
    text = None if library.TessBaseAPIRecognize(handle, None) else library.TessBaseAPIGetTsvText(handle, 0)
    if not text:
        raise LibraryError
    try:
        said = ctypes.string_at(text)
    finally:
        library.TessDeleteText(text)
        library.TessBaseAPIClear(handle)
    yield Frame({}, len(said), (said,))


OPERATIONS: Final[dict[str, Operation]] = {"tsv": _tsv}
