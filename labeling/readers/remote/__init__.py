"""The language model behind OpenAI-compatible servers."""
