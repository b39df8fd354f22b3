"""One look at an account's public page: does it carry the notice, or lead to it?"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from policy.notice_text import Judgement, NoticeText, judge
from schemas.words import PageVerdict
from tasks.pages.fetch import HttpPageReader, Resolve, resolve
from tasks.pages.links import to_follow
from tasks.pages.port import FetchedPage, PageLimits, PageReader, PageUnreadable, Refusal

_SHELL_WORDS = 25  # a page with scripts and fewer words than this shows nothing without them


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
    page_text: str | None = None  # of the account's own page, whole, for 6.3; None: it was not read
    page_shows_more: bool = False  # behind its scripts or its sign-in there may be more than we read
    refusal: Refusal | None = None  # why nothing could be read
    come_back_after: float | None = None  # seconds, where its server asks us to wait


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
        known: further addresses of the notice, from the policy.
    """
    reader = reader or HttpPageReader(limits, allow, resolve)
    try:
        page = await reader.read(address)
    except PageUnreadable as error:
        return replace(
            _unreachable(notice, now, str(error), error.status),
            refusal=error.code,
            come_back_after=error.come_back_after,
        )
    own = await asyncio.to_thread(judge, page.text, notice)
    if own.verdict is PageVerdict.EXACT:
        return _seen(page, page, own, now, limits, detail=own.detail)
    look = await _linked(reader, page, own, notice, (*filter(None, (notice_address,)), *known), limits, now)
    if look.verdict is PageVerdict.MISSING and (hindrance := _hindrance(page)) and not _any_found(own):
        return _unreachable(notice, now, str(hindrance), page.status, page)
    return look


async def _linked(
    reader: PageReader,
    page: FetchedPage,
    own: Judgement,
    notice: NoticeText,
    known: tuple[str, ...],
    limits: PageLimits,
    now: datetime,
) -> PageLook:
    """The verdict by the page's links, when the page itself does not carry the notice in full."""
    altered: tuple[FetchedPage, Judgement] | None = None
    unread: list[tuple[bool, str]] = []
    for target, is_known in to_follow(page, known, limits.links):
        try:
            there = await reader.read(target)
        except PageUnreadable as error:
            unread.append((is_known, str(error)))
            continue
        judgement = await asyncio.to_thread(judge, there.text, notice)
        if judgement.verdict is PageVerdict.EXACT:
            detail = "The page links to the notice in full."
            if own.verdict is PageVerdict.ALTERED:
                detail += " The copy on the page itself has other words and should be taken away or mended."
            return _seen(page, there, judgement, now, limits, detail=detail, verdict=PageVerdict.LINKED)
        if judgement.verdict is PageVerdict.ALTERED and altered is None:
            altered = (there, judgement)
    if own.verdict is PageVerdict.ALTERED:
        return _seen(page, page, own, now, limits, detail=own.detail)
    if any(is_known for is_known, _ in unread):
        # Nobody can say whether the notice is there, and the school is not to blame that its page is down.
        what = next(what for is_known, what in unread if is_known)
        return _unreachable(
            notice,
            now,
            f"The page links to the notice, which can't be read. {what}",
            None,
            page,
            read=True,
        )
    if altered is not None:
        detail = f"On the page that this one links to: {altered[1].detail}"
        return _seen(page, altered[0], altered[1], now, limits, detail=detail)
    detail = own.detail
    if unread:
        detail += f" A link that may lead to it can't be read: {unread[0][1]}"
    return _seen(page, page, own, now, limits, detail=detail)


def _hindrance(page: FetchedPage) -> PageUnreadable | None:
    """Why a page with nothing of the notice on it may show readers more than it shows us."""
    if page.asks_to_sign_in:
        return PageUnreadable(
            Refusal.SIGN_IN, "The page asks to sign in before it shows anything of the notice."
        )
    if page.needs_scripts and len(page.text.split()) < _SHELL_WORDS:
        return PageUnreadable(Refusal.EMPTY, "The page shows no text unless a browser runs its scripts.")
    return None


def _any_found(judgement: Judgement) -> bool:
    return any(s.verdict is not PageVerdict.MISSING for s in judgement.statements)


def _seen(
    page: FetchedPage,
    where: FetchedPage,
    judgement: Judgement,
    now: datetime,
    limits: PageLimits,
    *,
    detail: str,
    verdict: PageVerdict | None = None,
) -> PageLook:
    return PageLook(
        verdict=verdict or judgement.verdict,
        checked_at=now,
        notice_version=judgement.version,
        detail=detail,
        final_address=page.final_address,
        notice_found_at=None if where is page else where.final_address,
        http_status=page.status,
        sha256=where.sha256,
        statements=[dict(row) for row in judgement.rows()],
        text=_kept(where.text, limits.kept_characters),
        page_text=page.text,
        page_shows_more=_hindrance(page) is not None,
    )


def _unreachable(
    notice: NoticeText,
    now: datetime,
    detail: str,
    status: int | None,
    page: FetchedPage | None = None,
    *,
    read: bool = False,
) -> PageLook:
    """`read`: the page itself was, and only the notice elsewhere was not."""
    return PageLook(
        verdict=PageVerdict.UNREACHABLE,
        checked_at=now,
        notice_version=notice.version,
        detail=detail,
        final_address=page.final_address if page else None,
        http_status=page.status if page else status,
        sha256=page.sha256 if page else None,
        page_text=page.text if page and read else None,
        page_shows_more=page is not None and _hindrance(page) is not None,
    )


def _kept(text: str, at_most: int) -> str:
    """Of a long page the beginning and the end: a notice stands at the foot as often as at the head."""
    if len(text) <= at_most:
        return text
    half = max(0, at_most // 2 - 3)
    return f"{text[:half]}\n[…]\n{text[len(text) - half :]}"
