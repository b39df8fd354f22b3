"""Adopting a policy file: from then on everything runs by it. The act, and the first adoption at a start."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field

from policy.model import (
    Difference,
    Policy,
    SetMode,
    differences,
    parse,
    refused,
    reworded,
    text_of,
    warnings_of,
)
from policy.modes import said_anew
from policy.notices.operators import PolicyAdopted
from schemas.errors import AlreadyDone, BadPolicy, ChangedMeanwhile
from schemas.forms import ActForm, OnCommand
from schemas.outcome import Outcome, RoleAt, Subject, Tell
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import ADOPTING_OFFICES
from tasks.adoption.in_use import refuse_without_what_is_in_use
from tasks.files.columns import Columns
from tasks.store import Store, adopted, audit, lookup
from tasks.store.audit import STEWARD
from tasks.store.holders import offices_held
from tasks.store.session import Session

#: Differences that a receipt lists; `steward policy diff` shows them all.
SHOWN = 12


class AdoptionForm(ActForm):
    """Make a policy file the one that is used, from this moment on.

    Look at it first: `steward policy check` names slips, `diff` what it changes, and `try` who would be asked
    and who would lose what. The file is kept whole in the store. Editing it afterwards changes nothing.
    """

    file: Annotated[Path, OnCommand(positional=True)] = Field(title="File", description="The policy file.")
    in_place_of: str = Field(
        title="In the place of",
        description="The version that is in use, against which you looked the file over. It is refused where "
        "another one is in use by now.",
        max_length=40,
    )
    despite_warnings: bool = Field(
        default=False,
        title="Despite warnings",
        description="Adopt it though it brings new warnings: what they warn of is meant.",
    )
    dry_run: bool = Field(default=False, title="Only try", description="Say what would change; keep nothing.")


@dataclass(frozen=True)
class Change:
    """What a file would change: the policy that is used, the file's own, and where the files differ.

    Both with the modes that people set for controls; `modes` says what becomes of those, a sentence each.
    """

    used: Policy
    policy: Policy
    differences: tuple[Difference, ...]
    modes: tuple[str, ...] = ()


def _read(form: AdoptionForm, _policy: Policy, _now: datetime, _columns: Columns) -> tuple[str, Policy]:
    """Raises BadPolicy."""
    text = text_of(form.file)
    return text, parse(text, form.file)


@act(
    AdoptionForm,
    who=ADOPTING_OFFICES,
    does="adopts a policy",
    control=(),
    prepare=_read,
    in_person=True,
    dangerous=lambda form: not form.dry_run,
)
async def adopt_policy(context: ActContext, form: AdoptionForm) -> Receipt:
    """Make a policy file the one that is used.

    Raises BadPolicy for slips that are not vouched for, for a version that was adopted with other words, and
    where it leaves out what is in use; ChangedMeanwhile where it was looked over against another version than
    the one in use; AlreadyDone where the file says what is used already.
    """
    text, policy = context.material
    session = context.session
    earlier = await adopted.every(session)
    await _refuse_another(context, form, earlier)
    refuse_reworded(text, form.file, policy, earlier)
    filed = context.policy.as_filed
    await refuse_without_what_is_in_use(session, text, form.file, policy, filed, context.today)
    changed = differences(filed, policy)
    if not changed:
        raise AlreadyDone(f"{form.file.name} says what the adopted policy says: there is nothing to adopt.")
    held = await offices_held(session, context.today)
    slips = warnings_of(text, form.file, held, used=filed)
    if slips and not form.despite_warnings:
        said = "\n".join(f"  {one}" for one in slips)
        raise BadPolicy(
            f"{form.file.name} brings {_counted(len(slips), 'warning')}: mend it, or adopt it with "
            f"--despite-warnings; nothing was changed:\n{said}"
        )
    number = await adopted.keep(session, text, policy, by_id=context.person_id, now=context.now)
    over = said_anew(filed, policy)
    modes = _modes(await adopted.set_modes(session), over)
    await adopted.end_modes(session, over, context.now)
    subject = Subject(SubjectKind.POLICY, number)
    body = {"version": policy.document.version, "differences": len(changed), "warnings": len(slips)}
    await context.note(subject, control="", cause="policy adopted", body=body)
    await context.apply(Outcome(_tells(context, policy, subject, changed)))
    more = [f"  and {len(changed) - SHOWN} more: `steward policy diff`"] if len(changed) > SHOWN else []
    kept = "Nothing was kept: it was only tried." if form.dry_run else "It is used from now on."
    versions = f"version {policy.document.version}, in the place of {context.policy.document.version}"
    lines = (
        f"{policy.document.id}, {versions}: {_counted(len(changed), 'difference')}.",
        *(f"  {one}" for one in changed[:SHOWN]),
        *more,
        *(f"  {one}" for one in modes),
        *(f"  warning: {one}" for one in slips),
        kept,
    )
    return Receipt(subject, "tried" if form.dry_run else "adopted", "\n".join(lines))


async def _refuse_another(
    context: ActContext, form: AdoptionForm, earlier: Sequence[adopted.Adopted]
) -> None:
    """Raises ChangedMeanwhile unless the policy in use is the one that the file was looked over against.

    What is in use is asked of the store: who acts may have read it some moments ago.
    """
    used = earlier[0].version if earlier else context.policy.document.version
    if used == form.in_place_of == context.policy.document.version:
        return
    said, by = f"Version {used} is in use.", ""
    if earlier:
        said = f"Version {used} is in use since {context.calendar.today(earlier[0].adopted_at)}."
        if earlier[0].adopted_by_id is not None:
            person = await lookup.by_id(context.session, Person, earlier[0].adopted_by_id)
            by = f" It was adopted by {person.name}."
    then = (
        f"This file was looked over against version {form.in_place_of}: nothing was adopted. Look it over "
        "again, `steward policy diff` says what it changes now."
    )
    raise ChangedMeanwhile(f"{said} {then}", shown=f"{said}{by} {then}")


def refuse_reworded(text: str, file: Path, policy: Policy, earlier: Sequence[adopted.Adopted]) -> None:
    """Raises BadPolicy for each version that was adopted with other words already."""
    if found := reworded(policy, [one.policy for one in earlier]):
        raise refused(text, file, found)


def _tells(
    context: ActContext, policy: Policy, subject: Subject, changed: Sequence[Difference]
) -> tuple[Tell, ...]:
    """Those who adopt policies, keep them or run Steward read of it, and in whose place it was done."""
    duties = policy.duties
    offices = dict.fromkeys((*duties.adopts_policy, duties.keeps_policy, duties.runs_steward))
    facts = PolicyAdopted(
        by_id=context.person_id,
        deputy_for_id=context.right.deputy_for,
        version=policy.document.version,
        before=context.policy.document.version,
        differences=tuple(str(one) for one in changed[:SHOWN]),
        more=max(0, len(changed) - SHOWN),
    )
    absent = () if context.right.deputy_for is None else (context.right.deputy_for,)
    told = (*absent, *(RoleAt(office) for office in offices))
    return tuple(Tell(facts, one, f"{subject}/adopted", subject) for one in told)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


async def adopt_first(store: Store, file: Path, now: datetime) -> str:
    """At a start: take over the file that is there, where nothing was adopted yet; what was done, for people.

    Where something was, the file only counts when somebody adopts it. Raises BadPolicy.
    """
    async with store.write() as session:
        newest = await adopted.newest(session)
        if newest is None:
            text = text_of(file)
            policy = parse(text, file)
            number = await adopted.keep(session, text, policy, by_id=None, now=now)
            await _note_first(session, number, policy, now)
            return f"policy {policy.document.id}, version {policy.document.version}, taken from {file.name}"
    return f"policy version {newest.version}, adopted {newest.policy.calendar.today(newest.adopted_at)}"


async def _note_first(session: Session, number: int, policy: Policy, now: datetime) -> None:
    await audit.append(
        session,
        Subject(SubjectKind.POLICY, number),
        actor=STEWARD,
        control="",
        cause="policy found at a start",
        now=now,
        body={"version": policy.document.version},
    )


async def what_changes(store: Store, used: Policy, file: Path, today: date) -> Change:
    """Where a file differs from the policy that is used, `today` in the division. Raises BadPolicy."""
    text = text_of(file)
    policy = parse(text, file)
    if not store.is_missing:
        async with store.read() as session:
            refuse_reworded(text, file, policy, await adopted.every(session))
            await refuse_without_what_is_in_use(session, text, file, policy, used.as_filed, today)
    over = said_anew(used.as_filed, policy)
    kept = [one for one in used.set_modes if one.control not in over]
    said = _modes(used.set_modes, over)
    return Change(used, policy.with_modes(kept, today), differences(used.as_filed, policy), said)


def _modes(modes: Iterable[SetMode], over: Collection[str]) -> tuple[str, ...]:
    """What becomes of the modes that people set, a sentence each."""
    return tuple(
        f"{one.control}: “{one.mode}” was set for it, which ends, since the file says its mode anew."
        if one.control in over
        else f"{one.control}: “{one.mode}”, which was set for it from {one.from_on} on, stays."
        for one in modes
    )
