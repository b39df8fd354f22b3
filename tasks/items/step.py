"""One open action item, as the person reads it who is to do it: what, why, and for whom else."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy
from policy.notices.base import Rows
from policy.notices.words import account_of, todo
from schemas.accounts import Access, Account, AccountRequest
from schemas.brakes import Brake
from schemas.findings import Finding
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt
from schemas.people import Person, School
from schemas.words import ItemState, SubjectKind
from tasks.items.listing import Owed, list_owed
from tasks.store.holders import holders


@dataclass(frozen=True)
class Step:
    """`does`: what it asks, as a sentence. `deputy_for`: the name of the absent person it is done for.

    `account`, `revision`: of the account and of the request that it is about; `found`: what a rule found.
    `key`: what makes the item the same when it is asked twice; it names the text that is to be read.
    `why`: the clause, its number and title; `asks`: what the clause asks, in the policy's words.
    """

    owed: Owed
    does: str
    why: str
    asks: str
    key: str
    account: int | None = None
    revision: int | None = None
    found: str = ""
    deputy_for: str = ""


async def own_steps(session: AsyncSession, policy: Policy, person: int, today: date) -> tuple[Step, ...]:
    """Everything that waits for a person today, in person or in an office, the longest overdue first."""
    owed = await list_owed(session, policy, today, person=str(person))
    items = {
        one.id or 0: one
        for one in (
            await session.exec(select(ActionItem).where(col(ActionItem.id).in_([one.item for one in owed])))
        ).all()
    }
    rows = await _rows(session, list(items.values()))
    return tuple([await _step(session, policy, items[one.item], one, rows, person, today) for one in owed])


async def own_step(session: AsyncSession, policy: Policy, person: int, item: int, today: date) -> Step | None:
    """One of them; None where it is nobody's, somebody else's, or done."""
    return next(
        (one for one in await own_steps(session, policy, person, today) if one.owed.item == item), None
    )


async def ended(session: AsyncSession, person: int, item: int) -> ItemState | None:
    """How a step of this very person ended; None where it is open or none of theirs."""
    row = await session.get(ActionItem, item)
    return (
        row.state if row is not None and row.person_id == person and row.state is not ItemState.OPEN else None
    )


async def _step(
    session: AsyncSession, policy: Policy, item: ActionItem, owed: Owed, rows: Rows, person: int, today: date
) -> Step:
    account = account_of(item.subject_kind, item.subject_id, rows)
    request = rows.requests.get(item.subject_id) if item.subject_kind is SubjectKind.REQUEST else None
    finding = rows.findings.get(item.subject_id) if item.subject_kind is SubjectKind.FINDING else None
    says = todo(item, rows, policy)
    return Step(
        owed,
        says[:1].upper() + says[1:],
        policy.why(item.control),
        policy.asks_of(item.control),
        item.key,
        account.id if account else None,
        request.revision if request else None,
        finding.detail if finding else "",
        await _deputy_for(session, item, person, today),
    )


async def _deputy_for(session: AsyncSession, item: ActionItem, person: int, today: date) -> str:
    """The name of the absent holder for whom the person would do it; empty where it is their own."""
    if item.role is None:
        return ""
    for one in await holders(session, RoleAt(item.role, item.role_school_id), today):
        if one.person_id == person:
            absent = await session.get(Person, one.deputy_for) if one.deputy_for else None
            return absent.name if absent else ""
    return ""


async def _rows(session: AsyncSession, items: list[ActionItem]) -> Rows:
    """What these items are about, in one statement for each kind."""

    def of(kind: SubjectKind) -> set[int]:
        return {one.subject_id for one in items if one.subject_kind is kind}

    rows = Rows()
    rows.requests = {
        one.id or 0: one
        for one in (
            await session.exec(
                select(AccountRequest).where(col(AccountRequest.id).in_(of(SubjectKind.REQUEST)))
            )
        ).all()
    }
    rows.accesses = {
        one.id or 0: one
        for one in (
            await session.exec(select(Access).where(col(Access.id).in_(of(SubjectKind.ACCESS))))
        ).all()
    }
    rows.findings = {
        one.id or 0: one
        for one in (
            await session.exec(select(Finding).where(col(Finding.id).in_(of(SubjectKind.FINDING))))
        ).all()
    }
    wanted = of(SubjectKind.ACCOUNT) | {one.account_id for one in rows.accesses.values()}
    wanted |= {one.account_id for one in rows.findings.values()}
    rows.accounts = {
        one.id or 0: one
        for one in (await session.exec(select(Account).where(col(Account.id).in_(wanted)))).all()
    }
    rows.people = {
        one.id or 0: one
        for one in (
            await session.exec(select(Person).where(col(Person.id).in_(of(SubjectKind.PERSON))))
        ).all()
    }
    rows.schools = {
        one.id or 0: one
        for one in (
            await session.exec(select(School).where(col(School.id).in_(of(SubjectKind.SCHOOL))))
        ).all()
    }
    rows.brakes = {
        one.id or 0: one
        for one in (await session.exec(select(Brake).where(col(Brake.id).in_(of(SubjectKind.BRAKE))))).all()
    }
    return rows
