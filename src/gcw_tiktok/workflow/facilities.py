"""Where the PSP makes things, and how released orders reach it."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import or_
from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Customer, Event, Facility, Order, OutboxEntry, Store
from gcw_tiktok.store.tables.stages import IN_WORK
from gcw_tiktok.workflow import history, naming, outbox
from gcw_tiktok.workflow.history import Act

TYPES = ("internal", "external")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOVED = "hand-off changed"
REFERENCE = "{reference}"
"""Stands in an address for what production calls the order."""


@dataclass(frozen=True)
class Wish:
    """What is to be changed of a facility; None stays as it is."""

    name: str | None = None
    type: str | None = None
    location: str | None = None
    hand_off: str | None = None
    cancel_url: str | None = None


def find(session: Session, wanted: str) -> Facility:
    """The facility with this name or id."""
    return naming.choose(
        "facility", wanted, everyone(session), lambda one: (one.name, str(one.id)), "gcw facility list"
    )


def everyone(session: Session) -> Sequence[Facility]:
    """All facilities, by name."""
    return session.exec(select(Facility).order_by(func.lower(Facility.name))).all()


def add(
    session: Session, act: Act, name: str, *, hand_off: str, type: str = "internal", location: str = ""
) -> Facility:
    """A new facility. Its hand-off is `folder:PATH`, which must be writable, or `gelatoconnect:URL`."""
    facility = Facility(
        name=_free_name(session, name),
        type=_known_type(type),
        location=location,
        hand_off=hand_off_address(hand_off),
        created_at=act.now,
    )
    session.add(facility)
    session.flush()
    history.record(session, act, f"facility:{facility.id}", "added", name=facility.name, hand_off=facility.hand_off)
    return facility


def edit(session: Session, act: Act, facility: Facility, wish: Wish) -> list[str]:
    """Changes what is wished for; what changed comes back by name. Orders that were handed over before stay where
    they are, and what production reports of them is still read there."""
    wanted = {
        "name": None if wish.name is None else _free_name(session, wish.name, facility),
        "type": None if wish.type is None else _known_type(wish.type),
        "location": wish.location,
        "hand_off": None if wish.hand_off is None else hand_off_address(wish.hand_off),
        "cancel_url": wish.cancel_url and cancel_address(wish.cancel_url),
    }
    if wanted["cancel_url"]:
        _must_be_the_connectors(wanted["cancel_url"], wanted["hand_off"] or facility.hand_off)
    changed = [name for name, value in wanted.items() if value is not None and getattr(facility, name) != value]
    former = facility.hand_off
    for name in changed:
        setattr(facility, name, wanted[name])
    session.add(facility)
    if "hand_off" in changed:
        place = {"hand_off": facility.hand_off, "former": former}
        history.record(session, act, f"facility:{facility.id}", MOVED, **place)
    if others := [name for name in changed if name != "hand_off"]:
        history.record(session, act, f"facility:{facility.id}", "edited", changed=others)
    return changed


def remove(session: Session, act: Act, facility: Facility) -> None:
    """Forgets a facility that no store uses and that has nothing in work."""
    users = session.exec(select(Store.name).where(Store.facility_id == facility.id).order_by(Store.name)).all()
    if users:
        raise BadInput(
            f"{facility.name} makes what {', '.join(users)} sells.",
            "Connect the store with another facility first: gcw store connect --facility NAME.",
        )
    if waiting := in_work(session, facility):
        raise BadInput(f"{len(waiting)} orders are in work at {facility.name}.", "See `gcw orders list`.")
    choosers = session.exec(select(Customer.name).where(Customer.facility_id == facility.id)).all()
    if choosers:
        raise BadInput(
            f"{facility.name} is where shops that {', '.join(choosers)} connects are made.",
            f"Choose another first: gcw customer storefronts {shlex.quote(choosers[0])} on --facility NAME.",
        )
    history.record(session, act, f"facility:{facility.id}", "removed", name=facility.name)
    session.delete(facility)


def postback_secret(facility: Facility) -> str:
    """Under which the secret of its postbacks is kept."""
    return f"postbacks/{facility.id}"


def postback_path(facility: Facility) -> str:
    """Where `gcw serve` takes its postbacks."""
    return f"/postbacks/{facility.id}"


def in_work(session: Session, facility: Facility) -> list[str]:
    """The orders that are there, or may be, and have not left."""
    return [order_id for place in _places(session, facility) for order_id in _orders_at(session, place)]


def places(session: Session) -> list[Facility]:
    """Every facility, once for each place where it has orders: under its hand-off, and under former ones that still
    have orders in work."""
    found = []
    for facility in everyone(session):
        found += [facility]
        for former in _places(session, facility)[1:]:
            if _orders_at(session, former):
                found.append(Facility(**facility.model_dump() | {"hand_off": former}))
    return found


def hand_offs(session: Session, facility: Facility) -> list[str]:
    """Under which orders were ever handed over to it."""
    return _places(session, facility)


def _places(session: Session, facility: Facility) -> list[str]:
    """Its hand-off, then the former ones, the newest first."""
    moves = select(Event).where(Event.subject == f"facility:{facility.id}", Event.what == MOVED)
    former = [str(event.data["former"]) for event in session.exec(moves.order_by(col(Event.id).desc()))]
    return list(dict.fromkeys([facility.hand_off, *former]))


def _orders_at(session: Session, hand_off: str) -> list[str]:
    """What was handed over in this place, or may have been, and is not out of the house."""
    query = (
        select(Order.order_id, OutboxEntry)
        .join(OutboxEntry, col(OutboxEntry.order_pk) == Order.id)
        .where(OutboxEntry.kind == outbox.HAND_OFF, OutboxEntry.state != outbox.VOID)
        .where(or_(col(Order.stage).in_(IN_WORK), col(OutboxEntry.state) == outbox.WRITTEN))
    )
    where = place_of(hand_off)
    return [order_id for order_id, entry in session.exec(query) if entry.payload["folder"] == where]


def place_of(hand_off: str) -> str:
    """What the outbox calls a hand-off: a folder by its path, a connector by its whole address."""
    return hand_off.removeprefix("folder:")


def _free_name(session: Session, name: str, but: Facility | None = None) -> str:
    cleaned = naming.cleaned("facility", name)
    for one in everyone(session):
        if one.name.casefold() == cleaned.casefold() and (but is None or one.id != but.id):
            raise BadInput(f"There is a facility {one.name} already.", f'See `gcw facility show "{one.name}"`.')
    return cleaned


def _known_type(type: str) -> str:
    if type not in TYPES:
        raise BadInput(f"A facility is {' or '.join(TYPES)}, not {type!r}.")
    return type


def needs_key(hand_off: str) -> bool:
    """Whether orders reach it by a connector, which wants a key."""
    return hand_off.startswith("gelatoconnect:")


def hand_off_address(given: str) -> str:
    """`folder:/absolute/path`, made if need be and checked: it must not fail later, with an order in hand. Or
    `gelatoconnect:https://...`, as it is."""
    kind, colon, where = given.partition(":")
    if kind == "gelatoconnect":
        return f"gelatoconnect:{connector_address(where)}"
    if kind != "folder" or not colon or not where:
        raise BadInput(
            f"{given!r} is not a hand-off that gcw can use.",
            "Write folder:PATH, such as folder:/srv/production/in, or gelatoconnect:URL.",
        )
    with _complaining(where, "Choose another folder."):
        path = Path(where).expanduser().absolute()
        path.mkdir(parents=True, exist_ok=True)
    must_be_writable(path)
    return f"folder:{path}"


def connector_address(given: str) -> str:
    """The connector's *Submit order* address, checked. It is copied from GelatoConnect, not put together here."""
    try:
        parts = urlsplit(given)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or not port_is_fine or "@" in parts.netloc or parts.query or parts.fragment:
        raise BadInput(
            f"{given!r} is no address that orders can be sent to.",
            "Write gelatoconnect:https://..., as the connector in GelatoConnect shows it.",
        )
    return given.rstrip("/")


