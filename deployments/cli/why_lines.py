"""The lines of a `why`: each with its clause, whether it holds, and what to do where it does not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer

from deployments.cli.output import local, say_json
from deployments.cli.tables import Column, table
from policy.authority import approving
from policy.controls.corrections import Corrections
from policy.controls.look import Look
from policy.controls.sanction import Suspending
from policy.model import Policy
from schemas.accounts import Account
from schemas.facts import AccessFacts, AccountFacts
from schemas.states import AccountState, IncidentState
from tasks.incidents.reading import IncidentRead
from tasks.items.listing import Owed
from tasks.public.correction_listing import Reported
from tasks.stops.listing import StopShown

#: Who reads: only what few may see depends on it.
ReadBy = Annotated[
    str | None,
    typer.Option("--as", help="Who reads, for what few may see: address, number or name."),
]


@dataclass(frozen=True)
class Gate:
    """One thing that is asked of an account or a person, whether it is so, and how to mend it."""

    clause: str
    gate: str
    met: bool
    to_mend_it: str


def gate(clause: str, what: str, how: str, *, met: bool) -> Gate:
    """A line; what is met needs no mending."""
    return Gate(clause, what, met, "" if met else how)


def say_gates(gates: Sequence[Gate], *, as_json: bool) -> None:
    """Print them, as JSON or as a table."""
    if as_json:
        say_json(gates)
        return
    table(
        ("clause", Column("gate", wraps=True), "met", Column("to mend it", wraps=True)),
        [(one.clause, one.gate, "yes" if one.met else "no", one.to_mend_it) for one in gates],
    )


def of_access(one: AccessFacts, name: str, policy: Policy) -> list[Gate]:
    """Somebody who was named and is not decided on yet, and an access that has a last day."""
    found = []
    clause = policy.number_of(approving(policy, one.level))
    if one.proposed_by_id is not None:
        how = f"whoever approves such accounts: `steward account decide-administrator {one.account_id}`"
        found.append(Gate(clause, f"{name} was named, and waits for the decision on it", False, how))
    if one.ends_on is not None:
        how = f"`steward account keep-administrator {one.account_id}` takes it back" if one.ends_for else ""
        found.append(Gate(clause, f"the access of {name} ends after {one.ends_on}", not how, how))
    return found


def of_looks(facts: AccountFacts, look: Look | None, unseen: str | None, policy: Policy) -> list[Gate]:
    """Whether somebody looks at it on the days that count."""
    if look is None or facts.state not in {AccountState.LIVE, AccountState.SUSPENDED}:
        return []
    how = f"`steward check-in {facts.id}`"
    said = f"somebody looks at it on {look.on.value}"
    return [gate(policy.number_of(look.name), said, how, met=unseen is None)]


def of_stops(stops: Iterable[StopShown], account: Account, policy: Policy) -> list[Gate]:
    """A stop that waits for its second hand, and a suspension that ends by itself."""
    found = []
    clause = policy.number_of(policy.name_of(Suspending, level=account.level))
    for one in stops:
        if one.confirm_by is not None:
            until = local(one.confirm_by, policy.zone)
            how = f"another office confirms it with `steward account confirm-stop {account.id}`, or it ends"
            found.append(Gate(clause, f"it was stopped in an emergency, until {until}", False, how))
        if one.through is not None:
            said = f"its suspension ends after {one.through}"
            found.append(Gate(clause, said, False, "it comes back by itself, where nothing else is wrong"))
    return found


def of_list(unconfirmed: Iterable[Owed]) -> list[Gate]:
    """Whether the list of its school waits for the school's word."""
    return [
        Gate(
            one.clause,
            f"its school is asked whether its list is right, by {one.due_on}",
            False,
            f"`steward school confirm {one.subject}`",
        )
        for one in unconfirmed
    ]


def of_corrections(wrong: Iterable[Reported], policy: Policy) -> list[Gate]:
    """What was reported as misleading there and is not put right yet."""
    clause = policy.number_of(policy.name_of(Corrections))
    return [
        Gate(
            clause,
            f"report {one.correction} of something misleading is put right, by {one.due_on}",
            False,
            f"`steward correction {'done' if one.acknowledged_at else 'acknowledge'} {one.correction}`",
        )
        for one in wrong
    ]


#: What follows on a report that has not ended.
_NEXT: Mapping[IncidentState, str] = {
    IncidentState.REPORTED: "`steward incident take-on {0}` or `steward incident dismiss {0}`",
    IncidentState.HEARD: "the person answers with `steward incident answer {0}`",
    IncidentState.TO_DECIDE: "`steward incident decide {0}`",
    IncidentState.APPEALED: "`steward incident decide-appeal {0}`",
}


def of_reports(reports: Iterable[IncidentRead], under: Mapping[int, str], policy: Policy) -> list[Gate]:
    """The reports that the reader may know of, each as far as they may."""
    found = []
    for one in reports:
        said = f"report {one.incident} ({one.rule}): {one.state}"
        said += f", {one.verdict}" if one.verdict else ""
        how = _NEXT.get(one.state, "").format(one.incident)
        found.append(gate(policy.number_of(under[one.incident]), said, how, met=not how))
    return found


def of_last_days(account: Account, today: date, policy: Policy) -> list[Gate]:
    """An account that is to close, and one that no finding suspends for a time."""
    found = []
    clause = policy.number_of(approving(policy, account.level))
    if account.closes_on is not None:
        how = f"`steward account keep {account.id}` takes it back"
        found.append(Gate(clause, f"it closes after {account.closes_on}", False, how))
    exempt = account.never_suspended_until
    if exempt is not None and exempt >= today:
        suspending = policy.number_of(policy.name_of(Suspending, level=account.level))
        found.append(Gate(suspending, f"no finding suspends it through {exempt}", True, ""))
    return found
