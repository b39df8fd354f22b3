"""Telling a password from prose (11). Steward keeps vault references; a secret is refused with advice."""

import math
import re
from collections import Counter

_SAYS_SO = re.compile(
    r"\b(pass\s?-?(?:word|code|phrase)s?|pwd|passwd|pw|pin|api[ _-]?key|secret|token|mot de passe)\b"
    r"\s*(?:is|=|:|:=|->|→|est)\s*\S{3,}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(https?://\S+|www\.\S+|\S+@\S+\.\S+|[@#][\w.\-]+)", re.IGNORECASE)
_LONG_ENOUGH, _MIXED, _DENSE = 8, 3, 2.75


def looks_like_a_secret(text: str) -> bool:
    """Whether a free text says a password, or holds a word that looks made to be one.

    A word counts when it is eight characters or longer and mixes at least three of lower case, upper
    case, digits and signs within itself, with little repetition. Addresses and handles do not count.
    """
    if _SAYS_SO.search(text):
        return True
    return any(_is_dense(word) for word in _ADDRESS.sub(" ", text).split())


def _is_dense(word: str) -> bool:
    core = word.strip(".,;:!?()[]\"'“”‘’«»")  # noqa: RUF001 - typographic quotes
    if len(core) < _LONG_ENOUGH or "/" in core:
        return False
    kinds = (
        any(letter.islower() for letter in core),
        any(letter.isupper() for letter in core[1:]),  # a capital at the start is prose
        any(letter.isdigit() for letter in core),
        any(not letter.isalnum() and letter not in "-–'’" for letter in core),  # noqa: RUF001 - both dashes
    )
    counts = Counter(core)
    entropy = -sum(n / len(core) * math.log2(n / len(core)) for n in counts.values())
    return sum(kinds) >= _MIXED and entropy >= _DENSE
