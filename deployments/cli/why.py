"""`steward account why`: what an account still needs, or why it stands as it does."""

from collections.abc import Mapping
from datetime import date

from deployments.cli.accounts import Which
from deployments.cli.acts import who_types
from deployments.cli.output import Json, local
from deployments.cli.running import run
from deployments.cli.why_lines import (
    Gate,
    ReadBy,
    of_access,
    of_corrections,
    of_last_days,
    of_list,
    of_looks,
    of_reports,
    of_stops,
    say_gates,
)
from policy.authority import approving
from policy.controls.administrators import Administrators
from policy.controls.answer_within import AnswerWithin
from policy.controls.identify_owner import IdentifyOwner
from policy.controls.look import Look
from policy.custody import custody_lacks
from policy.model import Policy
from policy.until_live import Part, of_account, of_person
from schemas.facts import AccessFacts, AccountFacts
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, PageVerdict
from tasks import clock
from tasks.access.facts import access_facts
from tasks.accounts.facts import account_facts
from tasks.accounts.found import FoundIn, found_in
from tasks.accounts.looked_at import PageShown, page_shown
from tasks.accounts.suspended import SuspensionShown, its_suspension
from tasks.acts.reader import reader
from tasks.findings.evaluation import first_violation
from tasks.incidents.listing import list_incidents
from tasks.incidents.reading import incident_for
from tasks.items.listing import list_owed
from tasks.public.correction_listing import corrections
from tasks.runtime import Runtime
from tasks.stops.listing import list_stops
from tasks.store import lookup


def account_why(which: Which, read_by: ReadBy = None, as_json: Json = False) -> None:
    """Why an account is not live, or stands as it does: each gate with its clause, met or not.

    Reports of what was broken there are shown to whoever may read them: say who reads with --as.
    """

    async def work(runtime: Runtime) -> tuple[Gate, ...]:
        policy, now = runtime.policy, clock.now()
        today = policy.calendar.today(now)
        async with runtime.store.read() as session:
            account = await lookup.account(session, which)
            number = account.id or 0
            reads = await reader(session, read_by, who_types()) if read_by else None
            reported = (await list_incidents(session, account=number)).rows
            reports = [
                one
                for row in reported
                if reads and (one := await incident_for(session, policy, reads, row.incident, now))
            ]
            stops = [one for one in await list_stops(session, policy) if one.account == number]
            unconfirmed = [
                one
                for one in await list_owed(session, policy, today, kind=ItemKind.CONFIRM_LIST)
                if account.school_id is not None and one.subject == account.school_id
            ]
            wrong = [one for one in (await corrections(session, today, None)).rows if one.account == number]
            look = policy.first(Look, level=account.level)
            unseen = await first_violation(session, look, policy, today, number) if look else None
            suspension = await its_suspension(session, policy, account)
            facts = await account_facts(session, number, policy, today)
            ids = [one.access_id for one in facts.administrators]
            accesses = await access_facts(session, ids, policy, today)
            page = await page_shown(session, number)
            found = await found_in(session, number)
            unshown = {
                owner.name: await first_violation(session, owner, policy, today, number)
                for owner in policy.applying(IdentifyOwner, level=facts.level)
            }
            answers = policy.first(AnswerWithin, level=facts.level)
            unanswered = await first_violation(session, answers, policy, today, number) if answers else None
            names = {
                one.person_id: (await lookup.by_id(session, Person, one.person_id)).name for one in accesses
            }
        return (
            *_of_suspension(suspension, policy),
            *_of_import(found, policy),
            *_of_people(accesses, names, policy, today),
            *_of_account(facts, policy, page, unshown),
            *_of_public(facts, answers, unanswered, policy),
            *of_looks(facts, look, unseen, policy),
            *of_stops(stops, account, policy),
            *of_list(unconfirmed),
            *of_corrections(wrong, policy),
            *of_reports(reports, {row.incident: row.under for row in reported}, policy),
            *of_last_days(account, today, policy),
        )

    say_gates(run(work), as_json=as_json)


def _of_suspension(stands: SuspensionShown | None, policy: Policy) -> list[Gate]:
    if stands is None:
        return []
    since = local(stands.since, policy.zone)
    by = f" by {stands.by}" if stands.by else ""
    return [Gate(stands.clause, f"it is suspended since {since}{by}: {stands.why}", False, stands.way_back)]


def _of_import(found: FoundIn | None, policy: Policy) -> list[Gate]:
    """When an account that was there before came in, and by which file."""
    if found is None:
        return []
    day = policy.calendar.today(found.at)
    file = f", {found.file}" if found.file else ""
    said = f"it was there before, and was taken in on {day} by import {found.number}{file}"
    return [Gate(policy.number_of(found.control), said, True, "")]


