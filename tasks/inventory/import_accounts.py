"""Taking in the list of accounts that exist already: as they are found, and no better.

Nothing is invented: who accepted responsibility or read the guidelines before Steward came
is known only as far as somebody vouches for it in the list; the rest is asked later. Who has access
without the course is asked first, and loses it only when the time that the policy gives has passed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.controls.inventory import Inventory
from policy.identity import handle_key, keys
from policy.model import Policy
from policy.training_gate import decide_found
from schemas.accounts import Account
from schemas.events import EventKind
from schemas.forms import ActForm, OnCommand
from schemas.outcome import Emit, Outcome, Subject
from schemas.people import Person, School
from schemas.states import AccessState, AccountState, is_final
from schemas.words import AccessRole, CustodyMode, SubjectKind, Via
from tasks.access.facts import access_facts
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import FILES_OFFICES
from tasks.files.inventory import FoundAccount, read_inventory
from tasks.files.tabular import Problems, Table
from tasks.inventory.attestations import keep_attestations, midday
from tasks.store import audit
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.import_runs import close_run, open_run, taken_in_before
from tasks.store.transition import begin

KIND = "accounts"

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


@dataclass(frozen=True)
class AccountsImport:
    """What an import of existing accounts did, or would do. `asked`: people without the course."""

    file: str
    import_id: int | None
    dry_run: bool
    imported_before: datetime | None
    rows: int
    new: int = 0
    known: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    accesses: int = 0
    asked: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Known:
    """What rows are held against: people and schools that the store has, and handles in use."""

    people: Mapping[str, int]
    schools: Mapping[str, int]
    handles: Mapping[tuple[str, str], set[AccountState]]


class AccountsImportForm(ActForm):
    """Take in accounts that exist already, as they are found; the same file twice changes nothing.

    What the list attests, you vouch for.
    """

    file: Annotated[Path, OnCommand(positional=True)] = Field(
        title="File",
        description="A CSV with the columns level, platform, handle, custody, administrators, state; and, "
        "where known, channel, address, platform id, school, purpose, vault reference, custodian is "
        "administrator, live since. Also what you vouch for, as days: privacy attested on (and the version "
        "of the privacy checklist), responsibility accepted on and guidelines acknowledged on (by every "
        "administrator of the row), notice seen on, credentials changed on (no column may speak of "
        "passwords: such columns are never read).",
    )
    dry_run: bool = Field(default=False, title="Only try", description="Say what would happen; keep nothing.")


def _read(
    form: AccountsImportForm, policy: Policy, now: datetime
) -> tuple[Table, Sequence[FoundAccount], Problems]:
    """Raises BadFile; what is wrong with rows is gathered."""
    problems = Problems()
    today = Calendar(policy).today(now)
    table, found = read_inventory(
        form.file, name=form.file.name, policy=policy, today=today, problems=problems
    )
    return table, found, problems


@act(
    AccountsImportForm,
    who=FILES_OFFICES,
    does="takes in accounts",
    control=(Inventory,),
    prepare=_read,
)
async def import_accounts(context: ActContext, form: AccountsImportForm) -> AccountsImport:
    """Take in accounts that exist already, in the state in which they are found.

    Accounts that the store has are left as they are. What the list attests is vouched for by who takes it in.
    The same bytes twice change nothing.

    Raises BadFile, BadRows (everything that is wrong, at once), Unknown, BadInput; then nothing is kept.
    """
    session, policy, now, by_id = context.session, context.policy, context.now, context.person_id
    actor = replace(context.actor, via=Via.IMPORT)
    table, found, problems = context.material
    before = await taken_in_before(session, KIND, table.sha256)
    if before is not None:
        return AccountsImport(form.file.name, before.id, form.dry_run, before.imported_at, table.count)
    known = await _known(session)
    new = _new_ones(table, found, known)
    _refuse_own_profiles(table, new, known, by_id)
    problems.raise_if_any()
    import_id = await open_run(session, KIND, table.sha256, table.count, now)
    accesses: list[int] = []
    for one in new:
        accesses += await _begin(session, policy, one, known, import_id, actor, now)
    asked = await _ask_for_the_course(session, policy, accesses, import_id, actor, now)
    await close_run(session, import_id, changed=len(new))
    subject = Subject(SubjectKind.IMPORT, import_id)
    states = Counter(one.state.value for one in new)
    await audit.append(
        session,
        subject,
        actor=actor,
        control=policy.name_of(Inventory),
        cause="existing accounts imported",
        now=now,
        body={"sha256": table.sha256, "new": len(new), "states": dict(states), "asked": asked},
    )
    if new:
        woken = Outcome((Emit(EventKind.ACCOUNTS_IMPORTED, subject),))
        await apply(session, woken, actor=actor, calendar=context.calendar, now=now)
    return AccountsImport(
        file=form.file.name,
        import_id=None if form.dry_run else import_id,
        dry_run=form.dry_run,
        imported_before=None,
        rows=table.count,
        new=len(new),
        known=len(found) - len(new),
        states=dict(states),
        accesses=len(accesses),
        asked=asked,
        notes=tuple(table.notes),
    )


async def _known(session: AsyncSession) -> _Known:
    connection = await session.connection()
    people = await connection.execute(select(col(Person.email), col(Person.id)))
    schools = await connection.execute(
        select(col(School.name), col(School.id)).where(col(School.active), ~col(School.is_division))
    )
    accounts = await connection.execute(
        select(col(Account.platform), col(Account.handle_key), col(Account.state))
    )
    handles: dict[tuple[str, str], set[AccountState]] = {}
    for row in accounts:
        handles.setdefault((row.platform, row.handle_key), set()).add(row.state)
    return _Known(
        {row.email: row.id for row in people}, {row.name.casefold(): row.id for row in schools}, handles
    )


def _new_ones(table: Table, found: Sequence[FoundAccount], known: _Known) -> list[FoundAccount]:
    """The accounts that the store does not have; what does not fit it goes to the problems."""
    new: list[FoundAccount] = []
    lines: dict[tuple[str, str], int] = {}
    for one in found:
        for email in one.administrators:
            if email not in known.people:
                table.problems.add(
                    "nobody here has this address: import the roster that has them first",
                    table.place(one.row, "administrators", email),
                )
        if one.school and one.school.casefold() not in known.schools:
            table.problems.add(
                "there is no school of this name: write it as in the roster",
                table.place(one.row, "school", one.school),
            )
        key = (one.platform, handle_key(one.handle))
        if not is_final(one.state):
            if key in lines:
                table.problems.add(
                    f"line {lines[key]} has the same handle on the same platform: keep one of them",
                    table.place(one.row, "handle", one.handle),
                )
            lines[key] = one.row.line
        if not any(is_final(state) == is_final(one.state) for state in known.handles.get(key, ())):
            new.append(one)
    return new


def _refuse_own_profiles(table: Table, new: Sequence[FoundAccount], known: _Known, by_id: int) -> None:
    """What a profile shows is never vouched for by one of the account's own administrators."""
    for one in new:
        own = by_id in {known.people.get(email) for email in one.administrators}
        if own and one.profile_seen_on is not None:
            table.problems.add(
                "somebody else than its administrators must vouch for what its profile shows",
                table.place(one.row, "profile seen on", str(one.profile_seen_on)),
            )


