"""What would happen in the coming nights, on a copy of the store that is thrown away afterwards.

The copy goes through the very functions of the nightly sweep, night by night, with a clock of its own. Nobody
does anything meanwhile, no page is fetched, and every letter is taken by a mail server that keeps nothing.
The store itself is only read.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import col

from policy.brake import let_everything_happen
from policy.calendar import Calendar
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.machinery import ActionItem, AuditEntry
from schemas.people import Person
from schemas.settings import Settings
from schemas.states import AccessState, AccountState
from schemas.tables import metadata
from schemas.words import SubjectKind
from tasks.findings.evaluation import evaluate, let_go
from tasks.findings.notify_findings import tell_communications, tell_people
from tasks.lifecycles import Stage, Turn, swept
from tasks.mail.delivery import deliver
from tasks.runtime import Runtime
from tasks.store import Store
from tasks.store.copying import copy_rows
from tasks.store.session import Session

#: When the sweep begins, in the division's zone, as prefect.yaml has it; the letters of the day leave later.
SWEEP_AT = time(2)

#: What makes two happenings the same: what, the account, the person, whose, and the control.
Thing = tuple[str, int | None, int | None, str, str]

LOST = {
    (SubjectKind.ACCESS, AccessState.SUSPENDED): "access suspended",
    (SubjectKind.ACCESS, AccessState.REVOKED): "access revoked",
    (SubjectKind.ACCOUNT, AccountState.SUSPENDED): "account suspended",
    (SubjectKind.ACCOUNT, AccountState.CLOSED): "account closed",
}


@dataclass(frozen=True)
class Happening:
    """One thing that would happen: the day of its night, what, of which account, and of whom.

    `what` is an item's kind where somebody would be asked. `due_on` is the day by which; None for a loss.
    """

    on: date
    what: str
    account: int | None
    platform: str
    handle: str
    person: int | None
    whose: str
    control: str
    due_on: date | None = None

    @property
    def is_loss(self) -> bool:
        """Whether somebody loses access, or an account its place."""
        return self.due_on is None


@dataclass
class Rehearsal:
    """What happened on the copy, and how many letters left on each day."""

    until: date
    happened: list[Happening] = field(default_factory=list)
    letters: Counter[date] = field(default_factory=Counter)


@dataclass
class _Taken:
    """A mail server that takes every letter and keeps nothing; letters are counted by day."""

    rehearsal: Rehearsal
    day: date

    async def send(self, sender: str, recipient: str, message: bytes) -> None:  # noqa: ARG002 - the port's
        self.rehearsal.letters[self.day] += 1

    async def close(self) -> None:
        """Nothing to close."""


async def sweep(
    runtime: Runtime, now: datetime, happened: Counter[str], *, without: frozenset[Stage] = frozenset()
) -> AsyncIterator[str]:
    """What the nightly sweep does to the store, step by step; gives each step's name before it is done."""
    policy, store = runtime.policy, runtime.store
    for stage in (stage for one in swept() if one.turn is not Turn.SANCTIONS for stage in one.stages):
        if stage not in without:
            yield stage.word
            await _bring_on(runtime, stage, now, happened)
    today = policy.calendar.today(now)
    for rule in policy.rules():
        yield f"rule {rule.name}"
        async with store.write() as session:
            outcome = await evaluate(session, rule, policy, today, now)
        happened[f"{rule.name} found"] += outcome.opened
        happened[f"{rule.name} mended"] += outcome.resolved
    yield "let go"
    async with store.write() as session:
        happened["no longer asked"] += await let_go(session, policy, now)
    for stage in (stage for one in swept() if one.turn is Turn.SANCTIONS for stage in one.stages):
        yield stage.word
        await _bring_on(runtime, stage, now, happened)
    yield "telling"
    async with store.write() as session:
        await tell_communications(session, policy, now)
        await tell_people(session, policy, now)


async def _bring_on(runtime: Runtime, stage: Stage, now: datetime, happened: Counter[str]) -> None:
    for case in await stage.due(runtime, now):
        for one in await stage.move(runtime, case, now):
            happened[one] += 1


def fetching() -> frozenset[Stage]:
    """The stages that fetch pages."""
    return frozenset(stage for one in swept() if one.turn is Turn.PAGES for stage in one.stages)


async def rehearse(
    store: Store,
    policy: Policy,
    settings: Settings,
    *,
    now: datetime,
    days: int,
    tell: Callable[[date], None] = lambda _day: None,
) -> Rehearsal:
    """The nights of the coming `days` under a policy, on a copy of the store. `tell` hears of each day.

    What the brake of a night would hold is shown as if it were let happen at once.
    Raises StoreUnavailable.
    """
    modes, policy = policy.set_modes, let_everything_happen(policy.as_filed)
    calendar, zone = policy.calendar, policy.zone
    first = calendar.today(now)
    rehearsal = Rehearsal(first + timedelta(days=days))
    async with copied(store) as copy:
        entry, item = await _last(copy)
        for number in range(days + 1):
            day = first + timedelta(days=number)
            tell(day)
            of_day = policy.with_modes(modes, day)
            runtime = Runtime(settings, of_day, copy)
            night = max(now, datetime.combine(day, SWEEP_AT, zone))
            async for _ in sweep(runtime, night, Counter(), without=fetching()):
                pass
            for moment in (night, _morning(day, policy, zone, night)):
                await deliver(
                    copy,
                    of_day,
                    settings,
                    now=moment,
                    clock=lambda at=moment: at,  # type: ignore[misc]  # mypy can't infer a default's type
                    worker="rehearsal",
                    limit=1_000_000,
                    post=_Taken(rehearsal, day),
                )
        async with copy.read() as session:
            rehearsal.happened = [
                *await _losses(session, entry, calendar),
                *await _asked(session, item, calendar),
            ]
    rehearsal.happened.sort(key=lambda one: (one.on, not one.is_loss, one.what, one.account or 0))
    return rehearsal


