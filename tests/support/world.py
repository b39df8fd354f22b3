"""A small division, and the steps that people and lifecycles take in it, as plain calls."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from typing import Any

from sqlmodel import col, select

from deployments.sample.words import Guideline, RoleKind
from policy.model import Policy
from schemas.accounts import Access, Account, AccountRequest
from schemas.events import WakeState
from schemas.evidence import PageCheck
from schemas.machinery import ActionItem, Notice, Wake
from schemas.receipt import Receipt
from schemas.settings import Settings
from schemas.states import AccessState, AccountState, RequestState
from schemas.tables import metadata
from schemas.words import ItemState, PageVerdict, Via
from tasks.access.gates import (
    AcceptanceForm,
    AcknowledgementForm,
    accept_responsibility,
    acknowledge_guidelines,
)
from tasks.accounts.report import ReportForm, report_account
from tasks.lifecycles import Stage, Turn, swept
from tasks.requests.decide import DecisionForm, record_decision
from tasks.requests.hand_in import RequestForm, submit_request
from tasks.runtime import Runtime
from tasks.store import Store
from tests.factories.division import a_completion, a_person, a_role, a_school, put
from tests.support.remembered import contents
from tests.support.rules import the_notice

#: What waits for no person, no page and no day.
DRAINED = (Turn.ACCESS, Turn.ACCOUNTS, Turn.RENEWALS)

CO, SUPER, PRINCIPAL, TEACHER, OTHER_PRINCIPAL, DEPUTY, VICE = range(1, 8)


def mail(person: int) -> str:
    return f"person{person}@example.org"


def division() -> list[Any]:
    """Two schools; Communications, the Superintendent, two principals at different schools, teachers."""
    return [
        a_school(1),
        a_school(2),
        *(a_person(number, school=2 if number == OTHER_PRINCIPAL else 1) for number in range(1, 8)),
        a_role(CO, RoleKind.COMMUNICATIONS_OFFICER, school=None),
        a_role(SUPER, RoleKind.SUPERINTENDENT, school=None),
        a_role(PRINCIPAL),
        a_role(OTHER_PRINCIPAL, school=2),
    ]


def a_request(**changes: Any) -> RequestForm:
    given: Mapping[str, Any] = {
        "actor": mail(TEACHER),
        "level": "school",
        "channel": "social media account",
        "platform": "Instagram",
        "handle": "@lakeside.school",
        "school": "Sample School 1",
        "purpose": "News of the school for its families.",
        "audience": "Families of the school.",
        "tools_considered": ["division or school website"],
        "why_not": "Families read Instagram every day, and the website rarely.",
        "administrators": [mail(PRINCIPAL), mail(TEACHER)],
        "custody": "shared password",
    }
    return RequestForm.model_validate({**given, **changes})


@cache
def _settings(_environment: frozenset[tuple[str, str]]) -> Settings:
    return Settings()


@dataclass
class World:
    """The store, the policy and a clock that only moves forward."""

    store: Store
    policy: Policy
    now: datetime

    @cached_property
    def settings(self) -> Settings:
        """Read once for each environment: reading costs more than much of what a test does."""
        return _settings(
            frozenset(one for one in os.environ.items() if one[0].upper().startswith("STEWARD_"))
        )

    @property
    def runtime(self) -> Runtime:
        return Runtime(self.settings, self.policy, self.store)

    async def submit(self, **changes: Any) -> int:
        form = a_request(**changes)
        return (await submit_request(self.store, self.policy, form, via=Via.COMMAND, now=self.now)).subject.id

    async def decide(self, request: int, by: int, verdict: str = "approve", **more: Any) -> Receipt:
        """A decision by somebody who has read the request as it stands now."""
        revision = {row["id"]: row["revision"] for row in await self.rows("account_request")}.get(request, 1)
        given = {"request": request, "actor": mail(by), "verdict": verdict, "reason": "It fits."}
        given |= {"revision": revision, **more}
        form = DecisionForm.model_validate(given)
        return await record_decision(self.store, self.policy, form, via=Via.COMMAND, now=self.now)

    async def meet_gates(self, account: int, *people: int, course: bool = True) -> None:
        for person in people:
            who = {"actor": mail(person)}
            if course:
                await self.put(a_completion(person, self.now.date() - timedelta(days=3)))
            known = await self.rows("guideline_receipt")
            if not any(row["person_id"] == person and row["acknowledged_at"] for row in known):
                form = AcknowledgementForm.model_validate({**who, "guideline": Guideline.SOCIAL_MEDIA})
                await acknowledge_guidelines(self.store, self.policy, form, via=Via.COMMAND, now=self.now)
            accept = AcceptanceForm.model_validate({**who, "account": account})
            await accept_responsibility(self.store, self.policy, accept, via=Via.COMMAND, now=self.now)

    async def report(self, account: int, by: int, **changes: Any) -> Receipt:
        given = {
            "account": account,
            "actor": mail(by),
            "address": "https://www.example.org/lakeside" + (f"-{account}" if account > 1 else ""),
            "platform_id": f"1784140000000000{account}",
            "vault_reference": "vault/Lakeside Instagram",
            "privacy_done": ["all"],
            **changes,
        }
        form = ReportForm.model_validate(given)
        return await report_account(self.store, self.policy, form, via=Via.COMMAND, now=self.now)

    async def look(self, account: int, verdict: PageVerdict = PageVerdict.EXACT) -> None:
        await self.put(
            PageCheck(
                account_id=account,
                checked_at=self.now,
                verdict=verdict,
                notice_version=the_notice(self.policy).version,
                address="https://www.example.org/lakeside",
            )
        )

    async def put(self, *rows: Any) -> None:
        async with self.store.write() as session:
            await put(session, *rows)

    async def drain(self) -> None:
        """What waits for no person is moved; then nothing is due, and moving again changes nothing."""
        for lifecycle in swept():
            if lifecycle.turn in DRAINED:
                for stage in lifecycle.stages:
                    await self.bring_on(stage)

    async def bring_on(self, stage: Stage) -> None:
        cases = await stage.due(self.runtime, self.now)
        for case in cases:
            assert await stage.move(self.runtime, case, self.now)
        if not cases:
            return
        before = await contents(self.store)
        assert await stage.due(self.runtime, self.now) == ()
        for case in cases:
            assert await stage.move(self.runtime, case, self.now) == ()
        assert await contents(self.store) == before

    async def woken(self) -> set[str]:
        """The lifecycles that were woken since this was last asked."""
        async with self.store.write() as session:
            rows = (await session.exec(select(Wake).where(col(Wake.state) == WakeState.PENDING))).all()
            found = {row.lifecycle for row in rows}
            for row in rows:
                row.state = WakeState.DONE
                session.add(row)
        return found

    async def rows(self, table: str) -> list[dict[str, Any]]:
        async with self.store.read() as session:
            rows = metadata.tables[table].select().order_by(*metadata.tables[table].primary_key.columns)
            found = await session.run(rows)
        return [dict(row._mapping) for row in found]

    async def everything(self) -> dict[str, Sequence[str]]:
        async with self.store.read() as session:
            return {
                name: sorted(map(repr, await session.rows(table.select())))
                for name, table in metadata.tables.items()
            }

    async def request(self, number: int) -> RequestState:
        async with self.store.read() as session:
            return (await session.get_one(AccountRequest, number)).state

    async def account(self, number: int) -> AccountState:
        async with self.store.read() as session:
            return (await session.get_one(Account, number)).state

    async def accesses(self) -> dict[int, AccessState]:
        async with self.store.read() as session:
            return {row.person_id: row.state for row in (await session.exec(select(Access))).all()}

    async def told(self) -> list[tuple[str, int]]:
        async with self.store.read() as session:
            rows = (await session.exec(select(Notice))).all()
        return sorted((row.kind, row.person_id) for row in rows)

    async def asked(self) -> list[tuple[str, int | None]]:
        """The open items: what, and of whom (None: of an office)."""
        async with self.store.read() as session:
            rows = (
                await session.exec(select(ActionItem).where(col(ActionItem.state) == ItemState.OPEN))
            ).all()
        return sorted(((row.kind.value, row.person_id) for row in rows), key=str)

    def later(self, **span: int) -> None:
        self.now += timedelta(**span)

    def on(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
