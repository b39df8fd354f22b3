"""`steward account`: what is there, how it came to be, why it is so."""

from typing import Annotated, Any

import typer
from sqlalchemy import Select, select
from sqlmodel import col

from deployments.cli.output import Json, local, say, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from policy.account_creation import privacy_lacks
from policy.account_request import enough_administrators
from policy.authority import approving
from policy.calendar import Calendar
from policy.controls.administrators import Administrators
from policy.controls.attested import Attested
from policy.controls.custody import Custody
from policy.controls.display import SHOWN, Display
from policy.controls.identify_owner import IdentifyOwner
from policy.custody import custody_lacks
from policy.gates import asked_by
from policy.training_gate import gates_open
from schemas.accounts import Access, Account
from schemas.errors import Unknown
from schemas.machinery import AuditEntry
from schemas.people import Person, School
from schemas.standing import Finding
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, Level, Platform, SubjectKind
from tasks import clock
from tasks.access.facts import access_facts
from tasks.accounts.facts import account_facts
from tasks.runtime import Runtime
from tasks.store import lookup

Which = Annotated[str, typer.Argument(help="The account's number, or its @handle.")]


def known_id(account: Account) -> int:
    """The number of a stored account."""
    if account.id is None:
        raise Unknown("This account is not stored yet.")
    return account.id


async def _find(runtime: Runtime, which: str) -> Account:
    async with runtime.store.read() as session:
        return await lookup.account(session, which)


def account_list(
    state: Annotated[AccountState | None, typer.Option(help="Only those in this state.")] = None,
    level: Annotated[Level | None, typer.Option(help="Only those of this level.")] = None,
    platform: Annotated[Platform | None, typer.Option(help="Only those on this platform.")] = None,
    school: Annotated[str | None, typer.Option(help="Only those of this school.")] = None,
    as_json: Json = False,
) -> None:
    """Every account that somebody approved."""

    async def work(runtime: Runtime) -> list[dict[str, Any]]:
        asked: Select[*tuple[Any, ...]] = (
            select(
                col(Account.id),
                col(Account.handle),
                col(Account.platform),
                col(Account.level),
                col(School.name).label("school"),
                col(Account.state),
                col(Account.address),
            )
            .outerjoin(School, col(School.id) == col(Account.school_id))
            .order_by(col(Account.id))
        )
        for column, wanted in ((Account.state, state), (Account.level, level), (Account.platform, platform)):
            if wanted is not None:
                asked = asked.where(col(column) == wanted)
        async with runtime.store.read() as session:
            if school is not None:
                asked = asked.where(col(Account.school_id) == (await lookup.school(session, school)).id)
            return [dict(row) for row in (await (await session.connection()).execute(asked)).mappings()]

    rows = run(work)
    if as_json:
        say_json(rows)
    else:
        table(
            (
                "account",
                "handle",
                "platform",
                "level",
                Column("school", wraps=True),
                "state",
                Column("address", drop=1),
            ),
            [tuple(row.values()) for row in rows],
        )


def account_show(which: Which, as_json: Json = False) -> None:
    """One account: what it is, who may use it, what is found about it."""

    async def work(runtime: Runtime) -> tuple[dict[str, Any], str]:
        account = await _find(runtime, which)
        async with runtime.store.read() as session:
            connection = await session.connection()
            people = (
                (
                    await connection.execute(
                        select(
                            col(Person.given_name),
                            col(Person.family_name),
                            col(Person.position),
                            col(Access.state),
                            col(Access.state_since),
                            col(Access.suspended_for),
                        )
                        .join(Access, col(Access.person_id) == col(Person.id))
                        .where(col(Access.account_id) == account.id)
                        .order_by(col(Access.id))
                    )
                )
                .mappings()
                .all()
            )
            found = (
                (
                    await connection.execute(
                        select(col(Finding.control), col(Finding.detail), col(Finding.due_on)).where(
                            col(Finding.account_id) == account.id, col(Finding.resolved_at).is_(None)
                        )
                    )
                )
                .mappings()
                .all()
            )
        policy, zone = runtime.policy, runtime.policy.zone
        lines = [
            (
                f"Account {account.id}: {account.handle} on {account.platform}, "
                f"a {account.level} {account.channel}"
            ),
            f"state: {account.state}, since {local(account.state_since, zone)}",
            f"purpose: {account.purpose}",
            f"address: {account.address or 'not reported yet'}",
            f"custody: {account.custody}"
            + (f", vault reference {account.vault_reference}" if account.vault_reference else ""),
            *(
                f"  {one['given_name']} {one['family_name']} ({one['position']}): access {one['state']} "
                f"since {local(one['state_since'], zone)}"
                + (f", for {policy.why(one['suspended_for'])}" if one["suspended_for"] else "")
                for one in people
            ),
            *(
                f"finding ({policy.number_of(one['control'])}): {one['detail']}, due {one['due_on']}"
                for one in found
            ),
        ]
        value = {
            **account.model_dump(),
            "people": [dict(one) for one in people],
            "findings": [dict(one) for one in found],
        }
        return value, "\n".join(lines)

    value, text = run(work)
    say(value, text, as_json=as_json)


