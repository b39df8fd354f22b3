"""What an import of people would break at the live accounts, and whom to ask when it does.

The standing rules themselves say it: they are asked before and after, inside the import's own transaction.
So a preview says what the sweep would find, and no rule is written twice.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import col

from policy.authority import office_at
from policy.controls import Rule
from policy.controls.administrators import Administrators
from policy.controls.rotate_secret import RotateSecret
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.findings import Finding
from schemas.outcome import Ask, Outcome, Subject
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, SubjectKind
from tasks.acts.context import ActContext
from tasks.findings.evaluation import evaluate
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.session import Session

_NAMED = 10  # accounts in a receipt
#: Said beside the rules: nobody who is here has access any more.
NOBODY = "nobody"


@dataclass(frozen=True)
class Loss:
    """An account that would no longer hold a control, and what it would lack."""

    account: int
    platform: str
    handle: str
    control: str
    what: str


Broken = dict[tuple[int, str], Loss]


async def broken_now(session: Session, policy: Policy, today: date) -> Broken:
    """The live accounts that do not hold a control about people as the store stands in this transaction."""
    found: list[tuple[Any, str, str]] = []
    for rule in (*_administrators(policy), *policy.of(RotateSecret)):
        rows = await session.run(rule.violators(policy, today))
        found += [(row.account_id, rule.name, row.detail) for row in rows]
    somebody = exists().where(
        col(Access.account_id) == col(Account.id),
        col(Access.state) == AccessState.GRANTED,
        col(Person.id) == col(Access.person_id),
        col(Person.active),
    )
    alone = await session.run(
        select(col(Account.id)).where(col(Account.state) == AccountState.LIVE, ~somebody)
    )
    found += [(account, NOBODY, "Nobody who is here has access to it.") for account in alone.scalars()]
    live = await session.run(
        select(col(Account.id), col(Account.platform), col(Account.handle)).where(
            col(Account.state) == AccountState.LIVE
        )
    )
    named = {row.id: (row.platform, row.handle) for row in live}
    return {(account, what): Loss(account, *named[account], what, said) for account, what, said in found}


def _administrators(policy: Policy) -> tuple[Rule, ...]:
    """The controls that say who must administer an account."""
    return tuple(one for one in policy.rules() if isinstance(one, Administrators))


def newly(before: Broken, after: Broken) -> tuple[Loss, ...]:
    """What is broken after and was not before, by account."""
    return tuple(after[key] for key in sorted(after.keys() - before.keys()))


async def lacking_since(context: ActContext, before: Broken) -> tuple[str, ...]:
    """Ask who must find somebody else for what an act broke; the sentence that names the accounts."""
    session, policy = context.session, context.policy
    losses = newly(before, await broken_now(session, policy, context.today))
    if not losses:
        return ()
    await ask_about(session, losses, policy, context.actor, context.now)
    accounts = sorted({one.account for one in losses})
    named = ", ".join(str(one) for one in accounts[:_NAMED]) + (", …" if len(accounts) > _NAMED else "")
    return (f"Accounts that lack somebody now: {named}; `steward finding list` says what.",)


async def ask_about(
    session: Session, losses: tuple[Loss, ...], policy: Policy, actor: Actor, now: datetime
) -> int:
    """Open the findings of these accounts at once, and ask who must find somebody else; how many items.

    The school's administration for its accounts, Communications for the division's. A changed password
    has its own lifecycle. The items end by themselves when the findings do. Only within `Store.write()`.
    """
    calendar = policy.calendar
    today = calendar.today(now)
    passwords = {one.name for one in policy.of(RotateSecret)}
    accounts = sorted({one.account for one in losses if one.control not in passwords})
    if not accounts:
        return 0
    rules = _administrators(policy)
    for rule in rules:
        await evaluate(session, rule, policy, today, now, accounts)
    rows = await session.run(
        select(col(Finding.id), col(Finding.control), col(Account.level), col(Account.school_id))
        .join(Account, col(Account.id) == col(Finding.account_id))
        .where(
            col(Finding.account_id).in_(accounts),
            col(Finding.control).in_([rule.name for rule in rules]),
            col(Finding.resolved_at).is_(None),
        )
        .order_by(col(Finding.id))
    )
    kind = ItemKind.MEND_FINDING
    due = calendar.due_after(today, school_days=policy.terms(kind).due_school_days)
    asks = []
    for row in rows:
        of_school = policy.level(row.level).at == "school"
        duty = policy.duties.runs_school if of_school else policy.duties.keeps_policy
        about = Subject(SubjectKind.FINDING, row.id)
        office = office_at(policy.office(duty), row.school_id)
        asks.append(Ask(f"{about}/mend/office", kind, office, about, row.control, due))
    await apply(session, Outcome(tuple(asks)), actor=actor, calendar=calendar, now=now)
    return len(asks)
