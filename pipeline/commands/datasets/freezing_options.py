"""Options of every verb that freezes labels into a dataset."""

from __future__ import annotations

from typing import Annotated

import typer

NameArgument = Annotated[
    str, typer.Argument(help="What to call it; the name can be used once.", metavar="NAME")
]
OverrideOption = Annotated[
    list[str] | None,
    typer.Option(help="Go on although this check fails; can be given again.", metavar="CHECK"),
]
MaxDaysOption = Annotated[int, typer.Option(min=0, help="Most days between ECG and echo.")]
LicenceOption = Annotated[
    str, typer.Option(help="Of the data: an SPDX identifier, such as CC-BY-4.0.", metavar="SPDX")
]
ProbeOption = Annotated[
    bool,
    typer.Option("--probe", help="Probe the ECG photographs for shortcuts, for the card; takes a while."),
]
