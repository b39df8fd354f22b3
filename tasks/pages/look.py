"""One look at an account's public page: does it carry the notice, or lead to it?

The page is read as it came, which is quick. Where that leaves a doubt, a browser looks, if there is one. What
stays doubtful is *unclear*: neither shown nor missing, until somebody has looked.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from policy.notice_text import Judgement, NoticeText, judge
from schemas.words import PageVerdict
from tasks.pages.doubts import doubts_of, said
from tasks.pages.fetch import HttpPageReader
from tasks.pages.links import to_follow
from tasks.pages.network import Resolve, resolve
from tasks.pages.port import Doubt, FetchedPage, PageLimits, PageReader, PageUnreadable, Refusal

#: What may make a notice that came with the page one that nobody sees.
_HIDES = frozenset({Doubt.STYLE, Doubt.STYLE_SHEET, Doubt.SCRIPTS, Doubt.PARTS})
#: What of an exact notice only a person can settle.
_ASKS = frozenset({Doubt.WORDS})
#: What may keep a notice from us that readers see.
_KEEPS_BACK = frozenset(Doubt) - {Doubt.STYLE, Doubt.STYLE_SHEET, Doubt.WORDS}
#: What a browser can do nothing about.
_STAYS = frozenset(
    {
        Doubt.FRAME, Doubt.DOCUMENT, Doubt.SIGN_IN, Doubt.CONSENT, Doubt.NOT_THERE, Doubt.OPENS,
        Doubt.REFUSED, Doubt.LINKS, Doubt.MORE, Doubt.WORDS, Doubt.PICTURE,
    }
)  # fmt: skip
_LINK_HIDDEN = "The page has a link to the notice, but what was not read of the page may hide that link."
_HIDDEN = "The notice stands in the page, and the page's style keeps readers from seeing it."
_NO_PAGE = frozenset({404, 410})
_SHELL_WORDS = 25  # a linked page with fewer words than this is looked at with a browser


@dataclass(frozen=True)
class PageLook:
    """What was seen, ready to be kept as schemas.evidence.PageCheck.

    `statements`, `sha256` and `text` are of the page at `notice_found_at` when that is given: what the
    verdict rests on. `detail` is one sentence or two for the account's administrator. `page_text` is
    not kept.
    """

    verdict: PageVerdict
    checked_at: datetime
    notice_version: str
    detail: str
    final_address: str | None = None
    notice_found_at: str | None = None
    http_status: int | None = None
    sha256: str | None = None
    statements: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    by_browser: bool = False
    page_text: str | None = None  # of the account's own page, whole, for 6.3; None: it was not read
    page_shows_more: bool = False  # there may be more on the page than we read
    refusal: Refusal | None = None  # why nothing could be read
    come_back_after: float | None = None  # seconds, where its server asks us to wait


@dataclass(frozen=True)
class _Held:
    """A page, held against the notice. `doubts`: what makes its verdict doubtful."""

    page: FetchedPage
    judgement: Judgement
    doubts: frozenset[Doubt]

    @property
    def shows(self) -> bool:
        """Whether readers see the notice there, beyond doubt."""
        return self.judgement.verdict is PageVerdict.EXACT and not self.doubts


@dataclass(frozen=True)
class _Readers:
    """The quick way to read a page, and the thorough one where there is one."""

    quick: PageReader
    browser: PageReader | None
    notice: NoticeText

    async def held(self, address: str, *, own: bool) -> _Held:
        """A page held against the notice. Raises PageUnreadable where it could not be read at all.

        `own`: the account's own page, at which a browser looks whenever that may tell more. At a page behind
        a link it looks where the notice may be hidden, or where nearly nothing came.
        """
        quick = await self._judged(await self.quick.read(address))
        few = len(quick.page.text.split()) < _SHELL_WORDS
        shown = quick.judgement.verdict is PageVerdict.EXACT
        if self.browser is None or not (self._in_doubt(quick) and (own or few or shown)):
            return quick
        try:
            seen = await self.browser.read(quick.page.final_address)
        except PageUnreadable:
            return quick
        return await self._judged(seen)

    def _in_doubt(self, quick: _Held) -> bool:
        return bool(quick.doubts or _HIDES & quick.page.doubts)

    async def _judged(self, page: FetchedPage) -> _Held:
        judgement = await asyncio.to_thread(judge, page.text, self.notice)
        doubts = doubts_of(page)
        if page.by_browser:
            doubts &= _STAYS
        if judgement.doubted:
            doubts |= {Doubt.WORDS}
        if judgement.verdict is not PageVerdict.EXACT:
            if await asyncio.to_thread(self._is_in, page.text, page.closed):
                doubts |= {Doubt.OPENS}
            elif await asyncio.to_thread(self._is_in, page.text, page.hidden):
                judgement = replace(judgement, detail=_HIDDEN)
        match judgement.verdict:
            case PageVerdict.EXACT:
                doubts &= _HIDES | _ASKS
            case PageVerdict.MISSING:
                doubts &= _KEEPS_BACK
            case _:
                doubts &= frozenset({Doubt.OPENS})
        return _Held(page, judgement, doubts)

    def _is_in(self, seen: str, unseen: str) -> bool:
        """Whether the notice is there once what readers do not see is read, too."""
        return bool(unseen) and judge(f"{seen}\n{unseen}", self.notice).verdict is PageVerdict.EXACT


async def look_at(
    address: str,
    *,
    notice: NoticeText,
    notice_address: str | None,
    limits: PageLimits,
    allow: frozenset[str],
    now: datetime,
    resolve: Resolve = resolve,
    reader: PageReader | None = None,
    browser: PageReader | None = None,
    known: tuple[str, ...] = (),
) -> PageLook:
    """Look at a page for the notice. Unreachable is a verdict, never an exception and never a pass.

    Args:
        address: the account's public page.
        notice: what must stand there.
        notice_address: where this account's notice is kept, if elsewhere; counts when the page links to it.
        limits: bounds for each page that is fetched.
        allow: host:port pairs that may be fetched although not public; for tests.
        now: aware UTC; when the look is taken.
        resolve: host name to numeric addresses.
        reader: reads pages in another way than over HTTP.
        browser: shows pages as their readers see them; None: there is none.
        known: further addresses of the notice, from the policy.
    """
    readers = _Readers(reader or HttpPageReader(limits, allow, resolve), browser, notice)
    try:
        own = await readers.held(address, own=True)
    except PageUnreadable as error:
        document = error.code is Refusal.NOT_A_PAGE
        return replace(
            _not_read(notice, now, str(error), error.status, document=document),
            refusal=error.code,
            come_back_after=error.come_back_after,
        )
    if own.shows:
        return _seen(own, own, now, limits, detail=own.judgement.detail)
    return await _linked(readers, own, (*filter(None, (notice_address,)), *known), limits, now)


@dataclass
class _Followed:
    """What the links of a page led to: the notice, or what there was instead."""

    shown: _Held | None = None
    altered: _Held | None = None
    doubts: frozenset[Doubt] = frozenset()
    known_unread: str = ""
    unread: str = ""


async def _follow(readers: _Readers, own: _Held, known: tuple[str, ...], at_most: int) -> _Followed:
    """Read the pages that may carry the notice, the likeliest first, until one does."""
    found = _Followed()
    addresses, left_out = to_follow(own.page, known, at_most)
    if left_out:
        found.doubts = frozenset({Doubt.LINKS})
    for onward in addresses:
        try:
            there = await readers.held(onward.address, own=False)
        except PageUnreadable as error:
            if onward.known and not onward.wordless:
                found.known_unread = found.known_unread or str(error)
            elif error.status not in _NO_PAGE:
                found.unread = found.unread or str(error)
                found.doubts |= {Doubt.LINKS}
            continue
        if there.shows and onward.wordless:
            found.doubts |= {Doubt.PICTURE}
            continue
        if there.shows:
            found.shown = there
            break
        found.doubts |= there.doubts
        if there.judgement.verdict is PageVerdict.ALTERED:
            found.altered = found.altered or there
    return found


async def _linked(
    readers: _Readers, own: _Held, known: tuple[str, ...], limits: PageLimits, now: datetime
) -> PageLook:
    """The verdict by the page's links, when the page itself does not show the notice in full."""
    found = await _follow(readers, own, known, limits.links)
    is_altered = own.judgement.verdict is PageVerdict.ALTERED
    if found.shown is not None:
        return _links_to(own, found.shown, limits, now)
    if is_altered:
        return _seen(own, own, now, limits, detail=own.judgement.detail)
    if found.known_unread:
        # Nobody can say whether the notice is there, and the school is not to blame that its page is down.
        why = f"The page links to the notice, which can't be read. {found.known_unread}"
        return _unread(own, PageVerdict.UNREACHABLE, why, now)
    if found.altered is not None:
        detail = f"On the page that this one links to: {found.altered.judgement.detail}"
        return _seen(own, found.altered, now, limits, detail=detail)
    doubts = own.doubts | found.doubts
    if doubts:
        why = said(doubts) + (f" {found.unread}" if found.unread and not own.doubts else "")
        return _in_doubt(own, why, limits, now)
    return _seen(own, own, now, limits, detail=own.judgement.detail)


