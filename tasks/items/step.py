"""One open action item, as the person reads it who is to do it: what, why, and for whom else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy
from policy.notices.base import Rows
from policy.notices.mending import Mending, how_to_mend
from policy.notices.words import account_of, channel, todo
from policy.seen import page_faults, profile_faults
from policy.stops import asks_to_confirm
from schemas.accounts import Access, Account, AccountRequest
from schemas.brakes import Brake
from schemas.evidence import PageCheck, ProfileCheck
from schemas.findings import Finding
from schemas.language import t
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt
from schemas.people import Person, School
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.items.listing import Owed, list_owed, owed_by
from tasks.store.holders import holders

T = TypeVar("T", bound=SQLModel)


@dataclass(frozen=True)
class Step:
    """`does`: what it asks, as a sentence. `deputy_for`: the name of the absent person it is done for.

    `account`, `revision`: of the account and of the request that it is about; `found`: what a rule found.
    `key`: what makes the item the same when it is asked twice; it names the text that is to be read.
    `why`: the clause, its number and title; `asks`: what the clause asks, in the policy's words. `how`: what
    it takes, such as the texts to be read.
    """

    owed: Owed
    does: str
    why: str
    asks: str
    how: Mending
    key: str
    account: int | None = None
    revision: int | None = None
    found: str = ""
    deputy_for: str = ""


async def own_steps(
    session: AsyncSession, policy: Policy, person: int, today: date, these: Sequence[int] | None = None
) -> tuple[Step, ...]:
    """Everything that waits for a person today, in person or in an office, the longest overdue first.

    `these`: the numbers of some of them.
    """
    mine = await owed_by(session, person, today) if these is None else these
    owed = await list_owed(session, policy, today, items=mine) if mine else ()
    items = await _by_number(session, ActionItem, {one.item for one in owed})
    rows = await _rows(session, list(items.values()))
    return tuple([await _step(session, policy, items[one.item], one, rows, person, today) for one in owed])


async def own_step(session: AsyncSession, policy: Policy, person: int, item: int, today: date) -> Step | None:
    """One of them; None where it is nobody's, somebody else's, or done."""
    if item not in await owed_by(session, person, today):
        return None
    return next(iter(await own_steps(session, policy, person, today, (item,))), None)


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
    if asks_to_confirm(item.key) and account is not None:
        says = t("confirm that {what} is stopped, or bring it back", what=channel(account, policy))
    return Step(
        owed,
        says[:1].upper() + says[1:],
        policy.why(item.control),
        policy.asks_of(item.control),
        _how(item, account, policy, rows),
        item.key,
        account.id if account else None,
        request.revision if request else None,
        finding.detail if finding else "",
        await _deputy_for(session, item, person, today),
    )


def _how(item: ActionItem, account: Account | None, policy: Policy, rows: Rows) -> Mending:
    """What its control says that it takes; of texts, those that the item names."""
    how = how_to_mend(item.control, account, policy, rows)
    named = tuple(text for text in how.texts if text.id in item.key.split("/"))
    return replace(how, texts=named or how.texts)


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
    """What these items are about, in one statement for each kind that there is."""

    def of(kind: SubjectKind) -> set[int]:
        return {one.subject_id for one in items if one.subject_kind is kind}

    rows = Rows()
    rows.requests = await _by_number(session, AccountRequest, of(SubjectKind.REQUEST))
    rows.accesses = await _by_number(session, Access, of(SubjectKind.ACCESS))
    rows.findings = await _by_number(session, Finding, of(SubjectKind.FINDING))
    wanted = of(SubjectKind.ACCOUNT) | {one.account_id for one in rows.accesses.values()}
    wanted |= {one.account_id for one in rows.findings.values()}
    rows.accounts = await _by_number(session, Account, wanted)
    connection, numbers = await session.connection(), list(rows.accounts)
    if any(one.kind in {ItemKind.MEND_FINDING, ItemKind.MEND_NOTICE} for one in items):
        pages = page_faults().where(col(PageCheck.account_id).in_(numbers))
        profiles = profile_faults().where(col(ProfileCheck.account_id).in_(numbers))
        rows.page_faults = set((await connection.execute(pages)).scalars())
        rows.profile_faults = set((await connection.execute(profiles)).scalars())
    rows.people = await _by_number(session, Person, of(SubjectKind.PERSON))
    rows.schools = await _by_number(session, School, of(SubjectKind.SCHOOL))
    rows.brakes = await _by_number(session, Brake, of(SubjectKind.BRAKE))
    return rows


async def _by_number(session: AsyncSession, model: type[T], numbers: set[int]) -> dict[int, T]:
    """These rows by their numbers; the store is asked for none where there are none."""
    if not numbers:
        return {}
    number: Any = col(model.id)  # type: ignore[attr-defined]  # every table of ours has one
    return {one.id: one for one in (await session.exec(select(model).where(number.in_(numbers)))).all()}  # type: ignore[attr-defined]
