"""Somebody whose name and addresses stand wherever people's words may stand."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import update

from policy.roster import GONE
from schemas.accounts import AccountChange, AccountRequest
from schemas.columns import table_of
from schemas.contacts import ContactReport
from schemas.evidence import Rotation
from schemas.findings import Finding, Suspension
from schemas.gates import Completion, ImportRun, Remembered, UnmatchedRow
from schemas.machinery import Notice
from schemas.notices import NoticeState, Urgency
from schemas.outcome import Subject
from schemas.people import AlsoKnown, Person, SamePerson
from schemas.words import Changed, SubjectKind, Via
from tasks.store import audit
from tasks.store.audit import STEWARD
from tests.factories.division import a_check, a_correction, an_enquiry
from tests.support.stages import leaves, live
from tests.support.world import CO, TEACHER, VICE, World, mail

GIVEN, FAMILY, ROSTER_ID = "Élodie", "Quill-Canary", "roster-canary-4"
NAME = f"{GIVEN} {FAMILY}"
TRACES = (NAME.casefold(), FAMILY.casefold(), mail(TEACHER), ROSTER_ID, "elodie.second@example.org")
SAID = f"{NAME} told {mail(TEACHER)} about it."


async def named(world: World) -> None:
    """Person 4 gets names that nobody else has."""
    async with world.store.write() as session:
        values = {"given_name": GIVEN, "family_name": FAMILY, "source_id": ROSTER_ID, "supervisor_id": CO}
        await session.run(update(table_of(Person)).where(table_of(Person).c.id == TEACHER).values(**values))


async def traces_everywhere(world: World) -> None:
    """A live account that they administered, and their name wherever people's words may stand."""
    await named(world)
    await live(world)
    now = world.now
    its: dict[str, Any] = {"account_id": 1}
    async with world.store.write() as session:
        await session.run(update(table_of(AccountRequest)).values(reasons=[SAID]))
    await world.put(
        ImportRun(id=1, kind="training", sha256="0" * 64, imported_at=now),
        UnmatchedRow(
            import_id=1,
            line=2,
            course="c",
            email="elodie@home.example",
            name=NAME,
            completed_on=date(2026, 1, 2),
        ),
        UnmatchedRow(
            import_id=1,
            line=3,
            course="c",
            email=mail(TEACHER),
            name="",
            completed_on=date(2026, 1, 2),
            settled_person_id=TEACHER,
            settled_at=now,
            settled_how=f"is {NAME}",
        ),
        Remembered(kind="strangers", key="home.example", value=SAID, said_by_id=CO, said_at=now),
        SamePerson(
            import_id=1,
            source_id=ROSTER_ID,
            person_id=VICE,
            email=mail(TEACHER),
            given_name=GIVEN,
            family_name=FAMILY,
            asked_at=now,
        ),
        AlsoKnown(person_id=TEACHER, merged_id=VICE, email="elodie.second@example.org", merged_at=now),
        Completion(
            person_id=TEACHER,
            course="another",
            completed_on=date(2026, 1, 2),
            recorded_via=Via.COMMAND,
            recorded_at=now,
            voided_at=now,
            void_reason="She never sat it.",
        ),
        AccountChange(
            **its,
            what=Changed.ADMINISTRATOR,
            before=str(TEACHER),
            changed_at=now,
            changed_by_id=CO,
            reason="She is ill.",
        ),
        AccountChange(
            **its, what=Changed.HANDLE, before="@old", changed_at=now, changed_by_id=CO, reason=SAID.upper()
        ),
        an_enquiry(1, now.date(), asks=SAID),
        a_correction(1, now.date(), says=SAID, outcome=SAID),
        ContactReport(
            person_id=TEACHER,
            happened_on=now.date(),
            says="Something.",
            reported_at=now,
            recorded_via=Via.COMMAND,
            delete_on=now.date() + timedelta(days=365),
        ),
        Finding(control="school-administrators", **its, due_on=now.date(), detail=SAID, opened_at=now),
        Suspension(
            **its,
            control="x",
            reason=SAID,
            suspended_at=now,
            recorded_via=Via.COMMAND,
            ended_at=now,
            ended_because=f"({NAME})",
        ),
        Rotation(
            **its, rotated_at=now, rotated_by_id=TEACHER, evidence=NAME, reason=SAID, recorded_via=Via.COMMAND
        ),
        a_check(1, now, text=f"Run by {FAMILY}, {GIVEN}.", detail=SAID, statements=[{"found": [SAID]}]),
        Notice(
            key="any/person:4",
            kind="office_ended",
            urgency=Urgency.LOW,
            person_id=TEACHER,
            subject_kind=SubjectKind.PERSON,
            subject_id=TEACHER,
            facts={"by_id": CO, "reason": SAID},
            created_at=now,
            not_before=now,
            state=NoticeState.PARKED,
        ),
    )


async def gone(world: World) -> None:
    """They left, as a roster says it, and their access ended."""
    await leaves(world, TEACHER)
    async with world.store.write() as session:
        subject = Subject(SubjectKind.PERSON, TEACHER)
        await audit.append(
            session, subject, actor=STEWARD, control="", cause=GONE, now=world.now, body={"import": 1}
        )
    await world.drain()
