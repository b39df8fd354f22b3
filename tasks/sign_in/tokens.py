"""What browsers hold: long random words, of which the store keeps a hash only."""

import hashlib
import secrets

_BYTES = 32
_CODE_DIGITS = 6


def new_token() -> str:
    """A word that nobody guesses: 256 random bits."""
    return secrets.token_urlsafe(_BYTES)


def new_code() -> str:
    """Six digits to be typed, good for a few tries only."""
    return f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}d}"


def hashed(token: str) -> str:
    """SHA-256 in hexadecimal. The words are random, so that no slower hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def hashed_code(code: str, browser: str) -> str:
    """The same of a short code, with the browser's own word: without it a million tries would find it."""
    return hashed(f"{browser}/{code}")


def same(one: str, other: str) -> bool:
    """Whether two hashes are the same, in the same time whatever they are."""
    return secrets.compare_digest(one, other)
