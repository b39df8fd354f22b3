"""The questions of the night's brake in the store: which causes wait, and asking and ending questions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time

from sqlalchemy import Integer, func, insert, or_, select, type_coerce, update
from sqlmodel import col

from policy.authority import policy_office
from policy.brake import Cause, Found, Night, Standing, Steps, decide_brakes, looked_for, of_missing
from policy.controls import SanctionOf
from policy.model import Policy
from policy.notices.access import AccessAtRisk
from policy.notices.brakes import BrakeAsks
from policy.roster import GONE
from policy.training_lapse import NO_COMPLETION
from schemas.accounts import Access, Account
from schemas.brakes import Brake
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.machinery import ActionItem, AuditEntry, Notice
from schemas.outcome import Ask, Outcome, Settle, Subject, Tell
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import BrakeAnswer, BrakeOf, ItemKind, SubjectKind
from tasks.store.apply import apply
from tasks.store.audit import STEWARD, append
from tasks.store.session import Session

#: So many accounts stand in the question as examples.
EXAMPLES = 5


async def waiting(session: Session) -> frozenset[str]:
    """The keys of the causes that wait: not answered yet, or held."""
    rows = await session.run(
        select(col(Brake.cause)).where(
            col(Brake.ended_at).is_(None),
            or_(col(Brake.answer).is_(None), col(Brake.answer) == BrakeAnswer.HOLD),
        )
    )
    return frozenset(rows.scalars())


async def released(session: Session, kinds: Collection[BrakeOf]) -> Sequence[tuple[int, str]]:
    """The open questions of these kinds that were let happen: number and key of the cause."""
    rows = await session.run(
        select(type_coerce(col(Brake.id), Integer), col(Brake.cause)).where(
            col(Brake.ended_at).is_(None),
            col(Brake.answer) == BrakeAnswer.RELEASE,
            col(Brake.of).in_(kinds),
        )
    )
    return [(row[0], row[1]) for row in rows]


async def steps(
    session: Session,
    found: Mapping[Cause, Found],
    kinds: Collection[BrakeOf],
    policy: Policy,
    now: datetime,
) -> tuple[Steps, Night]:
    """What becomes of the questions of these kinds, and how large the division and the night are so far."""
    calendar = policy.calendar
    kinds = looked_for(kinds, policy, calendar.today(now))
    midnight = datetime.combine(calendar.today(now), time(), calendar.zone).astimezone(UTC)
    rows = await session.run(
        select(
            type_coerce(col(Brake.id), Integer),
            col(Brake.cause),
            col(Brake.found),
            col(Brake.answer),
            col(Brake.held_until),
            col(Brake.of),
            col(Brake.control),
            col(Brake.ended_at),
        ).where(or_(col(Brake.ended_at).is_(None), col(Brake.ended_at) >= midnight))
    )
    questions = rows.all()
    standing = [Standing(*row[:5]) for row in questions if row.ended_at is None and row.of in kinds]
    counts = {cause: len(one.who) for cause, one in found.items()}
    if not counts and not standing:
        return Steps(), Night()
    answered = {row.control for row in questions if row.answer is BrakeAnswer.RELEASE}
    night = await _night(session, policy, midnight, answered)
    return decide_brakes(counts, night, standing, policy, calendar.today(now)), night


async def _night(session: Session, policy: Policy, midnight: datetime, answered: Collection[str]) -> Night:
    """How large the division is, and the losses since midnight, but for controls that somebody let happen.

    A loss is counted where it is announced, and where it happens: people asked for a course, accounts of
    which a suspension is announced, what Steward suspended, and who counts as left.
    """
    told, entry = table_of(Notice).c, table_of(AuditEntry).c
    names = {name for what in SanctionOf for name in policy.sanctioned(what)}.difference(answered)
    counted = (
        select(func.count(col(Account.id))).where(col(Account.state) == AccountState.LIVE),
        select(func.count(col(Access.person_id).distinct()))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(col(Access.state) == AccessState.GRANTED, col(Person.active)),
        select(func.count(told.person_id.distinct())).where(
            told.created_at >= midnight,
            told.kind == AccessAtRisk.kind,
            told.facts["because"].as_string() == "missing",
            told.facts["control"].as_string().not_in(answered),
        ),
        select(func.count(col(Finding.account_id).distinct()))
        .join(ActionItem, col(ActionItem.subject_id) == col(Finding.id))
        .where(
            col(ActionItem.subject_kind) == SubjectKind.FINDING,
            col(ActionItem.opened_at) >= midnight,
            col(Finding.control).in_(names),
        ),
        select(func.count(entry.seq)).where(
            entry.at >= midnight,
            entry.actor_id.is_(None),
            entry.control.not_in(answered),
            or_(
                (entry.to_state == AccessState.SUSPENDED)
                & or_(entry.cause == NO_COMPLETION, entry.cause.like("finding %")),
                (entry.cause == GONE) & (of_missing(policy).control not in answered),
            ),
        ),
    )
    rows = await session.run(select(*(one.scalar_subquery() for one in counted)))
    accounts, people, *lost = (int(one) for one in rows.one())
    return Night(accounts, people, sum(lost))


def _called(cause: Cause, policy: Policy) -> str:
    """A cause for people: its control, and which course or text, since one control may have several."""
    title = policy.title_of(cause.control)
    titles = {one.id: one.title for one in policy.courses}
    return f"{title}, “{titles.get(cause.what, cause.what)}”" if cause.what else title


async def carry_out(
    session: Session,
    decided: Steps,
    found: Mapping[Cause, Found],
    night: Night,
    policy: Policy,
    now: datetime,
) -> tuple[str, ...]:
    """End questions whose cause is gone, and ask the new ones; a line each. Only in `Store.write()`."""
    calendar, table = policy.calendar, table_of(Brake)
    said = []
    for number in decided.end:
        about = Subject(SubjectKind.BRAKE, number)
        await session.run(update(table).where(table.c.id == number).values(ended_at=now))
        await append(session, about, actor=STEWARD, control="", cause="brake: it need not wait", now=now)
        settled = Outcome((Settle(about=about, kinds=(ItemKind.ANSWER_BRAKE,), done=False),))
        await apply(session, settled, actor=STEWARD, calendar=calendar, now=now)
        said.append("brake: a question has ended")
    kind, office = ItemKind.ANSWER_BRAKE, policy_office(policy)
    due = calendar.due_after(calendar.today(now), school_days=policy.terms(kind).due_school_days)
    for cause in decided.begin:
        one = found[cause]
        beside = tuple(
            f"{count} would be {each.of}: {_called(each, policy)}"
            for each, count in decided.beside
            if each != cause
        )
        made = await session.run(
            insert(table)
            .values(
                cause=cause.key,
                of=cause.of,
                control=cause.control,
                what=cause.what,
                figure=cause.figure,
                found=len(one.who),
                out_of=night.out_of(cause.of),
                examples=sorted(one.accounts)[:EXAMPLES],
                asked_at=now,
                reason="",
            )
            .returning(table.c.id)
        )
        about = Subject(SubjectKind.BRAKE, int(made.scalar_one()))
        counts = {"found": len(one.who), "of": night.out_of(cause.of)}
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
                Tell(BrakeAsks(due_on=due, beside=beside), office, f"{about}/asks", about),
            )
        )
        await apply(session, asked, actor=STEWARD, calendar=calendar, now=now)
        said.append(f"brake: {len(one.who)} of {night.out_of(cause.of)} wait for an answer")
    return tuple(said)
