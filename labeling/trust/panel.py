"""The panel: one reader whose values count, and the others that say how far to trust them.

Whatever reads first (the rules, a model here, a model behind a server) keeps its values. The rules over
Tesseract's words and over RapidOCR's, the words on the page, and the model asked again only fill in
`opinions`, `grounding`, boxes, legibility and warnings, from which `labeling/trust/light.py` decides the
lights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal

from db.errors import EchoDeskError
from db.processes import processors
from labeling.readers.base import (
    Opinion,
    Outcome,
    Reader,
    ReaderSpec,
    Reading,
    batch_size_of,
    identity_of,
    read_batch,
    read_one,
    read_plain_text,
)
from labeling.readers.prompts import SECOND_PROMPT
from labeling.readers.rules import RulesReader, reading_of_ocr
from labeling.rules.report import RULES_VERSION
from labeling.trust import blind_check, second_chance
from labeling.trust.asking_twice import AsksFields, ReadsAgain, crops_of, opinion_of_answer
from labeling.trust.cross_check import ReportWords, check_reading, opinion_of, recognise_report
from labeling.trust.grounding import with_blind
from labeling.words import taught_recogniser

if TYPE_CHECKING:
    from labeling.pages.page import Page

# Raise it whenever the same reading could get another light.
PANEL_VERSION: Final = "5"

SecondReader = Literal["rapidocr", "none"]
AskTwice = Literal["off", "prompt", "crop"]


class PanelReader:
    """Reads with one reader and cross-checks it with the others.

    Args:
        primary: name and options of the reader whose values count.
        build: makes a reader of a name and options, such as `registry.build_reader`.
        second_reader: `rapidocr` lets the rules read RapidOCR's words as well, where it is installed.
        ask_twice: ask a language model twice: with another `prompt`, or about a `crop` around its
            evidence.
        blind_check: ask it again with its evidence painted over.
        poor_pages: the rules try pages that can't be read safely in several views; see `second_chance.py`.
        recogniser: a taught recogniser for those pages, file or folder; see `taught_recogniser.choose`.
        tesseract: the Tesseract program, as a name on PATH or a full path.

    Raises:
        EchoDeskError: the primary can't be built, or can't be asked in the way that was chosen.
    """

    def __init__(
        self,
        primary: Mapping[str, Any],
        *,
        build: Callable[[ReaderSpec], Reader],
        second_reader: SecondReader = "rapidocr",
        ask_twice: AskTwice = "off",
        blind_check: bool = False,
        poor_pages: bool = False,
        recogniser: str = "",
        tesseract: str = "tesseract",
    ) -> None:
        self.primary: Reader = build(ReaderSpec(primary["name"], primary.get("options", {})))
        self._is_rules = isinstance(self.primary, RulesReader)
        self._wants_second = second_reader == "rapidocr"
        self._ask_twice = ask_twice
        self._blind_check = blind_check
        self._poor_pages = poor_pages
        self._taught = taught_recogniser.choose(recogniser) if poor_pages else None
        self._tesseract = tesseract
        # The words of a batch are recognised on the processor's other cores while a model or a server reads
        # it.
        self._recognisers = ThreadPoolExecutor(processors(), thread_name_prefix="recognise")
        if self._is_rules and (ask_twice != "off" or blind_check):
            raise EchoDeskError(
                "the rules can't be asked a second time", "Name a language model with --reader."
            )
        self._again = self._second_asker(primary, build)

    @property
    def name(self) -> str:
        """The primary's: its values are the draft."""
        return self.primary.name

    @property
    def version(self) -> str:
        """The primary's, and after a plus sign what the light is decided from: `3+p1-r1`."""
        parts = [f"p{PANEL_VERSION}", "" if self._is_rules else f"t{RULES_VERSION}"]
        parts.append(f"r{self._rapid.RAPID_VERSION}" if self._rapid else "")
        parts.append({"off": "", "prompt": "2p", "crop": "2c"}[self._ask_twice])
        parts.append("b" if self._blind_check else "")
        taught = self._taught.sha256[:8] if self._taught else ""
        parts.append(f"v{second_chance.VERSION}{taught}" if self._poor_pages else "")
        return f"{self.primary.version}+{'-'.join(part for part in parts if part)}"

    @property
    def weights_revision(self) -> str:
        """The primary's."""
        return identity_of(self.primary).weights_revision

    @property
    def prompt_version(self) -> str:
        """The primary's."""
        return identity_of(self.primary).prompt_version

    @cached_property
    def _rapid(self) -> ModuleType | None:
        """The second engine where it takes part; text alone never needs its eleven modules of page work."""
        from labeling.words import rapid_ocr

        return rapid_ocr if self._wants_second and rapid_ocr.is_installed() else None

    @property
    def batch_size(self) -> int:
        """How many reports the primary likes to be handed at once."""
        return batch_size_of(self.primary)

    def read_text(self, text: str) -> Reading:
        """Read plain text with the primary: there is no picture to read a second time.

        Raises:
            EchoDeskError: the primary reads pictures only.
        """
        return read_plain_text(self.primary, text)

    def read_pages(self, pages: Sequence[Page]) -> Reading:
        """Read one report from its upright pages, in order. Raises what the primary raises."""
        return read_one(self, pages)

    def read_reports(self, reports: Sequence[Sequence[Page]]) -> list[Outcome]:
        """Read several reports, the primary in one batch; what fails for one is its answer."""
        if self._is_rules:
            return [self._read_by_rules(pages) for pages in reports]
        recognised = [self._recognisers.submit(self._words, pages) for pages in reports]
        outcomes = read_batch(self.primary, reports)
        words: dict[int, ReportWords] = {}
        for index, outcome in enumerate(outcomes):
            if isinstance(outcome, Reading):
                outcomes[index] = self._cross_check(outcome, recognised[index], words, index)
        whole = {index: outcome for index, outcome in enumerate(outcomes) if isinstance(outcome, Reading)}
        if self._ask_twice == "prompt":
            whole = self._read_again(whole, reports)
        elif self._ask_twice == "crop":
            whole = self._look_again(whole, reports)
        if self._blind_check:
            whole = self._read_blind(whole, reports, words)
        return [whole.get(index, outcome) for index, outcome in enumerate(outcomes)]

    def _second_asker(self, primary: Mapping[str, Any], build: Callable[[ReaderSpec], Reader]) -> Any:
        """Who answers the second time: the model itself, or where that takes one prompt only, it built once
        more.
        """
        if self._ask_twice == "crop" and not isinstance(self.primary, AsksFields):
            raise EchoDeskError(
                f"the reader {self.name!r} can't be asked about a piece of a page",
                "Use --second-reading prompt.",
            )
        if self._ask_twice != "prompt" or isinstance(self.primary, ReadsAgain):
            return self.primary
        return build(ReaderSpec(primary["name"], {**primary.get("options", {}), "prompt": SECOND_PROMPT}))

    def _words(self, pages: Sequence[Page]) -> ReportWords:
        from labeling.words.both_engines import BothEngines

        engines = BothEngines(self._tesseract, self._rapid)
        return recognise_report(pages, engines.first, engines.second if self._rapid else None)

    def _read_by_rules(self, pages: Sequence[Page]) -> Outcome:
        try:
            words = self._words(pages)
            reading = check_reading(
                reading_of_ocr(words.first), words, version=self._opinion_version(), is_rules=True
            )
            poor = [page.number for page in words.first if page.unreadable_reason]
            is_tried = self._poor_pages and bool(poor) and self._rapid is not None
            if not is_tried:
                return reading
            return second_chance.with_second_chance(reading, pages, poor, self._taught)
        except Exception as error:  # noqa: BLE001 - what fails for one report is its answer
            return error

    def _cross_check(
        self, reading: Reading, recognised: Future[ReportWords], words: dict[int, ReportWords], index: int
    ) -> Outcome:
        try:
            words[index] = recognised.result()
            return check_reading(reading, words[index], version=self._opinion_version(), is_rules=False)
        except Exception as error:  # noqa: BLE001 - what fails for one report is its answer
            return error

    def _opinion_version(self) -> str:
        from labeling.words.rapid_ocr import RAPID_VERSION

        return f"{RULES_VERSION}-{RAPID_VERSION}"

    def _read_again(
        self, whole: Mapping[int, Reading], reports: Sequence[Sequence[Page]]
    ) -> dict[int, Reading]:
        asked = [reports[index] for index in whole]
        if isinstance(self._again, ReadsAgain):
            answers = self._again.read_again(asked, SECOND_PROMPT) if asked else []
        else:
            answers = read_batch(self._again, asked)
        name, version = f"{self.name}_prompt", f"{self.primary.version}-{SECOND_PROMPT}"
        opinions = [
            () if isinstance(answer, Exception) else (opinion_of(answer, reader=name, version=version),)
            for answer in answers
        ]
        return {
            index: _with_opinions(reading, more)
            for (index, reading), more in zip(whole.items(), opinions, strict=True)
        }

    def _look_again(
        self, whole: Mapping[int, Reading], reports: Sequence[Sequence[Page]]
    ) -> dict[int, Reading]:
        crops = [
            (index, crop) for index, reading in whole.items() for crop in crops_of(reading, reports[index])
        ]
        answers = self._again.ask_fields([crop for _, crop in crops]) if crops else []
        more: dict[int, list[Opinion]] = {index: [] for index in whole}
        for (index, (field, _)), answer in zip(crops, answers, strict=True):
            opinion = opinion_of_answer(
                whole[index], field, answer, reader=self.name, version=f"{self.primary.version}-check-1"
            )
            if opinion is not None:
                more[index].append(opinion)
        return {index: _with_opinions(reading, more[index]) for index, reading in whole.items()}

    def _read_blind(
        self,
        whole: Mapping[int, Reading],
        reports: Sequence[Sequence[Page]],
        words: Mapping[int, ReportWords],
    ) -> dict[int, Reading]:
        tried = [index for index, reading in whole.items() if blind_check.blinded_fields(reading)]
        painted = [blind_check.blinded_pages(whole[index], reports[index]) for index in tried]
        checked = dict(whole)
        for index, again in zip(tried, read_batch(self.primary, painted), strict=True):
            if isinstance(again, Exception):
                continue
            reading = whole[index]
            survived = blind_check.survived(reading, again.findings, words[index].texts)
            invented = tuple(f"invented:{field}" for field, is_so in survived.items() if is_so)
            checked[index] = replace(
                reading,
                grounding=with_blind(reading.grounding, survived),
                warnings=(*reading.warnings, *invented),
            )
        return checked


def _with_opinions(reading: Reading, more: Sequence[Opinion]) -> Reading:
    return replace(reading, opinions=(*reading.opinions, *more))
