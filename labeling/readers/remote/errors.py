"""What can go wrong between us and a model server, each with a name; no words of a report, no key, no
address.
"""

from __future__ import annotations

from typing import Final

from db.errors import EchoDeskError
from labeling.readers.base import ReaderUnavailableError

# Code -> (what happened, what to do about it).
_SENTENCES: Final = {
    "unreachable": (
        "no model server could be reached",
        "Check that it runs and its --url, then run the same command again: nothing is lost.",
    ),
    "connection_lost": (
        "the model server dropped the connection again and again",
        "Look into its log: it may run out of memory on large pages.",
    ),
    "timeout": (
        "the model server did not answer in time",
        "Ask for less at once with --concurrency, or serve the model on a faster machine.",
    ),
    "busy": ("the model server had no time for this report", "Ask for less at once with --concurrency."),
    "server_error": ("the model server failed on this report", "Look into its log, then try again."),
    "refused": (
        "the model server refused the request",
        "Check --model, and the longest input it was started for.",
    ),
    "no_entry": ("the model server does not let us in", "Set its key in ECHODESK_REMOTE_API_KEY."),
    "no_such_model": ("the model server has no model of this name", "Name one it serves with --model."),
    "certificate": (
        "the certificate of the model server is not to be trusted",
        "Give the certificate of your own authority in SSL_CERT_FILE, or have the server's renewed.",
    ),
    "bad_reply": (
        "the model server answered with something else than a chat completion",
        "Check its address.",
    ),
    "another_model": (
        "the model servers do not serve the same model",
        "Start them all with one model at one revision; drafts say which model made them.",
    ),
    "which_model": ("the model server serves several models or names none", "Name one with --model."),
}


# These are about the servers and not about the report that was sent.
_ABOUT_SERVERS: Final = (
    "unreachable",
    "no_entry",
    "no_such_model",
    "certificate",
    "another_model",
    "which_model",
)


class RemoteError(EchoDeskError):
    """A request to a model server that came to nothing.

    Attributes:
        code: stable name, such as `timeout`; `detail` narrows it down: a status number or the reply's fault.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        sentence, hint = _SENTENCES[code]
        super().__init__(f"{sentence} ({detail or code})", hint)
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type[RemoteError], tuple[str, str]]:
        """Pickle with its arguments, so that it crosses process borders whole."""
        return type(self), (self.code, self.detail)


class ServersUnavailableError(RemoteError, ReaderUnavailableError):
    """No server can be used just now: not the report's fault."""


def remote_error(code: str, detail: str = "") -> RemoteError:
    """The error of this code, of the kind that says whether it is about the report or about the servers."""
    return (ServersUnavailableError if code in _ABOUT_SERVERS else RemoteError)(code, detail)
