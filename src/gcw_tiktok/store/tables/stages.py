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


NEXT: dict[Stage, frozenset[Stage]] = {
    Stage.RECEIVED: frozenset({Stage.PASSED, Stage.FAILED, Stage.CANCELED}),
    Stage.PASSED: frozenset({Stage.RECEIVED, Stage.CREATED, Stage.CANCELED}),
    Stage.CREATED: frozenset({Stage.IN_PRODUCTION, Stage.FAILED, Stage.CANCELED}),
    Stage.IN_PRODUCTION: frozenset({Stage.PRINTED, Stage.FAILED, Stage.CANCELED}),
    Stage.PRINTED: frozenset({Stage.PACKAGED, Stage.IN_PRODUCTION, Stage.CANCELED}),
    Stage.PACKAGED: frozenset({Stage.SHIPPED, Stage.CANCELED}),
    Stage.SHIPPED: frozenset({Stage.IN_TRANSIT, Stage.DELIVERED, Stage.RETURNED}),
    Stage.IN_TRANSIT: frozenset({Stage.DELIVERED, Stage.RETURNED}),
    Stage.DELIVERED: frozenset({Stage.RETURNED}),
    Stage.FAILED: frozenset({Stage.RECEIVED, Stage.CANCELED}),
    Stage.CANCELED: frozenset(),
    Stage.RETURNED: frozenset(),
}

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
