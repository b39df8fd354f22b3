"""Two records of one person become one: what was done goes to the one that stays; no right does."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Column, ColumnElement, Table, UniqueConstraint, select, update
from sqlmodel import col
from sqlmodel import select as rows_of
from sqlmodel.sql.expression import SelectOfScalar

from policy.controls.administrators import Administrators
from schemas.accounts import Access, AccountRequest
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput
from schemas.events import EventKind
from schemas.findings import Finding
from schemas.forms import ActForm, OnCommand, PersonRef, Reason
from schemas.gates import Acceptance, GuidelineReceipt
from schemas.machinery import ActionItem, Notice
from schemas.outcome import Emit, Move, Outcome, Subject
from schemas.people import AlsoKnown, Person
from schemas.receipt import Receipt
from schemas.states import AccessState
from schemas.tables import metadata
from schemas.words import ItemState, SubjectKind
from tasks.acts.act import act, always
from tasks.acts.context import ActContext
from tasks.acts.who import POLICY_OFFICE
from tasks.people.leavers import broken_now, lacking_since
from tasks.people.merged_rights import STAYS, end_rights, says_ended, tell_of_merge
from tasks.people.noting import stored
from tasks.people.one_hand import ask_anew, decided_alone, says_one_hand, stops_by_one_hand
from tasks.people.standing_in import acts_for
from tasks.store.session import Session
from tasks.store.transition import transition

#: How the tables are called in the answer.
_CALLED = {
    "role": "office",
    "check_in": "check-in",
    "action_item": "action item",
    "account_request": "request",
}


class MergeForm(ActForm):
    """Make two records of one person one. It can't be undone: try it first.

    What the other record did goes to the one that stays, and its accesses. Its offices, designations and
    deputizing end: no right moves. Both sign in anew. Files that still have the other one are read as theirs.
    """

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="The other record", description="The one that goes: e-mail address, number or name."
    )
    into: PersonRef = Field(title="The one that stays", description="Its e-mail address, number or name.")
    reason: Reason = Field(title="Why", description="How you know that they are one person.")
    dry_run: bool = Field(default=False, title="Only try", description="Say what would go; change nothing.")


@act(
    MergeForm,
    who=POLICY_OFFICE,
    does="merges two records of a person",
    control=(Administrators,),
    in_person=True,
    dangerous=always,
)
async def merge_people(context: ActContext, form: MergeForm) -> Receipt:
    """Merge two records; the rights of the other one end.

    Raises Unknown, BadInput for one record, AlreadyDone where they are merged, NotNow where nobody would be
    left who gives offices.
    """
    other, other_id = await stored(context, form.person, must_be_active=False)
    kept, kept_id = await stored(context, form.into, must_be_active=False)
    if other_id == kept_id:
        if form.person.casefold() == form.into.casefold():
            raise BadInput("These are one record: name the other one too.")
        raise AlreadyDone(f"They are one person already: person {kept_id}.")
    if other.active and not kept.active:
        raise BadInput(
            f"Person {kept_id} has left and person {other_id} is here: merge into the one who is here."
        )
    if await acts_for(context) & {other_id, kept_id}:
        raise BadInput("Somebody else than the person, or who stands in for them, must merge their records.")
    session = context.session
    one_hand = await stops_by_one_hand(context, other_id, kept_id)
    alone = await decided_alone(context, other_id, kept_id)
    before = await broken_now(session, context.policy, context.today)
    ended = await end_rights(context, other_id, kept_id)
    moved: Counter[str] = Counter()
    moved["access"] = await _accesses(context, other_id, kept_id)
    await _gates(session, other_id, kept_id)
    moved += await _everything(session, other_id, kept_id)
    await _by_number(session, other_id, kept_id)
    moved["action item"] += await _items(context, other_id, kept_id)
    await _keys(context, other, kept)
    await _missing(context, other, kept)
    subject = Subject(SubjectKind.PERSON, kept_id)
    await context.note(
        subject,
        control="",
        cause="records of one person merged",
        body={"merged": other_id, "moved": dict(moved), "offices ended": list(ended.kinds)},
    )
    anew = await ask_anew(context, one_hand, f"merged:{other_id}")
    told = (*ended.steps, *anew, *tell_of_merge(context, other_id, kept_id, ended, alone, form.reason))
    await context.apply(Outcome((*told, Emit(EventKind.PEOPLE_CHANGED, subject))))
    lacking = await lacking_since(context, before)
    ends = (*says_ended(context, other_id, ended), *says_one_hand(one_hand), *alone.says(), *lacking)
    what = ", ".join(f"{count} of {name}" for name, count in sorted(moved.items()) if count) or "nothing else"
    if form.dry_run:
        said = f"Nothing was kept: it was only tried. To person {kept_id} would go: {what}."
        return Receipt(subject, "tried", " ".join((said, *ends)))
    said = (
        f"Person {other_id} is person {kept_id} from now on; moved: {what}. It can't be undone; files with "
        "the other record are read as theirs."
    )
    return Receipt(subject, "merged", " ".join((said, *ends)))


async def _missing(context: ActContext, other: Person, kept: Person) -> None:
    """Whom a roster has under either record is not missing; whom it has under none has the later day."""
    if kept.leaves_on is None or not other.active:
        return
    day = None if other.leaves_on is None else max(kept.leaves_on, other.leaves_on)
    await context.session.run(update(table_of(Person)).where(col(Person.id) == kept.id).values(leaves_on=day))


async def _accesses(context: ActContext, other_id: int, kept_id: int) -> int:
    """Accesses of the other record; where both have one to an account, the one that stays has it."""
    session = context.session
    rows = (await session.exec(_of(other_id))).all()
    theirs = {one.account_id: one for one in (await session.exec(_of(kept_id))).all()}
    moved = 0
    for one in rows:
        double = theirs.get(one.account_id)
        if double is None:
            await session.run(
                update(table_of(Access)).where(col(Access.id) == one.id).values(person_id=kept_id)
            )
            moved += 1
        elif one.state is not AccessState.REVOKED:
            if double.state is AccessState.REVOKED:  # its gates are met by what comes along
                await _turn(context, double, AccessState.WAITING)
            await _turn(context, one, AccessState.REVOKED)
            moved += 1
    return moved


async def _turn(context: ActContext, access: Access, state: AccessState) -> None:
    move = Move(
        Subject(SubjectKind.ACCESS, access.id or 0),
        access.state,
        access.version,
        state,
        control="",
        cause="records of one person merged",
        changes={"ends_on": None, "ends_for": None, "suspended_for": None},
    )
    await transition(context.session, move, actor=context.actor, now=context.now)


def _of(person_id: int) -> SelectOfScalar[Access]:
    return rows_of(Access).where(col(Access.person_id) == person_id)


async def _gates(session: Session, other_id: int, kept_id: int) -> None:
    """What the other record has read or accepted counts for the one that stays, where both were asked."""
    for model, done, same in (
        (GuidelineReceipt, "acknowledged_at", ("guideline", "guideline_version")),
        (Acceptance, "accepted_at", ("account_id", "text", "text_version")),
    ):
        table = table_of(model)
        other = (await session.run(select(table).where(table.c.person_id == other_id))).mappings().all()
        for one in other:
            if one[done] is not None:
                its = [table.c[name] == one[name] for name in same]
                await session.run(
                    update(table)
                    .where(table.c.person_id == kept_id, table.c[done].is_(None), *its)
                    .values({done: one[done], "recorded_via": one["recorded_via"]})
                )


async def _everything(session: Session, other_id: int, kept_id: int) -> Counter[str]:
    """Every other row that names the other record, in whatever column; what would be there twice stays."""
    moved: Counter[str] = Counter()
    for table in metadata.sorted_tables:
        if table.name in {"access", "also_known"}:
            continue
        for column in table.c:
            if (table.name, column.name) in STAYS:
                continue
            if any(key.column.table.name == "person" for key in column.foreign_keys):
                count = await _repoint(session, table, column, other_id, kept_id)
                if column.name in {"person_id", "requester_id"}:
                    moved[_CALLED.get(table.name, table.name.replace("_", " "))] += count
    return moved


async def _repoint(session: Session, table: Table, column: "Column[Any]", other_id: int, kept_id: int) -> int:
    unique = [
        [one for one in each.columns if one is not column]
        for each in table.constraints
        if isinstance(each, UniqueConstraint) and column in each.columns.values()
    ]
    if not unique:
        found = await session.run(update(table).where(column == other_id).values({column: kept_id}))
        return found.rowcount
    moved = 0
    for row in (await session.run(select(table).where(column == other_id))).mappings().all():
        double = [
            await _is_there(session, table, [column == kept_id, *(one == row[one.name] for one in beside)])
            for beside in unique
        ]
        if not any(double):
            which = [key == row[key.name] for key in table.primary_key.columns]
            await session.run(update(table).where(*which).values({column: kept_id}))
            moved += 1
    return moved


async def _is_there(session: Session, table: Table, which: Sequence[ColumnElement[bool]]) -> bool:
    return (await session.run(select(1).select_from(table).where(*which))).first() is not None


async def _by_number(session: Session, other_id: int, kept_id: int) -> None:
    """Where the person's number stands without being a key: findings, notices, what requests wish."""
    finding = table_of(Finding)
    for row in (await session.run(select(finding).where(finding.c.person_id == other_id))).mappings().all():
        open_too = [
            finding.c.person_id == kept_id,
            finding.c.control == row["control"],
            finding.c.account_id == row["account_id"],
            finding.c.resolved_at.is_(None),
        ]
        if row["resolved_at"] is not None or not await _is_there(session, finding, open_too):
            await session.run(update(finding).where(finding.c.id == row["id"]).values(person_id=kept_id))
    await session.run(
        update(table_of(Notice))
        .where(col(Notice.subject_kind) == SubjectKind.PERSON, col(Notice.subject_id) == other_id)
        .values(subject_id=kept_id)
    )
    request = table_of(AccountRequest)
    for asked in await session.rows(select(request.c.id, request.c.wish)):
        wish: Mapping[str, Any] = asked.wish
        named = wish.get("administrators", [])
        if other_id in named:
            now = list(dict.fromkeys(kept_id if one == other_id else one for one in named))
            await session.run(
                update(request).where(request.c.id == asked.id).values(wish={**wish, "administrators": now})
            )


