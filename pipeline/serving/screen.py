"""The one way from a photograph to an answer: terminal, HTTP, browser and messages all come through here.

bytes -> decoded, within limits -> without a screenshot's bars -> can it be used? -> prepared as in training
-> networks -> answer.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.apart.kind import NoProcessError
from db.errors import EchoDeskError
from pipeline.config.settings import PictureSettings
from pipeline.imaging.augment import VIEWS, shifted
from pipeline.imaging.capture import encode_jpeg
from pipeline.imaging.overlay import heat_overlay
from pipeline.imaging.preprocess import normalised, shrunk, to_square
from pipeline.imaging.quality import Quality, judge
from pipeline.serving.answer import Answer, Retake, answer_of, no_numbers
from pipeline.serving.bundle import BODY, GOLDEN, HEADS, Bundle, Points, open_bundle
from pipeline.serving.heat import heat_map
from pipeline.serving.photos.apart import decoded_apart, first_apart, get_ready
from pipeline.serving.photos.bars import without_bars
from pipeline.serving.runtime import Asked, Engine, Runtime
from pipeline.serving.screened import Reading, are_verdicts

Pixels = NDArray[np.uint8]

# Whether a photograph can be used shows at this size as well, in half the time.
_JUDGED_PX: Final = 2400
# Heat maps that people look at on a phone.
_SHOWN_PX: Final = 1200
# What the golden photograph may come out as on another machine. Source: the contract of `screen`.
_EF_POINTS: Final = 0.3
_RWMA: Final = 0.005


@dataclass(frozen=True, eq=False)
class Looked:
    """A photograph that can be used, as far as it has come.

    Attributes:
        asked: what the networks said of its views, the photograph as it is first.
    """

    image: Pixels
    asked: Asked


class Photographs:
    """Screens photographs with one bundle; safe to use from several threads.

    Args:
        points: where the referral matrix cuts. Default: the bundle's.
        views: shifted views that are averaged.
    """

    def __init__(
        self, bundle: Bundle, runtime: Runtime, *, points: Points | None = None, views: int = VIEWS
    ) -> None:
        self.bundle = bundle
        self.runtime = runtime
        self.views = views
        # While one photograph is judged and asked about, it has all threads; others are decoded meanwhile.
        self._turn = Lock()
        # One thread does that for all: each would keep its own memory.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="answer")
        # Without the evaluation's referral part nobody knows what any point does.
        self.points = None if bundle.about.points is None else points or bundle.about.points

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        threads: int | None = None,
        engine: Engine = "onnxruntime",
        points: Points | None = None,
        views: int = VIEWS,
    ) -> Photographs:
        """Open a bundle, load its networks and hold them to its golden photograph.

        Raises:
            EchoDeskError: it is not as it was written, or answers otherwise than where it was made.
        """
        get_ready()
        bundle = open_bundle(folder)
        graphs = (bundle.file(name).read_bytes() for name in (BODY, HEADS))
        runtime = Runtime(*graphs, threads=threads, engine=engine)
        made = cls(bundle, runtime, points=points, views=views)
        made.check_golden()
        return made

    def check_golden(self) -> None:
        """Raises EchoDeskError where the golden photograph comes out otherwise than where it was made."""
        picture = self.bundle.about.settings.picture
        image = decoded_apart(self.bundle.file(GOLDEN).read_bytes())
        found, golden = ask(self.runtime, image, picture, views=1), self.bundle.about.golden
        ef = float(np.abs(found.ef_percent[0] - golden.ef_percent).max())
        rwma = float(np.abs(found.rwma[0] - golden.rwma).max())
        if not (ef <= _EF_POINTS and rwma <= _RWMA):
            raise EchoDeskError(
                f"bundle {self.bundle.id} answers its golden photograph otherwise than where it was made: "
                f"EF differs by {ef:.3g} points, the probability by {rwma:.3g}",
                "Use the versions of onnxruntime and OpenCV in requirements.lock.",
            )

    def screen(self, data: bytes) -> Answer:
        """The answer about the bytes of a photograph's file. Nothing in a file makes it fail.

        Raises:
            NoProcessError: the machine has no room for the process that decodes it.
        """
        return self.screen_with_heat(data, wants_heat=False)[0]

    def screen_with_heat(
        self, data: bytes, *, wants_heat: bool = True, shown_px: int | None = None
    ) -> tuple[Answer, Pixels | None]:
        """The answer, and the photograph with what speaks for a wall motion abnormality laid over it.

        The overlay is RGB; None where there are no numbers or the networks have no map.

        Args:
            shown_px: longest side of the overlay; None for the decoded size, which takes much more memory.
        """
        with ExitStack() as turn:
            decoded = self._decoded(data, turn)
            if isinstance(decoded, Answer):
                return decoded, None
            image, pages = without_bars(decoded[0]), decoded[1]
            answer, heat = self._thread.submit(self._answered, image, wants_heat, shown_px).result()
            return answer.of_first(pages), heat

    def _answered(
        self, image: Pixels, wants_heat: bool, shown_px: int | None
    ) -> tuple[Answer, Pixels | None]:
        looked = self._look(image)
        if isinstance(looked, Answer):
            return looked, None
        answer = answer_of(self.bundle, looked.asked, self.points)
        heat = heat_map(self.runtime, looked.asked, "rwma", self._cells()) if wants_heat else None
        if heat is None:
            return answer, None
        image = looked.image if shown_px is None else shrunk(looked.image, shown_px)
        return answer, heat_overlay(image, heat, self.bundle.about.settings.picture)

    def check_for_messages(self) -> None:
        """Raises EchoDeskError where the bundle lacks a number that people are told by message."""
        about = self.bundle.about
        has = {
            "the interval of EF": about.ef_bands, "the calibrated probability": about.calibration,
            "its set": about.rwma_sets, "the agreement": about.spreads, "the referral": self.points,
        }  # fmt: skip
        missing = [name for name, part in has.items() if part is None]
        if missing or len(about.models) < 2:
            raise EchoDeskError(
                f"bundle {self.bundle.id} can't answer by message: it lacks "
                f"{', '.join(missing) or 'a second model'}",
                "Evaluate its run whole, and make the bundle again with its snapshot.",
            )
        if not are_verdicts(about.despite):
            raise EchoDeskError(
                f"bundle {self.bundle.id} can't answer by message: what it was made despite are no verdicts",
                "Make it again; --despite takes the ids that stand in the evaluation's report.",
            )

    def read(self, data: bytes) -> Reading:
        """The answer as it travels to the relay, with its heat map; see `check_for_messages`."""
        answer, overlay = self.screen_with_heat(data, shown_px=_SHOWN_PX)
        jpeg = b"" if overlay is None else encode_jpeg(overlay, 80)
        return Reading(answer.to_screened(), jpeg)

    def _cells(self) -> tuple[int, int]:
        """Of the grid whose means the features are."""
        backbone = self.bundle.about.settings.backbone
        return backbone.pool_cells if backbone.pool == "grid" else (1, 1)

    def _decoded(self, data: bytes, turn: ExitStack) -> tuple[Pixels, int] | Answer:
        """The pixels of a photograph, and how many pages its file has; `turn` holds the turn from then on."""
        try:
            return first_apart(data, when_decoded=lambda: turn.enter_context(self._turn))
        except NoProcessError:
            raise  # which says nothing of the photograph
        except EchoDeskError as error:
            return no_numbers(self.bundle, (Retake("unreadable", "", _said(error)),))

    def _look(self, image: Pixels) -> Looked | Answer:
        quality = judged(image)
        if not quality.is_usable:
            found = tuple(Retake(one.fault.value, one.where, one.sentence) for one in quality.complaints)
            return no_numbers(self.bundle, found)
        picture = self.bundle.about.settings.picture
        return Looked(image, ask(self.runtime, image, picture, views=self.views))


def ask(runtime: Runtime, image: Pixels, settings: PictureSettings, *, views: int) -> Asked:
    """Every network about shifted views of a photograph (RGB, uint8), in one batch."""
    square = to_square(image, settings)
    return runtime.ask(np.stack([normalised(shifted(square, view), settings) for view in range(views)]))


def judged(image: Pixels) -> Quality:
    """Whether a decoded photograph can be used."""
    return judge(shrunk(image, _JUDGED_PX))


def _said(error: EchoDeskError) -> str:
    """An error of the decoder as a sentence for the person."""
    what = error.message.removeprefix("photo: ")
    return f"{what[:1].upper()}{what[1:]}. {error.hint}".strip()
