"""Where secrets are kept, and the key that seals recipients' data.

The operating system's keyring is used where there is one. GCW_SECRET_KEY takes its place in CI, in
containers and on several machines: then secrets are sealed in the database.
"""

import base64
import hashlib
import hmac
import itertools
import os
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.exc import IntegrityError

from gcw_tiktok.errors import BadInput, SetupMissing
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.leases import lease
from gcw_tiktok.store.tables import SealedSecret, SealingKey

NONCE_BITS = 96
NONCES = 1 << NONCE_BITS
SERVICE = "gcw"
SHORTEST_KEY = 32
DATA_KEY = "data-key"


class _Nonces:
    """Numbers that are never used twice: upwards from a random one. Asking for each anew is slow in containers, and
    so is asking each time whether this is still the same process."""

    def __init__(self) -> None:
        self.begin()
        if sys.platform != "win32":  # a fork must not count on from where its parent does
            os.register_at_fork(after_in_child=self.begin)

    def begin(self) -> None:
        self._numbers = itertools.count(secrets.randbits(NONCE_BITS))

    def __next__(self) -> bytes:
        return (next(self._numbers) % NONCES).to_bytes(NONCE_BITS // 8, "big")


_nonces = _Nonces()


class Seal:
    """AES-256-GCM under one key. What is sealed for one purpose does not open for another."""

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)
        self._mark_key = hashlib.sha256(b"gcw mark" + key).digest()
        self.fingerprint = hashlib.sha256(b"gcw fingerprint" + key).hexdigest()[:16]

    def close(self, plain: bytes, purpose: str) -> bytes:
        nonce = next(_nonces)
        return b"1" + nonce + self._aes.encrypt(nonce, plain, purpose.encode())

    def mark(self, plain: bytes) -> str:
        """A keyed hash: tells whether data changed without letting anyone guess the data from it."""
        return hmac.digest(self._mark_key, plain, "sha256").hex()

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The plain bytes; `SetupMissing` when the key is another one or the data was changed."""
        try:
            return self._aes.decrypt(sealed[1:13], sealed[13:], purpose.encode())
        except (InvalidTag, ValueError) as error:  # the latter when it is cut short
            raise _foreign() from error


class Vault(Protocol):
    """Keeps secrets by name."""

    def get(self, name: str) -> str | None: ...

    def put(self, name: str, secret: str) -> None: ...

    def drop(self, name: str) -> None: ...


class Keyring:
    """Secrets in the operating system's keyring, apart for each profile."""

    def __init__(self, profile: str) -> None:
        import keyring

        self._keyring = keyring
        self._profile = profile
        self._lock = threading.Lock()
        """Threads ask one after another: not every keyring can do otherwise."""

    def get(self, name: str) -> str | None:
        with self._failures_in_words():
            return self._keyring.get_password(SERVICE, f"{self._profile}/{name}")

    def put(self, name: str, secret: str) -> None:
        with self._failures_in_words():
            self._keyring.set_password(SERVICE, f"{self._profile}/{name}", secret)

    def drop(self, name: str) -> None:
        if self.get(name) is not None:
            with self._failures_in_words():
                self._keyring.delete_password(SERVICE, f"{self._profile}/{name}")

    @contextmanager
    def _failures_in_words(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except self._keyring.errors.KeyringError as error:
            raise SetupMissing(
                f"The keyring cannot be used: {error}.",
                "Unlock it, or set GCW_SECRET_KEY to keep secrets sealed in the database instead.",
            ) from error


class Sealed:
    """Secrets in the database, sealed with the key from GCW_SECRET_KEY."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def get(self, name: str) -> str | None:
        with self._database.view() as session:
            row = session.get(SealedSecret, name)
        return self._seal.open(row.sealed, name).decode() if row else None

    def put(self, name: str, secret: str) -> None:
        sealed = self._seal.close(secret.encode(), name)
        try:
            self._write(name, sealed)
        except IntegrityError:  # another process kept it for the first time a moment ago
            self._write(name, sealed)

    def _write(self, name: str, sealed: bytes) -> None:
        with self._database.session() as session:
            session.merge(SealedSecret(name=name, sealed=sealed))

    def drop(self, name: str) -> None:
        with self._database.session() as session:
            if row := session.get(SealedSecret, name):
                session.delete(row)


def open_vault(database: Database, secret_key: str, profile: str) -> Vault:
    """The place for secrets on this machine; `SetupMissing` where there is none."""
    if secret_key:
        seal = Seal(_derived(secret_key))
        _check_fingerprint(database, seal)
        return Sealed(database, seal)
    if not _has_keyring():
        raise SetupMissing(
            "There is nowhere safe to keep secrets: this machine has no keyring and GCW_SECRET_KEY is not set.",
            "Set it once and keep it: export GCW_SECRET_KEY=$(openssl rand -hex 32)",
        )
    return Keyring(profile)


def open_seal(database: Database, vault: Vault, secret_key: str, now: int) -> Seal:
    """What seals recipients' data. With a keyring its key is made once and kept there."""
    if secret_key:
        return Seal(_derived(secret_key))
    kept = vault.get(DATA_KEY)
    if kept is None:
        with lease(database, DATA_KEY, now):  # two processes must not make two keys
            kept = vault.get(DATA_KEY) or _make_data_key(database, vault)
    seal = Seal(base64.b64decode(kept))
    _check_fingerprint(database, seal)
    return seal


def _make_data_key(database: Database, vault: Vault) -> str:
    with database.view() as session:
        if session.get(SealingKey, 1):
            raise _foreign()  # the database was sealed already, with a key that this keyring does not hold
    made = base64.b64encode(os.urandom(32)).decode()
    vault.put(DATA_KEY, made)
    return made


def _check_fingerprint(database: Database, seal: Seal) -> None:
    known = _fingerprint(database)
    if known is None:
        with suppress(IntegrityError), database.session() as session:  # another process may be first
            session.add(SealingKey(fingerprint=seal.fingerprint))
        known = _fingerprint(database)
    if known != seal.fingerprint:
        raise _foreign()


def _fingerprint(database: Database) -> str | None:
    with database.view() as session:
        known = session.get(SealingKey, 1)
    return known.fingerprint if known else None


def _derived(secret_key: str) -> bytes:
    if len(secret_key) < SHORTEST_KEY:
        raise BadInput(
            f"GCW_SECRET_KEY is too short: it needs at least {SHORTEST_KEY} characters.",
            "Make one with `openssl rand -hex 32`.",
        )
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"gcw sealing key").derive(secret_key.encode())


def _has_keyring() -> bool:
    import keyring
    from keyring.backends import fail, null

    return not isinstance(keyring.get_keyring(), fail.Keyring | null.Keyring)


def _foreign() -> SetupMissing:
    return SetupMissing(
        "This database is sealed with another key than the one at hand.",
        "Set GCW_SECRET_KEY to the key that it was made with, or use the profile that it belongs to.",
    )
