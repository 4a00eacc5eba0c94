"""One batch of questions -> answers: the decoding loop, under a grammar or free.

It does what `generate` of transformers does for greedy decoding with a logits processor (a test holds the two
to the same answer) and three things that function can't: tokens that have to come next cost no forward pass
of their own, an answer that has ended leaves the batch, and of each step only the probability of the chosen
token is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from labeling.readers.qwen.constrained import AnswerGrammar, GrammarState
    from labeling.readers.qwen.model import LoadedModel


@dataclass(frozen=True)
class DecodingSettings:
    """How tokens are chosen.

    Attributes:
        max_tokens: an answer is cut off there.
        temperature: 0 takes the likeliest token; above it is drawn, with `seed`.
        skips_forced: put down what has to come next without a forward pass.
        exact_tokens: every answer gets `max_tokens` tokens, ends or not: for measuring speed.
    """

    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    skips_forced: bool = True
    exact_tokens: bool = False


@dataclass
class AnswerTokens:
    """One answer on its way, and when it has ended.

    Attributes:
        tokens: without the one that ended it.
        log_probabilities: of each, among those allowed; 0 for a token that had to come.
        prompt_tokens: pictures included. forward_passes: in which this answer took part.
        is_complete: ended by itself.
    """

    prompt_tokens: int
    grammar: GrammarState | None = None
    tokens: list[int] = field(default_factory=list)
    log_probabilities: list[float] = field(default_factory=list)
    forward_passes: int = 1
    is_complete: bool = False
    next_position: int = 0

    def start_with(self, begun: Sequence[int]) -> AnswerTokens:
        """Count the last tokens of the prompt as the first of the answer, which they are."""
        self.prompt_tokens -= len(begun)
        self._put(begun, 0.0)
        return self

    def take(
        self, token: int, log_probability: float, stop_tokens: Sequence[int], settings: DecodingSettings
    ) -> int:
        """Put a chosen token down with what has to follow it; how many tokens that is, 0 when the answer has
        ended.
        """
        if self.grammar:
            self.grammar.take(token)
        if token in stop_tokens and not settings.exact_tokens:
            self.is_complete = True
            return 0
        before = len(self.tokens)
        self._put([token], log_probability)
        if self.grammar and settings.skips_forced:
            self._put(self.grammar.take_forced(), 0.0)
        return len(self.tokens) - before if len(self.tokens) < settings.max_tokens else 0

    def _put(self, tokens: Sequence[int], log_probability: float) -> None:
        self.tokens += tokens
        self.log_probabilities += [log_probability] * len(tokens)


@dataclass
class Prefilled:
    """A batch whose prompts the model has read.

    Attributes:
        scores: (rows, vocabulary) for the next token. cache: keys and values. mask: (rows, tokens) of real
            tokens.
        next_positions: where in the text each row goes on; a picture counts less than its tokens.
        prompt_tokens: of each row.
    """

    scores: torch.Tensor
    cache: Any
    mask: torch.Tensor
    next_positions: list[int]
    prompt_tokens: list[int]


def prefill(inputs: dict[str, Any], loaded: LoadedModel) -> Prefilled:
    """Read the prompts of a batch: one forward pass."""
    import torch

    with torch.inference_mode():
        output = loaded.model(**inputs, use_cache=True, logits_to_keep=1)
        mask = inputs["attention_mask"]
        lengths = mask.sum(dim=1)
        # The model has worked out how far each row's position runs ahead of (or behind) its number of tokens.
        positions = lengths + loaded.core.rope_deltas.reshape(-1).to(lengths.device)
        return Prefilled(
            output.logits[:, -1], output.past_key_values, mask, positions.tolist(), lengths.tolist()
        )


def decode(
    prompts: Prefilled,
    loaded: LoadedModel,
    settings: DecodingSettings,
    *,
    grammar: AnswerGrammar | None = None,
    states: Sequence[GrammarState] = (),
    begun: Sequence[int] = (),
) -> list[AnswerTokens]:
    """The answers to a batch of prompts, in order.

    Args:
        grammar, states: what holds the answers, with one state for each; without them anything may come.
        begun: the first tokens of every answer, which the prompts end with and the states have taken.
    """
    import torch

    answers = [
        AnswerTokens(tokens, states[row] if grammar else None, next_position=position).start_with(begun)
        for row, (tokens, position) in enumerate(
            zip(prompts.prompt_tokens, prompts.next_positions, strict=True)
        )
    ]
    going = list(answers)
    scores, cache, mask = prompts.scores, prompts.cache, prompts.mask
    allowed = grammar.new_mask(len(answers)) if grammar else None
    chooser, stop_tokens = _Chooser(settings, scores.device), loaded.stop_tokens
    with torch.inference_mode():
        while True:
            scores = scores.float()
            if grammar:
                _hold(scores, going, grammar, allowed)
            chosen = chooser.choose(scores)
            steps = [
                answer.take(token, log_probability, stop_tokens, settings)
                for answer, (token, log_probability) in zip(going, chosen, strict=True)
            ]
            still = [row for row, step in enumerate(steps) if step]
            if not still:
                return answers
            if len(still) < len(going):
                rows = torch.tensor(still)  # on the CPU: layers of the cache may lie on several GPUs
                cache.batch_select_indices(rows)
                mask, going = mask[rows], [going[row] for row in still]
            scores, mask = _forward(going, [steps[row] for row in still], cache, mask, loaded)


def _hold(scores: torch.Tensor, going: Sequence[AnswerTokens], grammar: AnswerGrammar, allowed: Any) -> None:
    """Rule out, in place, every token that the grammar of its answer forbids."""
    for row, answer in enumerate(going):
        if answer.grammar is not None:
            answer.grammar.fill(allowed, row)
    grammar.apply(scores, allowed[: len(going)])


def _forward(
    going: Sequence[AnswerTokens], steps: Sequence[int], cache: Any, mask: torch.Tensor, loaded: LoadedModel
) -> tuple[torch.Tensor, torch.Tensor]:
    """Show the model what was put down: the scores for the next token, and the longer mask.

    Rows that got fewer tokens than others are padded on the left of this step; the mask hides the padding for
    good.
    """
    import torch

    width = max(steps)
    tokens, positions, real = [], [], []
    for answer, step in zip(going, steps, strict=True):
        padding = width - step
        tokens.append([0] * padding + answer.tokens[-step:])
        start = answer.next_position
        positions.append([start] * padding + list(range(start, start + step)))
        real.append([0] * padding + [1] * step)
        answer.next_position += step
        answer.forward_passes += 1
    mask = torch.cat([mask, torch.tensor(real, dtype=mask.dtype, device=mask.device)], dim=1)
    output = loaded.model(
        input_ids=torch.tensor(tokens, device=mask.device),
        attention_mask=mask,
        position_ids=torch.tensor(positions, device=mask.device).expand(3, -1, -1),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    return output.logits[:, -1], mask


class _Chooser:
    """Chooses the next token of each row and says how probable it was."""

    def __init__(self, settings: DecodingSettings, device: torch.device) -> None:
        import torch

        self._temperature = settings.temperature
        self._random = (
            torch.Generator(device).manual_seed(settings.seed) if settings.temperature > 0 else None
        )

    def choose(self, scores: torch.Tensor) -> list[tuple[int, float]]:
        import torch

        if self._random is None:
            tokens = scores.argmax(dim=-1, keepdim=True)
        else:
            chances = torch.softmax(scores / self._temperature, dim=-1)
            tokens = torch.multinomial(chances, 1, generator=self._random)
        log_probabilities = scores.gather(1, tokens) - scores.logsumexp(dim=-1, keepdim=True)
        # One transfer a step: every one of them makes a GPU wait.
        both = torch.cat([tokens.double(), log_probabilities.double()], dim=1).tolist()
        return [(int(token), float(log_probability)) for token, log_probability in both]
