"""Somebody who goes away in the middle of a photo: no trace in the log but that, and nobody else waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from pipeline.serving.relay.poll import Refusal
from pipeline.serving.relay.requests import body_of


def test_a_sender_who_goes_away_is_refused_like_a_broken_request() -> None:
    told = iter([{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(told)

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(Refusal) as refused:
        asyncio.run(body_of(request, most_bytes=1000))
    assert refused.value.status == 400
