"""Who is the same: handles, pages, platforms' own ids and names, each written one way to be compared.

Two things that people call the same have the same key. Two that only look the same have different keys and
the same `looks`: those are named, and a person says. Pure.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from urllib.parse import parse_qsl, unquote, urlencode

from policy.organization import Platform
from schemas.language import half
from schemas.words import ChannelKind

#: Letters of other alphabets that look as these do, all of them small ones.
_LOOKS = str.maketrans(
    "аеорсухіјѕһԁԛԝкмтвнгѵӏαορνικτυχεηγıɑɡ",
    "aeopcyxijshdqwkmtbhrvlaopviktuxenyiag",
)
_ALIKE = str.maketrans("i10\u3002", "llo.")
#: Parts of a query that say how a page is shown or from where somebody came, never which page it is.
_SHOWN = frozenset(
    {"s", "t", "si", "hl", "gl", "lang", "locale", "ref", "refsrc", "ref_src", "igsh", "igshid", "fbclid"}
    | {"gclid", "mibextid", "feature", "src", "rdid", "_rdr", "paipv"}
)
_NEAR, _NEAR_DOMAIN = 0.85, 0.7  # how alike the two parts of an address that was probably meant are
#: On a platform, an account is in the path; these say which one where they stand.
_NAMES_ACCOUNT = frozenset({"id", "v", "list"})
_OUTWARD = frozenset({"l.facebook.com", "lm.facebook.com", "l.instagram.com"})
_PLAIN_HOSTS = frozenset({"www", "m", "mobile", "touch", "web", "mbasic"})
_LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]{2})?")
#: What stands before the handle in the paths of platforms.
_BEFORE_HANDLE = frozenset(
    {"user", "channel", "c", "company", "in", "school", "profile", "groups", "stories", "_u"}
)
#: What stands first in the paths of platforms and is nobody's handle: posts, searches, links to share.
_NO_HANDLE = frozenset(
    {
        "p",
        "reel",
        "reels",
        "tv",
        "explore",
        "direct",
        "share",
        "sharer",
        "sharer.php",
        "people",
        "profile.php",
    }
    | {"story.php", "permalink.php", "photo", "photo.php", "photos", "video", "videos", "watch", "events"}
    | {"hashtag", "tag", "search", "i", "intent", "home", "login", "accounts", "settings", "feed", "posts"}
    | {"playlist", "shorts", "live", "embed", "results", "jobs", "pages", "v", "t", "foryou", "starter-pack"}
    | _BEFORE_HANDLE
)
#: Hosts of platforms where each path is a link to something, and no handle.
_ONLY_LINKS = (
    frozenset({"youtu.be", "vm.tiktok.com", "vt.tiktok.com", "fb.watch", "lnkd.in", "t.co"}) | _OUTWARD
)
#: Where all handles of a platform stand behind such a word. Elsewhere each word has accounts of its own.
_ALWAYS_BEFORE = frozenset({("bsky.app", "profile")})
_ADDRESS = re.compile(
    r"(?:https?://)?(?P<host>[\w-]+(?:\.[\w-]+)+)\.?(?::(?:80|443)(?=[/?]|$))?(?P<rest>[/?].*)?",
    re.IGNORECASE,
)


_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


def one_line(value: str) -> str:
    """A name as it is compared and kept: white space of any kind is one space, what nobody sees is gone."""
    return " ".join("".join(one for one in value if unicodedata.category(one) != "Cf").split())


def _plain(value: str) -> str:
    """Full-width letters are letters, invisible signs are none, and case does not matter."""
    return one_line(unicodedata.normalize("NFKC", value)).casefold()


def handle_key(handle: str) -> str:
    """A handle as it is compared: two accounts on one platform never share it."""
    key = _plain(handle)
    if (found := _ADDRESS.fullmatch(key)) and ("://" in key or key.startswith("www.")):
        key = found["host"].removeprefix("www.") + (found["rest"] or "").partition("?")[0]
    return key.lstrip("@").rstrip("/.")


def is_written_as_one(handle: str, platform: Platform | None) -> bool:
    """Whether this can be a handle there: no white space, unless the policy's sample of one has some.

    Signs that nobody sees are none of a handle either.
    """
    spaced = platform is not None and " " in platform.handles
    return all(one.isprintable() and (spaced or not one.isspace()) for one in handle)


def platform_key(platform_id: str | None) -> str | None:
    """A platform's own id as it is compared; None where there is none."""
    return _plain(platform_id or "") or None