def _gate(clause: str, what: str, how: str, *, met: bool) -> Gate:
    return Gate(clause, what, met, "" if met else how)


#: What an administrator does about a gate that is not met.
_STEPS: Mapping[ItemKind, str] = {
    ItemKind.COMPLETE_COURSE: "`steward complete {person}`",
    ItemKind.ACKNOWLEDGE_GUIDELINES: "`steward attest guidelines`",
    ItemKind.ACCEPT_RESPONSIBILITY: "`steward attest responsibility {account}`",
}


def _of_people(
    accesses: tuple[AccessFacts, ...], names: dict[int, str], policy: Policy, today: date
) -> list[Gate]:
    found = []
    for one in accesses:
        if one.state is AccessState.REVOKED:
            continue
        found += of_access(one, names[one.person_id], policy)
        if one.proposed_by_id is not None:
            continue
        left = [each.gate for each in of_person(one, policy, today) if each.gate and not each.met]
        control = left[0].control if left else approving(policy, one.level)
        steps = [
            f"{gate.kind}, {gate.what} "
            f"({_STEPS[gate.kind].format(person=one.person_id, account=one.account_id)})"
            for gate in left
        ]
        found.append(
            _gate(
                policy.number_of(control),
                f"the access of {names[one.person_id]} is {one.state}",
                f"still to do: {', '.join(steps)}" if left else "the next run looks at it",
                met=one.state is AccessState.GRANTED,
            )
        )
    return found


def _of_account(
    facts: AccountFacts, policy: Policy, seen: PageShown | None, unshown: dict[str, str | None]
) -> list[Gate]:
    """What is asked of the account itself; `unshown` says what its profile lacks, None where nothing."""
    number, begun = facts.id, facts.state in {AccountState.LIVE, AccountState.SUSPENDED}
    report = {
        AccountState.APPROVED: "report it once its administrators have access",
        AccountState.PREPARING: f"`steward attest created {number}`",
    }.get(facts.state, "")
    looked = f"{facts.page_verdict or 'not looked at'}{f', {seen.how}' if seen and seen.how else ''}"
    shown = [name for name, lack in unshown.items() if lack is None]
    enough = {one.name: one for one in policy.applying(Administrators, level=facts.level)}
    found = []
    for one in of_account(facts, policy, profile_shown=shown if begun else None):
        says, how = one.says, report
        match one.part:
            case Part.ADMINISTRATORS:
                needed = enough[one.control]
                how = (
                    f"at least {needed.at_least} with access, {needed.holders_at_least} of them in office; "
                    f"`steward account add-administrator {number}` names another"
                )
            case Part.CUSTODY if begun:
                lack = custody_lacks(facts, policy, facts.level)
                how = f"{lack or ''} `steward account hold {number}`".strip()
            case Part.PRIVACY if begun:
                how = f"`steward attest privacy {number}`"
            case Part.NOTICE:
                says = f"{says} ({looked})"
                how = _notice(facts) if begun or facts.reported_at is not None else report
            case Part.PROFILE:
                seen_there = unshown[one.control] or "seen there"
                says = f"{says} ({seen_there[0].lower()}{seen_there[1:].removesuffix('.')})"
                how = (
                    f"put them there, then `steward attest page {number}`; if that can't read it, "
                    f"`steward attest profile {number}`"
                )
        found.append(_gate(policy.number_of(one.control), says, how, met=one.met))
    return found


def _notice(facts: AccountFacts) -> str:
    """How the notice comes onto the page, as far as somebody has looked."""
    page = f"put the notice on the page, or link to it; then `steward attest page {facts.id}`."
    if facts.page_verdict in {PageVerdict.ALTERED, PageVerdict.MISSING}:
        return (
            f"{page} If what was found is wrong, somebody who does not administer it: "
            f"`steward attest otherwise {facts.id}`"
        )
    return f"{page} If that can't read the page: `steward attest notice {facts.id}`"


def _of_public(
    facts: AccountFacts, control: AnswerWithin | None, unanswered: str | None, policy: Policy
) -> list[Gate]:
    """Whether what the public asked there is answered in time."""
    if control is None or facts.state not in {AccountState.LIVE, AccountState.SUSPENDED}:
        return []
    how = f"`steward enquiry list --account {facts.id}`, then `steward enquiry answer`"
    said = "what the public asks is answered in time"
    return [_gate(policy.number_of(control.name), said, how, met=unanswered is None)]
