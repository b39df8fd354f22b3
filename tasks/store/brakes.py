"""The questions of the night's brake in the store: which causes wait, and asking and ending questions."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import Integer, func, insert, or_, select, type_coerce, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.authority import policy_office
from policy.brake import ACCOUNTS, Cause, Found, Standing, Steps, at_most, decide_brakes
from policy.calendar import Calendar
from policy.model import Policy
from policy.notices.brakes import BrakeAsks
from schemas.accounts import Access, Account
from schemas.brakes import Brake
from schemas.columns import table_of
from schemas.outcome import Ask, Outcome, Settle, Subject, Tell
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import BrakeAnswer, BrakeOf, ItemKind, SubjectKind
from tasks.store.apply import apply
from tasks.store.audit import STEWARD, append

#: So many accounts stand in the question as examples.
EXAMPLES = 5


async def waiting(session: AsyncSession) -> frozenset[str]:
    """The keys of the causes that wait: not answered yet, or held."""
    rows = await (await session.connection()).execute(
        select(col(Brake.cause)).where(
            col(Brake.ended_at).is_(None),
            or_(col(Brake.answer).is_(None), col(Brake.answer) == BrakeAnswer.HOLD),
        )
    )
    return frozenset(rows.scalars())


async def steps(
    session: AsyncSession,
    found: Mapping[Cause, Found],
    kinds: Collection[BrakeOf],
    policy: Policy,
    today: date,
) -> tuple[Steps, Mapping[BrakeOf, int]]:
    """What becomes of the questions of these kinds, and of how many people or accounts each kind speaks."""
    connection = await session.connection()
    rows = await connection.execute(
        select(
            type_coerce(col(Brake.id), Integer),
            col(Brake.cause),
            col(Brake.found),
            col(Brake.answer),
            col(Brake.held_until),
        ).where(col(Brake.ended_at).is_(None), col(Brake.of).in_(kinds))
    )
    standing = [Standing(*row) for row in rows.all()]
    counts = {cause: len(one.who) for cause, one in found.items()}
    if not standing and all(count <= at_most(cause.of, 0, policy) for cause, count in counts.items()):
        return Steps(), {}
    out_of = await _out_of(session, kinds)
    return decide_brakes(counts, out_of, standing, policy, today), out_of


async def _out_of(session: AsyncSession, kinds: Collection[BrakeOf]) -> Mapping[BrakeOf, int]:
    """All live accounts, or all people who are here and have access to one."""
    connection = await session.connection()
    accounts = await connection.execute(
        select(func.count(col(Account.id))).where(col(Account.state) == AccountState.LIVE)
    )
    people = await connection.execute(
        select(func.count(col(Access.person_id).distinct()))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(col(Access.state) == AccessState.GRANTED, col(Person.active))
    )
    live, with_access = int(accounts.scalar_one()), int(people.scalar_one())
    return {of: live if of in ACCOUNTS else with_access for of in kinds}


async def carry_out(
    session: AsyncSession,
    decided: Steps,
    found: Mapping[Cause, Found],
    out_of: Mapping[BrakeOf, int],
    policy: Policy,
    now: datetime,
) -> tuple[str, ...]:
    """End questions whose cause is gone, and ask the new ones; a line each. Only in `Store.write()`."""
    calendar, table = Calendar(policy), table_of(Brake)
    connection = await session.connection()
    said = []
    for number in decided.end:
        about = Subject(SubjectKind.BRAKE, number)
        await connection.execute(update(table).where(table.c.id == number).values(ended_at=now))
        await append(session, about, actor=STEWARD, control="", cause="brake: it need not wait", now=now)
        settled = Outcome((Settle(about=about, kinds=(ItemKind.ANSWER_BRAKE,), done=False),))
        await apply(session, settled, actor=STEWARD, calendar=calendar, now=now)
        said.append("brake: a question has ended")
    kind, office = ItemKind.ANSWER_BRAKE, policy_office(policy)
    due = calendar.due_after(calendar.today(now), school_days=policy.terms(kind).due_school_days)
    for cause in decided.begin:
        one = found[cause]
        made = await connection.execute(
            insert(table)
            .values(
                cause=cause.key,
                of=cause.of,
                control=cause.control,
                what=cause.what,
                figure=cause.figure,
                found=len(one.who),
                out_of=out_of[cause.of],
                examples=sorted(one.accounts)[:EXAMPLES],
                asked_at=now,
                reason="",
            )
            .returning(table.c.id)
        )
        about = Subject(SubjectKind.BRAKE, int(made.scalar_one()))
        counts = {"found": len(one.who), "of": out_of[cause.of]}
        await append(
            session,
            about,
            actor=STEWARD,
            control=cause.control,
            cause="brake: asked whether it may happen",
            now=now,
            body={"what": cause.of.value, **counts},
        )
        asked = Outcome(
            (
                Ask(f"{about}/answer", kind, office, about, cause.control, due),
                Tell(BrakeAsks(due_on=due), office, f"{about}/asks", about),
            )
        )
        await apply(session, asked, actor=STEWARD, calendar=calendar, now=now)
        said.append(f"brake: {len(one.who)} of {out_of[cause.of]} wait for an answer")
    return tuple(said)
