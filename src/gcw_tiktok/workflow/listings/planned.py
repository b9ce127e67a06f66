"""A plan as a file, which is carried out exactly so or not at all; and carrying it out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import IgnoreScope, Listing, Store, Variant
from gcw_tiktok.workflow import times
from gcw_tiktok.workflow.catalog import marked_yaml, offer
from gcw_tiktok.workflow.catalog.marked_yaml import Fields
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connection_file, connections, deciding, ignoring, planning
from gcw_tiktok.workflow.listings.connection_file import ConnectionFile
from gcw_tiktok.workflow.listings.deciding import Target
from gcw_tiktok.workflow.listings.many import Wish, connect_many
from gcw_tiktok.workflow.listings.planning import Change, Read, State, Wanted

MEMBERS = ("store", "kind", "scope", "id", "name", "was", "will_be", "state", "uid", "designs", "ignore")
MOST_MOVED = 10


def is_plan(text: str) -> bool:
    """Whether a file is a plan that gcw wrote, and not a connections file."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        told = json.loads(text)
    except ValueError:
        return False
    return isinstance(told, dict) and "plan" in told


def write(changes: Iterable[Change], file: str, now: int) -> str:
    """The plan as text: what is to change, and the versions that it rests on."""
    told = {"plan": {"file": file, "made": times.iso(now)}, "changes": [_told(one) for one in changes if pending(one)]}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def pending(change: Change) -> bool:
    return change.kind != planning.UNCHANGED


def read(session: Session, text: str, name: str, folder: Path) -> Read:
    """A plan held against the database; `BadInput` where something was decided about its variants since."""
    value = marked_yaml.read(text, name)
    fields = value.fields("plan", "changes")
    found = Read(ConnectionFile(name, [], value))
    by_store: dict[int, tuple[Store, list[tuple[Fields, State]]]] = {}
    for item in fields.items("changes"):
        entry = item.fields(*MEMBERS)
        store = session.exec(select(Store).where(Store.shop_id == entry.required("store"))).first()
        if store is None or store.id is None:
            entry.at("store").fault("there is no such store")
            continue
        by_store.setdefault(store.id, (store, []))[1].append((entry, _state(entry)))
    moved: list[str] = []
    for store, entries in by_store.values():
        found.stores.append((store, _wanted(session, store, entries, moved)))
    value.faults.raise_any()
    _refuse(moved)
    hashes = {one.sha256 for _, wanted in found.stores for each in wanted for one in each.designs.values()}
    found.known = planning.known_files(session, hashes - {""}, folder)
    return found


def apply(session: Session, act: Act, changes: Sequence[Change], file: str) -> None:
    """Does all of it; or nothing, with `BadInput`, where something was decided about one of them since."""
    why = f"Connections file {file}"
    todo: dict[int, list[Change]] = {}
    for change in filter(pending, changes):
        todo.setdefault(change.store.id or 0, []).append(change)
    moved: list[str] = []
    for key in sorted(todo):
        store, targets = todo[key][0].store, [one.target for one in todo[key]]
        deciding.hold_rows(session, targets)
        now = planning.states(session, store, targets)
        moved += [_moved(one.target, now[one.target.place]) for one in todo[key] if _differs(one, now)]
    _refuse(moved)
    for some in todo.values():
        _carry_out(session, act, some[0].store, some, why)


def _differs(change: Change, now: Mapping[ignoring.Place, Wanted]) -> bool:
    return now[change.target.place].state != change.state


def _carry_out(session: Session, act: Act, store: Store, changes: Sequence[Change], why: str) -> None:
    wishes: dict[str, Wish] = {}
    for change in changes:
        if change.product_uid and change.target.variant:
            wishes[change.target.variant.sku_id] = (change.product_uid, change.pinned)
            continue
        if change.target.variant:
            connections.disconnect(session, act, change.target.variant, why)
        ignoring.end(session, act, store, [change.target.place], why)
        if change.kind == planning.IGNORE:
            ignoring.start(session, act, store, change.target.place, change.why)
    connect_many(session, act, store, wishes, why)


def _refuse(moved: Sequence[str]) -> None:
    if moved:
        more = f" And {len(moved) - MOST_MOVED} more." if len(moved) > MOST_MOVED else ""
        raise BadInput(
            f"Nothing was changed, because the plan is out of date. {' '.join(moved[:MOST_MOVED])}{more}",
            "Make a new one with `gcw connections plan FILE`.",
            code="moved",
        )


def _moved(target: Target, now: Wanted) -> str:
    return f"{target.name} is now: {deciding.now_in_words(target, now.connected, now.ignored)}."


def _told(one: Change) -> dict[str, Any]:
    scope, subject = one.target.place
    told: dict[str, Any] = {
        "store": one.store.shop_id,
        "kind": one.kind,
        "scope": scope.value,
        "id": subject,
        "name": one.target.name,
        "was": one.was,
        "will_be": one.will_be,
        "state": asdict(one.state),
    }
    if one.product_uid:
        told["uid"] = one.product_uid
        told["designs"] = {each.area: _design_told(each) for each in one.pinned}
    elif one.kind == planning.IGNORE:
        told["ignore"] = one.why or True
    return told


def _design_told(one: connections.Pinned) -> dict[str, Any]:
    source = one.source if pinning.is_address(one.source) else str(Path(one.source).expanduser().resolve())
    told: dict[str, Any] = {"source": source, "sha256": one.sha256}
    return told | ({"placement": one.placement.as_json()} if one.placement else {})


def _state(entry: Fields) -> State:
    value = entry.get("state")
    if value is None:
        entry.whole.fault('"state" is missing')
        return State(0, 0, 0, 0)
    given = value.fields("connected", "connections", "ignored", "ignores")
    return State(*(int(given.number(name, 0)) for name in ("connected", "connections", "ignored", "ignores")))


def _wanted(session: Session, store: Store, entries: Sequence[tuple[Fields, State]], moved: list[str]) -> list[Wanted]:
    targets = [_target(session, store, entry) for entry, _ in entries]
    now = planning.states(session, store, [target for target in targets if target])
    offered = offer.orderable_uids(session, store.customer_id)
    found = []
    for target, (entry, state) in zip(targets, entries, strict=True):
        if target is None:
            continue
        if now[target.place].state != state:
            moved.append(_moved(target, now[target.place]))
        uid = offered.get(entry.text("uid")) if entry.get("uid") else None
        if entry.get("uid") and uid is None:
            entry.at("uid").fault(f"the customer may order no product UID {entry.text('uid')} any more")
        designs = {area: connection_file.design(one, "") for area, one in entry.entries("designs").items()}
        areas = {area.name for area in uid.areas} if uid else set(designs)
        for area in set(designs) - areas:
            designs.pop(area).value.fault(f"the product has no print area {area} any more")
        wanted = replace(now[target.place], uid=uid, designs=designs, value=entry.whole)
        found.append(replace(wanted, ignore=connection_file.ignore(entry)))
    return found


def _target(session: Session, store: Store, entry: Fields) -> Target | None:
    subject = entry.required("id")
    if entry.text("scope") == IgnoreScope.LISTING.value:
        of_listing = select(Listing).where(Listing.store_id == store.id, Listing.product_id == subject)
        listing = session.exec(of_listing).first()
        found = deciding.listing_target(listing) if listing else None
    else:
        of_variant = select(Variant).where(Variant.store_id == store.id, Variant.sku_id == subject)
        variant = session.exec(of_variant).first()
        found = deciding.as_target(variant) if variant else None
    if found is None:
        entry.at("id").fault(f"the store has no {entry.text('scope')} {subject}")
    return found
