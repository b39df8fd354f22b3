"""The round over the pages of all accounts in use: each one regularly, and again after a finding."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlmodel import col

from policy.controls.display import SHOWN, Display
from policy.model import Policy
from schemas.accounts import Account
from schemas.evidence import PageCheck, ProfileCheck
from schemas.settings import Settings
from schemas.states import AccountState
from tasks.pages import PageLook, Readers
from tasks.pages.lifecycle import fetch, open_browser, record, shown_notice
from tasks.pages.rounds import Pause, RoundReport, Target, look_round
from tasks.store import Store

#: Pages of one round: what a run of a few minutes can fetch. What is left stays due.
AT_MOST = 2_000


def due_pages(policy: Policy, now: datetime, at_most: int) -> Select[Any, Any, Any, Any]:
    """The accounts whose page is due for a look at `now`, those never looked at first, then the oldest.

    Live ones, and suspended ones, which may have been mended: never looked at with the present notice,
    `look_every_days` ago, or `look_again_after_hours` ago where the notice was not shown, or on a classroom
    account's profile not its owner's name and position.
    """
    newest = (col(PageCheck.account_id) == col(Account.id)) & col(PageCheck.latest)
    profile = (col(ProfileCheck.account_id) == col(Account.id)) & col(ProfileCheck.latest)
    return (
        select(col(Account.id), col(Account.address), col(Account.notice_address), col(Account.level))
        .outerjoin(PageCheck, newest)
        .outerjoin(ProfileCheck, profile)
        .where(
            col(Account.state).in_((AccountState.LIVE, AccountState.SUSPENDED)),
            col(Account.address).is_not(None),
            or_(false(), *(_is_due(one, policy, now) for one in policy.of(Display))),
        )
        .order_by(col(PageCheck.checked_at).is_not(None), col(PageCheck.checked_at), col(Account.id))
        .limit(at_most)
    )


def _is_due(display: Display, policy: Policy, now: datetime) -> ColumnElement[bool]:
    """Whether a page is due for a look for this control's notice."""
    lacking = or_(col(PageCheck.verdict).not_in(SHOWN), col(ProfileCheck.shown).is_(False))
    return and_(
        display.scope(policy),
        or_(
            col(PageCheck.id).is_(None),
            col(PageCheck.notice_version) != policy.notice_by_id(display.notice).version,
            col(PageCheck.address) != col(Account.address),
            col(PageCheck.checked_at) <= now - timedelta(days=display.look_every_days),
            lacking & (col(PageCheck.checked_at) <= now - timedelta(hours=display.look_again_after_hours)),
        ),
    )


async def look_at_due_pages(
    store: Store,
    policy: Policy,
    settings: Settings,
    now: datetime,
    pause: Pause = asyncio.sleep,
    *,
    clock: Callable[[], datetime] | None = None,
) -> RoundReport:
    """One round. What was seen of each page is kept at once: a round that dies loses only the rest.

    What is due is found as of `now`; each look is kept at the moment that `clock` says then, since a round
    lasts for long and others write meanwhile. Without a clock all of it is at `now`.

    What a person said of a page stands where it can't be read, or shows what they overruled.
    """
    async with store.read() as session:
        rows = await session.rows(due_pages(policy, now, AT_MOST))
    notices = {level: shown_notice(policy, level) for level in {row.level for row in rows}}
    shown = {row.id: notice for row in rows if (notice := notices[row.level]) is not None}
    targets = [Target(row.id, row.address, row.notice_address) for row in rows if row.id in shown]

    def at() -> datetime:
        return now if clock is None else clock()

    async def look(target: Target) -> PageLook:
        notice = shown[target.account_id]
        return await fetch(
            policy, notice, settings, target.address, target.notice_address, at(), readers, browser
        )

    async def keep(target: Target, seen: PageLook) -> str:
        kept = await record(store, policy, target.account_id, target.address, seen, at())
        return "attested" if kept.stands else str(kept.verdict)

    async with Readers() as readers, open_browser(policy, settings) as browser:
        return await look_round(
            targets, look=look, keep=keep, politeness=policy.pages.politeness, pause=pause
        )
