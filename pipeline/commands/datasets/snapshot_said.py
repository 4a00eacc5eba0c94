"""What `echodesk snapshot create` says of the snapshot it made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.commands.terminal import counted, say

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.dataset.frozen import Frozen


def say_frozen(space: Workspace, frozen: Frozen) -> None:
    """What went in, what stayed out and why, and how many errors may be left."""
    from pipeline.dataset.certificate import certificate_of

    counts = frozen.counts
    say(
        f"Snapshot {frozen.name}: {counted(counts['rows'], 'row')} of "
        f"{counted(counts['patients'], 'patient')}, "
        f"{counted(counts['pairs'], 'pair')}, in {space.snapshots / frozen.name}"
    )
    left_out = [one for one in frozen.exclusions if one.cases]
    if left_out:
        say("Left out: " + "; ".join(f"{one.reason} {one.cases}" for one in left_out))
    for check in frozen.checks:
        if check.is_overridden:
            say(f"Overridden: {check.name}: {check.sentence}")
    say(certificate_of(frozen.quality, counts["rows"])["statement"])
    for bound in (frozen.quality.get("certificate") or {}).get("fields", ()):
        say(
            f"{bound['field']}: at most {bound['residual_share']:.2%} of labels wrong "
            f"({bound['read']} read again)"
        )
    say(f"Content: {frozen.content_sha256}")


def frozen_json(space: Workspace, frozen: Frozen) -> dict[str, Any]:
    """The same for a script."""
    return {
        "name": frozen.name,
        "folder": str(space.snapshots / frozen.name),
        "content_sha256": frozen.content_sha256,
        "counts": frozen.counts,
        "overrides": frozen.overrides,
        "certificate": frozen.quality.get("certificate") or {},
    }
