"""Splitting orders into packages, and combining orders into one."""

from gcw_tiktok.sandbox.calls import finding, naming
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.page_tokens import read, write
from gcw_tiktok.sandbox.refusals import Refusal, required
from gcw_tiktok.sandbox.routes import DOCUMENTED, PACKAGES, Json, route
from gcw_tiktok.sandbox.sales import combining, splitting
from gcw_tiktok.sandbox.sales.orders import Order, Package
from gcw_tiktok.sandbox.sales.splitting import Group


@route(
    "GET",
    "/fulfillment/202309/orders/split_attributes",
    DOCUMENTED,
    PACKAGES,
    guess="Orders of other shops are left out. An order must be split from 101 units on.",
)
def split_attributes(call: Call) -> Json:
    """Which of the orders can be split."""
    shelf = call.world.orders_of[call.shop.id]
    wanted = dict.fromkeys(call.parameters["order_ids"])
    found = [order for order_id in wanted if (order := shelf.get(order_id))]
    return {"split_attributes": [splitting.attributes(order) for order in found]}


@route(
    "POST",
    "/fulfillment/202309/orders/{order_id}/split",
    DOCUMENTED,
    PACKAGES,
    guess="Units that no group names stay without a package; an order may be split anew until it is shipped.",
)
def split(call: Call) -> Json:
    """Makes a package of each group of units."""
    order = finding.order(call, call.parameters["order_id"])
    groups = _groups(call, order)
    made = splitting.split(call.world, order, groups, call.world.now())
    call.effect = f"order {order.id}: split into {len(made)} package(s)"
    pairs = zip(groups, made, strict=True)
    return {"packages": [{"id": package.id, "splittable_group_id": label} for (label, _), package in pairs]}


@route(
    "GET",
    "/fulfillment/202309/combinable_packages/search",
    DOCUMENTED,
    PACKAGES,
    guess="Every order of one buyer to one address that waits for shipment whole is listed, "
    "whether or not the platform gave it a group.",
)
def combinable(call: Call) -> Json:
    """Drafts of packages: orders that could share a box."""
    drafts = combining.combinable(call.world, call.shop.id)
    secret, search, size = call.world.app.secret, call.route.path, call.parameters["page_size"]
    after = read(secret, search, call.parameters.get("page_token", ""))
    ids = sorted(draft_id for draft_id in drafts if not after or draft_id > after[1])
    shown = ids[:size]
    last = (0, shown[-1]) if len(ids) > size else None
    return {
        "combinable_packages": [_listed(draft_id, drafts[draft_id]) for draft_id in shown],
        "next_page_token": write(secret, search, last),
        "total_count": len(drafts),
    }


@route(
    "POST",
    "/fulfillment/202309/packages/combine",
    DOCUMENTED,
    PACKAGES,
    guess="Without order ids it combines all orders of the draft. Refusals are told for each draft.",
)
def combine(call: Call) -> Json:
    """Makes packages of drafts; those that cannot be made are told one by one."""
    packages, errors = [], []
    for wish in call.body["combinable_packages"]:
        order_ids = wish.get("order_ids", [])
        try:
            made = combining.combine(call.world, call.shop.id, wish["id"], order_ids, call.world.now())
        except Refusal as refusal:
            errors.append({"code": refusal.code, "message": refusal.message, "detail": {"package_id": wish["id"]}})
        else:
            packages.append(_listed(made.id, made.orders))
    call.effect = f"{len(packages)} combined package(s) made"
    return {"packages": packages, "errors": errors}


@route(
    "POST",
    "/fulfillment/202309/packages/{package_id}/uncombine",
    DOCUMENTED,
    PACKAGES,
    guess="Possible until the package is shipped. Without order ids all orders leave it, "
    "and so does the last one that would be left alone.",
)
def uncombine(call: Call) -> Json:
    """Takes orders out of a combined package."""
    package: Package = finding.package(call, call.parameters["package_id"])
    made = combining.uncombine(call.world, package, call.body.get("order_ids", []), call.world.now())
    call.effect = f"package {package.id}: {len(made)} order(s) taken out"
    return {"packages": [_listed(each.id, each.orders) for each in made]}


def _listed(package_id: str, orders: list[Order]) -> Json:
    return {"id": package_id, "order_ids": [order.id for order in orders]}


def _groups(call: Call, order: Order) -> list[Group]:
    newer = call.body.get("splittable_groups_v2", [])
    if newer:
        return [(group["id"], naming.lines(order, group, "order_line_list")) for group in newer]
    older = call.body.get("splittable_groups", [])
    if not older:
        raise required("splittable_groups")
    return [(group["id"], naming.ids(group)) for group in older]
