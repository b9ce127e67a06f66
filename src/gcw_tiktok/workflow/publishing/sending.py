"""Sends a listing to TikTok once: written down before, and looked for where nobody knows whether it arrived."""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from gcw_tiktok.errors import BadInput, Refused
from gcw_tiktok.store.leases import lease
from gcw_tiktok.store.tables import Publication, PublicationState, Store
from gcw_tiktok.tiktok import images, publishing
from gcw_tiktok.tiktok.errors import AlreadyDone, BadRequest, OutcomeUnknown, TikTokRefused
from gcw_tiktok.tiktok.publishing import Written
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.publishing import designs
from gcw_tiktok.workflow.publishing.knowledge import Place
from gcw_tiktok.workflow.publishing.pictures import Picture
from gcw_tiktok.workflow.publishing.preparing import NONE, Means, Pinnings, Prepared, prepare
from gcw_tiktok.workflow.publishing.wanted import Wanted, from_json

Json = dict[str, Any]
TRIES = 3
"""How often a creation is sent whose answer was lost."""
ENDS = {PublicationState.WRITTEN, PublicationState.REFUSED, PublicationState.GONE}
"""States in which TikTok has no such listing, or none that could be made another."""


def key_of(store: Store, reference: str) -> str:
    """Under which a listing is known: the same for the same reference in the same shop."""
    return f"{store.shop_id}/{reference}"


def find(session: Session, store: Store, reference: str) -> Publication | None:
    return session.exec(select(Publication).where(Publication.key == key_of(store, reference))).first()


def publish(means: Means, wanted: Wanted, before: Pinnings = NONE, *, again: bool = False) -> Publication:
    """Sends the listing, unless TikTok has it as it is wanted; `again` repeats what was rejected as it is.

    `before` is what was pinned already, for another listing.
    """
    wanted = wanted.named
    with means.database.view() as session:
        row = find(session, means.store, wanted.reference)
    if row and row.state == PublicationState.SENDING:
        row = _find_out(means, row)
    if row and not _is_to_be_sent(row, wanted, again):
        return row
    place = _place_of(row)
    product_id = row.product_id if row else ""
    kept = designs.kept_by_uid(row.plan["prints"]) if row else {}
    prepared = prepare(means, wanted, place, product_id, {**before, **kept})
    if row and row.state == PublicationState.REJECTED and not again and _says_the_same(row, prepared):
        raise rejected(row, "Nothing of it has changed since.")
    return _send(means, _write_down(means, row, prepared), prepared)


def _is_to_be_sent(row: Publication, wanted: Wanted, again: bool) -> bool:
    same = wanted == from_json(row.request)
    if row.state == PublicationState.ACTIVE and not same:
        raise BadInput(
            f"{row.reference} is on sale already, as {row.product_id}.",
            "Change it in Seller Center, or give a new listing another --reference.",
            code="already_published",
        )
    settled = (PublicationState.ACTIVE, PublicationState.REVIEWING, PublicationState.DRAFT)
    return not same or row.state not in settled


def _says_the_same(row: Publication, prepared: Prepared) -> bool:
    """Whether TikTok would get exactly what it has rejected; files are told apart by their content."""
    return bool(row.plan.get("print") == _print_of(prepared))


def _print_of(prepared: Prepared) -> str:
    files = [one.name for one in (*prepared.images, prepared.size_chart) if one]
    return hashlib.sha256(
        json.dumps([prepared.draft.body, files, prepared.templates], sort_keys=True).encode()
    ).hexdigest()


def _place_of(row: Publication | None) -> Place | None:
    kept = row.plan.get("place") if row else None
    return Place(kept["category"], tuple(kept["way"])) if kept and kept["category"] else None


