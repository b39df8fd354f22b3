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
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.controls.inventory import Inventory
from policy.gates import lacking
from policy.identity import called, keys, near_address
from policy.model import Policy
from policy.model.checks import nearest
from policy.training_gate import decide_access
from schemas.events import EventKind
from schemas.forms import Handle, OnCommand
from schemas.outcome import Emit, Outcome, Subject
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, CustodyMode, ItemKind, SubjectKind, Via
from tasks.access.facts import access_facts
from tasks.acts.act import act
from tasks.acts.columns import ColumnsForm
from tasks.acts.context import ActContext
from tasks.acts.who import FILES_OFFICES
from tasks.files.columns import Columns
from tasks.files.dates import Order
from tasks.files.inventory import FoundAccount, read_inventory
from tasks.files.left_out import SkipBad, write_bad_rows
from tasks.files.tabular import Problems, Table
from tasks.inventory.attestations import keep_attestations, midday
from tasks.inventory.changes import take_changes
from tasks.inventory.known import Here, here_now, known_accounts
from tasks.inventory.matching import Matched, match
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

SHOWN = 10  # accounts named in a note
NAMED = 500  # new accounts named in a report


@dataclass(frozen=True)
class Difference:
    """What the list says otherwise of an account that we have. `left`: what is still to do by hand."""

    account: int
    handle: str
    line: int
    changes: tuple[str, ...]
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Begun:
    """A row whose account we did not have, and how many administer it."""

    line: int
    platform: str
    handle: str
    school_name: str
    state: str
    administrators: int


@dataclass(frozen=True)
class AccountsImport:
    """What an import of existing accounts did, or would do.

    `asked`: people without the course. `differences`: accounts that we have and the list says otherwise of;
    `taken`: whether that was taken over. `left_out`: rows that were written to a file to be mended.
    `begun`: the first of those that are new.
    """

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
    differences: tuple[Difference, ...] = ()
    taken: bool = False
    left_out: int = 0
    notes: tuple[str, ...] = ()
    begun: tuple[Begun, ...] = ()


class AccountsImportForm(ColumnsForm):
    """Take in accounts that exist already, as they are found; the same file twice changes nothing.

    What the list attests, you vouch for. What it says otherwise of an account that we have is named, and
    taken over where you say so.
    """

    kind = KIND

    file: Annotated[Path, OnCommand(positional=True)] = Field(
        title="File",
        description="A CSV with the columns level, platform, handle, custody, administrators, state; and, "
        "where known, channel, address, platform id, school, purpose, vault reference, custodian is "
        "administrator, live since. Also what you vouch for, as days: privacy attested on (and the version "
        "of the privacy checklist), responsibility accepted on and guidelines acknowledged on (by every "
        "administrator of the row), notice seen on, credentials changed on (no column may speak of "
        "passwords: such columns are never read).",
    )
    dates: Order | None = Field(
        default=None,
        title="Order of dates",
        description="Which comes first in days such as 5/1/2022, when the file leaves it open.",
    )
    take_changes: bool = Field(
        default=False,
        title="Take over changes",
        description="Take over what the list says otherwise of accounts that we have; without it "
        "that is named and left. A row that says closed closes its account.",
    )
    distinct: tuple[Handle, ...] = Field(
        default=(),
        title="Handles of their own",
        description="A handle that looks like another and is an account of its own; several may be named.",
    )
    skip_bad: SkipBad = None
    dry_run: bool = Field(default=False, title="Only try", description="Say what would happen; keep nothing.")


def _read(
    form: AccountsImportForm, policy: Policy, now: datetime, columns: Columns
) -> tuple[Table, Sequence[FoundAccount], Problems]:
    """Raises BadFile; what is wrong with rows is gathered."""
    problems = Problems()
    table, found = read_inventory(
        form.file,
        name=form.file.name,
        policy=policy,
        today=policy.calendar.today(now),
        problems=problems,
        dates=form.dates,
        said=columns,
    )
    return table, found, problems