async def _begin(
    session: AsyncSession,
    policy: Policy,
    one: FoundAccount,
    known: _Known,
    import_id: int,
    actor: Actor,
    now: datetime,
) -> list[int]:
    """The account and the accesses to it; the numbers of the accesses."""
    by_id = actor.person_id
    account = await begin(
        session,
        SubjectKind.ACCOUNT,
        state=one.state,
        actor=actor,
        control=policy.name_of(Inventory),
        cause=f"found, import {import_id}",
        now=now,
        level=one.level,
        channel=one.channel,
        platform=one.platform,
        handle=one.handle,
        **vars(keys(policy.platform(one.platform), one.handle, one.address, one.platform_id, one.channel)),
        purpose=one.purpose,
        school_id=known.schools[one.school.casefold()] if one.school else None,
        custody=one.custody,
        address=one.address,
        platform_id=one.platform_id,
        vault_reference=one.vault_reference,
        custodian_is_administrator=one.custodian_is_administrator,
        live_since=midday(one.live_since, policy.zone) if one.live_since else None,
    )
    state = ACCESS[one.state]
    knows = state is AccessState.GRANTED and one.custody is CustodyMode.SHARED_PASSWORD
    accesses = []
    for email in one.administrators:
        access = await begin(
            session,
            SubjectKind.ACCESS,
            state=state,
            actor=actor,
            control=policy.name_of(Inventory),
            cause=f"found, import {import_id}",
            now=now,
            account_id=account.id,
            person_id=known.people[email],
            role=AccessRole.ADMINISTRATOR,
            knows_secret_since=Calendar(policy).today(now) if knows else None,
        )
        accesses.append(access.id)
    if by_id is not None and one.is_attested:
        people = [known.people[email] for email in one.administrators]
        await keep_attestations(session, policy, one, account.id, people, by_id)
    return accesses


async def _ask_for_the_course(
    session: AsyncSession,
    policy: Policy,
    accesses: Sequence[int],
    import_id: int,
    actor: Actor,
    now: datetime,
) -> int:
    """Everybody who was found with access to a live account and without the course is asked once."""
    calendar = Calendar(policy)
    asked: set[int] = set()
    for start in range(0, len(accesses), AT_ONCE):
        for facts in await access_facts(session, accesses[start : start + AT_ONCE], policy):
            if facts.person_id in asked or facts.account_state is not AccountState.LIVE:
                continue
            if outcome := decide_found(facts, import_id, policy, calendar, now):
                asked.add(facts.person_id)
                await apply(session, outcome, actor=actor, calendar=calendar, now=now)
    return len(asked)
