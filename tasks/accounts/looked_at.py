"""What stands of an account's page: who or what saw it, when, and with what evidence."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlmodel import col

from schemas.evidence import PageCheck
from schemas.people import Person
from tasks.store.session import Session


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


#: The latest look at an account's page, and whose word it is.
_LATEST = (
    select(
        *(col(PageCheck.verdict), col(PageCheck.checked_at), col(PageCheck.detail)),
        *(col(PageCheck.good_through), col(PageCheck.overrules)),
        *(col(Person.given_name), col(Person.family_name)),
    )
    .outerjoin(Person, col(Person.id) == col(PageCheck.attested_by_id))
    .where(col(PageCheck.account_id) == bindparam("account"), col(PageCheck.latest))
)


async def page_shown(session: Session, account_id: int) -> PageShown | None:
    """What stands of an account's page; None where nobody looked."""
    row = (await session.run(_LATEST, {"account": account_id})).first()
    if row is None:
        return None
    return PageShown(
        verdict=str(row.verdict),
        looked_at=row.checked_at,
        evidence=row.detail,
        said_by=None if row.given_name is None else f"{row.given_name} {row.family_name}",
        until=row.good_through,
        overrules=str(row.overrules) if row.overrules else None,
    )