def account_timeline(which: Which, as_json: Json = False) -> None:
    """Everything the audit chain says of an account and the accesses to it, in order."""

    async def work(runtime: Runtime) -> list[dict[str, Any]]:
        account = await _find(runtime, which)
        async with runtime.store.read() as session:
            accesses = select(col(Access.id)).where(col(Access.account_id) == account.id)
            rows = await (await session.connection()).execute(
                select(
                    col(AuditEntry.seq),
                    col(AuditEntry.at),
                    col(AuditEntry.subject_kind),
                    col(AuditEntry.subject_id),
                    col(AuditEntry.from_state),
                    col(AuditEntry.to_state),
                    col(AuditEntry.control),
                    col(AuditEntry.cause),
                    col(AuditEntry.via),
                    col(Person.given_name),
                    col(Person.family_name),
                )
                .outerjoin(Person, col(Person.id) == col(AuditEntry.actor_id))
                .where(
                    (
                        (col(AuditEntry.subject_kind) == SubjectKind.ACCOUNT)
                        & (col(AuditEntry.subject_id) == account.id)
                    )
                    | (
                        (col(AuditEntry.subject_kind) == SubjectKind.ACCESS)
                        & col(AuditEntry.subject_id).in_(accesses)
                    )
                )
                .order_by(col(AuditEntry.seq))
            )
            zone = runtime.policy.zone
            return [
                {
                    "entry": row["seq"],
                    "when": local(row["at"], zone),
                    "about": f"{row['subject_kind']} {row['subject_id']}",
                    "became": row["to_state"],
                    "clause": runtime.policy.number_of(row["control"]),
                    "because": row["cause"],
                    "by": f"{row['given_name']} {row['family_name']}" if row["given_name"] else "Steward",
                    "through": row["via"],
                }
                for row in rows.mappings()
            ]

    rows = run(work)
    if as_json:
        say_json(rows)
    else:
        headers = (
            Column("entry", drop=2),
            "when",
            Column("about", wraps=True),
            Column("became", wraps=True),
            Column("clause", drop=3),
            Column("because", wraps=True),
            Column("by", wraps=True),
            Column("through", drop=4),
        )
        table(headers, [tuple(row.values()) for row in rows])


def account_why(which: Which, as_json: Json = False) -> None:
    """Why an account is not live, or stands as it does: each gate with its clause, met or not."""

    async def work(runtime: Runtime) -> list[dict[str, str]]:
        account = await _find(runtime, which)
        number = known_id(account)
        policy, now = runtime.policy, clock.now()
        today = Calendar(policy).today(now)
        async with runtime.store.read() as session:
            facts = await account_facts(session, number, policy, today)
            ids = [one.access_id for one in facts.administrators]
            accesses = await access_facts(session, ids, policy)
            connection = await session.connection()
            unshown: list[tuple[IdentifyOwner, Any]] = []
            for owner in policy.applying(IdentifyOwner, level=facts.level):
                found = await connection.execute(owner.violators_to_keep(policy, today, [number]))
                unshown.append((owner, found.first()))
            names = {
                one.person_id: (await lookup.by_id(session, Person, one.person_id)).name for one in accesses
            }
        said: list[dict[str, str]] = []

        def gate(control: str, what: str, *, met: bool, how: str = "") -> None:
            said.append(
                {
                    "clause": policy.number_of(control),
                    "gate": what,
                    "met": "yes" if met else "no",
                    "to mend it": "" if met else how,
                }
            )

        for one in accesses:
            lacking = gates_open(one, policy, today)
            who = f"the access of {names[one.person_id]}"
            how = f"still to do: {', '.join(lacking)}" if lacking else "the next run grants it"
            met = one.state is AccessState.GRANTED
            gate(
                asked_by(next(iter(lacking), ItemKind.COMPLETE_COURSE), facts.level, policy),
                f"{who} is {one.state}",
                met=met,
                how=how,
            )
        needed = policy.administrators.at(facts.level)
        granted = tuple(a.candidate for a in facts.administrators if a.access_state is AccessState.GRANTED)
        gate(
            policy.name_of(Administrators, level=facts.level),
            "the administrators that its level needs have access",
            met=enough_administrators(needed, granted),
            how=f"at least {needed.at_least} with access, {needed.holding_role} of them in office",
        )
        gate(
            approving(policy, facts.level),
            "reported by its administrator",
            met=facts.reported_at is not None,
            how="`steward attest created`",
        )
        lack = custody_lacks(facts, policy)
        gate(
            policy.name_of(Custody, level=facts.level),
            "somebody else can reach it",
            met=lack is None,
            how=lack or "",
        )
        gate(
            policy.name_of(Attested),
            "privacy settings attested",
            met=not privacy_lacks(facts, policy),
            how="`steward attest created`",
        )
        verdict = facts.page_verdict
        gate(
            policy.name_of(Display),
            f"the page shows the notice ({verdict or 'not looked at'})",
            met=verdict in SHOWN,
            how="put the notice on the page, or link to it; then `steward attest page`",
        )
        for owner, profile in unshown if facts.state in {AccountState.LIVE, AccountState.SUSPENDED} else ():
            how = (
                "put them there, then `steward attest page`; if that can't read it, `steward attest profile`"
            )
            seen = profile.detail if profile else "seen there"
            gate(
                owner.name,
                f"the profile shows name and position ({seen[0].lower()}{seen[1:].removesuffix('.')})",
                met=profile is None,
                how=how,
            )
        return said

    rows = run(work)
    if as_json:
        say_json(rows)
    else:
        table(
            ("clause", Column("gate", wraps=True), "met", Column("to mend it", wraps=True)),
            [tuple(row.values()) for row in rows],
        )