def _write_down(means: Means, row: Publication | None, prepared: Prepared) -> Publication:
    """The listing and everything that it prints, before anything is sent."""
    with means.database.session() as session:
        fresh = session.get_one(Publication, row.id, with_for_update=True) if row else _new(means, prepared)
        if fresh.state == PublicationState.GONE:
            fresh.product_id = ""
        for one in [one for files in prepared.pinned.values() for one in files]:
            for stored in (one.stored, one.ready):
                if stored:
                    pinning.record(session, stored, means.act.now)
        prints = {
            one.seller_sku: {
                "uid": one.uid.uid,
                "designs": [designs.as_kept(each) for each in prepared.pinned[one.seller_sku]],
            }
            for one in prepared.draft.variants
        }
        if fresh.plan.get("prints") != prints:
            fresh.connected_at = None
        fresh.request = prepared.wanted.as_json()
        fresh.plan = {
            "place": {"category": prepared.place.category, "way": list(prepared.place.way)},
            "body": prepared.draft.body,
            "prints": prints,
            "print": _print_of(prepared),
            "templates": prepared.templates,
            "uploads": fresh.plan.get("uploads", {}),
        }
        _note(session, means, fresh, fresh.state if fresh.product_id else PublicationState.WRITTEN, "")
    return fresh


def _new(means: Means, prepared: Prepared) -> Publication:
    reference = prepared.wanted.reference
    return Publication(
        store_id=means.store.id or 0,
        key=key_of(means.store, reference),
        reference=reference,
        made_at=means.act.now,
        made_by=means.act.who,
        changed_at=means.act.now,
    )


def _note(session: Session, means: Means, row: Publication, state: PublicationState, reason: str) -> None:
    """Writes a step down, with its event where something changed."""
    changed = (row.state, row.reason) != (state, reason) or row.id is None
    row.state, row.reason = state, reason
    if changed:
        row.changed_at = means.act.now
    session.add(row)
    session.flush()
    if changed:
        subject = f"publication:{row.id}"
        history.record(session, means.act, subject, state.value, reason, product_id=row.product_id, key=row.key)


def _send(means: Means, row: Publication, prepared: Prepared) -> Publication:
    body: Json = row.plan["body"] | {"main_images": [_upload(means, row, one) for one in prepared.images]}
    if prepared.size_chart:
        body["size_chart"] = {"image": _upload(means, row, prepared.size_chart)}
    for one in prepared.backgrounds.values():
        _upload(means, row, one)
    body["save_mode"] = "AS_DRAFT" if prepared.wanted.draft else "LISTING"
    with lease(means.database, f"publication {row.key}", means.act.now, sleep=means.sleep):
        if not row.product_id:
            _must_be_new(means, row)
        with means.database.session() as session:
            row = session.get_one(Publication, row.id, with_for_update=True)
            row.tries += 1
            row.plan = row.plan | {"body": body, "key": _idempotency_key(row, body)}
            _note(session, means, row, PublicationState.SENDING, "")
        return _deliver(means, row)


def _upload(means: Means, row: Publication, picture: Picture) -> Json:
    """The picture as TikTok names it; one that it has is not sent again."""
    uri = row.plan["uploads"].get(picture.name)
    if uri is None:
        means.say(f"Uploading {Path(picture.label).name}")
        uri = images.upload(means.client, picture.data, picture.media_type, picture.use_case).uri
        with means.database.session() as session:
            fresh = session.get_one(Publication, row.id, with_for_update=True)
            fresh.plan = fresh.plan | {"uploads": fresh.plan["uploads"] | {picture.name: uri}}
            session.add(fresh)
        row.plan = fresh.plan
    return {"uri": uri}


