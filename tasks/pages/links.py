"""Which of a page's links may lead to the notice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from tasks.pages.port import FetchedPage, Link

_SUGGESTS = (  # how strongly words or an address suggest a notice; the strongest counts
    (6, re.compile(r"disclaimer", re.IGNORECASE)),
    (5, re.compile(r"social[\s_+-]*media[\s_+-]*(?:notice|guideline|terms|polic|rules)", re.IGNORECASE)),
    (4, re.compile(r"\bnotice|guideline|comment(?:ing)?[\s_+-]*polic", re.IGNORECASE)),
    (3, re.compile(r"social[\s_+-]*media|community[\s_+-]*(?:standard|rule)", re.IGNORECASE)),
    (2, re.compile(r"\bterms\b|\brules\b|\bpolic(?:y|ies)\b", re.IGNORECASE)),
)
_BARE = re.compile(
    r"(?<![\w@./-])(?:https?://[^\s<>\"'()\[\]{}]{3,1000}"
    r"|(?:[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\.){1,6}[a-z]{2,24}(?::\d{1,5})?/[^\s<>\"'()\[\]{}]{1,1000})",
    re.IGNORECASE,
)
_BEFORE = 60  # characters before a bare address that tell what it is
_BARE_AT_MOST = 200
# Platforms lead outward through an address of their own that carries the real one.
_OUTWARD = {"l.facebook.com": "u", "lm.facebook.com": "u", "l.instagram.com": "u", "www.youtube.com": "q"}
_OUTWARD_PATHS = frozenset({"/l.php", "/", "/redirect"})


def canonical(address: str) -> str:
    """An address as it is compared: without scheme, www, a slash at the end and a fragment."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        return address
    host = url.host.lower().removeprefix("www.")
    port = f":{url.port}" if url.port else ""
    query = f"?{url.query.decode('ascii', 'replace')}" if url.query else ""
    return f"{host}{port}{url.path.rstrip('/')}{query}"


@dataclass(frozen=True)
class Onward:
    """An address to follow. `known`: as the notice's. `wordless`: no link to it has words for readers."""

    address: str
    known: bool
    wordless: bool


def to_follow(page: FetchedPage, known: tuple[str, ...], at_most: int) -> tuple[list[Onward], bool]:
    """The addresses to follow, best first; and whether more are left.

    Only what the page itself links to. Known addresses come first, then what words or address suggest.
    """
    wanted = {canonical(address) for address in known}
    own = {canonical(page.address), canonical(page.final_address)}
    best: dict[str, tuple[int, int, str]] = {}
    read: set[str] = set()
    for number, link in enumerate((*page.links, *_bare(page.text))):
        address = _unwrapped(link.address)
        key = canonical(address)
        weight = 10 if key in wanted else _weight(f"{link.words} {address}")
        if not weight or key in own or not address.lower().startswith(("http://", "https://")):
            continue
        if not link.wordless:
            read.add(key)
        if key not in best or best[key][0] < weight:
            best[key] = (weight, number, address)
    ranked = sorted(best.items(), key=lambda entry: (-entry[1][0], entry[1][1]))
    followed = [Onward(address, key in wanted, key not in read) for key, (_, _, address) in ranked[:at_most]]
    return followed, len(ranked) > at_most


def _weight(words: str) -> int:
    return next((weight for weight, pattern in _SUGGESTS if pattern.search(words)), 0)


def _bare(text: str) -> Iterator[Link]:
    """Addresses written out in the text: all that a profile of 150 characters can hold."""
    for number, match in enumerate(_BARE.finditer(text)):
        if number == _BARE_AT_MOST:
            return
        address = match.group().rstrip(".,;:!?…")
        before = text[max(0, match.start() - _BEFORE) : match.start()].rpartition("\n")[2]
        yield Link(address if "://" in address else f"https://{address}", before)


def _unwrapped(address: str) -> str:
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        return address
    name = _OUTWARD.get(url.host)
    inner = url.params.get(name, "") if name and url.path in _OUTWARD_PATHS else ""
    return inner if inner.startswith(("http://", "https://")) else address
