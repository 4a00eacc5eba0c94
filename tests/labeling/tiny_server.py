"""A small real model server for tests: a checkpoint opened with transformers, held to the JSON schema by
xgrammar.

Run as a program: `python tiny_server.py CHECKPOINT PORT`. One request at a time, greedy, with the
probabilities of the tokens as they were after the grammar.
"""

from __future__ import annotations

import base64
import io
import json
import sys
import threading
from typing import Any

from PIL import Image


class TinyModel:
    """The model, its processor and its grammars."""

    def __init__(self, folder: str) -> None:
        import torch
        import xgrammar
        from transformers import AutoProcessor, Qwen2VLForConditionalGeneration

        torch.set_num_threads(1)
        self.name = folder.rstrip("/").rpartition("/")[2]
        self.folder = folder
        self.processor = AutoProcessor.from_pretrained(folder)
        self.model = Qwen2VLForConditionalGeneration.from_pretrained(folder).eval()
        self.tokenizer = self.processor.tokenizer
        vocabulary = self.model.config.text_config.vocab_size
        self.compiler = xgrammar.GrammarCompiler(
            xgrammar.TokenizerInfo.from_huggingface(self.tokenizer, vocab_size=vocabulary)
        )
        self.one_at_a_time = threading.Lock()

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """One chat completion."""
        messages, images = _without_pictures(body["messages"])
        prompt = self.processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        inputs = self.processor(text=[prompt], images=images or None, return_tensors="pt")
        with self.one_at_a_time:
            output = self.model.generate(
                **inputs,
                do_sample=False,
                max_new_tokens=int(body["max_tokens"]),
                logits_processor=self._grammar(body.get("response_format")),
                return_dict_in_generate=True,
                output_scores=True,
            )
        prompt_tokens = inputs["input_ids"].shape[1]
        chosen = output.sequences[0, prompt_tokens:].tolist()
        ended = bool(chosen) and chosen[-1] in self.model.generation_config.eos_token_id
        choice: dict[str, Any] = {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": self.tokenizer.decode(chosen, skip_special_tokens=True),
            },
            "finish_reason": "stop" if ended else "length",
        }
        if body.get("logprobs"):
            choice["logprobs"] = {
                "content": [
                    self._token(number, scores, int(body.get("top_logprobs", 0)))
                    for number, scores in zip(chosen, output.scores, strict=True)
                ]
            }
        usage = {"prompt_tokens": prompt_tokens, "completion_tokens": len(chosen)}
        return {"object": "chat.completion", "model": self.name, "choices": [choice], "usage": usage}

    def _grammar(self, response_format: dict[str, Any] | None) -> list[Any]:
        if response_format is None:
            return []
        from xgrammar.contrib.hf import LogitsProcessor

        schema = json.dumps(response_format["json_schema"]["schema"])
        return [LogitsProcessor(self.compiler.compile_json_schema(schema, any_whitespace=False))]

    def _token(self, number: int, scores: Any, others: int) -> dict[str, Any]:
        logprobs = scores[0].float().log_softmax(dim=-1)
        best = logprobs.topk(others) if others else None
        entry = self._entry(number, float(logprobs[number]))
        if best is not None:
            pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
            entry["top_logprobs"] = [self._entry(other, value) for other, value in pairs if value > -1e4]
        return entry

    def _entry(self, number: int, logprob: float) -> dict[str, Any]:
        text = self.tokenizer.decode([number])
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def _without_pictures(messages: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Image.Image]]:
    """Messages with placeholders as the chat template wants them, and the pictures beside them."""
    images: list[Image.Image] = []
    plain = []
    for message in messages:
        content = message["content"]
        if not isinstance(content, str):
            parts = []
            for part in content:
                if part["type"] == "image_url":
                    data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
                    images.append(Image.open(io.BytesIO(data)).convert("RGB"))
                    parts.append({"type": "image"})
                else:
                    parts.append(part)
            content = parts
        plain.append({"role": message["role"], "content": content})
    return plain, images


def main() -> None:
    """Serve until killed."""
    import uvicorn
    from fastapi import FastAPI

    tiny = TinyModel(sys.argv[1])
    app = FastAPI()

    @app.get("/v1/models")
    def models() -> dict[str, Any]:
        return {"object": "list", "data": [{"id": tiny.name, "object": "model", "root": tiny.folder}]}

    @app.post("/v1/chat/completions")
    def chat(body: dict[str, Any]) -> dict[str, Any]:
        return tiny.answer(body)

    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