def forgotten_key(email: str, secret: bytes) -> str:
    """By what the rows of somebody who was forgotten are known in later files, without their address.

    `secret` is the installation's own: without it nobody can try addresses against the digest.
    """
    return hmac.new(secret, email.lower().encode(), hashlib.sha256).hexdigest()


def looks(key: str) -> str:
    """What a key looks like: signs that can't be told from Latin letters are those, and accents are none.

    A small l, a large i and a one look alike, and so do o and nought.
    """
    bare = "".join(one for one in unicodedata.normalize("NFKD", key) if not unicodedata.combining(one))
    return bare.translate(_LOOKS).translate(_ALIKE)


def page_key(
    address: str | None, platform: Platform | None, channel: ChannelKind | None = None
) -> str | None:
    """A page as it is compared: without scheme, mobile or language form, and what only says how it is shown.

    The domains of a platform are one. None where there is no page, where the address is the platform's own
    front page, and for a messaging channel, whose address many share.
    """
    found = _ADDRESS.fullmatch(_led_to((address or "").strip()))
    if found is None or channel is ChannelKind.MESSAGING:
        return None
    domains = platform.domains if platform is not None else ()
    host, theirs = _host(found["host"].casefold(), domains)
    segments, asks = _opened(found["rest"] or "")
    path = "/".join(filter(None, (_plain(one).lstrip("@").rstrip(".") for one in segments)))
    asked = [
        (name.casefold(), value.casefold())
        for name, value in parse_qsl(asks)
        if (name.casefold() in _NAMES_ACCOUNT if theirs else not _is_shown(name.casefold()))
    ]
    query = urlencode(sorted(asked))
    if theirs and not path and not query:
        return None
    return "".join((host, f"/{path}" if path else "", f"?{query}" if query else ""))


def _opened(rest: str) -> tuple[list[str], str]:
    """What stands behind the host: the parts of the path that a browser opens, and the query.

    A browser goes up at "..", and takes a backslash for a slash.
    """
    path, _, asks = rest.partition("#")[0].partition("?")
    opened: list[str] = []
    for one in unquote(path).replace("\\", "/").split("/"):
        if one == "..":
            opened = opened[:-1]
        elif one != ".":
            opened.append(one)
    return [one for one in opened if one], asks


def _host(host: str, domains: tuple[str, ...]) -> tuple[str, bool]:
    """The host without its mobile and language forms, and whether it is one of the platform's."""
    labels = host.split(".")
    while len(labels) > 2 and labels[0] in _PLAIN_HOSTS:  # noqa: PLR2004 - a domain has two labels
        labels = labels[1:]
    bare = ".".join(labels)
    for one in domains:
        if bare == one or (bare.endswith(f".{one}") and _LANGUAGE.fullmatch(bare.removesuffix(f".{one}"))):
            return domains[0], True
    return bare, False


def _is_shown(name: str) -> bool:
    return name in _SHOWN or name.startswith("utm_")


def is_link_of(written: str, platform: Platform) -> bool:
    """Whether somebody wrote an address of this platform."""
    found = _ADDRESS.fullmatch(one_line(unicodedata.normalize("NFKC", written)))
    return found is not None and _host(found["host"].casefold(), platform.domains)[1]


