"""Random Qwen2.5-VL and Qwen3-VL checkpoints as small as the tiny Qwen2-VL, with its tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny_qwen import CHAT_TEMPLATE


def build_relative(folder: Path, tiny_checkpoint: Path, family: str) -> Path:
    """Write a checkpoint of `qwen2_5_vl` or `qwen3_vl` to `folder` and return it.

    Args:
        tiny_checkpoint: the Qwen2-VL whose tokenizer and special tokens it takes over.
    """
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_checkpoint)
    tokenizer.image_token, tokenizer.video_token = "<|image_pad|>", "<|video_pad|>"
    token = tokenizer.convert_tokens_to_ids
    special = {
        "image_token_id": token("<|image_pad|>"),
        "video_token_id": token("<|video_pad|>"),
        "vision_start_token_id": token("<|vision_start|>"),
        "vision_end_token_id": token("<|vision_end|>"),
        "tie_word_embeddings": True,
    }
    text = {
        "vocab_size": len(tokenizer) + 13,  # real checkpoints give more numbers than they have tokens
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 4096,
        "rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 1e6},
        "bos_token_id": token("<|im_start|>"),
        "eos_token_id": token("<|im_end|>"),
        "pad_token_id": token("<|endoftext|>"),
    }
    vision = {"depth": 2, "hidden_size": 32, "out_hidden_size": 64, "num_heads": 2, "intermediate_size": 64}
    config, model_class, processor_class, video_class = _classes(transformers, family, text, vision, special)
    state = torch.random.get_rng_state()
    torch.manual_seed(3)
    try:
        model = model_class(config)
    finally:
        torch.random.set_rng_state(state)
    model.generation_config.eos_token_id = [token("<|im_end|>"), token("<|endoftext|>")]
    model.eval().save_pretrained(folder)
    sizes = {
        "patch_size": config.vision_config.patch_size,
        "min_pixels": 32 * 32 * 4,
        "max_pixels": 32 * 32 * 64,
    }
    processor_class(
        image_processor=transformers.Qwen2VLImageProcessor(**sizes),
        video_processor=video_class(patch_size=config.vision_config.patch_size),
        tokenizer=tokenizer,
        chat_template=CHAT_TEMPLATE,
    ).save_pretrained(folder)
    return folder


def _classes(
    transformers: Any, family: str, text: dict[str, Any], vision: dict[str, Any], special: dict[str, Any]
) -> tuple[Any, Any, Any, Any]:
    if family == "qwen2_5_vl":
        vision |= {"fullatt_block_indexes": [1], "window_size": 56}
        return (
            transformers.Qwen2_5_VLConfig(text_config=text, vision_config=vision, **special),
            transformers.Qwen2_5_VLForConditionalGeneration,
            transformers.Qwen2_5_VLProcessor,
            transformers.Qwen2VLVideoProcessor,
        )
    text |= {"head_dim": 16}
    vision |= {"deepstack_visual_indexes": [0], "num_position_embeddings": 64}
    return (
        transformers.Qwen3VLConfig(text_config=text, vision_config=vision, **special),
        transformers.Qwen3VLForConditionalGeneration,
        transformers.Qwen3VLProcessor,
        transformers.Qwen3VLVideoProcessor,
    )
