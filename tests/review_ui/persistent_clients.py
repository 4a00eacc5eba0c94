"""Annotators who go on whatever happens to the server: they ask again with the same request until it
answers.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from typing import Any

from review_ui.bench.load import decision
from review_ui.bench.wire import Wire

# Answers to every card, for a record whose draft is hidden (second readings are).
ANSWERS = {"ef": {"text": "55"}, "rwma": "absent", "pah": "none"}
RETRY_S = 0.05


@dataclass
class Log:
    """What the clients know: the decisions they sent, and those the server said it stored."""

    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    cut_off: int = 0


@dataclass
class Annotator:
    """One person with a browser's persistence."""

    number: int
    wire: Wire
    log: Log
    rng: random.Random
    is_going_on: bool = True
    _made: int = 0

    async def work(self) -> None:
        """Decide record after record until told to stop or nothing is left."""
        shown = await self._ask("open_next", {})
        while self.is_going_on and shown["state"] != "empty":
            if shown["state"] not in ("record", "practice"):
                shown = await self._ask("open_next", {})
                continue
            shown = await self._decide(shown["record"])

    async def _decide(self, record: dict[str, Any]) -> dict[str, Any]:
        self._made += 1
        request_id = f"annotator-{self.number:02d}-{self._made:05d}"
        sent = decision(record, request_id=request_id)
        if record["is_hidden"]:
            sent = {**sent, "answers": ANSWERS, "confirmed": []}
        self.log.sent[request_id] = sent
        # A second tab, a double click and a sign of life come along now and then.
        doubles = [self._ask("decide", sent)] if self.rng.random() < 0.1 else []
        if self.rng.random() < 0.2:
            beat = {name: record[name] for name in ("case_id", "draft_id", "screen", "seen_review_id")}
            doubles.append(self._ask("heartbeat", {**beat, "is_active": True}))
        answer, *_ = await asyncio.gather(self._ask("decide", sent), *doubles)
        if answer.get("saved"):
            self.log.acknowledged.add(request_id)
        elif answer["state"] not in ("practice", "empty", "record"):
            self.log.refused[request_id] = f"{answer['state']} {answer.get('sentence', '')}"
        return answer

    async def _ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Ask until there is an answer; requests at the same time go over connections of their own."""
        wire = self.wire.beside()
        while True:
            try:
                answer: dict[str, Any] = await wire.event(event, payload)
            except (ConnectionError, json.JSONDecodeError):
                self.log.cut_off += 1
                await asyncio.sleep(RETRY_S)
                continue
            if answer["state"] != "busy":
                wire.close()
                return answer
            await asyncio.sleep(RETRY_S)