def _morning(day: date, policy: Policy, zone: ZoneInfo, night: datetime) -> datetime:
    """When the letters of the day have their turn: after the digest's hour."""
    return max(night, datetime.combine(day, policy.working_hours.digest_at, zone) + timedelta(minutes=5))


@asynccontextmanager
async def copied(store: Store) -> AsyncIterator[Store]:
    """A copy of the store, on SQLite, for as long as the block runs. Both databases are copied alike."""
    with TemporaryDirectory(prefix="steward-rehearsal-") as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'copy.db'}"
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        await engine.dispose()
        copy = Store.open(url, lasting=False)
        try:
            async with store.read() as source, copy.write(audited=False) as target:
                await copy_rows(source, target)
            await copy.count_anew()
            yield copy
        finally:
            await copy.close()


async def _last(copy: Store) -> tuple[int, int]:
    """The newest audit entry and the newest item: what comes after them came of the rehearsal."""
    async with copy.read() as session:
        found = await session.run(
            select(
                select(func.max(col(AuditEntry.seq))).scalar_subquery(),
                select(func.max(col(ActionItem.id))).scalar_subquery(),
            )
        )
        entry, item = found.one()
    return entry or 0, item or 0


async def _losses(session: Session, after: int, calendar: Calendar) -> list[Happening]:
    """What the audit entries since the copy was made say of accesses and accounts that were taken."""
    rows = await session.run(
        select(
            col(AuditEntry.at),
            col(AuditEntry.subject_kind),
            col(AuditEntry.to_state),
            col(AuditEntry.control),
            col(Account.id).label("account"),
            col(Account.platform),
            col(Account.handle),
            *_PERSON,
        )
        .outerjoin(
            Access,
            (col(AuditEntry.subject_kind) == SubjectKind.ACCESS)
            & (col(Access.id) == col(AuditEntry.subject_id)),
        )
        .join(
            Account,
            (col(Account.id) == col(Access.account_id))
            | (
                (col(AuditEntry.subject_kind) == SubjectKind.ACCOUNT)
                & (col(Account.id) == col(AuditEntry.subject_id))
            ),
        )
        .outerjoin(Person, col(Person.id) == col(Access.person_id))
        .where(
            col(AuditEntry.seq) > after,
            col(AuditEntry.to_state).in_({state for _, state in LOST}),
        )
        .order_by(col(AuditEntry.seq))
    )
    return [
        Happening(
            calendar.today(row.at),
            what,
            row.account,
            row.platform,
            row.handle,
            row.person,
            _name(row.given_name, row.family_name),
            row.control,
        )
        for row in rows
        if (what := LOST.get((row.subject_kind, row.to_state))) is not None
    ]


_PERSON: tuple[Any, ...] = (col(Person.id).label("person"), col(Person.given_name), col(Person.family_name))


async def _asked(session: Session, after: int, calendar: Calendar) -> list[Happening]:
    """The items that were opened since the copy was made."""
    item = table_of(ActionItem).c
    on_account = item.subject_kind == SubjectKind.ACCOUNT
    on_access = item.subject_kind == SubjectKind.ACCESS
    rows = await session.run(
        select(
            item.opened_at,
            item.kind,
            item.control,
            item.due_on,
            item.role,
            col(Account.id).label("account"),
            col(Account.platform),
            col(Account.handle),
            *_PERSON,
        )
        .outerjoin(Access, on_access & (col(Access.id) == item.subject_id))
        .outerjoin(
            Account,
            (on_account & (col(Account.id) == item.subject_id)) | (col(Account.id) == col(Access.account_id)),
        )
        .outerjoin(Person, col(Person.id) == item.person_id)
        .where(item.id > after)
        .order_by(item.id)
    )
    return [
        Happening(
            calendar.today(row.opened_at),
            str(row.kind),
            row.account,
            row.platform or "",
            row.handle or "",
            row.person,
            _name(row.given_name, row.family_name) or (row.role or ""),
            row.control,
            row.due_on,
        )
        for row in rows
    ]


def _name(given: str | None, family: str | None) -> str:
    return " ".join(part for part in (given, family) if part)


def only_under(one: Rehearsal, other: Rehearsal) -> tuple[Happening, ...]:
    """What happens in one rehearsal and not in the other, or there on a later day."""
    there, seen = defaultdict[Thing, list[date]](list), Counter[Thing]()
    for happening in other.happened:
        there[_thing(happening)].append(happening.on)
    found = []
    for happening in one.happened:
        thing = _thing(happening)
        days, number = there[thing], seen[thing]
        if number >= len(days) or happening.on < days[number]:
            found.append(happening)
        seen[thing] += 1
    return tuple(found)


def _thing(one: Happening) -> Thing:
    return (one.what, one.account, one.person, one.whose, one.control)
