"""What a person saw on a page that can't be read by us: the notice, for a while (8)."""

from datetime import datetime, timedelta

from policy.authority import office_at
from policy.calendar import Calendar
from policy.controls.display import Display
from policy.model import Policy
from policy.reinstatement import COMMUNICATIONS
from schemas.accounts import Account
from schemas.errors import NotAllowed, NotNow
from schemas.events import EventKind
from schemas.evidence import PageCheck
from schemas.outcome import Emit, Outcome, Settle, Subject
from schemas.receipt import Receipt
from schemas.standing_forms import NoticeSeenForm
from schemas.words import ItemKind, PageVerdict, SubjectKind, Via
from tasks.pages.looks import latest_look
from tasks.store import Store, audit, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.evidence import keep
from tasks.store.holders import holders


async def attest_notice(
    store: Store, policy: Policy, form: NoticeSeenForm, *, via: Via, now: datetime
) -> Receipt:
    """Record that somebody saw the notice on a page that Steward could not read (8).

    Only while the latest look could not read it: what we read ourselves, nobody says otherwise. By who keeps
    the account or Communications, never by its other administrators: four eyes. It holds for the policy's
    `attested_good_days`.

    Raises:
        NotAllowed: for anybody else.
        NotNow: the page was not looked at yet, or could be read.
        Unknown: no such account or person.
    """
    calendar = Calendar(policy)
    today = calendar.today(now)
    async with store.write() as session:
        person_id = await lookup.person_id(session, form.person)
        account = await lookup.by_id(session, Account, form.account)
        custodian = office_at(policy.custodians.at(account.level), account.school_id)
        allowed = {
            one.person_id
            for office in (custodian, COMMUNICATIONS)
            for one in await holders(session, office, today)
        }
        if person_id not in allowed:
            raise NotAllowed(
                f"Only Communications, or who keeps account {form.account}, attests what its page shows (8)."
            )
        last = await latest_look(session, form.account)
        if last is None or last.address != account.address:
            raise NotNow(
                f"Nobody has looked at this page yet: run `steward attest page {form.account}` first."
            )
        if last.verdict is not PageVerdict.UNREACHABLE and last.attested_by_id is None:
            raise NotNow(
                f"Steward read this page itself and found: {last.verdict}. Mend the page, or have it looked "
                f"at again with `steward attest page {form.account}`."
            )
        good_through = today + timedelta(days=policy.display.attested_good_days)
        subject, actor = Subject(SubjectKind.ACCOUNT, form.account), Actor(person_id, via)
        await keep(
            session,
            PageCheck,
            account_id=form.account,
            checked_at=now,
            verdict=PageVerdict.LINKED if form.linked else PageVerdict.EXACT,
            notice_version=policy.notice.version,
            address=last.address,
            statements=[],
            detail=form.evidence,
            text="",
            attested_by_id=person_id,
            good_through=good_through,
        )
        await audit.append(
            session,
            subject,
            actor=actor,
            control=policy.name_of(Display),
            cause="notice attested",
            now=now,
            body={"notice": policy.notice.version, "good through": good_through.isoformat()},
        )
        outcome = Outcome(
            (Settle(about=subject, kinds=(ItemKind.MEND_NOTICE,)), Emit(EventKind.PAGE_CHECKED, subject))
        )
        await apply(session, outcome, actor=actor, calendar=calendar, now=now)
    return Receipt(
        subject, "attested", f"Attested until {good_through}; the page is still looked at meanwhile."
    )
