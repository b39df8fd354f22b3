"""The policy that is used: the one adopted last; before the first adoption, the file of the settings.

The modes that people set for controls are laid over it, as they count today.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import insert, or_, select, update
from sqlmodel import col

from policy.calendar import Calendar
from policy.model import Policy, SetMode, parse, text_of
from schemas.adoption import ControlMode, PolicyAdoption
from schemas.columns import table_of
from schemas.errors import BadPolicy, NotPrepared, Unknown
from schemas.settings import Settings
from tasks.store.engine import Store
from tasks.store.session import Session


@dataclass(frozen=True)
class Adopted:
    """An adopted policy: its number, its text, and who adopted it when. `adopted_at` is an instant."""

    id: int
    version: str
    sha256: str
    content: str
    adopted_at: datetime
    adopted_by_id: int | None

    @property
    def called(self) -> Path:
        """What problems of its text are told of."""
        return Path(f"adopted policy {self.id}")

    @property
    def policy(self) -> Policy:
        """What the text says. Raises BadPolicy where this version of Steward can't read it any more."""
        return parse(self.content, self.called)


async def newest(session: Session) -> Adopted | None:
    """The policy that is used; None before the first adoption."""
    found = await _read(session, limit=1)
    return found[0] if found else None


async def every(session: Session) -> Sequence[Adopted]:
    """Every adopted policy, the newest first."""
    return await _read(session)


async def as_of(session: Session, then: datetime, day: date) -> Policy | None:
    """The policy in use just before an instant, with the modes that people had set and that counted on `day`.

    None where nothing was ever adopted. Raises Unknown where the first one came later, BadPolicy.
    """
    found = await every(session)
    if not found:
        return None
    then_used = next((one for one in found if one.adopted_at < then), None)
    if then_used is None:
        first = found[-1].policy
        since = Calendar(first).today(found[-1].adopted_at)
        raise Unknown(
            f"Nothing is on record of {day}: the first policy was adopted on {since}. Give that day, or a "
            "later one."
        )
    rows = await session.run(
        select(col(ControlMode.id), col(ControlMode.control), col(ControlMode.mode), col(ControlMode.from_on))
        .where(
            col(ControlMode.set_at) < then,
            or_(col(ControlMode.ended_at).is_(None), col(ControlMode.ended_at) >= then),
        )
        .order_by(col(ControlMode.id))
    )
    modes = tuple(SetMode(int(row.id or 0), row.control, row.mode, row.from_on) for row in rows)
    return then_used.policy.with_modes(modes, day)


async def one(session: Session, which: str) -> Adopted:
    """An adopted policy by its number, or the newest of a version. Raises Unknown."""
    found = await every(session)
    for adopted in found:
        if which in {str(adopted.id), adopted.version}:
            return adopted
    raise Unknown(f"No policy {which} was adopted: `steward policy list` shows those that were.")


async def _read(session: Session, limit: int | None = None) -> Sequence[Adopted]:
    table = table_of(PolicyAdoption).c
    rows = await session.run(
        select(table.id, table.version, table.sha256, table.content, table.adopted_at, table.adopted_by_id)
        .order_by(table.id.desc())
        .limit(limit)
    )
    return [Adopted(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it


async def keep(session: Session, content: str, policy: Policy, *, by_id: int | None, now: datetime) -> int:
    """Make this text the policy that is used; its number. Whoever calls has checked that it may be."""
    table = table_of(PolicyAdoption)
    made = await session.run(
        insert(table)
        .values(
            document=policy.document.id,
            version=policy.document.version,
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            content=content,
            adopted_at=now,
            adopted_by_id=by_id,
        )
        .returning(table.c.id)
    )
    return int(made.scalar_one())


@dataclass(frozen=True)
class Used:
    """What is used: the policy's text, what its problems are told of, and the modes that people set."""

    text: str
    path: Path
    modes: tuple[SetMode, ...] = ()

    def policy(self, now: datetime) -> Policy:
        """The policy with the modes as they count on the day of `now`. Raises BadPolicy."""
        policy = parse(self.text, self.path)
        return policy.with_modes(self.modes, policy.calendar.today(now))


async def set_modes(session: Session) -> tuple[SetMode, ...]:
    """The modes that people set and that stand, the oldest first."""
    rows = await session.run(
        select(col(ControlMode.id), col(ControlMode.control), col(ControlMode.mode), col(ControlMode.from_on))
        .where(col(ControlMode.ended_at).is_(None))
        .order_by(col(ControlMode.id))
    )
    return tuple(SetMode(int(row.id or 0), row.control, row.mode, row.from_on) for row in rows)


async def end_modes(session: Session, controls: Iterable[str], now: datetime) -> None:
    """What was set for these controls counts no more. Only in `Store.write()`."""
    await session.run(
        update(table_of(ControlMode))
        .where(col(ControlMode.control).in_(list(controls)), col(ControlMode.ended_at).is_(None))
        .values(ended_at=now)
    )


async def used(store: Store, file: Path) -> Used:
    """The policy that is used, as text.

    The file of the settings where there is no store yet, or nothing was adopted in it. Raises BadPolicy for a
    file that can't be read, StoreUnavailable.
    """
    modes: tuple[SetMode, ...] = ()
    if not store.is_missing:
        with suppress(NotPrepared):
            async with store.read() as session:
                adopted, modes = await newest(session), await set_modes(session)
            if adopted is not None:
                return Used(adopted.content, adopted.called, modes)
    return Used(text_of(file), file, modes)


async def in_use(store: Store, file: Path, now: datetime) -> Policy:
    """The policy that is used at this instant. Raises BadPolicy, StoreUnavailable."""
    found = await used(store, file)
    try:
        return found.policy(now)
    except BadPolicy as error:
        if found.path == file:
            raise
        raise BadPolicy(
            f"{error} This Steward can't read the policy that was adopted: use the version of Steward that "
            "adopted it, and adopt a file there that both can read."
        ) from None


def text_now(settings: Settings) -> tuple[str, Path]:
    """The text that is used and its path, for whoever has no event loop, or one that is busy."""

    async def work() -> tuple[str, Path]:
        store = Store.open(settings.store_url)
        try:
            found = await used(store, settings.policy_file)
            return found.text, found.path
        finally:
            await store.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work()).result()
