"""Passwords: kept as argon2 writes them, and never as they are."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gcw_tiktok.errors import BadInput

SHORTEST, LONGEST = 12, 200
COMMON = frozenset({"password", "passwort", "qwertyuiop", "letmein", "tiktokshop", "storefronts", "iloveyou"})
"""Words that are not made longer by what is hung on them."""
_hasher = PasswordHasher()
NOBODYS = _hasher.hash("nobody's")
"""Compared with where there is no such person, so that the time that an answer takes tells nothing."""


def check(password: str, email: str) -> None:
    """Refuses what others would guess."""
    if len(password) < SHORTEST:
        raise BadInput(
            f"A password needs {SHORTEST} characters at least.", "A few words in a row are easy to remember."
        )
    if len(password) > LONGEST:
        raise BadInput(f"A password may have {LONGEST} characters at most.")
    bare = "".join(letter for letter in password.casefold() if letter.isalpha())
    weak = bare in COMMON or len(set(password)) < 5 or email.partition("@")[0].casefold() == password.casefold()
    if weak or password.casefold() == email:
        raise BadInput("That password is too easy to guess.", "A few words in a row are easy to remember.")


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def fits(kept: str, password: str) -> bool:
    """Whether it is the password. Takes as long where nothing is kept."""
    try:
        return _hasher.verify(kept or NOBODYS, password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was kept by a weaker rule than today's."""
    return _hasher.check_needs_rehash(kept)
