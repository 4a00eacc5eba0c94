"""Logging, switched on by the command line alone: importing EchoDesk configures nothing.

What EchoDesk logs is codes, counts and record ids. Messages of other packages can carry anything, so theirs
are held back below WARNING, and a traceback in a log shows lines of code, never the values in them.
"""

from __future__ import annotations

import logging
import time
from typing import TextIO

OUR_PACKAGES = ("db", "labeling", "review_ui", "pipeline")
LINE = "%(asctime)sZ %(levelname)s %(name)s: %(message)s"


class OneLineFormatter(logging.Formatter):
    """UTC time, level, logger, message; line ends within a message are escaped, so one record is one line."""

    def __init__(self) -> None:
        super().__init__(LINE, datefmt="%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the base class's name)
        """The record's line, without the traceback that may follow it."""
        record.message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        return super().formatMessage(record)


class CommandLineHandler(logging.StreamHandler[TextIO]):
    """The one handler the command line puts in; a later call replaces it and leaves others' alone."""


def configure_logging(*, verbose: bool, stream: TextIO) -> None:
    """Send our own records to `stream`: warnings, or with `verbose` everything from INFO up."""
    stop_logging()
    handler = CommandLineHandler(stream)
    handler.setFormatter(OneLineFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OUR_PACKAGES:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.WARNING)


def stop_logging() -> None:
    """Take the command line's handler and levels away again."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, CommandLineHandler):
            root.removeHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OUR_PACKAGES:
        logging.getLogger(name).setLevel(logging.NOTSET)