def cancel_address(given: str) -> str:
    """Where an order of a connector is cancelled, checked; it says where the order's reference belongs."""
    if given.count(REFERENCE) != 1:
        raise BadInput(
            f"{given!r} does not say where the order's reference belongs.",
            f"Write {REFERENCE} in its place, such as https://.../order/7/{REFERENCE}/cancel.",
        )
    connector_address(given.replace(REFERENCE, "TTS-1"))
    return given


def _must_be_the_connectors(cancel_url: str, hand_off: str) -> None:
    """The connector's key is sent along, so it must not go to anybody else."""
    if not needs_key(hand_off) or _origin(cancel_url) != _origin(hand_off.removeprefix("gelatoconnect:")):
        raise BadInput(
            "Orders are cancelled where they are sent: the address is not at this facility's connector.",
            "Copy it from the same connector in GelatoConnect.",
        )


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def must_be_writable(path: Path) -> None:
    """Refuses a folder that is not there or takes no files. It is never made here: a share may be unmounted."""
    probe = path / ".gcw-probe"
    with _complaining(path, "See that the folder is there and that gcw may write to it."):
        probe.touch()
        probe.unlink()


@contextmanager
def _complaining(path: Path | str, hint: str) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError) as error:  # the latter for a `~name` that is nobody's
        why = getattr(error, "strerror", None) or error
        raise BadInput(f"Nothing can be written to {path}: {why}.", hint) from error
