"""What becomes of an order, in the words of its customer. Pure: facts in, sentences out; nothing of a recipient, and
nothing that operators wrote for each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gcw_tiktok.store.tables import Hold, HoldReason, Line, OrderKind, Stage
from gcw_tiktok.store.tables.stages import FORWARD, GONE_OUT, IN_WORK, OPEN
from gcw_tiktok.workflow import times
from gcw_tiktok.workflow.orders import explaining, holds, stages
from gcw_tiktok.workflow.orders.explaining import BUYER, TIKTOK, Entry, Facts
from gcw_tiktok.workflow.shipping import labelled, parcels

PROVIDER = "Your print provider"
STAGES = {
    Stage.RECEIVED: "Received",
    Stage.PASSED: "Ready",
    Stage.CREATED: "Sent to production",
    Stage.IN_PRODUCTION: "In production",
    Stage.PRINTED: "Printed",
    Stage.PACKAGED: "Packaged",
    Stage.SHIPPED: "Shipped",
    Stage.IN_TRANSIT: "On its way",
    Stage.DELIVERED: "Delivered",
    Stage.FAILED: "Failed in production",
    Stage.CANCELED: "Cancelled",
    Stage.RETURNED: "Returned",
}
HOLDS = {
    HoldReason.TIKTOK_ON_HOLD: "Buyer may still cancel",
    HoldReason.UNPAID: "Not paid yet",
    HoldReason.NOT_CONNECTED: "Not connected",
    HoldReason.DESIGN_PROBLEM: "Design to be checked",
    HoldReason.NO_FACILITY: "No place to make it",
    HoldReason.ADDRESS_MISSING: "Address incomplete",
    HoldReason.CANCEL_REQUESTED: "Buyer asks to cancel",
    HoldReason.COMBINING: "More may join",
    HoldReason.NEEDS_DECISION: "Changed meanwhile",
    HoldReason.SAMPLE_POLICY: "Free sample",
    HoldReason.MANUAL: "To be looked at",
}
"""What holds an order, in two or three words."""
BY_ITSELF = "Nothing to do: it goes on by itself."
LOOKS = f"{PROVIDER} looks at it."
EXPLAINED = {
    HoldReason.UNPAID: ("The buyer has not paid yet.", BY_ITSELF),
    HoldReason.NOT_CONNECTED: (
        "It is not known yet what to print for it.",
        "Connect it, and this order goes on, with all others that wait for the same.",
    ),
    HoldReason.NO_FACILITY: ("It is not settled yet where it is made.", f"{PROVIDER} settles that."),
    HoldReason.ADDRESS_MISSING: (
        "TikTok shows no complete address for it.",
        "Look at the address in Seller Center. As soon as TikTok shows all of it, the order goes on.",
    ),
    HoldReason.CANCEL_REQUESTED: (
        "The buyer has asked to cancel.",
        f"{PROVIDER} answers; in Seller Center you can as well.",
    ),
    HoldReason.COMBINING: (
        "TikTok marked it to travel with other orders of the same buyer, and more may join.",
        BY_ITSELF,
    ),
    HoldReason.NEEDS_DECISION: (
        "Something about it changed after it went to production.",
        f"{PROVIDER} decides whether it is stopped, goes on as it is, or is made anew.",
    ),
    HoldReason.SAMPLE_POLICY: ("It is a free sample for a creator.", f"{PROVIDER} decides whether it is made."),
    HoldReason.MANUAL: ("It waits for somebody to look at it.", LOOKS),
}
REACHED = {
    "taken in": Stage.RECEIVED,
    "handed over": Stage.CREATED,
    "shipped": Stage.SHIPPED,
    "AWAITING_COLLECTION at TikTok": Stage.SHIPPED,
    "IN_TRANSIT at TikTok": Stage.IN_TRANSIT,
    "DELIVERED at TikTok": Stage.DELIVERED,
    "COMPLETED at TikTok": Stage.DELIVERED,
    "CANCELLED at TikTok": Stage.CANCELED,
    "returned": Stage.RETURNED,
} | {f"now {stage}": stage for stage in (*IN_WORK, Stage.FAILED)}
"""Which stage begins with what an order's history says."""
HAPPENED = {
    "placed": "Ordered",
    "paid": "Paid",
    "taken in": "Received",
    "changed at TikTok": "Changed at TikTok",
    "handed over": "Sent to production",
    "now in_production": "In production",
    "now printed": "Printed",
    "now packaged": "Packaged",
    "now failed": "Failed in production",
    "to be made again": "To be made again",
    "shipped": "Shipped",
    "shipped outside gcw": "Shipped by somebody else",
    labelled.BOUGHT: "Shipping label bought",
    "label bought outside gcw": "Shipping label bought",
    parcels.CORRECTED: "Tracking number corrected",
    "held by hand": "Put on hold",
    "hold by hand lifted": "Let go on",
    "approved by hand": "Let go on",
    "personalisation approved": "What the buyer personalised was approved",
    "decided": "Decided how it goes on",
    "cancelled by production": "Production cannot make it",
    "production told to stop": "Production told to stop",
    "production told of the cancellation": "Production told of the cancellation",
    "request to cancel approved": "The buyer's request to cancel was granted",
    "request to cancel refused": "The buyer's request to cancel was refused",
    "cancelled": "Cancelled",
    "returned": "Sent back",
    "AWAITING_COLLECTION at TikTok": "Waits for the carrier",
    "IN_TRANSIT at TikTok": "On its way",
    "DELIVERED at TikTok": "Delivered",
    "COMPLETED at TikTok": "Completed",
    "CANCELLED at TikTok": "Cancelled at TikTok",
    "ignored": "Not printed here",
}
"""What a customer is told of what an order's history says; of all else, nothing."""
IN_FULL = frozenset({"shipped", "shipped outside gcw", labelled.BOUGHT, "label bought outside gcw", parcels.CORRECTED})
"""Of these the whole sentence is told: it is about parcels."""


