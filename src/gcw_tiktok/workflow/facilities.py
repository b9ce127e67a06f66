"""Where the PSP makes things, and how released orders reach it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlmodel import Session, func, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Facility
from gcw_tiktok.workflow import history, naming
from gcw_tiktok.workflow.history import Act

TYPES = ("internal", "external")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


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
    if type not in TYPES:
        raise BadInput(f"A facility is {' or '.join(TYPES)}, not {type!r}.")
    name = naming.cleaned("facility", name)
    if any(one.name.casefold() == name.casefold() for one in everyone(session)):
        raise BadInput(f"There is a facility {name} already.", f'See `gcw facility show "{name}"`.')
    facility = Facility(
        name=name, type=type, location=location, hand_off=hand_off_address(hand_off), created_at=act.now
    )
    session.add(facility)
    session.flush()
    history.record(session, act, f"facility:{facility.id}", "added", name=name, hand_off=facility.hand_off)
    return facility


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
