"""Looking at the page of an account for the notice: one that is being prepared, or any at all.

The same look says whether a classroom account's profile shows its owner's name and position.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlmodel import col

from policy.controls.display import SHOWN, Display
from policy.controls.identify_owner import IdentifyOwner
from policy.model import Notice, Policy
from policy.profile_text import folded, judge_profile
from schemas.accounts import Account
from schemas.errors import NotNow
from schemas.events import EventKind
from schemas.evidence import PageCheck, ProfileCheck
from schemas.outcome import Emit, Outcome, Subject
from schemas.settings import Settings
from schemas.states import AccountState
from schemas.words import PageVerdict, SubjectKind
from tasks.cases import Case, Only
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.pages import HttpPageReader, PageLimits, PageLook, PageReader, Readers, look_at
from tasks.pages.browser import Browsers
from tasks.pages.looks import profile_owners, standing
from tasks.runtime import Runtime
from tasks.store import Store, lookup
from tasks.store.apply import apply
from tasks.store.audit import STEWARD, append
from tasks.store.evidence import keep
from tasks.store.session import Session

#: Accounts that have a page to be looked at.
LOOKED_AT = (AccountState.PREPARING, AccountState.LIVE, AccountState.SUSPENDED)


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The reported accounts whose page was not looked at since, or lacked the notice some hours ago.

    The page of one account that is asked for is looked at now, whatever was seen before.
    """
    policy = runtime.policy
    newest = (col(PageCheck.account_id) == col(Account.id)) & col(PageCheck.latest)
    waits = and_(
        col(Account.state) == AccountState.PREPARING,
        col(Account.reported_at).is_not(None),
        or_(false(), *(_waits_for(one, policy, now) for one in policy.of(Display))),
    )
    if only is not None:
        waits = and_(
            col(Account.id) == only.account,
            col(Account.state).in_(LOOKED_AT),
            col(Account.address).is_not(None),
        )
    async with runtime.store.read() as session:
        rows = await session.rows(
            select(col(Account.id), col(Account.handle))
            .outerjoin(PageCheck, newest)
            .where(waits)
            .order_by(col(Account.id))
        )
    return tuple(Case(row.handle, (row.id,)) for row in rows)


def _waits_for(display: Display, policy: Policy, now: datetime) -> ColumnElement[bool]:
    """Whether the page of an account that is prepared is to be looked at for this control's notice."""
    again = now - timedelta(hours=display.look_again_after_hours)
    return and_(
        display.scope(policy),
        or_(
            col(PageCheck.id).is_(None),
            col(PageCheck.checked_at) < col(Account.reported_at),
            col(PageCheck.notice_version) != policy.notice_by_id(display.notice).version,
            col(PageCheck.verdict).not_in(SHOWN) & (col(PageCheck.checked_at) < again),
        ),
    )


def shown_notice(policy: Policy, level: str) -> Notice | None:
    """The notice that pages of accounts of a level show; None where they show none."""
    display = policy.first(Display, level=level)
    return None if display is None else policy.notice_by_id(display.notice)


async def look(store: Store, policy: Policy, settings: Settings, account_id: int, now: datetime) -> PageLook:
    """Fetch an account's page, compare it with the notice, keep the evidence, and say so.

    What is given back says in its `detail` also what the profile shows, where that was looked for. No
    transaction is open while the page is fetched. Raises NotNow for an account without an address or notice.
    """
    async with store.read() as session:
        account = await lookup.by_id(session, Account, account_id)
    if account.address is None:
        raise NotNow(f"Account {account_id} has no address yet: its administrator reports it first.")
    if (notice := shown_notice(policy, account.level)) is None:
        raise NotNow(f"The policy asks for no notice on the page of a {policy.label(account.level)} account.")
    async with open_browser(policy, settings) as browser:
        seen = await fetch(
            policy, notice, settings, account.address, account.notice_address, now, browser=browser
        )
    kept = await record(store, policy, account_id, account.address, seen, now, emits=True)
    stands = f"What a person saw there stands until {kept.stands}: {kept.verdict}." if kept.stands else ""
    detail = " ".join(filter(None, (seen.detail, stands, kept.profile)))
    return replace(seen, verdict=kept.verdict, detail=detail, page_text=None)


@asynccontextmanager
async def open_browser(policy: Policy, settings: Settings) -> AsyncIterator[PageReader | None]:
    """A browser for one page or many, where the settings ask for one and there is one; else None."""
    if not (settings.page_browser and os.access(settings.page_browser_program, os.X_OK)):
        yield None
        return
    limits = limits_of(policy)
    async with Browsers(settings.page_browser_program, limits, settings.page_allow) as browser:
        yield browser


