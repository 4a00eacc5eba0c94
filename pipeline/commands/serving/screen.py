"""`echodesk screen`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import EchoDeskError, WrongUse
from pipeline.commands.consent.warning import warn_of_bundle
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import complain, say, say_json

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.serving.answer import Answer
    from pipeline.serving.bundle import Points
    from pipeline.serving.screen import Photographs


class Engine(StrEnum):
    """What runs the networks."""

    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"


BundleOption = Annotated[
    Path | None,
    typer.Option("--bundle", metavar="DIR", help="Default: the only one in bundles/ of the workspace.",
                 show_default=False),
]  # fmt: skip
EngineOption = Annotated[Engine, typer.Option("--engine", help="What runs the networks.")]
ThreadsOption = Annotated[
    int | None, typer.Option(min=1, max=64, help="Default: one a core, up to 8.", show_default=False)
]
ViewsOption = Annotated[int, typer.Option(min=1, max=5, help="Shifted views that are averaged.")]
PointsOption = Annotated[
    list[str] | None,
    typer.Option("--point", metavar="NAME=VALUE", show_default=False,
                 help="Move an operating point of the referral matrix, such as rwma_abnormal=0.3."),
]  # fmt: skip


def screen(
    ctx: typer.Context,
    photos: Annotated[list[Path], typer.Argument(help="Photographs of ECGs.", metavar="PHOTO...")],
    bundle: BundleOption = None,
    heatmap: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write each photo with its heat map into this folder.",
                     show_default=False),
    ] = None,
    views: ViewsOption = 5,
    point: PointsOption = None,
    threads: ThreadsOption = None,
    engine: EngineOption = Engine.ONNXRUNTIME,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Answer about ECG photographs with a bundle.

    A photo that is no ECG, or can't be read, gets no numbers but what to do; exit code 1 then.
    """
    from pipeline.serving.heat import refuse_same_names
    from pipeline.serving.screen import Photographs
    from pipeline.serving.watching.kept import photo_id

    refuse_same_names(photos if heatmap is not None else ())
    place = bundle_place(bundle, chosen_workspace(ctx, workspace))
    points = moved_points(place, point or ())
    loaded = Photographs.load(place, threads=threads, engine=engine.value, points=points, views=views)
    is_all_usable = True
    for photo in photos:
        try:
            data = photo.read_bytes()
        except OSError as error:
            complain(f"{photo}: {error.strerror}")
            is_all_usable = False
            continue
        answer = _screened(loaded, data, photo, heatmap)
        is_all_usable &= answer.is_usable
        if as_json:
            say_json({"photo": str(photo), "photo_id": photo_id(data), **answer.as_json()})
        else:
            _say_answer(photo, answer)
    if not is_all_usable:
        raise typer.Exit(1)


def _screened(loaded: Photographs, data: bytes, photo: Path, heatmap: Path | None) -> Answer:
    answer, heat = loaded.screen_with_heat(data, wants_heat=heatmap is not None)
    if heatmap is not None and heat is not None:
        from db.files.whole import whole_file
        from pipeline.imaging.capture import encode_jpeg

        heatmap.mkdir(parents=True, exist_ok=True)
        with whole_file(heatmap / f"{photo.stem}.heat.jpg", overwrite=True) as temporary:
            temporary.write_bytes(encode_jpeg(heat, 88))
    return answer


def bundle_place(bundle: Path | None, space: Workspace) -> Path:
    """The folder that was named, or the only one of the workspace; a word where somebody in it withdrew.

    Raises:
        WrongUse: none was named, and there is not exactly one.
    """
    found = sorted(path for path in space.bundles.glob("*") if path.is_dir() and path.name[0] != ".")
    if bundle is None and len(found) != 1:
        raise WrongUse(f"there are {len(found)} bundles in {space.bundles}", "Name one with --bundle DIR.")
    place = bundle or found[0]
    warn_of_bundle(space, place)
    return place


def moved_points(place: Path, moved: list[str] | tuple[str, ...]) -> Points | None:
    """The bundle's operating points with some of them moved; None where none is.

    Raises:
        EchoDeskError: there is no such point, they contradict each other, or the bundle has none.
    """
    from pydantic import ValidationError

    from pipeline.serving.bundle import Points, open_bundle

    if not moved:
        return None
    points = open_bundle(place).about.points
    if points is None:
        raise EchoDeskError("the bundle gives no referral", "Evaluate its run whole, and make it again.")
    try:
        made = Points(**{**points.model_dump(), **dict(one.partition("=")[::2] for one in moved)})
    except ValidationError as error:
        first, names = error.errors()[0], ", ".join(Points.model_fields)
        raise WrongUse(f"--point {first['loc'][0]}: {first['msg']}", f"The points are {names}.") from None
    if made.contradiction:
        raise WrongUse(f"--point: {made.contradiction}", "Move both, or neither beyond the other.")
    return made


def _say_answer(photo: Path, answer: Answer) -> None:
    from pipeline.serving.told import cautions_of, lines_of

    say(f"{photo}")
    say("\n".join(f"  {line}" for line in (*lines_of(answer), *cautions_of(answer))))
