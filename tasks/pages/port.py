"""What a look at a page needs and gives: the port, its limits, and the ways a page is refused."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from schemas.errors import PageRefused


class Refusal(StrEnum):
    """Why a page could not be read."""

    ADDRESS = "address"  # not a form of address that is fetched
    NOT_PUBLIC = "not public"  # it leads into a private network
    NAME = "name"  # the host's name has no address
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    TOO_SLOW = "too slow"
    TOO_LARGE = "too large"
    TOO_MANY_REDIRECTS = "too many redirects"
    STATUS = "status"  # answered, but not with a page
    NOT_A_PAGE = "not a page"  # neither HTML nor plain text
    BROKEN = "broken"
    SIGN_IN = "sign in"
    NO_BROWSER = "no browser"  # there is none here, or it did not start


class Doubt(StrEnum):
    """Why a page may show its readers more, or less, than what was read of it."""

    SCRIPTS = "scripts"
    STYLE = "style"  # a style of its own that can hide what is written
    STYLE_SHEET = "style sheet"  # one that was not read
    FRAME = "frame"  # another page within it
    DOCUMENT = "document"  # within it, or what it consists of
    REFRESH = "refresh"  # it leads on by itself
    SIGN_IN = "sign in"
    CONSENT = "consent"  # it asks for it before it shows anything
    NOT_THERE = "not there"  # it reads as if there were no such page
    OPENS = "opens"  # the notice stands in a part of it that is closed
    PARTS = "parts"  # only a browser puts it together
    WORDS = "words"  # those beside the notice may take it back
    MORE = "more"  # it shows a part of what it has
    PICTURE = "picture"  # a link that may lead to the notice is one without words
    REFUSED = "refused"  # a browser asked for something that is never fetched
    LINKS = "links"  # one that may lead to the notice was not read


class PageUnreadable(PageRefused):
    """A page was not read. `code` says why; the message is one sentence without the address.

    `come_back_after`: the seconds that its server asks us to wait, if it does.
    """

    def __init__(
        self, code: Refusal, what: str, *, status: int | None = None, come_back_after: float | None = None
    ) -> None:
        super().__init__(what)
        self.code, self.status, self.come_back_after = code, status, come_back_after


class PageLimits(BaseModel):
    """The limits of a look. Seconds are for one page with all its redirects; bytes are decoded ones.

    What begins with `browser_` is for one page shown by a browser, with all that it consists of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float = Field(default=10.0, gt=0, le=60)
    decoded_bytes: int = Field(default=2_000_000, gt=0, le=10_000_000)
    redirects: int = Field(default=5, ge=0, le=20)
    links: int = Field(default=3, ge=0, le=20)
    browser_seconds: float = Field(default=20.0, gt=0, le=120)
    browser_requests: int = Field(default=100, gt=0, le=1_000)
    browser_bytes: int = Field(default=12_000_000, gt=0, le=100_000_000)
    kept_characters: int = Field(default=20_000, gt=0)
    user_agent: str = Field(
        default="Steward/0.1 (checks official accounts for their notice)", pattern=r"^[ -~]{1,200}$"
    )


@dataclass(frozen=True)
class Link:
    """Where a page leads, and the words that say so. `wordless`: readers see only a picture or a sign."""

    address: str
    words: str
    wordless: bool = False


@dataclass(frozen=True)
class FetchedPage:
    """A page as its readers see it. `sha256` is of the body, after a compression for transport was undone.

    `closed` is text that a reader does not see at once: in parts that are opened first, in fields, or that
    stands for a picture. Only a browser knows `hidden`, text that the page's style keeps from being seen.
    """

    address: str
    final_address: str
    status: int
    sha256: str
    text: str
    links: tuple[Link, ...] = ()
    doubts: frozenset[Doubt] = frozenset()
    hidden: str = ""
    closed: str = ""
    by_browser: bool = False


class PageReader(Protocol):
    """Reads one page. A platform whose profiles need an API of its own gets an adapter of its own."""

    async def read(self, address: str) -> FetchedPage:
        """The page at this address. Raises PageUnreadable."""
        ...
