"""`echodesk serve`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline.commands.options import WorkspaceOption, chosen_workspace
from pipeline.commands.serving.screen import (
    BundleOption,
    Engine,
    EngineOption,
    PointsOption,
    ViewsOption,
    bundle_place,
    moved_points,
)
from pipeline.commands.terminal import say


def serve(
    ctx: typer.Context,
    bundle: BundleOption = None,
    host: Annotated[
        str | None, typer.Option(help="Beyond localhost a key is needed.", show_default=False)
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, show_default=False)] = None,
    page: Annotated[bool, typer.Option(help="Serve the page at / besides the API.")] = True,
    views: ViewsOption = 5,
    point: PointsOption = None,
    engine: EngineOption = Engine.ONNXRUNTIME,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve a bundle: POST /v1/screen for programs, a page for people, until Ctrl-C.

    Settings are ECHODESK_SERVE_* (docs/serving.md). No picture is kept.
    """
    import uvicorn

    from db.requests.connections import patient_http
    from pipeline.serving.api import create_api
    from pipeline.serving.bundle import open_bundle
    from pipeline.serving.screen import Photographs
    from pipeline.serving.serve_settings import serving_settings

    settings = serving_settings(host=host, port=port)
    place = bundle_place(bundle, chosen_workspace(ctx, workspace))
    opened, points = open_bundle(place), moved_points(place, point or ())

    def load() -> Photographs:
        return Photographs.load(
            place, threads=settings.threads or None, engine=engine.value, points=points, views=views
        )

    app = create_api(load, settings)
    if page:
        from pipeline.serving.demo_app import with_page

        app = with_page(app, opened.examples, settings.all_keys(), max_photo_mb=settings.max_photo_mb)
    say(f"Bundle {opened.id}: http://{settings.host}:{settings.port}")
    sys.stdout.flush()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        http=patient_http(),
    )
