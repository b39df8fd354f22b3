"""Telling a password from prose. Steward keeps vault references; a secret is refused with advice."""

import math
import re
from collections import Counter

_WORDS = (
    r"(?<![\w-])"
    r"(?:pass\s?-?(?:word|code|phrase)s?|pwd|passwd|pw|pin|api[ _-]?key|secret|token|mot de passe|mdp)"
)

#: "password: hunter2", whatever follows.
_SAYS_SO = re.compile(
    rf"{_WORDS}\s*(?:=|:|:=|->|→)\s*\S{{3,}}|(?<![\w-])pass\s*[:=]\s*\S{{3,}}", re.IGNORECASE
)
#: "the password is hunter2", "password hunter2": only a word that prose would not have there.
_MAY_SAY_SO = re.compile(rf"{_WORDS}\b\s+(?:(?:is|est)\s+)?[\"'“«]?\s?(\S{{3,}})", re.IGNORECASE)
#: "the password is sunshine", and nothing after it.
_LAST_WORD = re.compile(rf"{_WORDS}\s+(?:is|est)\s+[\"'“«]?\s?(\w{{3,}})[\"'”»]?\W*$", re.IGNORECASE)
_PARTICIPLE = re.compile(
    r"(?:\w+(?:ed|ée?s?)|kept|known|lost|safe|secret|hidden|there|secure|wrong)", re.IGNORECASE
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d\W*")

_IN_AN_ADDRESS = re.compile(r"://[^/\s:@]+:[^/\s@]+@")
_ADDRESS = re.compile(
    r"(https?://\S+|www\.\S+|(?<!\S)[\w-]+(?:\.[\w-]+)+/\S*|(?<!\S)\(?[\w.+\-]+@[\w\-]+\.[\w.\-]+|(?<!\S)\(?[@#][\w.\-]+)",
    re.IGNORECASE,
)
#: A name as vaults have them: Lakeside, LakesideInstagram, YouTube2026, Grade7.
_NAME = re.compile(r"[^\W\d_]?[a-zà-ÿ]+(?:[A-Z][a-zà-ÿ]+){0,4}\d{0,4}")
#: hipvub-Cyzqe6-zefnaj, as browsers and phones propose them.
_PROPOSED = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Z])[A-Za-z0-9]{6}(?:-[A-Za-z0-9]{6}){2,}\b")
_LONG_ENOUGH, _MIXED, _DENSE = 8, 3, 2.75


def says_a_password(text: str) -> bool:
    """Whether a text names a password and says it, or has one in an address."""
    if _SAYS_SO.search(text) or _IN_AN_ADDRESS.search(text):
        return True
    if any(_is_odd(word) for word in _MAY_SAY_SO.findall(text)):
        return True
    last = _LAST_WORD.search(text)
    return last is not None and _PARTICIPLE.fullmatch(last.group(1)) is None


def _is_odd(word: str) -> bool:
    return any(letter.isdigit() for letter in word) and _DAY.fullmatch(word) is None


def looks_like_a_secret(text: str) -> bool:
    """Whether a free text says a password, or holds a word that looks made to be one.

    A word counts when it is eight characters or longer and mixes at least three of lower case, upper
    case, digits and signs within itself, with little repetition. Addresses and handles do not count, nor
    does a path's or a hyphened name's part that is a plain name.
    """
    if says_a_password(text) or _PROPOSED.search(text):
        return True
    return any(_is_dense(part) for word in _ADDRESS.sub(" ", text).split() for part in _parts(word))


def _parts(word: str) -> list[str]:
    """A word as it stands, or its parts where it is a path or names joined by hyphens."""
    core = word.strip(".,;:!?()[]\"'“”‘’«»")  # noqa: RUF001 - typographic quotes
    joined = r"[/\\._–-]"  # noqa: RUF001 - an en dash; a path may end in a handle: vault/x/lakeside.grade3
    parts = re.split(joined, core)
    named = all(part.isdigit() or part.isalpha() or _NAME.fullmatch(part) for part in parts if part)
    return [] if named and len(parts) > 1 else [core]


def _is_dense(word: str) -> bool:
    core = word.strip(".,;:!?()[]\"'“”‘’«»")  # noqa: RUF001 - typographic quotes
    if len(core) < _LONG_ENOUGH or _NAME.fullmatch(core):
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
