"""A small division in which an item of each kind is open, and nights and mornings that pass in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email import policy as mail_policy
from functools import cached_property
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col, select

from deployments.sample.words import Level, Platform, RoleKind
from policy.calendar import Calendar
from policy.model import Policy
from schemas.accounts import AccountRequest
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.gates import ImportRun
from schemas.incidents import Incident
from schemas.leave import Leave
from schemas.machinery import ActionItem, Notice
from schemas.outcome import Ask, Outcome, RoleAt, Settle, Subject
from schemas.people import Absence, Person, Role
from schemas.settings import Settings
from schemas.states import AccessState, AccountState, IncidentState, LeaveState, RequestState
from schemas.words import ChannelKind, CustodyMode, ItemKind, SubjectKind, Via
from tasks.items import lifecycle as action_items
from tasks.mail.delivery import DeliveryReport
from tasks.runtime import Runtime
from tasks.store import Store
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tests.factories.division import a_person, a_role, a_school, an_access, an_account, put
from tests.support.letters import deliver_at

CO, SUPER, PRINCIPAL, TEACHER, REQUESTER, DEPUTY = range(1, 7)

PERSON = Subject(SubjectKind.PERSON, TEACHER)
#: Who is asked for each kind, about what, under which control.
ASKED: dict[ItemKind, tuple[int | RoleAt, Subject, str]] = {
    ItemKind.MEND_REQUEST: (REQUESTER, Subject(SubjectKind.REQUEST, 1), "classroom-approval"),
    ItemKind.DECIDE_REQUEST: (
        RoleAt(RoleKind.SCHOOL_ADMINISTRATOR, 1),
        Subject(SubjectKind.REQUEST, 2),
        "classroom-approval",
    ),
    ItemKind.COMPLETE_COURSE: (TEACHER, PERSON, "privacy-course"),
    ItemKind.ACKNOWLEDGE_GUIDELINES: (TEACHER, PERSON, "guidelines"),
    ItemKind.ACCEPT_RESPONSIBILITY: (TEACHER, Subject(SubjectKind.ACCESS, 1), "personal-responsibility"),
    ItemKind.CREATE_ACCOUNT: (TEACHER, Subject(SubjectKind.ACCOUNT, 1), "approval"),
    ItemKind.MEND_NOTICE: (TEACHER, Subject(SubjectKind.ACCOUNT, 1), "notice-on-page"),
    ItemKind.MEND_FINDING: (TEACHER, Subject(SubjectKind.FINDING, 1), "school-administrators"),
    ItemKind.TAKE_HOLD: (
        RoleAt(RoleKind.COMMUNICATIONS_OFFICER),
        Subject(SubjectKind.ACCOUNT, 1),
        "communications-can-reach-it",
    ),
    ItemKind.DECIDE_REINSTATEMENT: (
        RoleAt(RoleKind.COMMUNICATIONS_OFFICER),
        Subject(SubjectKind.ACCOUNT, 1),
        "compliance",
    ),
    ItemKind.ROTATE_CREDENTIALS: (TEACHER, Subject(SubjectKind.ACCOUNT, 1), "password-change"),
    ItemKind.CONFIRM_ROTATION: (TEACHER, Subject(SubjectKind.ACCOUNT, 1), "password-change"),
    ItemKind.REVIEW_ADMINISTRATORS: (TEACHER, Subject(SubjectKind.ACCOUNT, 1), "administrator-list-review"),
    ItemKind.SETTLE_MOVE: (
        RoleAt(RoleKind.COMMUNICATIONS_OFFICER),
        Subject(SubjectKind.ACCOUNT, 1),
        "inventory",
    ),
    ItemKind.NAME_SUCCESSOR: (
        RoleAt(RoleKind.SCHOOL_ADMINISTRATOR, 1),
        Subject(SubjectKind.ACCOUNT, 1),
        "classroom-administrators",
    ),
    ItemKind.ANSWER_PUBLIC: (TEACHER, Subject(SubjectKind.ACCOUNT, 1), "answers-in-time"),
    ItemKind.CORRECT: (
        RoleAt(RoleKind.COMMUNICATIONS_OFFICER),
        Subject(SubjectKind.CORRECTION, 1),
        "corrections",
    ),
    ItemKind.SEE_CONTACT: (PRINCIPAL, Subject(SubjectKind.CONTACT, 1), "contact-reports"),
    ItemKind.READ_ADVICE: (TEACHER, PERSON, "personal-accounts-advice"),
    ItemKind.LOOK_AGAIN: (TEACHER, Subject(SubjectKind.ACCOUNT, 1), "daily-look"),
    ItemKind.MEND_MAILBOX: (RoleAt(RoleKind.COMMUNICATIONS_OFFICER), PERSON, "quiet-hours"),
    ItemKind.SETTLE_PAGE: (
        RoleAt(RoleKind.SCHOOL_ADMINISTRATOR, 1),
        Subject(SubjectKind.PAGE, 1),
        "inventory",
    ),
    ItemKind.DECIDE_REPORT: (
        RoleAt(RoleKind.COMMUNICATIONS_OFFICER),
        Subject(SubjectKind.INCIDENT, 1),
        "violations",
    ),
    ItemKind.ANSWER_REPORT: (TEACHER, Subject(SubjectKind.INCIDENT, 1), "violations"),
    ItemKind.CONFIRM_LIST: (
        RoleAt(RoleKind.SCHOOL_ADMINISTRATOR, 1),
        Subject(SubjectKind.SCHOOL, 1),
        "inventory",
    ),
    ItemKind.DECIDE_LEAVE: (PRINCIPAL, Subject(SubjectKind.LEAVE, 1), "texting"),
    ItemKind.ANSWER_BRAKE: (
        RoleAt(RoleKind.COMMUNICATIONS_OFFICER),
        Subject(SubjectKind.BRAKE, 1),
        "privacy-course",
    ),
    ItemKind.SETTLE_ROW: (
        RoleAt(RoleKind.COMMUNICATIONS_OFFICER),
        Subject(SubjectKind.IMPORT, 1),
        "privacy-course",
    ),
}


def a_request(number: int, state: RequestState, now: datetime) -> AccountRequest:
    return AccountRequest(
        id=number,
        requester_id=REQUESTER,
        school_id=1,
        level=Level.CLASSROOM,
        channel=ChannelKind.SOCIAL_MEDIA,
        platform=Platform.INSTAGRAM,
        handle=f"@wished.{number}",
        wish={
            "purpose": "News of the class for its families.",
            "audience": "Families of the class.",
            "tools_considered": ["division or school website"],
            "why_not": "Families read Instagram every day.",
            "administrators": [TEACHER],
            "custody": CustodyMode.SHARED_PASSWORD.value,
        },
        handed_in_at=now,
        recorded_via=Via.COMMAND,
        reasons=["The purpose is too short."],
        state=state,
        state_since=now,
    )


@dataclass
class Inbox:
    """Takes every mail and keeps it."""

    mails: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, sender: str, recipient: str, message: bytes) -> None:  # noqa: ARG002
        read = message_from_bytes(message, policy=mail_policy.default)
        body = read.get_body(("plain",))
        assert body is not None
        self.mails.append((recipient, f"{read['Subject']}\n{' '.join(body.get_content().split())}"))

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class World:
    """The store, the policy and a clock that only moves forward."""

    store: Store
    policy: Policy
    now: datetime
    inbox: Inbox = field(default_factory=Inbox)

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.policy)

    async def begin(self) -> None:
        """The people, what is asked about, and one item of each kind, asked now."""
        await self.put(
            a_school(1),
            *(a_person(number) for number in range(1, 7)),
            a_role(CO, RoleKind.COMMUNICATIONS_OFFICER, school=None),
            a_role(SUPER, RoleKind.SUPERINTENDENT, school=None),
            a_role(PRINCIPAL),
            a_request(1, RequestState.SENT_BACK, self.now),
            a_request(2, RequestState.AWAITING_DECISION, self.now),
            an_account(1, state=AccountState.PREPARING),
            an_access(1, TEACHER, id=1, state=AccessState.WAITING),
            Finding(
                id=1,
                control="school-administrators",
                account_id=1,
                due_on=date(2026, 9, 1),
                detail="1 of 2",
                opened_at=self.now,
            ),
            Incident(
                id=1,
                reported_by_id=REQUESTER,
                person_id=TEACHER,
                under="violations",
                rule="AP 170",
                tells="A picture with names.",
                reported_at=self.now,
                recorded_via=Via.COMMAND,
                state=IncidentState.HEARD,
                state_since=self.now,
            ),
            Leave(
                id=1,
                person_id=TEACHER,
                school_id=1,
                under="texting",
                purpose="A journey with the class.",
                starts_on=self.now.date(),
                ends_on=self.now.date() + timedelta(days=60),
                asked_at=self.now,
                recorded_via=Via.COMMAND,
                state=LeaveState.ASKED,
                state_since=self.now,
            ),
            ImportRun(
                id=1, kind="training", sha256="0" * 64, rows=3, changed=2, unmatched=1, imported_at=self.now
            ),
        )
        for kind in ItemKind:
            await self.ask(kind)

    async def ask(self, kind: ItemKind, of: int | RoleAt | None = None, **changes: Any) -> None:
        whom, subject, control = ASKED[kind]
        due = self.calendar.due_after(
            self.calendar.today(self.now), school_days=self.policy.terms(kind).due_school_days
        )
        given = {"key": str(kind), "subject": subject, "control": control, "due_on": due, **changes}
        await self.apply(Ask(kind=kind, of=whom if of is None else of, **given))

    async def finish(self, *kinds: ItemKind) -> None:
        await self.apply(Settle(tuple(str(kind) for kind in kinds)))

    async def only(self, *kinds: ItemKind) -> None:
        """Nothing else is open."""
        await self.finish(*(kind for kind in ItemKind if kind not in kinds))

    async def apply(self, *steps: Any) -> None:
        async with self.store.write() as session:
            await apply(session, Outcome(steps), actor=STEWARD, calendar=self.calendar, now=self.now)

    async def put(self, *rows: Any) -> None:
        async with self.store.write() as session:
            await put(session, *rows)

    async def many(self, table: type[ActionItem], rows: list[dict[str, Any]]) -> None:
        async with self.store.write() as session:
            await session.run(insert(table_of(table)), rows)

    async def leaves(self, person: int) -> None:
        await self._set(update(Person).where(col(Person.id) == person).values(active=False))

    async def office_ends(self, person: int, last: date) -> None:
        await self._set(update(Role).where(col(Role.person_id) == person).values(ends_on=last))

    async def away(self, person: int, first: date, last: date, deputy: int = DEPUTY) -> None:
        await self.put(Absence(person_id=person, deputy_id=deputy, starts_on=first, ends_on=last))

    async def _set(self, statement: Any) -> None:
        async with self.store.write() as session:
            await session.run(statement)

    @cached_property
    def settings(self) -> Settings:
        return Settings()

    async def sweep(self) -> list[str]:
        """What the nightly sweep does with action items; then nothing is due."""
        runtime = Runtime(self.settings, self.policy, self.store)
        said = [
            one
            for case in await action_items.due(runtime, self.now)
            for one in await action_items.move(runtime, case, self.now)
        ]
        if said:
            assert await action_items.due(runtime, self.now) == ()
        return said

    async def night(self, day: date) -> list[str]:
        """02:00 of the division on this day."""
        self.now = datetime.combine(day, time(8), UTC)
        return await self.sweep()

    async def morning(self, day: date) -> DeliveryReport:
        """08:20 of the division, when the digests leave."""
        self.now = datetime.combine(day, time(14, 20), UTC)
        return await deliver_at(self.store, self.policy, self.settings, self.now, self.inbox)

    async def items(self) -> dict[str, ActionItem]:
        async with self.store.read() as session:
            return {one.key: one for one in await session.exec(select(ActionItem))}

    async def notices(self) -> list[Notice]:
        async with self.store.read() as session:
            return list(await session.exec(select(Notice).order_by(col(Notice.id))))

    async def told(self) -> list[tuple[str, int]]:
        return [(one.kind, one.person_id) for one in await self.notices()]


def days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