def _links_to(own: _Held, where: _Held, limits: PageLimits, now: datetime) -> PageLook:
    """The verdict of a page with a link to the notice. What may hide a text may hide a link, too."""
    if not own.page.by_browser and own.page.doubts & _HIDES:
        return _in_doubt(own, _LINK_HIDDEN, limits, now)
    detail = "The page links to the notice in full."
    if own.judgement.verdict is PageVerdict.ALTERED:
        detail += " The copy on the page itself has other words and should be taken away or mended."
    return _seen(own, where, now, limits, detail=detail, verdict=PageVerdict.LINKED)


def _seen(
    own: _Held,
    where: _Held,
    now: datetime,
    limits: PageLimits,
    *,
    detail: str,
    verdict: PageVerdict | None = None,
) -> PageLook:
    return PageLook(
        verdict=verdict or where.judgement.verdict,
        checked_at=now,
        notice_version=where.judgement.version,
        detail=detail,
        final_address=own.page.final_address,
        notice_found_at=None if where is own else where.page.final_address,
        http_status=own.page.status,
        sha256=where.page.sha256,
        statements=[dict(row) for row in where.judgement.rows()],
        text=_kept(where.page.text, limits.kept_characters),
        by_browser=own.page.by_browser or where.page.by_browser,
        page_text=own.page.text,
        page_shows_more=_shows_more(own.page),
    )


