"""What becomes of returns: buyers ask, send back, answer offers, and quarrel; TikTok Shop judges."""

from collections.abc import Callable

from gcw_tiktok.sandbox.doings import Action, Json, NotPossible
from gcw_tiktok.sandbox.sales import cancelling, carriers, deciding, returning
from gcw_tiktok.sandbox.sales.cancelling import Units
from gcw_tiktok.sandbox.sales.returning import Ask, Parcel, Return
from gcw_tiktok.sandbox.shops import find_sku
from gcw_tiktok.sandbox.world import World


def request_return(world: World, order_id: str, wish: Json) -> Json:
    """The buyer wants money, another one, or another variant: `type`, `line_ids`, `reason`, `sku_id`."""
    order = world.orders.get(order_id)
    if order is None:
        raise NotPossible(f"There is no order {order_id}.")
    kind = str(wish.get("type", returning.RETURN))
    if kind not in returning.TYPES:
        raise NotPossible(f"The type is one of {', '.join(returning.TYPES)}.")
    offered = returning.reasons_for(kind, "BUYER")
    reason = str(wish.get("reason") or next(iter(offered)))
    if reason not in offered:
        raise NotPossible(f"The reason is one of {', '.join(offered)}.")
    wanted = str(wish.get("sku_id", ""))
    if wanted and not find_sku(order.shop, wanted):
        raise NotPossible(f"Shop {order.shop.name} has no variant {wanted}.")
    lines = cancelling.chosen(order, Units(tuple(wish.get("line_ids", []))))
    made = returning.by_buyer(world, order, Ask(kind, lines, offered[reason], wanted), world.now())
    return _shown(made)


def send_back(world: World, request: Return, wish: Json) -> None:
    """The buyer hands the units to a carrier."""
    carrier = carriers.CARRIERS[0]
    number = str(wish.get("tracking_number") or f"9400{int(request.id) % 10**18:018}")
    request.parcel = Parcel(number, carrier.id, carrier.name)
    returning.note(request, "BUYER", "Buyer sent the units back", world.now())
    returning.move(world, request, returning.PARCEL_SENT, world.now())


def answer_offer(world: World, request: Return, wish: Json) -> None:
    """The buyer takes a part, or does not: `accept`."""
    deciding.answer_offer(world, request, bool(wish.get("accept", True)), world.now())


def withdraw(world: World, request: Return, _: Json) -> None:
    """The buyer does not want it any more."""
    deciding.withdraw(world, request, world.now())


def dispute(world: World, request: Return, _: Json) -> None:
    """The buyer does not take a refusal."""
    deciding.dispute(world, request, world.now())


def judge(world: World, request: Return, wish: Json) -> None:
    """TikTok Shop judges, `for_buyer` or not."""
    if request.arbitration != "IN_PROGRESS":
        raise NotPossible(f"Return {request.id} is not before a judge.")
    deciding.judge(world, request, bool(wish.get("for_buyer", True)), world.now())


def _shown(request: Return) -> Json:
    return {
        "return_id": request.id,
        "order_id": request.order.id,
        "return_status": request.status,
        "deadline": request.deadline,
        "new_order_id": request.new_order_id,
    }


def _when(do: Callable[[World, Return, Json], None], *statuses: str) -> Action:
    """An action that is possible in some statuses only."""

    def act(world: World, return_id: str, wish: Json) -> Json:
        request = world.returns.get(return_id)
        if request is None:
            raise NotPossible(f"There is no return {return_id}.")
        if request.status not in statuses:
            raise NotPossible(f"Return {return_id} is {request.status}.")
        do(world, request, wish)
        return _shown(request)

    return act


ACTIONS: dict[str, Action] = {
    "send-back": _when(send_back, returning.AWAITING_PARCEL),
    "answer-offer": _when(answer_offer, returning.OFFERED),
    "withdraw": _when(withdraw, *returning.WAITING, returning.AWAITING_PARCEL, returning.OFFERED),
    "dispute": _when(dispute, returning.REJECTED, returning.PARCEL_REFUSED),
    "judge": _when(judge, returning.REJECTED, returning.PARCEL_REFUSED),
}