@dataclass(frozen=True)
class Milestone:
    """A stage on the way of an order."""

    name: str
    at: int | None = None
    """When it was reached, where that is known."""
    done: bool = False
    here: bool = False
    """It is in this stage now."""
    bad: bool = False


@dataclass(frozen=True)
class Explained:
    """Something that holds an order, and what happens next."""

    reason: HoldReason
    title: str
    what: str
    then: str
    since: int


def way(facts: Facts) -> list[Milestone]:
    """The stages of the order from first to last, with when it reached them. What is not made here skips the house."""
    order, reached = facts.order, _reached(facts)
    line = [stage for stage in FORWARD if not (_not_made_here(facts) and stage in IN_WORK | {Stage.PASSED})]
    on_line = order.stage in line
    place = line.index(order.stage) if on_line else max((line.index(one) for one in reached if one in line), default=0)
    found = [
        Milestone(STAGES[stage], reached.get(stage), number <= place, on_line and number == place)
        for number, stage in enumerate(line)
    ]
    if on_line:
        return found
    ended = Milestone(STAGES[order.stage], reached.get(order.stage), done=True, here=True, bad=True)
    return [*found[: place + 1], ended]


def explained(facts: Facts) -> list[Explained]:
    """What holds the order and what happens next, for its customer."""
    return [Explained(hold.reason, HOLDS[hold.reason], *_explained(facts, hold), hold.since) for hold in facts.holds]


def following(facts: Facts) -> str:
    """What happens next where nothing holds the order; empty where nothing does."""
    stage, lines = facts.order.stage, facts.lines
    if facts.order.kind == OrderKind.FULFILLED_BY_TIKTOK:
        return "TikTok sends it from its own warehouse; nothing of it is made here."
    if stages.is_ignored(lines):
        return "Nothing of it is printed here, as it was decided for these products."
    if stage == Stage.FAILED:
        return f"{PROVIDER} has it made again."
    if stage == Stage.PASSED:
        return "Nothing holds it: it goes to production next."
    if stage in OPEN:
        return "It goes on when TikTok says that it is to be shipped."
    if stage in IN_WORK and any(line.stage in GONE_OUT for line in lines):
        return "A part of it has left; the rest is being made."
    if stage in IN_WORK:
        return "It is being made. Its tracking number shows here when it leaves."
    return "It is on its way." if stage in GONE_OUT - {Stage.DELIVERED} else ""


