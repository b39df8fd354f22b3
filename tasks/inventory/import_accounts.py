"""Taking in the list of accounts that exist already: as they are found, and no better.

Nothing is invented: who accepted responsibility or read the guidelines before Steward came
is known only as far as somebody vouches for it in the list; the rest is asked later. Who has access
without the course is asked first, and loses it only when the time that the policy gives has passed.
"""

from asyncio import to_thread
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from policy.controls.inventory import Inventory
from policy.identity import called, near_address
from policy.model import Policy
from policy.model.checks import nearest
from schemas.events import EventKind
from schemas.forms import Handle, OnCommand
from schemas.language import half
from schemas.outcome import Emit, Outcome, Subject
from schemas.words import SubjectKind, Via
from tasks.acts.act import act
from tasks.acts.columns import ColumnsForm
from tasks.acts.context import ActContext
from tasks.acts.who import FILES_OFFICES
from tasks.files.columns import Columns
from tasks.files.dates import Order
from tasks.files.inventory import FoundAccount, read_inventory
from tasks.files.left_out import SkipBad, write_bad_rows
from tasks.files.tabular import Problems, Table
from tasks.inventory.beginning import ask_for_the_course, begin_found, people_of, would_be_asked
from tasks.inventory.changes import take_changes
from tasks.inventory.known import Here, here_now, known_accounts
from tasks.inventory.matching import Known, Matched, match
from tasks.store import audit
from tasks.store.import_runs import close_run, open_run, taken_in_before

KIND = "accounts"

SHOWN = 10  # accounts named in a note
HINTED = 100  # problems that say what was probably meant: each is held against everybody
NAMED = 500  # new accounts named in a report


@dataclass(frozen=True)
class Difference:
    """What the list says otherwise of an account that we have. `left`: what is still to do by hand."""

    account: int
    platform: str
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


def _only_reads(form: AccountsImportForm) -> bool:
    """A try of new accounts follows from the list. What is taken over of others, the acts for it try."""
    return form.dry_run and not form.take_changes


@act(
    AccountsImportForm,
    who=FILES_OFFICES,
    does="takes in accounts",
    control=(Inventory,),
    prepare=_read,
    in_person=True,
    only_reads=_only_reads,
)
async def import_accounts(context: ActContext, form: AccountsImportForm) -> AccountsImport:
    """Take in accounts that exist already, in the state in which they are found.

    A row is one of our accounts by the platform's own id, else by its handle, else by its page. What the list
    attests is vouched for by who takes it in. The same bytes twice change nothing.

    Raises BadFile, BadRows (everything that is wrong, at once, unless such rows are left out), Unknown,
    BadInput; then nothing is kept.
    """
    session, policy, now = context.session, context.policy, context.now
    context = replace(context, actor=replace(context.actor, via=Via.IMPORT))
    table, found, problems = context.material
    before = await taken_in_before(session, KIND, table.sha256)
    here, known = await here_now(session), await known_accounts(session)

    def matches() -> Matched:
        ours = _of_this_division(table, found, here)
        matched = match(table, ours, known, policy, form.distinct)
        _refuse_own_profiles(table, matched.new, here, context.person_id)
        return matched

    matched = await to_thread(matches)  # of a long list it takes a while
    if form.skip_bad is None:
        problems.raise_if_any()
    bad = problems.lines(table.file)
    new = [one for one in matched.new if one.row.line not in bad]
    differing = [one for one in matched.known if one.changes and one.row.row.line not in bad]
    left_out = write_bad_rows(table, form.skip_bad) if form.skip_bad is not None else 0
    if before is not None and not new and not (differing and form.take_changes):
        return replace(
            _report(form, table, matched, policy), imported_before=before.imported_at, import_id=before.id
        )
    report = replace(
        _report(form, table, matched, policy),
        new=len(new),
        states=dict(Counter(one.state.value for one in new)),
        accesses=sum(len(people_of(one, here)) for one in new),
        differences=tuple(_difference(one) for one in differing),
        taken=form.take_changes,
        left_out=left_out,
        begun=tuple(_begun(one) for one in new[:NAMED]),
    )
    if _only_reads(form):
        return replace(report, asked=await would_be_asked(context, new, here))
    import_id = (before.id or 0) if before else await open_run(session, KIND, table.sha256, table.count, now)
    asked = await ask_for_the_course(context, await begin_found(context, new, here, import_id))
    if form.take_changes:
        left = [await take_changes(context, one, here.people, here.schools, import_id) for one in differing]
        differences = zip(report.differences, left, strict=True)
        report = replace(report, differences=tuple(replace(one, left=tuple(its)) for one, its in differences))
    await close_run(session, import_id, changed=len(new))
    subject = Subject(SubjectKind.IMPORT, import_id)
    taken = len(differing) if form.take_changes else 0
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
            "states": report.states,
            "asked": asked,
            "changes taken": taken,
            "left out": left_out,
        },
    )
    if new or taken:
        await context.apply(Outcome((Emit(EventKind.ACCOUNTS_IMPORTED, subject),)))
    return replace(report, asked=asked, import_id=None if form.dry_run else import_id)


def _difference(one: Known) -> Difference:
    changes = tuple(str(change) for change in one.changes)
    ours = one.account
    return Difference(ours.id, ours.platform, ours.handle, one.row.row.line, changes)


def _begun(one: FoundAccount) -> Begun:
    people = len(one.administrators)
    return Begun(one.row.line, one.platform, one.handle, one.school, one.state.value, people)


def _report(form: AccountsImportForm, table: Table, matched: Matched, policy: Policy) -> AccountsImport:
    return AccountsImport(
        file=form.file.name,
        import_id=None,
        dry_run=form.dry_run,
        imported_before=None,
        rows=table.count,
        known=len(matched.known),
        notes=(*table.notes, *matched.spelled, *_missing(matched, policy)),
    )


def _missing(matched: Matched, policy: Policy) -> list[str]:
    """What a list says nothing of, where it speaks of accounts that we have; nothing follows from it."""
    if not matched.known or not matched.missing:
        return []
    count = len(matched.missing)
    several = ", ".join(
        f"{one.id} ({policy.says_account(one.platform, one.handle)})" for one in matched.missing[:SHOWN]
    )
    more = f" and {count - SHOWN} more" if count > SHOWN else ""
    if count == 1:
        return [f"1 account is live here and not in the list, left as it is: {several}"]
    return [f"{count} accounts are live here and not in the list, left as they are: {several}{more}"]


def _of_this_division(table: Table, found: Sequence[FoundAccount], here: Here) -> list[FoundAccount]:
    """The rows with their school as we call it; people and schools that we don't have go to the problems."""
    known: list[FoundAccount] = []
    like, schools_called = cache(near_address), cache(called)  # the same few words stand in many rows
    everybody = tuple(here.people)
    for one in found:
        hints = table.problems.count < HINTED
        for email in one.administrators:
            if email not in here.people:
                near = like(email, everybody) if hints else ""
                hint = half('; did you mean "{word}"?', word=near) if near else ""
                table.problems.add(
                    f"nobody here has this address: import the roster that has them first{hint}",
                    table.place(one.row, "administrators", email),
                )
        schools = schools_called(here.names, one.school) if one.school else ()
        if one.school and len(schools) != 1:
            near = nearest(one.school, here.names) if hints else ""
            what = half(f"there is no school of this name: write it as in the roster{near}")
            if schools:
                several = ", ".join(repr(name) for name in schools)
                what = half(f"several schools are called so, {several}: write it in the same letters")
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