async def _items(context: ActContext, other_id: int, kept_id: int) -> int:
    """What is asked about the other record is asked about the one that stays, once."""
    item = table_of(ActionItem)
    word, now_word = f"person:{other_id}", f"person:{kept_id}"
    rows = (await context.session.run(select(item).where(item.c.key.contains(word)))).mappings().all()
    moved = 0
    for row in rows:
        parts = [now_word if one == word else one for one in row["key"].split("/")]
        values: dict[str, Any] = {"key": "/".join(parts)}
        if values["key"] == row["key"]:
            continue
        if row["subject_kind"] is SubjectKind.PERSON and row["subject_id"] == other_id:
            values["subject_id"] = kept_id
        if await _is_there(context.session, item, [item.c.key == values["key"]]):
            values = (
                {"state": ItemState.DROPPED, "ended_at": context.now}
                if row["state"] is ItemState.OPEN
                else {}
            )
        if values:
            await context.session.run(update(item).where(item.c.id == row["id"]).values(**values))
            moved += 1
    return moved


async def _keys(context: ActContext, other: Person, kept: Person) -> None:
    """The other record is put aside; its roster id and address are keys of the one that stays."""
    session = context.session
    source_id, email = other.source_id, other.email
    await session.run(
        update(table_of(AlsoKnown)).where(col(AlsoKnown.person_id) == other.id).values(person_id=kept.id)
    )
    await session.run(
        update(table_of(Person))
        .where(col(Person.id) == other.id)
        .values(source_id=None, email=f"merged-{other.id}@steward.invalid", active=False, forget_on=None)
    )
    if kept.source_id is None and source_id is not None:
        await session.run(
            update(table_of(Person)).where(col(Person.id) == kept.id).values(source_id=source_id)
        )
        source_id = None
    session.add(
        AlsoKnown(
            person_id=kept.id or 0,
            merged_id=other.id or 0,
            source_id=source_id,
            email=email,
            merged_at=context.now,
        )
    )
    await session.flush()
