"""What `echodesk doctor --role model` looks at on the host with the networks. It changes nothing."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from db.errors import EchoDeskError
from pipeline.diagnosis import Diagnosis, Grade
from pipeline.serving.relay.settings import WorkerSettings
from pipeline.serving.relay.signature import signed
from pipeline.serving.screen import Photographs
from pipeline.serving.watching.kept import Kept

_LOCAL: Final = ("127.0.0.1", "localhost", "::1")
_ANSWERS_WITHIN_S: Final = 5.0
# `Date` counts whole seconds, and requests from before the relay's start are refused.
_MOST_SKEW_S: Final = 2.5
# A bundle of B3 at 384 pixels takes this much; smaller ones a third.
_NEEDED_BYTES: Final = 1_000_000_000
Get = Callable[[str], httpx.Response]
Post = Callable[[str, Mapping[str, str]], httpx.Response]


def examine_model_host(
    settings: WorkerSettings,
    place: Path | None,
    *,
    get: Get | None = None,
    post: Post | None = None,
    clock: Callable[[], float] = time.time,
) -> list[Diagnosis]:
    """Every check of a model host.

    Args:
        place: the bundle's folder; None where there is none, or more than one.
        get, post: fetch an address, and post nothing to it with these headers. Default: over the network.
    """
    reached = list(check_relay(settings, get or _fetched, clock))
    is_reached = any(one.name == "Relay" and one.grade is Grade.PASS for one in reached)
    return [
        check_secret(settings), *reached,
        *(check_signature(settings, post or _posted, clock) if is_reached else ()),
        check_bundle(place), check_memory(), *check_kept(settings),
    ]  # fmt: skip


def check_secret(settings: WorkerSettings) -> Diagnosis:
    """What signs the requests."""
    if settings.secret.get_secret_value():
        return Diagnosis(Grade.PASS, "Secret", "set")
    return Diagnosis(
        Grade.FAIL, "Secret", "not set", "Set ECHODESK_WORKER_SECRET to the relay's worker secret."
    )


def check_relay(settings: WorkerSettings, get: Get, clock: Callable[[], float]) -> Iterator[Diagnosis]:
    """Whether it answers, whether the way there is private, and whether both clocks agree."""
    address = settings.relay_url.rstrip("/")
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in _LOCAL:
        fix = "Give ECHODESK_WORKER_RELAY_URL with https: photos go this way."
        yield Diagnosis(Grade.FAIL, "Way to the relay", f"{address} is not encrypted", fix)
    try:
        answer = get(f"{address}/health")
        now = clock()
    except httpx.HTTPError as error:
        fix = "Start the relay, or set ECHODESK_WORKER_RELAY_URL to its address."
        yield Diagnosis(Grade.FAIL, "Relay", f"{address} does not answer ({type(error).__name__})", fix)
        return
    if not answer.is_success:
        yield Diagnosis(Grade.FAIL, "Relay", f"{address} answers with status {answer.status_code}",
                        "Look at the proxy in front of it.")  # fmt: skip
        return
    yield Diagnosis(Grade.PASS, "Relay", f"{address} answers")
    yield from _clocks(answer.headers.get("date", ""), now)


def _clocks(date: str, now: float) -> Iterator[Diagnosis]:
    try:
        apart_s = now - parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return
    if abs(apart_s) > _MOST_SKEW_S:
        fix = "Keep both clocks right (NTP): signed requests that look too old are refused."
        yield Diagnosis(Grade.WARN, "Clocks", f"{abs(apart_s):.0f} s apart", fix)
    else:
        yield Diagnosis(Grade.PASS, "Clocks", "agree with the relay's")


def check_signature(settings: WorkerSettings, post: Post, clock: Callable[[], float]) -> Iterator[Diagnosis]:
    """Whether the relay takes what this host signs: it is asked for a photo that there is not."""
    secret, path = settings.secret.get_secret_value(), f"/host/photo/{'0' * 32}"
    if not secret:
        return
    proof = signed(secret, "POST", path, b"", now=clock(), nonce=secrets.token_hex(16))
    try:
        answer = post(settings.relay_url.rstrip("/") + path, proof.headers())
    except httpx.HTTPError:
        return
    if answer.status_code == 404 and not answer.content:
        yield Diagnosis(Grade.PASS, "Signature", "the relay takes what this host signs")
    elif answer.status_code == 401:
        fix = (
            "Set ECHODESK_WORKER_SECRET to the relay's ECHODESK_RELAY_WORKER_SECRET; keep both clocks right."
        )
        yield Diagnosis(Grade.FAIL, "Signature", "the relay refuses what this host signs", fix)
    else:
        fix = "Set ECHODESK_WORKER_RELAY_URL to the relay's address, and let the proxy pass /host on."
        yield Diagnosis(Grade.FAIL, "Signature", f"no relay answers there (status {answer.status_code})", fix)


def check_bundle(place: Path | None) -> Diagnosis:
    """Whether it loads, answers its golden photograph as it should, and has all that messages say."""
    if place is None:
        fix = "Name one: echodesk doctor --role model --bundle DIR"
        return Diagnosis(Grade.FAIL, "Bundle", "none, or more than one in the workspace", fix)
    began = time.perf_counter()
    try:
        photographs = Photographs.load(place)
        photographs.check_for_messages()
    except EchoDeskError as error:
        return Diagnosis(Grade.FAIL, "Bundle", error.message, error.hint)
    said = f"{photographs.bundle.id}, loaded and checked in {time.perf_counter() - began:.1f} s"
    if photographs.bundle.about.is_synthetic:
        fix = "For patients: train and bundle on their data."
        return Diagnosis(Grade.WARN, "Bundle", f"{said}; made of invented data", fix)
    return Diagnosis(Grade.PASS, "Bundle", said)


def check_memory() -> Diagnosis:
    """Whether the networks fit."""
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                free = int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return Diagnosis(Grade.PASS, "Memory", "not known on this system")
    if free < _NEEDED_BYTES:
        fix = "A large network needs 1 GB: close other programs, or add memory."
        return Diagnosis(Grade.WARN, "Memory", f"{free / 1e9:.1f} GB free", fix)
    return Diagnosis(Grade.PASS, "Memory", f"{free / 1e9:.1f} GB free")


def check_kept(settings: WorkerSettings) -> Iterator[Diagnosis]:
    """Answers that are kept are for their owner alone."""
    file = settings.keep_answers
    if file is None:
        yield Diagnosis(Grade.PASS, "Answers", "not kept: outcomes can't be held against them")
    elif file.exists() and file.stat().st_mode & 0o077:
        yield Diagnosis(Grade.FAIL, "Answers", f"{file} can be read by others", f"Type: chmod go-rwx {file}")
    else:
        yield _kept_in(file)


def _kept_in(file: Path) -> Diagnosis:
    fix = "Name a file in a folder of this user in ECHODESK_WORKER_KEEP_ANSWERS."
    if not (file.parent.is_dir() and os.access(file.parent, os.W_OK | os.X_OK)):
        return Diagnosis(Grade.FAIL, "Answers", f"can't be kept in {file}: no folder to write in", fix)
    try:
        if file.exists() and (file.is_dir() or file.stat().st_size):
            Kept(file).check()
    except EchoDeskError as error:
        return Diagnosis(Grade.FAIL, "Answers", error.message, fix)
    return Diagnosis(Grade.PASS, "Answers", f"kept in {file}")


def _posted(address: str, headers: Mapping[str, str]) -> httpx.Response:
    return httpx.post(address, headers=dict(headers), timeout=_ANSWERS_WITHIN_S)


def _fetched(address: str) -> httpx.Response:
    return httpx.get(address, timeout=_ANSWERS_WITHIN_S)
