"""What the public asks and staff share in a school year: a few things a week, drawn from a seed."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any, Protocol

from sqlmodel import col

from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.people import Person
from schemas.public import Correction, Enquiry
from schemas.states import AccessState, AccountState
from schemas.words import Via
from tasks.acts.table import ACTS
from tasks.store import Store

_LIVE = col(Account.state) == AccountState.LIVE


class AYear(Protocol):
    """What of a year is needed here."""

    store: Store
    policy: Policy
    now: datetime
    division: Any

    async def rows(self, *columns: Any, where: Any = True) -> list[Any]: ...
    async def does(self, what: str, work: Awaitable[Any]) -> None: ...


@dataclass
class Public:
    """A few things a week, drawn from a seed of their own."""

    year: AYear
    random: Random = field(default_factory=lambda: Random(2026))  # noqa: S311 - the same each time

    async def day(self, day: date) -> None:
        """What happens on one school day."""
        person = await self.somebody()
        if self.random.random() < 0.3:
            account = self.random.choice(await self.year.rows(Account.id, where=_LIVE))
            await self.does(
                "question noted", "log-an-enquiry", person, account=account[0], asks="When is it?"
            )
        for one in await self.year.rows(
            Enquiry.id, Enquiry.account_id, where=col(Enquiry.ended_at).is_(None)
        ):
            if self.random.random() < 0.4 and (who := await self.administrator(one.account_id)):
                how = self.random.choice(("in public", "directly"))
                await self.does("question answered", "answer-an-enquiry", who, enquiry=one.id, how=how)
        if day.day % 10 == 0:
            account = self.random.choice(await self.year.rows(Account.id, where=_LIVE))
            if who := await self.administrator(account[0]):
                ad = {"account": account[0], "ground": "spam or advertising", "text": "Buy now!"}
                await self.does("taken down", "record-a-removal", who, **ad)
            await self.does("misleading", "report-misleading-information", person, says="It begins at ten.")
            await self.does("attempt shared", "report-a-contact", person, says="A message in private.")
        for (number,) in await self.year.rows(Correction.id, where=col(Correction.ended_at).is_(None)):
            if self.random.random() < 0.1:
                given = {"correction": number, "outcome": "It is put right."}
                await self.does(
                    "put right", "correct-misleading-information", self.year.division.communications, **given
                )

    async def does(self, what: str, name: str, who: str, **values: Any) -> None:
        act, year = ACTS[name].load(), self.year
        form = act.form.model_validate({"actor": who, **values})
        await year.does(what, act(year.store, year.policy, form, via=Via.COMMAND, now=year.now))

    async def somebody(self) -> str:
        rows = await self.year.rows(Person.email, where=col(Person.active) & (col(Person.kind) == "staff"))
        return str(self.random.choice(rows)[0])

    async def administrator(self, account: int) -> str | None:
        rows = await self.year.rows(
            Person.email,
            where=(col(Access.account_id) == account)
            & (col(Access.state) == AccessState.GRANTED)
            & (col(Person.id) == col(Access.person_id))
            & col(Person.active),
        )
        return str(rows[0][0]) if rows else None
