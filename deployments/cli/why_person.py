"""`steward why` and `steward person why`: what is asked of somebody, what they have, and what they lack."""

from datetime import date
from typing import Annotated

import typer

from deployments.cli.acts import who_types
from deployments.cli.output import Json
from deployments.cli.running import run
from deployments.cli.why import account_why
from deployments.cli.why_lines import Gate, ReadBy, gate, of_access, of_reports, say_gates
from policy.authority import approving
from policy.controls.contact_report import Contacts
from policy.gates import lacking
from policy.model import Policy
from schemas.facts import AccessFacts
from schemas.states import AccessState, LeaveState
from schemas.words import ItemKind
from tasks import clock
from tasks.access.facts import access_facts
from tasks.accounts.own import OwnAccount, own_accounts
from tasks.acts.reader import reader
from tasks.contacts.reading import SharedContact, contacts_for
from tasks.guidance.listing import AdviceOf, advice_of
from tasks.incidents.listing import list_incidents
from tasks.incidents.reading import incident_for
from tasks.items.listing import Owed, list_owed
from tasks.leave.listing import ListedLeave, list_leaves
from tasks.people.listing import (
    ListedAbsence,
    ListedDesignation,
    ListedOffice,
    list_absences,
    list_designations,
    list_offices,
)
from tasks.runtime import Runtime
from tasks.store import lookup

Whose = Annotated[str, typer.Argument(help="Whose: e-mail address, number or name.")]

#: Items that are said in lines of their own.
_SAID = {ItemKind.READ_ADVICE, ItemKind.DECIDE_LEAVE}

#: Items that say of somebody what few may know.
_CONFIDENTIAL = {ItemKind.ANSWER_REPORT, ItemKind.DECIDE_REPORT, ItemKind.SEE_CONTACT}


def why(
    which: Annotated[
        str, typer.Argument(help="An account's number or @handle, or somebody's e-mail address or name.")
    ],
    read_by: ReadBy = None,
    as_json: Json = False,
) -> None:
    """Why an account or a person stands as they do: each thing that is asked, with its clause, met or not.

    A number is an account's: for a person's, use `steward person why`.
    """
    said = which.strip()
    is_person = ("@" in said and not said.startswith("@") and "//" not in said) or (
        " " in said and not said.startswith("@")
    )
    (person_why if is_person else account_why)(said, read_by, as_json)


def person_why(whose: Whose, read_by: ReadBy = None, as_json: Json = False) -> None:
    """What is asked of somebody, what they have, and what they lack: access, leave, advice, offices.

    Reports of what was broken, and what they shared with their supervisor, are shown to whoever may read
    them: say who reads with --as.
    """

    async def work(runtime: Runtime) -> tuple[Gate, ...]:
        policy, now = runtime.policy, clock.now()
        today = policy.calendar.today(now)
        async with runtime.store.read() as session:
            person = await lookup.person(session, whose, must_be_active=False)
            number = person.id or 0
            reads = await reader(session, read_by, who_types()) if read_by else None
            mine = await own_accounts(session, policy, number, today)
            ids = [one.access_number for one in mine if one.access_number]
            accesses = {one.id: one for one in await access_facts(session, ids, policy, today)}
            leaves = (await list_leaves(session, person=str(number), at_most=20)).rows
            offices = {office.id: office.at == "school" for office in policy.offices}
            held = await list_offices(session, offices, today, person=str(number))
            designated = [one for one in await list_designations(session, today) if one.person == number]
            away = [one for one in await list_absences(session, today) if one.person == number]
            advised = await advice_of(session, policy, number)
            owed = await list_owed(session, policy, today, person=number)
            rows = (await list_incidents(session, person=number)).rows
            reports = [
                one
                for row in rows
                if reads and (one := await incident_for(session, policy, reads, row.incident, now))
            ]
            shared = [
                one
                for one in (await contacts_for(session, policy, reads, now) if reads else ())
                if one.person == number
            ]
        leaving = "" if person.leaves_on is None else f"{person.name} counts as left after {person.leaves_on}"
        back = f"`steward person return {number}`"
        return (
            *([Gate("", leaving, False, back)] if leaving else []),
            *([] if person.active else [Gate("", f"{person.name} has left", False, back)]),
            *_of_absence(away),
            *_of_offices(held, designated, policy),
            *(line for one in mine for line in _of_access(one, accesses, policy, today)),
            *_of_leave(leaves, policy),
            *_of_advice(advised, policy),
            *of_reports(reports, {row.incident: row.under for row in rows}, policy),
            *_of_contacts(shared, policy),
            *_of_items(owed, themselves=reads == number),
        )

    say_gates(run(work), as_json=as_json)