def is_sure_of(written: str, platform: Platform) -> bool:
    """Whether an address of a platform leads to the account of the handle in it, and to no other one.

    Behind a word such as "company" or "groups" somebody else may have the same handle.
    """
    found = _ADDRESS.fullmatch(one_line(unicodedata.normalize("NFKC", written)))
    first, *more = _opened((found and found["rest"]) or "")[0] or [""]
    behind = bool(more) and first.casefold() in _BEFORE_HANDLE
    return not behind or (platform.domains[0], first.casefold()) in _ALWAYS_BEFORE


def _led_to(address: str) -> str:
    """Where a platform's address that only leads on leads to: what an app copies. Others stay as they are."""
    found = _ADDRESS.fullmatch(address)
    if found is None or found["host"].casefold() not in _OUTWARD:
        return address
    inner = dict(parse_qsl((found["rest"] or "").partition("?")[2].partition("#")[0])).get("u", "")
    return inner if _ADDRESS.fullmatch(inner) else address


class NoHandle(ValueError):
    """An address that names no account on its platform. The message says what to write instead."""


def handle_of(written: str, platform: Platform) -> str:
    """The handle that somebody wrote: taken out of an address of its platform, without invisible signs.

    Raises NoHandle for an address of something else: a post, a link to share, a page elsewhere.
    """
    said = _led_to(one_line(unicodedata.normalize("NFKC", written)))
    found = _ADDRESS.fullmatch(said)
    if found is None or not _host(found["host"].casefold(), platform.domains)[1]:
        if platform.domains and _LINK.match(said):
            raise NoHandle(
                half(
                    "this is no address on {platform}: write the handle as its page there shows it",
                    platform=platform.name,
                )
            )
        return unquote(said.partition("?")[0]).rstrip() if platform.domains else said
    segments, _ = _opened(found["rest"] or "")
    if len(segments) > 1 and segments[0].casefold() in _BEFORE_HANDLE:
        segments = segments[1:]
    elif not segments or segments[0].casefold() in _NO_HANDLE or found["host"].casefold() in _ONLY_LINKS:
        raise NoHandle(
            half(
                "this address names no account on {platform}: write the handle as its page shows it",
                platform=platform.name,
            )
        )
    return segments[0]


@dataclass(frozen=True)
class Keys:
    """By what an account is known; an account that has not ended shares none of them on its platform."""

    handle_key: str
    page_key: str | None
    platform_key: str | None


def keys(
    platform: Platform | None, handle: str, address: str | None, platform_id: str | None, channel: ChannelKind
) -> Keys:
    """The keys of an account; its columns have the same names."""
    return Keys(handle_key(handle), page_key(address, platform, channel), platform_key(platform_id))


def called(names: Iterable[str], said: str) -> tuple[str, ...]:
    """The names that somebody may mean: those written exactly so, else those in another letter case."""
    every, wanted = tuple(names), one_line(said)
    exact = tuple(one for one in every if one_line(one) == wanted)
    return exact or tuple(one for one in every if one_line(one).casefold() == wanted.casefold())


def named(platforms: Iterable[Platform], word: str) -> Platform | None:
    """The platform of this name, or one that is known under it; letter case does not matter."""
    wanted = _plain(word)
    every = tuple(platforms)
    by_name = next((one for one in every if _plain(one.name) == wanted), None)
    return by_name or next((one for one in every if wanted in map(_plain, one.known_as)), None)


def near_address(said: str, known: Iterable[str]) -> str:
    """The mail address that was probably meant; empty where none is near.

    All addresses of one domain look alike, so what stands before the @ decides. Where only the numbers
    differ it is somebody else: person1 is not person2.
    """
    name, _, domain = said.strip().lower().partition("@")
    by_name: dict[str, list[str]] = {}
    for one in known:
        by_name.setdefault(one.lower().partition("@")[0], []).append(one)
    for near in get_close_matches(name, by_name, n=3, cutoff=_NEAR):
        if re.findall(r"\d+", near) != re.findall(r"\d+", name):
            continue
        for one in by_name[near]:
            if SequenceMatcher(None, domain, one.lower().partition("@")[2]).ratio() >= _NEAR_DOMAIN:
                return one
    return ""