def _in_doubt(own: _Held, why: str, limits: PageLimits, now: datetime) -> PageLook:
    kept = _kept(own.page.text, limits.kept_characters)
    return replace(_unread(own, PageVerdict.UNCLEAR, why, now), text=kept)


def _unread(own: _Held, verdict: PageVerdict, detail: str, now: datetime) -> PageLook:
    """The page came, and what it shows of the notice can't be said."""
    return PageLook(
        verdict=verdict,
        checked_at=now,
        notice_version=own.judgement.version,
        detail=detail,
        final_address=own.page.final_address,
        http_status=own.page.status,
        sha256=own.page.sha256,
        by_browser=own.page.by_browser,
        page_text=own.page.text,
        page_shows_more=_shows_more(own.page),
    )


def _not_read(
    notice: NoticeText, now: datetime, detail: str, status: int | None, *, document: bool
) -> PageLook:
    """`document`: something came that has no text for us."""
    return PageLook(
        verdict=PageVerdict.UNCLEAR if document else PageVerdict.UNREACHABLE,
        checked_at=now,
        notice_version=notice.version,
        detail=detail,
        http_status=status,
    )


def _shows_more(page: FetchedPage) -> bool:
    doubts = doubts_of(page)
    return bool(doubts & (_STAYS if page.by_browser else _KEEPS_BACK))


def _kept(text: str, at_most: int) -> str:
    """Of a long page the beginning and the end: a notice stands at the foot as often as at the head."""
    if len(text) <= at_most:
        return text
    half = max(0, at_most // 2 - 3)
    return f"{text[:half]}\n[…]\n{text[len(text) - half :]}"