def _of_absence(away: list[ListedAbsence]) -> list[Gate]:
    return [
        Gate(
            "",
            f"away from {one.starts_on} through {one.ends_on}; {one.deputy_name or 'nobody'} deputizes",
            True,
            "",
        )
        for one in away
    ]


def _of_offices(
    held: tuple[ListedOffice, ...], designated: list[ListedDesignation], policy: Policy
) -> list[Gate]:
    def through(last: date | None) -> str:
        return f" through {last}" if last else ""

    found = []
    for one in held:
        where = f" of {one.school_name}" if one.school_name else ""
        found.append(
            Gate("", f"holds the office {policy.label(one.office)}{where}{through(one.ends_on)}", True, "")
        )
    for each in designated:
        what = f"accounts of {policy.organization.name}"
        if each.handle and each.platform:
            what = policy.says_account(each.platform, each.handle)
        said = f"may administer {what} by the word of {each.designated_by_name}{through(each.ends_on)}"
        found.append(Gate("", said, True, ""))
    return found


def _of_access(mine: OwnAccount, accesses: dict[int, AccessFacts], policy: Policy, today: date) -> list[Gate]:
    """One access: whether it is granted, what it lacks, what it waits for, its last day."""
    one = accesses.get(mine.access_number or 0)
    if one is None:
        return []
    if one.proposed_by_id is not None:
        return of_access(one, f"for {mine.called}, this person", policy)
    left = lacking(one, policy, today)
    clause = policy.number_of(left[0].control if left else approving(policy, one.level))
    said = f"the access to {mine.called} is {one.state}"
    how = ", ".join(f"{each.kind}: {each.what}" for each in left)
    how = f"{how} (`steward account why {one.account_id}`)" if how else "the next run looks at it"
    line = gate(clause, said, how, met=one.state is AccessState.GRANTED and not left)
    return [line, *of_access(one, "this person", policy)]


def _of_leave(leaves: tuple[ListedLeave, ...], policy: Policy) -> list[Gate]:
    found = []
    for one in leaves:
        clause, named = policy.number_of(one.control), f"leave {one.leave} ({one.control})"
        if one.state == LeaveState.ASKED:
            how = f"whoever decides on it: `steward leave decide {one.leave}`"
            found.append(Gate(clause, f"{named} is asked for, {one.starts_on} to {one.ends_on}", False, how))
        elif one.state == LeaveState.GRANTED:
            found.append(Gate(clause, f"{named} is granted through {one.ends_on}", True, ""))
        else:
            because = f": {one.ended_because or one.decided_because}" if one.ended_because else ""
            found.append(Gate(clause, f"{named} is {one.state}{because}", True, ""))
    return found


def _of_advice(advised: tuple[AdviceOf, ...], policy: Policy) -> list[Gate]:
    found = []
    for one in advised:
        clause, text = policy.number_of(one.control), f"“{one.text}”, version {one.version}"
        if one.sent_on is None:
            found.append(Gate(clause, f"{text}, is sent", False, "it comes with the next letter of advice"))
        elif one.asked:
            said = f"{text}, sent on {one.sent_on}, is answered"
            found.append(gate(clause, said, "`steward attest advice`", met=one.answered))
        else:
            found.append(Gate(clause, f"{text}, was sent on {one.sent_on}", True, ""))
    return found


def _of_contacts(shared: list[SharedContact], policy: Policy) -> list[Gate]:
    clause = policy.number_of(policy.name_of(Contacts))
    return [
        gate(
            clause,
            f"contact report {one.report}, of {one.happened_on}, was looked at",
            f"`steward contact show {one.report}`",
            met=one.seen,
        )
        for one in shared
    ]


def _of_items(owed: tuple[Owed, ...], *, themselves: bool) -> list[Gate]:
    """Everything else that waits for them, also in an office; of what few may see, only to themselves."""
    return [
        Gate(
            one.clause,
            f"asked: {one.kind}{f', {one.about}' if one.handle else ''}",
            False,
            f"by {one.due_on}{', late' if one.days_late else ''} (`steward status`)",
        )
        for one in owed
        if one.kind not in _SAID and (themselves or one.kind not in _CONFIDENTIAL)
    ]
