"""What an import of people would break at the live accounts, and whom to ask when it does (1, 5.4, 11).

The standing rules themselves say it: they are asked before and after, inside the import's own transaction.
So a preview says what the sweep would find, and no rule is written twice.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.authority import office_at
from policy.calendar import Calendar
from policy.model import Policy
from policy.rules import RULES
from policy.serving import serves
from schemas.accounts import Access, Account
from schemas.outcome import Ask, Outcome, Subject
from schemas.people import Person
from schemas.standing import Finding
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, Level, SubjectKind
from tasks.findings.evaluation import hold
from tasks.store.apply import apply
from tasks.store.audit import Actor

#: The rules whose violators depend on who is here and which office they hold.
OF_PEOPLE = ("1", "5.4", "11")
#: Said beside the rules: nobody who is here has access any more.
NOBODY = "nobody"


@dataclass(frozen=True)
class Loss:
    """An account that would fall below a clause, and what it would lack."""

    account: int
    handle: str
    clause: str
    what: str


Broken = dict[tuple[int, str], Loss]


@serves("5.4", how="rule")
async def broken_now(session: AsyncSession, policy: Policy, today: date) -> Broken:
    """The live accounts that do not hold a clause about people as the store stands in this transaction."""
    connection = await session.connection()
    found: list[tuple[Any, str, str]] = []
    for clause in OF_PEOPLE:
        rows = await connection.execute(RULES[clause].violators(policy, today))
        found += [(row.account_id, clause, row.detail) for row in rows]
    somebody = exists().where(
        col(Access.account_id) == col(Account.id),
        col(Access.state) == AccessState.GRANTED,
        col(Person.id) == col(Access.person_id),
        col(Person.active),
    )
    alone = await connection.execute(
        select(col(Account.id)).where(col(Account.state) == AccountState.LIVE, ~somebody)
    )
    found += [(account, NOBODY, "Nobody who is here has access to it.") for account in alone.scalars()]
    handles = await connection.execute(
        select(col(Account.id), col(Account.handle)).where(col(Account.state) == AccountState.LIVE)
    )
    handle = {row.id: row.handle for row in handles}
    return {(account, what): Loss(account, handle[account], what, said) for account, what, said in found}


def newly(before: Broken, after: Broken) -> tuple[Loss, ...]:
    """What is broken after and was not before, by account."""
    return tuple(after[key] for key in sorted(after.keys() - before.keys()))


@serves("5.4", how="rule")
async def ask_about(
    session: AsyncSession, losses: tuple[Loss, ...], policy: Policy, actor: Actor, now: datetime
) -> int:
    """Open the findings of these accounts at once, and ask who must find somebody else; how many items.

    The school's administration for its accounts, Communications for the division's. A changed password (11)
    has its own lifecycle. The items end by themselves when the findings do. Only within `Store.write()`.
    """
    calendar = Calendar(policy)
    today = calendar.today(now)
    accounts = sorted({one.account for one in losses if one.clause != "11"})
    if not accounts:
        return 0
    for clause in ("1", "5.4"):
        await hold(session, RULES[clause], policy, today, now, accounts)
    rows = await (await session.connection()).execute(
        select(col(Finding.id), col(Finding.rule), col(Account.level), col(Account.school_id))
        .join(Account, col(Account.id) == col(Finding.account_id))
        .where(
            col(Finding.account_id).in_(accounts),
            col(Finding.rule).in_(("1", "5.4")),
            col(Finding.resolved_at).is_(None),
        )
        .order_by(col(Finding.id))
    )
    kind = ItemKind.MEND_FINDING
    due = calendar.due_after(today, school_days=policy.terms(kind).due_school_days)
    asks = []
    for row in rows:
        custodian = policy.custodians.classroom if row.level != Level.DIVISION else policy.custodians.division
        about = Subject(SubjectKind.FINDING, row.id)
        office = office_at(custodian, row.school_id)
        asks.append(Ask(f"{about}/mend/office", kind, office, about, row.rule, due))
    await apply(session, Outcome(tuple(asks)), actor=actor, calendar=calendar, now=now)
    return len(asks)
