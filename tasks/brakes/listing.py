"""The questions of the night's brake, as people read them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from policy.model import Policy
from policy.notices.brakes import says
from schemas.brakes import Brake
from tasks.store import Store


@dataclass(frozen=True)
class Question:
    """What would happen to how many, why, and what was answered. `until`: how long it is held."""

    question: int
    what: str
    because: str
    asked_at: datetime
    answer: str
    until: date | None
    reason: str


async def questions(store: Store, policy: Policy, *, ended: bool = False) -> tuple[Question, ...]:
    """The open questions, the newest first; with `ended`, those that have ended too."""
    wanted = select(Brake).order_by(col(Brake.id).desc())
    if not ended:
        wanted = wanted.where(col(Brake.ended_at).is_(None))
    async with store.read() as session:
        rows = (await session.exec(wanted)).all()
    found = []
    for row in rows:
        what, because = says(row, policy)
        answer = row.answer.value if row.answer else "ended without an answer" if row.ended_at else "waits"
        found.append(Question(row.id or 0, what, because, row.asked_at, answer, row.held_until, row.reason))
    return tuple(found)
