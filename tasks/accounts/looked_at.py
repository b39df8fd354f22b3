"""What stands of an account's page: who or what saw it, when, and with what evidence."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.evidence import PageCheck
from schemas.people import Person


@dataclass(frozen=True)
class PageShown:
    """The latest look at a page. `said_by`: the person whose word it is; None: it was read.

    `evidence` is that person's, or what a look found. `overrules`: what a look found and the person does not
    see. `until`: the last day on which the person's word counts.
    """

    verdict: str
    looked_at: datetime
    evidence: str
    said_by: str | None
    until: date | None
    overrules: str | None

    @property
    def how(self) -> str:
        """By whom, until when and with what, as half a sentence; empty where it was read."""
        if self.said_by is None:
            return ""
        found = f"; a look found it {self.overrules}" if self.overrules else ""
        return f"said by {self.said_by} until {self.until}: {self.evidence.rstrip('.')}{found}"


async def page_shown(session: AsyncSession, account_id: int) -> PageShown | None:
    """What stands of an account's page; None where nobody looked."""
    found = await session.exec(
        select(PageCheck, Person)
        .outerjoin(Person, col(Person.id) == col(PageCheck.attested_by_id))
        .where(col(PageCheck.account_id) == account_id, col(PageCheck.latest))
    )
    row = found.first()
    if row is None:
        return None
    look, person = row
    return PageShown(
        verdict=str(look.verdict),
        looked_at=look.checked_at,
        evidence=look.detail,
        said_by=person.name if person else None,
        until=look.good_through,
        overrules=str(look.overrules) if look.overrules else None,
    )
