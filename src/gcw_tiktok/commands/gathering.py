"""Fetches the designs that many variants name, with what is told of it meanwhile."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gcw_tiktok import output
from gcw_tiktok.commands.options import act
from gcw_tiktok.runtime import Runtime

if TYPE_CHECKING:
    from gcw_tiktok.workflow.listings.gathering import Gathered


def gather(gcw: Runtime, named: Iterable[str], *, accept_changed: bool, dry_run: bool) -> "Gathered":
    """Each source once, many at a time."""
    from gcw_tiktok.workflow.designs import sources
    from gcw_tiktok.workflow.listings.gathering import Gathered

    with output.progress("Pinning designs") as progress:
        found = sources.gather(
            gcw.database,
            named,
            gcw.profile.designs,
            act(gcw),
            allow_private=gcw.settings.private_design_urls,
            accept_changed=accept_changed,
            dry_run=dry_run,
            sleep=gcw.sleep,
            progress=progress,
            stopping=gcw.stopping,
        )
        return Gathered(dict(found))
