"""What is in use, and a policy file must keep: levels and platforms of accounts, offices that people hold.

Everything that is asked of an account goes by its level and its platform. A file that leaves one out would
leave those accounts without a rule, and no night could say what holds for them. Whoever holds an office
under its former id would hold nothing. A label may change.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sqlalchemy import func, or_, select, true
from sqlmodel import col

from policy.model import Policy
from policy.model.checks import Problem
from policy.model.reading import refused
from policy.roster_offices import SOURCE
from schemas.accounts import Account, AccountRequest
from schemas.language import half
from schemas.people import Person, Role
from schemas.states import AccountState, RequestState
from tasks.store.session import Session

_OVER = (AccountState.CLOSED, AccountState.WITHDRAWN)
_WAITING = (
    RequestState.SUBMITTED,
    RequestState.SENT_BACK,
    RequestState.AWAITING_DECISION,
    RequestState.APPROVED,
)


async def refuse_without_what_is_in_use(
    session: Session, text: str, file: Path, policy: Policy, used: Policy, today: date
) -> None:
    """Raises BadPolicy where a file leaves out what accounts, requests or people have. `used`: as adopted.

    An office that only rosters give may be left out, but not in the same file that brings another one.
    """
    found = [
        Problem((section,), what[number > 1].format(number=number, name=repr(name)))
        for section, what, kept, used in (
            (
                "levels",
                (
                    half(
                        "{number} account or request is of the level {name}, which the file leaves out: "
                        "keep its id, its label may change"
                    ),
                    half(
                        "{number} accounts and requests are of the level {name}, which the file leaves out: "
                        "keep its id, its label may change"
                    ),
                ),
                {one.id for one in policy.levels},
                await _of_accounts(session, "level"),
            ),
            (
                "platforms",
                (
                    half(
                        "{number} account or request is on {name}, which the file leaves out: keep its name, "
                        "and write what else it is called under known_as"
                    ),
                    half(
                        "{number} accounts and requests are on {name}, which the file leaves out: keep its "
                        "name, and write what else it is called under known_as"
                    ),
                ),
                {one.name for one in policy.platforms},
                await _of_accounts(session, "platform"),
            ),
            (
                "offices",
                (
                    half(
                        "{number} person holds the office {name}, which the file leaves out: keep its id, "
                        "its label may change; or end it first with `steward role end`"
                    ),
                    half(
                        "{number} people hold the office {name}, which the file leaves out: keep its id, "
                        "its label may change; or end it first with `steward role end`"
                    ),
                ),
                {one.id for one in policy.offices},
                await _of_people(session, policy, used, today),
            ),
        )
        for name, number in sorted(used.items())
        if name not in kept
    ]
    if found:
        raise refused(text, file, found)


async def _of_accounts(session: Session, column: str) -> Mapping[str, int]:
    """How many accounts and requests that are not over have each level, or each platform."""
    found: Counter[str] = Counter()
    for model, state in (
        (Account, col(Account.state).not_in(_OVER)),
        (AccountRequest, col(AccountRequest.state).in_(_WAITING) & col(AccountRequest.account_id).is_(None)),
    ):
        named = col(getattr(model, column))
        rows = await session.run(select(named, func.count()).where(state).group_by(named))
        found.update({name: number for name, number in rows if name})
    return found


async def _of_people(session: Session, policy: Policy, used: Policy, today: date) -> Mapping[str, int]:
    """How many people hold each office today or later: all, where the file may call it otherwise.

    Where it only leaves offices out, those who hold one by a roster do not count.
    """
    renames = {one.id for one in policy.offices} - {one.id for one in used.offices}
    rows = await session.run(
        select(col(Role.kind), func.count(col(Role.person_id).distinct()))
        .join(Person, col(Person.id) == col(Role.person_id))
        .where(
            col(Person.active),
            or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today),
            true() if renames else col(Role.source) != SOURCE,
        )
        .group_by(col(Role.kind))
    )
    return {name: number for name, number in rows if name}