def _idempotency_key(row: Publication, body: Json) -> str:
    """The same for the same content at the same try, in the form of a UUID of version 4, as TikTok asks."""
    text = json.dumps([row.key, row.tries, body], sort_keys=True)
    return str(uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def _must_be_new(means: Means, row: Publication) -> None:
    """Nobody else's listing may have these seller SKUs; gcw may not have read it yet."""
    for found in publishing.with_seller_skus(means.client, list(row.plan["prints"])):
        raise BadInput(
            f"The store has a listing with these seller SKUs already: {found.title!r} ({found.id}).",
            "Give the new listing another --reference.",
            code="seller_sku_taken",
        )


def _find_out(means: Means, row: Publication) -> Publication:
    """What became of a listing that was on its way when gcw ended; sent once more where TikTok has none."""
    with lease(means.database, f"publication {row.key}", means.act.now, sleep=means.sleep):
        with means.database.view() as session:
            row = session.get_one(Publication, row.id)
        if row.state != PublicationState.SENDING:
            return row
        arrived = None if row.product_id else _read_back(means, row)
        return _arrived(means, row, arrived) if arrived else _deliver(means, row)


def _deliver(means: Means, row: Publication) -> Publication:
    """Sends what is written down. TikTok's refusal is written down as well."""
    try:
        written = _edit(means, row) if row.product_id else _create(means, row)
    except (TikTokRefused, BadRequest, AlreadyDone) as error:
        with means.database.session() as session:
            fresh = session.get_one(Publication, row.id, with_for_update=True)
            _note(session, means, fresh, PublicationState.REFUSED, str(error))
        error.hint = f"Mend it: gcw products publish {row.id} --title ... (any option of `gcw products add`)."
        raise
    for one in written.warnings:
        means.warn(f"TikTok says: {one.message}")
    return _arrived(means, row, written.product_id)


def _create(means: Means, row: Publication) -> Written:
    for _ in range(TRIES - 1):
        try:
            return publishing.create(means.client, row.plan["body"], row.plan["key"])
        except OutcomeUnknown:
            arrived = _read_back(means, row)
            if arrived:
                return Written(product_id=arrived)
    return publishing.create(means.client, row.plan["body"], row.plan["key"])


def _edit(means: Means, row: Publication) -> Written:
    """The listing as it is wanted now; its variants keep their ids."""
    ids = {sku.seller_sku: sku.id for sku in publishing.standing(means.client, row.product_id).skus}
    skus = [
        ({"id": ids[sku["seller_sku"]]} if sku["seller_sku"] in ids else {}) | sku for sku in row.plan["body"]["skus"]
    ]
    return publishing.edit(means.client, row.product_id, row.plan["body"] | {"skus": skus})


def _read_back(means: Means, row: Publication) -> str:
    """The id of the listing that TikTok made of it, if it did: it has the seller SKUs, which were free before."""
    ours = set(row.plan["prints"])
    for found in publishing.with_seller_skus(means.client, sorted(ours)[: publishing.MOST_SELLER_SKUS]):
        if {sku.seller_sku for sku in found.skus} == ours:
            return found.id
    return ""


def _arrived(means: Means, row: Publication, product_id: str) -> Publication:
    with means.database.session() as session:
        fresh = session.get_one(Publication, row.id, with_for_update=True)
        fresh.product_id = product_id
        is_draft = fresh.plan["body"]["save_mode"] == "AS_DRAFT"
        _note(session, means, fresh, PublicationState.DRAFT if is_draft else PublicationState.REVIEWING, "")
    return fresh


def note(means: Means, row: Publication, state: PublicationState, reason: str) -> Publication:
    """Writes down what TikTok says of the listing now."""
    with means.database.session() as session:
        fresh = session.get_one(Publication, row.id, with_for_update=True)
        _note(session, means, fresh, state, reason)
    return fresh


def rejected(row: Publication, more: str = "") -> Refused:
    """Why a listing is not on sale, with the way to mend it."""
    why = row.reason or "TikTok gives no reason."
    return Refused(
        f"TikTok Shop rejected {row.reference}. {why}{' ' + more if more else ''}",
        f"Mend it: gcw products publish {row.id} --title ... (any option of `gcw products add`).",
        code="listing_rejected",
    )