@act(
    AccountsImportForm,
    who=FILES_OFFICES,
    does="takes in accounts",
    control=(Inventory,),
    prepare=_read,
    in_person=True,
)
async def import_accounts(context: ActContext, form: AccountsImportForm) -> AccountsImport:
    """Take in accounts that exist already, in the state in which they are found.

    A row is one of our accounts by the platform's own id, else by its handle, else by its page. What the list
    attests is vouched for by who takes it in. The same bytes twice change nothing.

    Raises BadFile, BadRows (everything that is wrong, at once, unless such rows are left out), Unknown,
    BadInput; then nothing is kept.
    """
    session, policy, now, by_id = context.session, context.policy, context.now, context.person_id
    context = replace(context, actor=replace(context.actor, via=Via.IMPORT))
    table, found, problems = context.material
    before = await taken_in_before(session, KIND, table.sha256)
    here = await here_now(session)
    found = _of_this_division(table, found, here)
    matched = match(table, found, await known_accounts(session), policy, form.distinct)
    _refuse_own_profiles(table, matched.new, here, by_id)
    if form.skip_bad is None:
        problems.raise_if_any()
    bad = problems.lines(table.file)
    new = [one for one in matched.new if one.row.line not in bad]
    differing = [one for one in matched.known if one.changes and one.row.row.line not in bad]
    left_out = write_bad_rows(table, form.skip_bad) if form.skip_bad is not None else 0
    if before is not None and not new and not (differing and form.take_changes):
        return replace(_report(form, table, matched), imported_before=before.imported_at, import_id=before.id)
    import_id = (before.id or 0) if before else await open_run(session, KIND, table.sha256, table.count, now)
    accesses: list[int] = []
    for one in new:
        accesses += await _begin(session, policy, one, here, import_id, context.actor, now)
    asked = await _ask_for_the_course(session, policy, accesses, context.actor, now)
    differences = [
        Difference(
            one.account.id,
            one.account.handle,
            one.row.row.line,
            tuple(str(change) for change in one.changes),
            tuple(await take_changes(context, one, here.people, here.schools, import_id))
            if form.take_changes
            else (),
        )
        for one in differing
    ]
    await close_run(session, import_id, changed=len(new))
    subject = Subject(SubjectKind.IMPORT, import_id)
    states = Counter(one.state.value for one in new)
    taken = len(differences) if form.take_changes else 0
    await audit.append(
        session,
        subject,
        actor=context.actor,
        control=policy.name_of(Inventory),
        cause="existing accounts imported",
        now=now,
        body={
            "file": form.file.name,
            "sha256": table.sha256,
            "new": len(new),
            "states": dict(states),
            "asked": asked,
            "changes taken": taken,
            "left out": left_out,
        },
    )
    if new or taken:
        await context.apply(Outcome((Emit(EventKind.ACCOUNTS_IMPORTED, subject),)))
    return replace(
        _report(form, table, matched),
        import_id=None if form.dry_run else import_id,
        new=len(new),
        states=dict(states),
        accesses=len(accesses),
        asked=asked,
        differences=tuple(differences),
        taken=form.take_changes,
        left_out=left_out,
        begun=tuple(_begun(one) for one in new[:NAMED]),
    )


def _begun(one: FoundAccount) -> Begun:
    people = len(one.administrators)
    return Begun(one.row.line, one.platform, one.handle, one.school, one.state.value, people)


def _report(form: AccountsImportForm, table: Table, matched: Matched) -> AccountsImport:
    return AccountsImport(
        file=form.file.name,
        import_id=None,
        dry_run=form.dry_run,
        imported_before=None,
        rows=table.count,
        known=len(matched.known),
        notes=(*table.notes, *matched.spelled, *_missing(matched)),
    )


def _missing(matched: Matched) -> list[str]:
    """What a list says nothing of, where it speaks of accounts that we have; nothing follows from it."""
    if not matched.known or not matched.missing:
        return []
    count = len(matched.missing)
    several = ", ".join(f"{one.id} {one.handle}" for one in matched.missing[:SHOWN])
    more = f" and {count - SHOWN} more" if count > SHOWN else ""
    return [f"{count} live here and not in the list, left as they are: {several}{more}"]


def _of_this_division(table: Table, found: Sequence[FoundAccount], here: Here) -> list[FoundAccount]:
    """The rows with their school as we call it; people and schools that we don't have go to the problems."""
    known: list[FoundAccount] = []
    for one in found:
        for email in one.administrators:
            if email not in here.people:
                near = near_address(email, here.people)
                table.problems.add(
                    "nobody here has this address: import the roster that has them first"
                    + (f'; did you mean "{near}"?' if near else ""),
                    table.place(one.row, "administrators", email),
                )
        schools = called(here.names, one.school) if one.school else ()
        if one.school and len(schools) != 1:
            near = nearest(one.school, here.names)
            what = f"there is no school of this name: write it as in the roster{near}"
            if schools:
                several = ", ".join(repr(name) for name in schools)
                what = f"several schools are called so, {several}: write it in the same letters"
            table.problems.add(what, table.place(one.row, "school", one.school))
        known.append(replace(one, school=schools[0]) if len(schools) == 1 else one)
    return known


def _refuse_own_profiles(table: Table, new: Sequence[FoundAccount], known: Here, by_id: int) -> None:
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
    known: Here,
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
        school_id=known.schools[one.school] if one.school else None,
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
            knows_secret_since=policy.calendar.today(now) if knows else None,
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
    actor: Actor,
    now: datetime,
) -> int:
    """Everybody who was found with access to a live account and without the course is asked once."""
    calendar = policy.calendar
    today, asked = calendar.today(now), set[int]()
    for start in range(0, len(accesses), AT_ONCE):
        for facts in await access_facts(session, accesses[start : start + AT_ONCE], policy, today):
            if facts.person_id in asked or facts.account_state is not AccountState.LIVE:
                continue
            left = lacking(facts, policy, today)
            if any(gate.kind is ItemKind.COMPLETE_COURSE for gate in left):
                asked.add(facts.person_id)
                outcome = decide_access(facts, policy, calendar, now)
                await apply(session, outcome, actor=actor, calendar=calendar, now=now)
    return len(asked)
