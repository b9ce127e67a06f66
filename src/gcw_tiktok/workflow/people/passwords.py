"""Passwords: kept as argon2 writes them, and never as they are."""

import re
import threading
import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gcw_tiktok.errors import BadInput

SHORTEST, LONGEST = 12, 200
COMMON = ("password", "passwort", "qwerty", "letmein", "welcome", "tiktok", "shop", "storefronts", "iloveyou", "admin")
"""Words that do not make a password longer."""
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm")
FEWEST = 5
"""Different characters, without what is easily guessed."""
MOSTLY = 0.7
ADVICE = "A few words in a row are easy to remember."
_hasher = PasswordHasher()
NOBODYS = _hasher.hash("nobody's")
"""Compared with where there is no such person, so that the time that an answer takes tells nothing."""
_room = threading.BoundedSemaphore(4)
"""Each hash takes 64 MB for a moment: a crowd at the door must not take all there is."""


def check(password: str, *known: str) -> None:
    """Refuses what others would guess, from what is `known` of the person or in general."""
    if len(password) < SHORTEST:
        raise BadInput(f"A password needs {SHORTEST} characters at least.", ADVICE)
    if len(password) > LONGEST:
        raise BadInput(f"A password may have {LONGEST} characters at most.")
    if is_guessable(password, *known):
        raise BadInput("That password is too easy to guess.", ADVICE)


def is_guessable(password: str, *known: str) -> bool:
    """Whether little is left without common words, what is known of the person, and keys in a row."""
    rest = _plain(password).casefold()
    own = {word for one in known for word in re.split(r"[\W_]+", one.casefold()) if len(word) >= 4}
    for word in sorted({*COMMON, *own}, key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(set(rest)) < FEWEST or rest.isdigit():
        return True
    return sum(_in_a_row(*pair) for pair in pairwise(rest)) > MOSTLY * (len(rest) - 1)


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _room:
        return _hasher.hash(_plain(password))


def fits(kept: str, password: str) -> bool:
    """Whether it is the password. Takes as long where nothing is kept."""
    try:
        with _room:
            return _hasher.verify(kept or NOBODYS, _plain(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was kept by a weaker rule than today's."""
    return _hasher.check_needs_rehash(kept)


def _plain(password: str) -> str:
    """The same whichever keyboard it was typed on: an accent is one sign here and two there."""
    return unicodedata.normalize("NFKC", password)


def _in_a_row(one: str, two: str) -> bool:
    """Whether two characters follow each other in the alphabet, among the numbers, or on a keyboard."""
    return abs(ord(one) - ord(two)) <= 1 or any(one + two in row or two + one in row for row in ROWS)
