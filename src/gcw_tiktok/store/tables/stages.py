"""The one table of what may follow what in the life of an order."""

from enum import StrEnum


class Stage(StrEnum):
    """Where an order or a line stands with us. (TikTok's own word for an order is its *status*.)"""

    RECEIVED = "received"  # taken in; something still holds it, or nobody has looked yet
    PASSED = "passed"  # nothing holds it: it may be released
    CREATED = "created"  # released: handed over, or being handed over, to production
    IN_PRODUCTION = "in_production"
    PRINTED = "printed"
    PACKAGED = "packaged"
    SHIPPED = "shipped"  # TikTok has the tracking number
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELED = "canceled"
    RETURNED = "returned"


GONE_OUT = frozenset({Stage.SHIPPED, Stage.IN_TRANSIT, Stage.DELIVERED})
"""TikTok can report these of any order that was not shipped through gcw, so they may follow any open stage."""

# From the house back to `received` leads a decision to stop what changed after its release.
NEXT: dict[Stage, frozenset[Stage]] = {
    Stage.RECEIVED: GONE_OUT | {Stage.PASSED, Stage.FAILED, Stage.CANCELED},
    Stage.PASSED: GONE_OUT | {Stage.RECEIVED, Stage.CREATED, Stage.CANCELED},
    Stage.CREATED: GONE_OUT | {Stage.RECEIVED, Stage.IN_PRODUCTION, Stage.FAILED, Stage.CANCELED},
    Stage.IN_PRODUCTION: GONE_OUT | {Stage.RECEIVED, Stage.PRINTED, Stage.FAILED, Stage.CANCELED},
    Stage.PRINTED: GONE_OUT | {Stage.RECEIVED, Stage.PACKAGED, Stage.IN_PRODUCTION, Stage.CANCELED},
    Stage.PACKAGED: GONE_OUT | {Stage.RECEIVED, Stage.IN_PRODUCTION, Stage.CANCELED},
    Stage.SHIPPED: frozenset({Stage.IN_TRANSIT, Stage.DELIVERED, Stage.RETURNED, Stage.CANCELED}),
    Stage.IN_TRANSIT: frozenset({Stage.DELIVERED, Stage.RETURNED, Stage.CANCELED}),
    Stage.DELIVERED: frozenset({Stage.RETURNED}),
    Stage.FAILED: GONE_OUT | {Stage.RECEIVED, Stage.CANCELED},
    Stage.CANCELED: frozenset(),
    Stage.RETURNED: frozenset(),
}

BY_HAND = frozenset({Stage.IN_PRODUCTION, Stage.PRINTED, Stage.PACKAGED, Stage.FAILED})
"""What an operator may say of an order; the other stages follow from what gcw or TikTok did."""

FORWARD: tuple[Stage, ...] = (
    Stage.RECEIVED,
    Stage.PASSED,
    Stage.CREATED,
    Stage.IN_PRODUCTION,
    Stage.PRINTED,
    Stage.PACKAGED,
    Stage.SHIPPED,
    Stage.IN_TRANSIT,
    Stage.DELIVERED,
)
"""The way of an order that nothing befalls."""

OPEN = frozenset({Stage.RECEIVED, Stage.PASSED, Stage.FAILED})
"""Not yet released: nothing has been printed."""

IN_WORK = frozenset({Stage.CREATED, Stage.IN_PRODUCTION, Stage.PRINTED, Stage.PACKAGED})
"""Released and still in the house."""


def least_advanced(stages: list[Stage]) -> Stage:
    """The stage that an order shows: that of its least advanced live line."""
    live = [stage for stage in stages if stage != Stage.CANCELED]
    if not live:
        return Stage.CANCELED
    return min(live, key=lambda stage: FORWARD.index(stage) if stage in FORWARD else -1)
