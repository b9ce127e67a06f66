"""Sends mail through the PSP's own server: whole, from a checked server, and no mail twice."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Literal

from gcw_tiktok import __version__
from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.leases import lease
from gcw_tiktok.workflow import outbox

MAIL = "mail"
Security = Literal["starttls", "tls", "none"]
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
TIMEOUT_SECONDS = 30.0
MOST_ATTACHED = 18 * 1024 * 1024
"""Bytes of all attachments; packed for mail they grow by a third, and servers take no more than 25 MB."""
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^\s@<>()\[\],;:\\\"]{1,253}")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
SEE = "See `gcw config mail --help`."


@dataclass(frozen=True)
class PostOffice:
    """The server that takes mail, and in whose name."""

    host: str
    sender: str
    """`prints@example.com`, or `Main Floor Prints <prints@example.com>`."""
    port: int = 0
    """0: the one that goes with the security."""
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content: bytes = field(repr=False)
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Message:
    """A mail to one address. The text says everything; the HTML says it again, nicely."""

    to: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()


def send_once(database: Database, office: PostOffice, message: Message, key: str, now: int) -> bool:
    """Sends the mail that goes by this key, unless it was sent before; whether it was sent now.

    Where the server's answer was lost, the next run sends it again under the same Message-ID, by which the
    recipient's side tells that it is the same mail.
    """
    named = f"{MAIL}:{sha256(key.encode()).hexdigest()}"
    with lease(database, named, now):
        with database.session() as session:
            entry = outbox.write(session, named, MAIL, None, {"message_id": _id(office, named)}, now)
        if entry.state == outbox.DONE:
            return False
        try:
            send(office, message, now, key=named)
        except GcwError as error:
            with database.session() as session:
                outbox.failed(session, entry, error.code)  # the sentence may name the recipient
            raise
        with database.session() as session:
            outbox.done(session, entry, now, {})
    return True


def send(office: PostOffice, message: Message, now: int, *, key: str = "") -> None:
    """Hands the mail to the server. `SetupMissing` without one, `Refused` when it says no, `TryAgain` when it, or
    the way to it, does not work now."""
    post = compose(office, message, now, key)
    with _failures_in_words(office), _connected(office) as server:
        server.send_message(post)


def compose(office: PostOffice, message: Message, now: int, key: str = "") -> EmailMessage:
    """The mail as it goes out. What people wrote stays within the field that it is for."""
    if sum(len(one.content) for one in message.attachments) > MOST_ATTACHED:
        raise BadInput("The attachments are too large for a mail.", "Send the file another way.", code="mail_too_large")
    name, address = _from(office)
    post = EmailMessage(policy=SMTP)
    post["From"] = Address(name, addr_spec=address)
    post["To"] = Address(addr_spec=checked_address(message.to))
    post["Subject"] = _one_line(message.subject)
    post["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    post["Message-ID"] = _id(office, key or f"{now} {message.to} {message.subject}")
    post["Auto-Submitted"] = "auto-generated"
    post["X-Mailer"] = f"gcw {__version__}"
    post.set_content(message.text)
    if message.html:
        post.add_alternative(message.html, subtype="html")
    for one in message.attachments:
        main, _, sub = one.media_type.partition("/")
        post.add_attachment(one.content, maintype=main, subtype=sub, filename=_one_line(one.name) or "file")
    return post


def _id(office: PostOffice, key: str) -> str:
    return f"<{sha256(key.encode()).hexdigest()[:40]}@{_domain(office)}>"


def _from(office: PostOffice) -> tuple[str, str]:
    name, address = parseaddr(_one_line(office.sender))
    return name, checked_address(address)


def _domain(office: PostOffice) -> str:
    return _from(office)[1].rpartition("@")[2]


def checked_address(given: str) -> str:
    """A mail address as servers read it, its domain in plain letters; `BadInput` where it is none."""
    given = given.strip()
    if not ADDRESS.fullmatch(given):
        raise BadInput(f"{_one_line(given)!r} is no mail address.", "Write it like name@example.com.")
    local, _, domain = given.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise BadInput(f"{given!r} has no domain that exists.", "Write it like name@example.com.") from error


def _one_line(words: str) -> str:
    """Without line ends of any kind, by which a field could become two."""
    return "".join(letter for letter in " ".join(words.split()) if letter.isprintable())[:300]


@contextmanager
def _connected(office: PostOffice) -> Iterator[smtplib.SMTP]:
    """The server, asked for its certificate and signed in to. It is left without asking whether it agrees: what it
    took is sent."""
    if office.user and office.security == "none" and office.host not in LOOPBACK:
        raise BadInput(
            "A password is not sent over an unprotected connection.", "Run `gcw config mail --security starttls`."
        )
    if not (office.user + office.password).isascii():
        raise BadInput("The mail server's user name and password may have plain letters only.", SEE)
    server = _open(office)
    try:
        if office.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if office.user:
            server.login(office.user, office.password)
        yield server
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


def _open(office: PostOffice) -> smtplib.SMTP:
    port = office.port or PORTS[office.security]
    me = _domain(office)
    if office.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(office.host, port, me, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(office.host, port, me, timeout=TIMEOUT_SECONDS)


@contextmanager
def _failures_in_words(office: PostOffice) -> Iterator[None]:
    where = f"{office.host}:{office.port or PORTS[office.security]}"
    try:
        yield
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        raise _answered(where, error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(f"The mail server {where} cannot do what is asked: {error}", SEE) from error
    except ssl.SSLCertVerificationError as error:
        raise BadInput(f"The certificate of {where} is not valid: {error.verify_message}.", SEE) from error
    except ssl.SSLError as error:
        raise BadInput(f"{where} does not speak TLS as expected.", "Try another --security or --port.") from error
    except socket.gaierror as error:
        raise TryAgain(f"The mail server {office.host} cannot be looked up.", SEE) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TryAgain(f"The mail server {where} does not answer as it should: {error}.", SEE) from error


def _answered(where: str, error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> GcwError:
    """What the server said no to: for good (5..), or for now (4..)."""
    what, hint = "the mail", ""
    code: int
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        what, (code, said) = "the recipient", next(iter(error.recipients.values()))
    else:
        code, said = error.smtp_code, error.smtp_error
    if isinstance(error, smtplib.SMTPAuthenticationError):
        what, hint = "the user name or password", "Run `gcw config mail --user NAME`; it asks for the password."
    words = _one_line(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
    told = f"The mail server {where} refuses {what}: {code} {words}"
    return TryAgain(told, "Try again later.") if 400 <= code < 500 else Refused(told, hint or SEE)
