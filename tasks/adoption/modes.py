"""Setting the mode of a control: it only observes, or it acts again from a day on that is told ahead."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert, select
from sqlmodel import col

from policy.controls import Control, Rule
from policy.model import Policy, SetMode
from policy.modes import first_day_to_enforce, why_not
from policy.notices.modes import ControlAhead, ControlCalledOff, ControlSet
from schemas.adoption import ControlMode
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotNow
from schemas.forms import ActForm, ControlName, Day, OnCommand, Reason
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.outcome import Outcome, RoleAt, Subject, Tell
from schemas.receipt import Receipt
from schemas.words import Mode, SubjectKind
from tasks.acts.act import act, always
from tasks.acts.context import ActContext
from tasks.acts.who import POLICY_OFFICE
from tasks.adoption.watching import Met, met
from tasks.store import adopted

#: Accounts that a receipt names; `steward control show` names them all.
SHOWN = 12


class _ControlForm(ActForm):
    control: Annotated[ControlName, OnCommand(positional=True)] = Field(
        title="Control", description="Its name, as `steward control list` has it."
    )


class ObserveForm(_ControlForm):
    """From now on a control only observes: it finds and reports, and asks, tells and suspends nobody.

    What it asked for ends with the next sweep. If it was to act from a day on, that is called off, and
    whoever was told of the day is told so.
    """

    reason: Reason = Field(title="Reason", description="Why it only observes.")


class EnforceForm(_ControlForm):
    """A control that only observes acts from a day on. Whoever it finds now is told of the day first.

    Look at whom it finds: `steward control show`, and try this act first.
    """

    from_on: Annotated[Day, OnCommand("--from")] = Field(
        title="From", description="The first day on which it acts, as 2026-09-30."
    )
    reason: Reason = Field(title="Reason", description="Why it acts from then on.")
    dry_run: bool = Field(default=False, title="Only try", description="Say whom it finds; keep nothing.")


@act(
    ObserveForm,
    who=POLICY_OFFICE,
    does="makes a control only observe",
    control=(Rule,),
    in_person=True,
    dangerous=always,
)
async def observe_control(context: ActContext, form: ObserveForm) -> Receipt:
    """Make a control only observe, from this moment on.

    Raises AlreadyDone where it does and is not to act from a day on, and NotNow for a gate.
    """
    policy, standing = await _policy(context)
    control = _settable(policy, form.control)
    ahead = _ahead(standing, control, context.today)
    if control.mode is Mode.OBSERVE and not ahead:
        raise AlreadyDone(f"{control.name} only observes already.")
    found = await met(context.session, control.name)
    await adopted.end_modes(context.session, (control.name,), context.now)
    number = await _keep(context, control, Mode.OBSERVE, context.today, form.reason)
    subject = Subject(SubjectKind.RULE, number)
    calls_off = [
        Tell(
            ControlCalledOff(control=control.name, from_on=one.from_on),
            person,
            f"mode/{number}/off/{one.number}",
            subject,
        )
        for one in ahead
        for person in await _told(context, one)
    ]
    await _note(context, subject, control, Mode.OBSERVE, context.today, found, form.reason, calls_off)
    off = " Whoever was told of a day is told that it is called off." if calls_off else ""
    return Receipt(
        subject,
        "observe",
        f"{control.name} only observes from now on: it asks, tells and suspends nobody. What it asked for "
        f"ends tonight.{off} `steward control enforce {control.name}` makes it act again, from a day on.",
    )


@act(EnforceForm, who=POLICY_OFFICE, does="makes a control act", control=(Rule,), in_person=True)
async def enforce_control(context: ActContext, form: EnforceForm) -> Receipt:
    """Make a control that only observes act from a day on, and tell whoever it finds now of that day.

    Raises AlreadyDone where it acts already, BadInput for a day before which nobody could be told, and
    NotNow for a gate.
    """
    policy, standing = await _policy(context)
    control = _settable(policy, form.control)
    if control.mode is Mode.ENFORCE:
        raise AlreadyDone(f"{control.name} acts already.")
    if ahead := _ahead(standing, control, context.today):
        day = ahead[-1].from_on
        raise AlreadyDone(
            f"{control.name} is to act from {day} on, and people were told so. For another day, call it off "
            f"first: `steward control observe {control.name}`."
        )
    first = first_day_to_enforce(context.calendar, context.now)
    if form.from_on < first:
        raise BadInput(
            f"From {first} at the earliest: the letters that say so leave in working hours, and before it."
        )
    found = await met(context.session, control.name)
    number = await _keep(context, control, Mode.ENFORCE, form.from_on, form.reason)
    subject = Subject(SubjectKind.RULE, number)
    concerned: dict[int, list[int]] = defaultdict(list)
    for one in found:
        for person in one.people:
            concerned[person].append(one.finding)
    tells = [
        Tell(
            ControlAhead(finding_ids=tuple(findings), control=control.name, from_on=form.from_on),
            person,
            _told_ahead(number),
            subject,
        )
        for person, findings in sorted(concerned.items())
    ]
    await _note(context, subject, control, Mode.ENFORCE, form.from_on, found, form.reason, tells)
    kept = "Nothing was kept: it was only tried." if form.dry_run else "Until then it only observes."
    lines = (
        f"{control.name} acts from {form.from_on} on.",
        *_shown(found, len(concerned), policy),
        kept,
    )
    return Receipt(subject, "tried" if form.dry_run else "enforce", "\n".join(lines))


def _shown(found: Sequence[Met], people: int, policy: Policy) -> list[str]:
    if not found:
        return ["The last sweep found no account that does not hold to it."]
    nobody = sum(not one.people for one in found)
    return [
        "The last sweep found 1 account that does not hold to it:"
        if len(found) == 1
        else f"The last sweep found {len(found)} accounts that do not hold to it:",
        *(f"  {policy.says_account(one.platform, one.handle)}, {one.school_name}" for one in found[:SHOWN]),
        *([f"  and {len(found) - SHOWN} more: `steward control show`"] if len(found) > SHOWN else []),
        "1 person is told first." if people == 1 else f"{people} people are told first.",
        *(["Of these, 1 has nobody who could be told."] if nobody == 1 else []),
        *([f"Of these, {nobody} have nobody who could be told."] if nobody > 1 else []),
    ]


async def _policy(context: ActContext) -> tuple[Policy, tuple[SetMode, ...]]:
    """The policy with the modes that stand now, and those modes: another act may have set one meanwhile."""
    standing = await adopted.set_modes(context.session)
    return context.policy.with_modes(standing, context.today), standing


def _settable(policy: Policy, name: str) -> Control:
    control = policy.control(name)
    if said := why_not(control):
        raise NotNow(said)
    return control


def _ahead(standing: Sequence[SetMode], control: Control, today: date) -> list[SetMode]:
    """What was set for it and is still to come."""
    return [one for one in standing if one.control == control.name and one.from_on > today]


def _told_ahead(number: int) -> str:
    """How the keys of the letters begin that tell of a day."""
    return f"mode/{number}/ahead"


async def _told(context: ActContext, ahead: SetMode) -> list[int]:
    """Whom a letter has reached that named the day. What has not left yet leaves no more."""
    rows = await context.session.run(
        select(col(Notice.person_id)).where(
            col(Notice.subject_kind) == SubjectKind.RULE,
            col(Notice.subject_id) == ahead.number,
            col(Notice.key).startswith(_told_ahead(ahead.number)),
            col(Notice.state) == NoticeState.SENT,
        )
    )
    return sorted(set(rows.scalars()))


async def _keep(context: ActContext, control: Control, mode: Mode, from_on: date, reason: str) -> int:
    table = table_of(ControlMode)
    made = await context.session.run(
        insert(table)
        .values(
            control=control.name,
            mode=mode,
            from_on=from_on,
            reason=reason,
            set_at=context.now,
            set_by_id=context.person_id,
            deputy_for_id=context.right.deputy_for,
            recorded_via=context.actor.via,
        )
        .returning(table.c.id)
    )
    return int(made.scalar_one())


async def _note(
    context: ActContext,
    subject: Subject,
    control: Control,
    mode: Mode,
    from_on: date,
    found: Sequence[Met],
    reason: str,
    tells: Sequence[Tell],
) -> None:
    """Into the chain, and to those whom it concerns and the offices."""
    await context.note(
        subject,
        control=control.name,
        cause=f"control set to {mode}",
        body={"from": from_on.isoformat(), "found": len(found)},
    )
    duties = context.policy.duties
    notice = ControlSet(
        by_id=context.person_id,
        control=control.name,
        mode=mode,
        from_on=from_on,
        found=len(found),
        reason=reason,
    )
    offices = dict.fromkeys((*duties.adopts_policy, duties.keeps_policy, duties.runs_steward))
    set_ = [Tell(notice, RoleAt(one), f"mode/{subject.id}/set", subject) for one in offices]
    await context.apply(Outcome((*tells, *set_)))
