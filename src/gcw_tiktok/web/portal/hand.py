"""What every page has at hand."""

from typing import cast

from flask import current_app

from gcw_tiktok.workflow.storefronts.jobs import Jobs
from gcw_tiktok.workflow.storefronts.portal import Portal


def portal() -> Portal:
    """Database, TikTok, mail."""
    return cast(Portal, current_app.extensions["portal"])


def jobs() -> Jobs:
    """Starts work that takes longer than a page may."""
    return cast(Jobs, current_app.extensions["jobs"])
