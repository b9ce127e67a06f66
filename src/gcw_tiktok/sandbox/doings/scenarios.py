"""Situations to train and test with: each is set up at once, with what to do then and what to watch for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gcw_tiktok.sandbox import agenda
from gcw_tiktok.sandbox.doings import Json, NotPossible, buying, orders, wished_shop
from gcw_tiktok.sandbox.faults import Faults
from gcw_tiktok.sandbox.refusals import Refusal
from gcw_tiktok.sandbox.sales import cancelling, deadlines, shipping
from gcw_tiktok.sandbox.sales.business_days import PACIFIC
from gcw_tiktok.sandbox.sales.carriers import CARRIERS
from gcw_tiktok.sandbox.sales.orders import Order
from gcw_tiktok.sandbox.sales.shipping import Shipment
from gcw_tiktok.sandbox.world import World

HALF_AN_HOUR, AN_HOUR, SIX_HOURS = 1_800, 3_600, 6 * 3_600
FRIDAY, CLOSING_TIME, OPENING_TIME = 4, 18, 8


@dataclass(frozen=True)
class Scene:
    """What was set up, what to do now, and what to watch for."""

    ids: Json
    do: tuple[str, ...]
    watch: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """Where a scenario is set up: `wish` may name a shop and a `seller_sku`."""

    world: World
    faults: Faults
    wish: Json

    def order(self, **more: object) -> Order:
        """A new order as the scenario wants it."""
        line = {"seller_sku": self.wish["seller_sku"]} if self.wish.get("seller_sku") else {}
        wanted: Json = {"lines": [line | more.pop("line", {})], **more}  # type: ignore[operator]
        if self.wish.get("shop_id"):
            wanted["shop_id"] = self.wish["shop_id"]
        order = self.world.orders.get(buying.order(self.world, wanted)["order_id"])
        assert order
        return order


Scenario = Callable[[Stage], Scene]
SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str) -> Callable[[Scenario], Scenario]:
    """Puts a function down as a scenario."""

    def put_down(set_up: Scenario) -> Scenario:
        SCENARIOS[name] = set_up
        return set_up

    return put_down


def listed() -> Json:
    """Every scenario and what it shows."""
    told = [{"name": name, "shows": (set_up.__doc__ or "").strip()} for name, set_up in SCENARIOS.items()]
    return {"scenarios": told}


def play(world: World, faults: Faults, name: str, wish: Json) -> Json:
    """Sets a scenario up."""
    if name not in SCENARIOS:
        raise NotPossible(f"There is no scenario {name}; there are {', '.join(SCENARIOS)}.")
    set_up = SCENARIOS[name]
    scene = set_up(Stage(world, faults, wish))
    shows = (set_up.__doc__ or "").strip()
    return {"scenario": name, "shows": shows, "ids": scene.ids, "do": list(scene.do), "watch": list(scene.watch)}


@scenario("hold-then-cancel")
def hold_then_cancel(stage: Stage) -> Scene:
    """The buyer orders and cancels within the free hour: nothing may have been printed."""
    order = stage.order()
    stage.world.agenda.plan(stage.world.now() + HALF_AN_HOUR, "change_of_mind", order.id)
    return Scene(
        {"order_id": order.id},
        ("Pull orders.", "gcw sandbox clock advance 31m", "Pull orders again."),
        (
            "The order is ON_HOLD, without an address, and must not go to production.",
            "After half an hour the buyer cancels. It is granted at once: no request to answer, status CANCELLED.",
        ),
    )


@agenda.step
def change_of_mind(world: World, order_id: str, when: int) -> None:
    """The buyer cancels, if that is still possible."""
    order = world.orders.get(order_id)
    try:
        if order:
            cancelling.by_buyer(world, order, when)
    except Refusal:  # shipped or cancelled meanwhile: then there is nothing to change one's mind about
        return


@scenario("auto-cancel-day-7")
def auto_cancel(stage: Stage) -> Scene:
    """An order is not shipped for seven business days: the platform cancels it."""
    order = stage.order(status="AWAITING_SHIPMENT")
    due = deadlines.of(order)
    return Scene(
        {"order_id": order.id, "ship_by": due["tts_sla_time"], "cancelled_at": due["shipping_due_time"]},
        (
            "Pull orders, and do not ship.",
            f"gcw sandbox clock advance --to {_utc(due['tts_sla_time'] + 1)}",
            f"gcw sandbox clock advance --to {_utc(due['shipping_due_time'] + 1)}",
            "Pull orders again.",
        ),
        (
            "The ship-by time passes first: the order is late, and still waits.",
            "At the end of the seventh business day in Los Angeles the platform cancels it; holidays do not count.",
        ),
    )


@scenario("combine-window")
def combine_window(stage: Stage) -> Scene:
    """A buyer orders twice within an hour: both orders may travel in one box."""
    shop = wished_shop(stage.world, stage.wish)
    shop.combine_window = shop.combine_window or AN_HOUR
    first = stage.order(status="AWAITING_SHIPMENT")
    second = stage.order(status="AWAITING_SHIPMENT", buyer_user_id=first.buyer.user_id)
    return Scene(
        {"order_ids": [first.id, second.id], "auto_combine_group_id": first.combine_group},
        ("Pull orders.", "Ask for combinable packages and combine them, or ship both with one tracking number."),
        (
            "Both orders have the same auto_combine_group_id, buyer and address.",
            "An order that is cancelled or moves leaves the group.",
        ),
    )


@scenario("token-dies-over-a-weekend")
def token_dies(stage: Stage) -> Scene:
    """The access token ends while nobody works: on Monday the first call is refused, once."""
    world, shop = stage.world, wished_shop(stage.world, stage.wish)
    seller = next(each for each in world.sellers if shop in each.shops)
    if seller.handle not in world.authorizations.active:
        raise NotPossible(f"Seller {seller.handle} has not allowed the app. Connect the shop first.")
    friday, monday = _weekend(world.now())
    world.clock.advance(friday - world.now())
    world.catch_up()
    dies = world.authorizations.cut_short(seller, friday + SIX_HOURS)
    order = stage.order(shop_id=shop.id)
    return Scene(
        {"seller": seller.handle, "order_id": order.id, "access_token_dies": dies, "monday": monday},
        (f"It is Friday evening now. gcw sandbox clock advance --to {_utc(monday)}", "Pull orders."),
        (
            "The first call answers 401 with code 105002; the token is refreshed once, and the pull goes on.",
            "The order that came in on Friday is there.",
        ),
    )


@scenario("lost-answer-on-ship")
def lost_answer(stage: Stage) -> Scene:
    """The order is marked as shipped, and the answer is lost on its way."""
    order = stage.order(status="AWAITING_SHIPMENT")
    match = f"POST /fulfillment/*/orders/{order.id}/packages"
    fault = stage.faults.add({"kind": "reset_after", "match": match, "times": 1})
    return Scene(
        {"order_id": order.id, "fault_id": fault.id},
        ("Pull orders, produce the order, and mark it as shipped.", "gcw sandbox journal --path packages"),
        (
            "The connection ends without an answer, but the order is AWAITING_COLLECTION and has one package.",
            "A client that looks before it repeats finds that. One that repeats blindly is refused with 21011006.",
        ),
    )


@scenario("personalised-order")
def personalised(stage: Stage) -> Scene:
    """The buyer wants a name and a picture on the unit."""
    wanted = stage.wish.get("customization") or {"name": "Ada", "photo": "https://example.com/ada.png"}
    order = stage.order(status="AWAITING_SHIPMENT", line={"customization": wanted})
    (line,) = order.lines
    assert line.personalisation
    return Scene(
        {"order_id": order.id, "order_line_id": line.id, "pod_info_id": line.personalisation.id},
        ("Pull orders.", "Ask POST /order/202606/pod_details/search what is wanted."),
        (
            "The line has is_pod_customized and a pod_info_id.",
            "pod_detail is JSON in a string, with a text area and an image area.",
        ),
    )


@scenario("replacement")
def replacement(stage: Stage) -> Scene:
    """A delivered order is sent once more, for nothing."""
    world, first = stage.world, stage.order(status="AWAITING_SHIPMENT")
    number = f"9400{int(first.id):018}"
    shipping.mark_shipped(world, first, Shipment(number, CARRIERS[0].id), world.now())
    orders.deliver(world, first.id, {})
    second = stage.order(status="AWAITING_SHIPMENT", replaced_order_id=first.id)
    return Scene(
        {"order_id": first.id, "replacement_order_id": second.id},
        ("Pull orders, and produce the replacement like any other order.",),
        (
            "The new order has is_replacement_order and names the first one in replaced_order_id.",
            "The buyer pays nothing for it, and it goes to the same address.",
        ),
    )


def _weekend(now: int) -> tuple[int, int]:
    """Closing time of the next Friday and opening time of the Monday after, in Los Angeles."""
    here = datetime.fromtimestamp(now, UTC).astimezone(PACIFIC)
    days = (FRIDAY - here.weekday()) % 7
    friday = datetime(here.year, here.month, here.day, CLOSING_TIME, tzinfo=PACIFIC) + timedelta(days=days)
    if friday <= here:
        friday += timedelta(days=7)
    monday = (friday + timedelta(days=3)).replace(hour=OPENING_TIME)
    return int(friday.timestamp()), int(monday.timestamp())


def _utc(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S}"
