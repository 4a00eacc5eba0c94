"""The language model in this process: Qwen2-VL and its successors."""
