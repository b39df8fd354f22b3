"""Who may read a request, and who may decide it today."""

from dataclasses import dataclass
from datetime import datetime

from policy.account_request import lacks
from policy.authority import may_decide
from policy.model import Policy
from schemas.accounts import AccountRequest
from schemas.errors import NotAllowed
from schemas.people import Person
from schemas.words import Via
from tasks.acts.context import ActContext
from tasks.acts.who import POLICY_OFFICE
from tasks.requests.facts import authority, request_facts
from tasks.store.audit import Actor
from tasks.store.session import Session


@dataclass(frozen=True)
class Reading:
    """What a person is to a request. `deputy_for`: the absent decider's name, where they stand in.

    `why_not`: why they may not decide it; empty where they may. `lacks`: why it can't be approved now.
    `same_asked_for`: other requests that wait, for the same handle or one that looks the same.
    """

    asked_for_it: bool
    decides: bool
    deputy_for: str = ""
    why_not: str = ""
    lacks: tuple[str, ...] = ()
    same_asked_for: tuple[int, ...] = ()


async def reading(
    session: Session, policy: Policy, person: int, request: int, now: datetime
) -> Reading | None:
    """None for who has nothing to do with it, and for a request that is not there."""
    row = await session.get(AccountRequest, request)
    if row is None:
        return None
    context = ActContext(session, policy, policy.calendar, Actor(person, Via.PORTAL), now)
    asked = person == row.requester_id
    _, facts = await request_facts(session, request, policy, context.today)
    deciders = await authority(session, facts, policy, context.today)
    try:
        stands_for = may_decide(deciders, person, policy, facts.level)
    except NotAllowed as refused:
        known = asked or person in row.wish.get("administrators", [])
        if known or await POLICY_OFFICE.test(context, None) is not None:
            return Reading(asked, decides=False, why_not=str(refused))
        return None
    absent = await session.get(Person, stands_for) if stands_for else None
    return Reading(
        asked,
        decides=True,
        deputy_for=absent.name if absent else "",
        lacks=lacks(facts, policy),
        same_asked_for=facts.same_asked_for,
    )
