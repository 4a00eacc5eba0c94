"""A Qwen2-VL of a few thousand parameters with random weights: real classes, real processor, no download.

`build_tiny_qwen` writes a checkpoint folder that `from_pretrained` opens like any other. Sizes are arguments,
so that a model that really learns can be made the same way (see docs/experiments.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labeling.readers.answer_schema import CLOSED_KEYS, answer_schema
from labeling.readers.prompts import PROMPTS

SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)

# The dialogue form Qwen2-VL was trained with: one turn after the other, an image as its three special tokens.
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def build_tiny_qwen(
    folder: Path,
    *,
    seed: int = 0,
    text_hidden: int = 64,
    text_layers: int = 2,
    text_heads: int = 4,
    vision_hidden: int = 32,
    vision_layers: int = 2,
    vision_heads: int = 2,
    vocabulary: int = 640,
    extra_texts: Sequence[str] = (),
    max_pixels: int = 28 * 28 * 64,
    whole_tokens: Sequence[str] = (),
    single_digits: bool = False,
) -> Path:
    """Write a random checkpoint to `folder` (made here) and return it; the same arguments give the same
    weights.

    Args:
        vocabulary: size of the byte-level BPE, special tokens included.
        extra_texts: more text to train the tokenizer on.
        max_pixels: upper bound of an image, stored with the image processor.
        whole_tokens: texts that become one token each wherever they stand (keys, prompts): short dialogues.
        single_digits: every digit is a token of its own, so that numbers are copied digit by digit.
    """
    import torch
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    processor = _processor(vocabulary, extra_texts, max_pixels, whole_tokens, single_digits)
    tokenizer = processor.tokenizer
    ids = {name: tokenizer.convert_tokens_to_ids(name) for name in SPECIAL}
    head_size = text_hidden // text_heads
    third = head_size // 8
    config = Qwen2VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": text_hidden,
            "intermediate_size": 2 * text_hidden,
            "num_hidden_layers": text_layers,
            "num_attention_heads": text_heads,
            "num_key_value_heads": max(1, text_heads // 2),
            "max_position_embeddings": 4096,
            "rope_parameters": {
                "rope_type": "default",
                "mrope_section": [
                    head_size // 2 - 2 * (third + third // 2),
                    third + third // 2,
                    third + third // 2,
                ],
                "rope_theta": 1e6,
            },
            "bos_token_id": ids["<|im_start|>"],
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
            "tie_word_embeddings": True,
        },
        vision_config={
            "depth": vision_layers,
            "embed_dim": vision_hidden,
            "hidden_size": text_hidden,
            "num_heads": vision_heads,
            "mlp_ratio": 2,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=True,
    )
    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    try:
        model = Qwen2VLForConditionalGeneration(config)
    finally:
        torch.random.set_rng_state(state)
    model.generation_config.eos_token_id = [ids["<|im_end|>"], ids["<|endoftext|>"]]
    model.generation_config.pad_token_id = ids["<|endoftext|>"]
    model.eval().save_pretrained(folder, safe_serialization=True)
    processor.save_pretrained(folder)
    return folder


def _processor(
    vocabulary: int,
    extra_texts: Sequence[str],
    max_pixels: int,
    whole_tokens: Sequence[str],
    single_digits: bool,
) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import (
        PreTrainedTokenizerFast,
        Qwen2VLImageProcessor,
        Qwen2VLProcessor,
        Qwen2VLVideoProcessor,
    )

    bpe = Tokenizer(models.BPE())
    words = pre_tokenizers.ByteLevel(add_prefix_space=False)
    digits = pre_tokenizers.Digits(individual_digits=True)
    bpe.pre_tokenizer = pre_tokenizers.Sequence([digits, words]) if single_digits else words
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([*_texts(), *extra_texts], trainer)
    bpe.add_tokens([AddedToken(text, normalized=False) for text in whole_tokens])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        padding_side="left",
        chat_template=CHAT_TEMPLATE,
        extra_special_tokens={"image_token": "<|image_pad|>", "video_token": "<|video_pad|>"},
    )
    tokenizer.image_token, tokenizer.video_token = "<|image_pad|>", "<|video_pad|>"
    sizes = {"min_pixels": 28 * 28 * 4, "max_pixels": max_pixels}
    return Qwen2VLProcessor(
        image_processor=Qwen2VLImageProcessor(**sizes),
        video_processor=Qwen2VLVideoProcessor(**sizes),
        tokenizer=tokenizer,
        chat_template=CHAT_TEMPLATE,
    )


def _texts() -> list[str]:
    """What the tokenizer should have words for: the keys and answers of the form, and the prompts."""
    keys = ["," + f'"{key}":' for key in answer_schema()["properties"]] * 20
    values = [f'"{value}"' for values in CLOSED_KEYS.values() for value in values] * 5
    return [*keys, *values, *(prompt.system + prompt.user for prompt in PROMPTS.values())]