def limits_of(policy: Policy) -> PageLimits:
    """How far a page is followed and how much of it is taken, from the policy."""
    pages = policy.pages
    return PageLimits(
        seconds=pages.seconds_at_most,
        decoded_bytes=pages.bytes_at_most,
        redirects=pages.redirects_at_most,
        links=pages.notice_links_at_most,
        kept_characters=pages.kept_characters_at_most,
    )


async def fetch(
    policy: Policy,
    notice: Notice,
    settings: Settings,
    address: str,
    notice_address: str | None,
    now: datetime,
    readers: Readers | None = None,
    browser: PageReader | None = None,
) -> PageLook:
    """One try at a page, within the policy's limits. Unreachable is a verdict, never an exception.

    `readers`: of a round over many pages. `browser`: for pages that leave a doubt, from `open_browser`.
    """
    limits = limits_of(policy)
    return await look_at(
        address,
        notice=notice,
        notice_address=notice_address or notice.addresses[0],
        limits=limits,
        allow=settings.page_allow,
        now=now,
        reader=HttpPageReader(limits, settings.page_allow, readers=readers),
        browser=browser,
    )


@dataclass(frozen=True)
class Recorded:
    """What was kept of a look. `profile`: what was seen of the profile, in a sentence, or empty.

    `stands`: what a person said of the page goes on to stand, until this day.
    """

    verdict: PageVerdict
    profile: str = ""
    stands: date | None = None


async def record(
    store: Store,
    policy: Policy,
    account_id: int,
    address: str,
    seen: PageLook,
    now: datetime,
    *,
    emits: bool = False,
) -> Recorded:
    """Keep what was seen as evidence, and whether the profile shows whose the account is.

    What a person attested stands where we could not read the page, or found again what they overruled.
    `emits`: something waits for it.
    """
    page = None if seen.page_text is None else await asyncio.to_thread(folded, seen.page_text)
    profile, calendar = "", policy.calendar
    look = PageCheck(
        account_id=account_id,
        checked_at=now,
        verdict=seen.verdict,
        notice_version=seen.notice_version,
        address=address,
        final_address=seen.final_address,
        notice_found_at=seen.notice_found_at,
        http_status=seen.http_status,
        sha256=seen.sha256,
        statements=seen.statements,
        detail=seen.detail,
        text=seen.text,
    )
    async with store.write() as session:
        if page is not None:
            profile = await _record_profile(
                session, account_id, page, policy, now, shows_more=seen.page_shows_more
            )
        stands = await standing(session, account_id, look, calendar.today(now))
        if stands is not None:
            look.verdict, look.detail, look.overrules = stands.verdict, stands.detail, stands.overrules
            look.attested_by_id, look.good_through = stands.attested_by_id, stands.good_through
        await keep(session, PageCheck, **look.model_dump(exclude={"id", "latest"}))
        await append(
            session,
            Subject(SubjectKind.ACCOUNT, account_id),
            actor=STEWARD,
            control="",
            cause="page looked at",
            now=now,
        )
        if emits:
            event = Outcome((Emit(EventKind.PAGE_CHECKED, Subject(SubjectKind.ACCOUNT, account_id)),))
            await apply(session, event, actor=STEWARD, calendar=calendar, now=now)
    return Recorded(look.verdict, profile, stands.good_through if stands else None)


async def _record_profile(
    session: Session, account_id: int, page: str, policy: Policy, now: datetime, *, shows_more: bool
) -> str:
    """Keep whether a profile shows an administrator's name and position, where the policy asks for it.

    What could only be read in part is no evidence that something is missing: nothing is kept then.
    """
    account = await lookup.by_id(session, Account, account_id)
    if not policy.applying(IdentifyOwner, level=account.level):
        return ""
    seen = judge_profile(page, await profile_owners(session, account_id))
    if not seen.shown and shows_more:
        return ""
    await keep(
        session,
        ProfileCheck,
        account_id=account_id,
        person_id=seen.person_id,
        checked_at=now,
        shown=seen.shown,
        detail=seen.detail,
    )
    return seen.detail


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Look at the page of each account of the case; the verdicts."""
    given = (runtime.store, runtime.policy, runtime.settings)
    return tuple([str((await look(*given, account, now)).verdict) for account in case.ids])


LIFECYCLE = Lifecycle(
    "disclaimer-verification",
    woken_by=(EventKind.ACCOUNT_REPORTED,),
    stages=(Stage("notice on the page", due, move),),
    turn=Turn.PAGES,
)