def story(facts: Facts, people: Mapping[str, str]) -> list[Entry]:
    """What happened, oldest first; `people` are the customer's own, name by address. Others are the print provider."""
    told = [entry for one in explaining.timeline(facts) if (entry := _told(facts, one, people))]
    return sorted([*_connected(facts, people), *told], key=lambda one: one.at)


def reason_in_words(name: str) -> str:
    """`seller_cancel_reason_out_of_stock` as people read it."""
    return name.rpartition("_reason_")[2].replace("_", " ").strip().capitalize()


def _reached(facts: Facts) -> dict[Stage, int]:
    found: dict[Stage, int] = {}
    lifted = None
    for event in facts.events:
        stage = REACHED.get(event.what)
        lifted = event.at if event.what == holds.LIFTED else lifted
        if stage is not None and not (stage in found and stage in GONE_OUT):
            found[stage] = event.at  # what is made again is made later; it leaves but once
    found.setdefault(Stage.RECEIVED, facts.order.placed_at)
    if facts.order.stage not in (Stage.RECEIVED, Stage.CANCELED) or Stage.CREATED in found:
        before = found.get(Stage.CREATED)
        passed = lifted or found[Stage.RECEIVED]
        found[Stage.PASSED] = min(passed, before) if before else passed
    return found


def _not_made_here(facts: Facts) -> bool:
    return facts.order.kind == OrderKind.FULFILLED_BY_TIKTOK or stages.is_ignored(facts.lines)


def _explained(facts: Facts, hold: Hold) -> tuple[str, str]:
    if hold.reason == HoldReason.TIKTOK_ON_HOLD and facts.order.starts_at:
        return f"A pre-order: TikTok holds it until {times.shown(facts.order.starts_at)}.", BY_ITSELF
    if hold.reason == HoldReason.TIKTOK_ON_HOLD:
        return "For about an hour after paying the buyer may still cancel freely.", BY_ITSELF
    if hold.reason == HoldReason.DESIGN_PROBLEM:
        if any(line.personalised for line in facts.lines):
            return "The buyer personalised it.", f"{PROVIDER} looks at what is wanted before it is printed."
        return (
            "What it prints can no longer be made as it is connected.",
            "Connect it anew, or ask your print provider.",
        )
    if hold.reason == HoldReason.MANUAL and facts.order.placed_at < facts.store.connected_at:
        return "It was placed before the store was connected, and may have been made elsewhere.", LOOKS
    return EXPLAINED[hold.reason]


def _told(facts: Facts, one: Entry, people: Mapping[str, str]) -> Entry | None:
    word, _, reason = one.what.partition(": ")
    if word in ("held", holds.LIFTED) and reason:
        title = HOLDS.get(HoldReason(reason), reason) if reason in list(HoldReason) else reason
        return Entry(one.at, "", "On hold" if word == "held" else "No longer on hold", title)
    if one.what not in HAPPENED:
        return None
    sentence = one.sentence if one.what in IN_FULL else ""
    if one.what == "placed":
        sentence = _units(facts.lines)
    if one.what in ("cancelled", "request to cancel refused"):
        sentence = reason_in_words(one.sentence)
    return Entry(one.at, _who(one.who, people), HAPPENED[one.what], sentence)


def _units(lines: Sequence[Line]) -> str:
    return f"{len(lines)} units" if len(lines) != 1 else "1 unit"


def _connected(facts: Facts, people: Mapping[str, str]) -> Iterator[Entry]:
    """Which version is printed, since when, and who made it."""
    for connection in {one.id: one for one in facts.connections.values()}.values():
        mine = [line for line in facts.lines if facts.connections.get(line.line_id) is connection]
        name = mine[0].seller_sku or mine[0].sku_name or mine[0].product_name
        who = _who(connection.made_by, people)
        yield Entry(connection.made_at, who, "Connected", f"{name}, version {connection.version}")


def _who(who: str, people: Mapping[str, str]) -> str:
    if who in (BUYER, TIKTOK):
        return who.removeprefix("the ").capitalize() if who == BUYER else who
    return people.get(who, PROVIDER)
