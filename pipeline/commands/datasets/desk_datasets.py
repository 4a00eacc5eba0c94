"""The datasets that `echodesk review` hands to the desk: `review_ui` itself freezes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from db.errors import EchoDeskError
from pipeline.commands.datasets.snapshot_list import snapshot_folder
from pipeline.commands.options import SNAPSHOT, at_work_in

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from pipeline.dataset.choosing import Order
    from review_ui.desk.datasets import AskedSnapshot, LookedOver


class DeskDatasets:
    """`review_ui.desk.datasets.Datasets` over a workspace."""

    requirements: Final[Sequence[tuple[str, str]]] = (
        ("accepted", "one person read the report"),
        ("double-read", "a second person agreed, or an adjudicator decided"),
        ("adjudicated", "an adjudicator decided"),
    )

    def __init__(self, workspace: Workspace, database: Database) -> None:
        self._workspace = workspace
        self._database = database

    def look_over(self, asked: AskedSnapshot) -> LookedOver:
        """Run the checks; writes nothing."""
        from db.access.desk_key import load_or_create_desk_key
        from pipeline.dataset.snapshot import label_figures, look_over
        from review_ui.desk.datasets import CheckSaid, LookedOver

        rows, checks = look_over(
            self._database,
            self._workspace,
            _order(asked),
            workspace_key=load_or_create_desk_key(self._workspace),
            figures=label_figures(self._workspace, is_probed=False),
        )
        return LookedOver(rows, [CheckSaid(one.name, one.sentence, one.is_passed) for one in checks])

    def freeze(self, asked: AskedSnapshot, *, actor: str, now: datetime) -> None:
        """Freeze the labels as they are now; no restore takes the database away meanwhile."""
        from db.access.desk_key import load_or_create_desk_key
        from pipeline.dataset.snapshot import build_snapshot, label_figures

        with at_work_in(self._workspace, SNAPSHOT):
            build_snapshot(
                self._database,
                self._workspace,
                _order(asked),
                workspace_key=load_or_create_desk_key(self._workspace),
                figures=label_figures(self._workspace, is_probed=False),
                actor=actor,
                now=now,
            )

    def card(self, name: str) -> str:
        """The dataset card, Markdown."""
        file = snapshot_folder(self._workspace, name) / "README.md"
        try:
            return file.read_text(encoding="utf-8")
        except OSError:
            raise EchoDeskError(f"the card of {name} cannot be read", "") from None

    def give_back(self, listing: Path, folder: Path) -> Path:
        """A list of patients, written again in the folder with the labels beside its rows."""
        from labeling.intake.list_out import write_list
        from labeling.intake.manifest_table import starts_as_workbook

        target = folder / f"list-with-labels{'.xlsx' if starts_as_workbook(listing) else '.csv'}"
        write_list(listing, target, (), workspace=self._workspace, database=self._database)
        return target

    def pack(self, name: str, target: Path) -> None:
        """Write a snapshot as one zip file, every hash compared."""
        from pipeline.dataset.exporting import export_snapshot

        export_snapshot(snapshot_folder(self._workspace, name), str(target))


def _order(asked: AskedSnapshot) -> Order:
    from pipeline.dataset.choosing import Order, Require, spdx_identifier

    return Order(
        name=asked.name,
        require=Require(asked.require),
        overrides=asked.overrides,
        licence=spdx_identifier(asked.licence) or asked.licence,
    )
