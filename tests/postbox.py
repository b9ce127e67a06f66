"""A real mail server on loopback, with what it took."""

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gcw_tiktok.web.callback import free_port

USER, PASSWORD = "prints", "a password, with spaces"


@dataclass
class Postbox:
    """What came in. `refuse` answers a command, such as RCPT, with a line of the server's."""

    refuse: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    protected: list[bool] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if "RCPT" in self.refuse:
            return self.refuse["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.raw.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        self.protected.append(server.transport.get_extra_info("ssl_object") is not None)
        return self.refuse.get("AFTER", "250 OK")

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        right = (given.login.decode(), given.password.decode()) == (USER, PASSWORD)
        self.signed_in += [USER] if right else []
        return AuthResult(success=right, handled=False)


class Server(Controller):
    """The server itself; with a certificate, it speaks TLS after STARTTLS, or from the start."""

    def __init__(self, box: Postbox, certificate: Path | None = None, *, tls: bool = False, auth: bool = False) -> None:
        context = None
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
        more: dict[str, Any] = {"authenticator": box.authenticate} if auth else {}
        if context and not tls:
            more |= {"tls_context": context, "require_starttls": True}
        if auth and tls:
            more |= {"auth_require_tls": False}  # it is protected from the start, which aiosmtpd does not see
        super().__init__(box, "127.0.0.1", free_port(), ssl_context=context if tls else None, **more)
        self.box = box

    def __enter__(self) -> Postbox:
        self.start()
        self.box.port = self.port
        return self.box

    def __exit__(self, *_: object) -> None:
        self.stop()


def certificate(folder: Path, name: str = "localhost", days: int = 1) -> Path:
    """A certificate with its key in one file, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = [x509.DNSName(name)] + ([x509.IPAddress(ip_address("127.0.0.1"))] if name == "localhost" else [])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
