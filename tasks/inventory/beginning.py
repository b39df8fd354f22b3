"""The accounts of a list that we did not have: begun in the state in which they are found, many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from policy.controls.inventory import Inventory
from policy.gates import lacking
from policy.identity import keys
from policy.model import Policy
from policy.training_gate import decide_access
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, ChannelKind, CustodyMode, ItemKind, SubjectKind
from tasks.access.facts import access_facts, completions_of
from tasks.acts.context import ActContext
from tasks.files.inventory import FoundAccount
from tasks.inventory.attestations import keep_attestations, midday
from tasks.inventory.known import Here
from tasks.store.transition import begin_all

#: What the access of an account's administrators is, by the account's state.
ACCESS: Mapping[AccountState, AccessState] = {
    AccountState.APPROVED: AccessState.WAITING,
    AccountState.PREPARING: AccessState.WAITING,  # nobody is in yet: the gates come first
    AccountState.LIVE: AccessState.GRANTED,
    AccountState.SUSPENDED: AccessState.GRANTED,
    AccountState.CLOSED: AccessState.REVOKED,
}

#: Facts of so many accesses are gathered at once; databases limit a statement's parameters.
AT_ONCE = 500


def people_of(one: FoundAccount, here: Here) -> Sequence[int]:
    """The numbers of a row's administrators: once each, also where two of the addresses are one person's."""
    return tuple(dict.fromkeys(here.people[email] for email in one.administrators))


async def begin_found(
    context: ActContext, new: Sequence[FoundAccount], here: Here, import_id: int
) -> Sequence[int]:
    """The accounts, the accesses to them, and what is vouched for; the numbers of the accesses."""
    session, policy, today = context.session, context.policy, context.today
    begin = partial(
        begin_all,
        session,
        actor=context.actor,
        control=policy.name_of(Inventory),
        cause=f"found, import {import_id}",
        now=context.now,
    )
    accounts = await begin(SubjectKind.ACCOUNT, [_account(one, policy, here) for one in new])
    begun = [(one, account.id, people_of(one, here)) for one, account in zip(new, accounts, strict=True)]
    accesses = [_access(one, account, person, today) for one, account, people in begun for person in people]
    made = await begin(SubjectKind.ACCESS, accesses)
    if context.actor.person_id is not None:
        await keep_attestations(session, policy, begun, context.actor.person_id)
    return [one.id for one in made]


def _account(one: FoundAccount, policy: Policy, here: Here) -> dict[str, Any]:
    return {
        "state": one.state,
        "level": one.level,
        "channel": one.channel,
        "platform": one.platform,
        "handle": one.handle,
        **vars(keys(policy.platform(one.platform), one.handle, one.address, one.platform_id, one.channel)),
        "purpose": one.purpose,
        "school_id": here.schools[one.school] if one.school else None,
        "custody": one.custody,
        "address": one.address,
        "platform_id": one.platform_id,
        "vault_reference": one.vault_reference,
        "custodian_is_administrator": one.custodian_is_administrator,
        "live_since": midday(one.live_since, policy.zone) if one.live_since else None,
    }


def _access(one: FoundAccount, account_id: int, person_id: int, today: date) -> dict[str, Any]:
    state = ACCESS[one.state]
    knows = state is AccessState.GRANTED and one.custody is CustodyMode.SHARED_PASSWORD
    return {
        "state": state,
        "account_id": account_id,
        "person_id": person_id,
        "role": AccessRole.ADMINISTRATOR,
        "knows_secret_since": today if knows else None,
    }


async def ask_for_the_course(context: ActContext, accesses: Sequence[int]) -> int:
    """Everybody who was found with access to a live account and without the course is asked once."""
    policy, today, asked = context.policy, context.today, set[int]()
    for start in range(0, len(accesses), AT_ONCE):
        for facts in await access_facts(context.session, accesses[start : start + AT_ONCE], policy, today):
            if facts.person_id in asked or facts.account_state is not AccountState.LIVE:
                continue
            left = lacking(facts, policy, today)
            if any(gate.kind is ItemKind.COMPLETE_COURSE for gate in left):
                asked.add(facts.person_id)
                await context.apply(decide_access(facts, policy, context.now))
    return len(asked)


@dataclass(frozen=True)
class _AsFound:
    """How a person will stand with the courses of an account that is not here yet."""

    level: str
    channel: ChannelKind
    completions: Mapping[str, date]
    training_required: bool | None = None  # nobody has decided otherwise
    acknowledged: frozenset[tuple[str, str]] = frozenset()
    accepted: frozenset[tuple[str, str]] = frozenset()


async def would_be_asked(context: ActContext, new: Sequence[FoundAccount], here: Here) -> int:
    """How many `ask_for_the_course` would ask, were these accounts begun."""
    policy, today = context.policy, context.today
    has_access = {
        (person, one.level, one.channel)
        for one in new
        if one.state is AccountState.LIVE
        for person in people_of(one, here)
    }
    have = await completions_of(context.session, {person for person, _, _ in has_access})
    return len(
        {
            person
            for person, level, channel in has_access
            if any(
                gate.kind is ItemKind.COMPLETE_COURSE
                for gate in lacking(_AsFound(level, channel, have[person]), policy, today)
            )
        }
    )
