"""`steward account why`: what an account still needs, or why it stands as it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from deployments.cli.accounts import Which
from deployments.cli.output import Json, local, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from policy.account_creation import privacy_lacks
from policy.account_request import enough_administrators
from policy.authority import approving
from policy.calendar import Calendar
from policy.controls import Control
from policy.controls.administrators import Administrators
from policy.controls.answer_within import AnswerWithin
from policy.controls.attested import Attested
from policy.controls.custody import Custody
from policy.controls.display import SHOWN, Display
from policy.controls.identify_owner import IdentifyOwner
from policy.custody import custody_lacks
from policy.gates import lacking
from policy.model import Policy
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
from tasks.findings.evaluation import first_violation
from tasks.runtime import Runtime
from tasks.store import lookup


@dataclass(frozen=True)
class Gate:
    """One thing that an account needs, whether it has it, and how to mend it."""

    clause: str
    gate: str
    met: bool
    to_mend_it: str


def account_why(which: Which, as_json: Json = False) -> None:
    """Why an account is not live, or stands as it does: each gate with its clause, met or not."""

    async def work(runtime: Runtime) -> tuple[Gate, ...]:
        policy = runtime.policy
        today = Calendar(policy).today(clock.now())
        async with runtime.store.read() as session:
            account = await lookup.account(session, which)
            number = account.id or 0
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
            *_of_account(facts, policy, page),
            *_of_profile(facts, unshown, policy),
            *_of_public(facts, answers, unanswered, policy),
        )

    gates = run(work)
    if as_json:
        say_json(gates)
    else:
        table(
            ("clause", Column("gate", wraps=True), "met", Column("to mend it", wraps=True)),
            [(one.clause, one.gate, "yes" if one.met else "no", one.to_mend_it) for one in gates],
        )


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
    day = Calendar(policy).today(found.at)
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
        left = lacking(one, policy, today)
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


def _of_account(facts: AccountFacts, policy: Policy, seen: PageShown | None) -> list[Gate]:
    granted = tuple(a.candidate for a in facts.administrators if a.access_state is AccessState.GRANTED)
    lack = custody_lacks(facts, policy)
    verdict, number = facts.page_verdict, facts.id
    begun = facts.state in {AccountState.LIVE, AccountState.SUSPENDED}
    report = {
        AccountState.APPROVED: "report it once its administrators have access",
        AccountState.PREPARING: f"`steward attest created {number}`",
    }.get(facts.state, "")
    page = (
        f"put the notice on the page, or link to it; then `steward attest page {number}`. If that can't read "
        f"the page: `steward attest notice {number}`"
    )
    if verdict in {PageVerdict.ALTERED, PageVerdict.MISSING}:
        page = (
            f"put the notice on the page, or link to it; then `steward attest page {number}`. If what was "
            f"found is wrong, somebody who does not administer it: `steward attest otherwise {number}`"
        )
    how = f", {seen.how}" if seen and seen.how else ""

    def clause(kind: type[Control]) -> str:
        return policy.number_of(policy.name_of(kind, level=facts.level))

    return [
        *(
            _gate(
                policy.number_of(needed.name),
                "the administrators that its level needs have access",
                f"at least {needed.at_least} with access, {needed.holders_at_least} of them in office; "
                f"`steward account add-administrator {number}` names another",
                met=enough_administrators(needed, granted),
            )
            for needed in policy.applying(Administrators, level=facts.level)
        ),
        _gate(
            policy.number_of(approving(policy, facts.level)),
            "reported by its administrator",
            report,
            met=begun or facts.reported_at is not None,
        ),
        _gate(
            clause(Custody),
            "somebody else can reach it",
            f"{lack or ''} `steward account hold {number}`".strip() if begun else report,
            met=lack is None,
        ),
        _gate(
            clause(Attested),
            "privacy settings attested",
            f"`steward attest privacy {number}`" if begun else report,
            met=not privacy_lacks(facts, policy),
        ),
        _gate(
            clause(Display),
            f"the page shows the notice ({verdict or 'not looked at'}{how})",
            page if begun or facts.reported_at is not None else report,
            met=verdict in SHOWN,
        ),
    ]


def _of_public(
    facts: AccountFacts, control: AnswerWithin | None, unanswered: str | None, policy: Policy
) -> list[Gate]:
    """Whether what the public asked there is answered in time."""
    if control is None or facts.state not in {AccountState.LIVE, AccountState.SUSPENDED}:
        return []
    how = f"`steward enquiry list --account {facts.id}`, then `steward enquiry answer`"
    said = "what the public asks is answered in time"
    return [_gate(policy.number_of(control.name), said, how, met=unanswered is None)]


def _of_profile(facts: AccountFacts, unshown: dict[str, str | None], policy: Policy) -> list[Gate]:
    """What the profile must show, by control; `unshown` says what it lacks, None where nothing."""
    if facts.state not in {AccountState.LIVE, AccountState.SUSPENDED}:
        return []
    found = []
    for control, lack in unshown.items():
        seen = lack or "seen there"
        found.append(
            _gate(
                policy.number_of(control),
                f"the profile shows name and position ({seen[0].lower()}{seen[1:].removesuffix('.')})",
                f"put them there, then `steward attest page {facts.id}`; if that can't read it, "
                f"`steward attest profile {facts.id}`",
                met=lack is None,
            )
        )
    return found
