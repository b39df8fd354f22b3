"""Forms under way and their answers, for a day: so that "back" and "reload" find again what was typed.

What is kept is locked with the word in the browser's cookie. The store alone can't read it, nor can another
browser; and it is given to the person alone who typed it.
"""

import asyncio
import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update
from sqlmodel import col, select

from schemas.columns import table_of
from schemas.sign_in import KeptPage
from tasks.sign_in.tokens import hashed
from tasks.store import Store
from tasks.store.session import Session
from tasks.store.upsert import insert_once

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

LASTS = timedelta(days=1)
#: So many of each person; the oldest go first.
OF_EACH = 40
#: Bytes of one when it is locked: what is larger is not kept.
LARGEST = 100_000
_KEPT = table_of(KeptPage)


def _key_hash(browser: str, person: int, key: str) -> str:
    """One of each person: the next one in this browser changes nobody's but their own."""
    return hashed(f"{browser}/{person}/{key}")


async def _lock(browser: str, key: str) -> "Fernet":
    """Loaded beside the loop, with the first form: a process that shows pages alone is smaller without it."""
    made = await asyncio.to_thread(import_module, "cryptography.fernet")
    its = hashlib.sha256(f"locked/{browser}/{key}".encode()).digest()
    lock: Fernet = made.Fernet(base64.urlsafe_b64encode(its))
    return lock


async def keep(
    store: Store, browser: str, key: str, person: int, what: Mapping[str, Any], *, now: datetime
) -> bool:
    """Keep it under the key, in the place of what was there; False where it is too large.

    `browser` is the word in the browser's cookie. Raises StoreUnavailable.
    """
    plain = json.dumps({"person": person, "what": what}).encode()
    locked = (await _lock(browser, key)).encrypt(zlib.compress(plain))
    if len(locked) > LARGEST:
        return False
    its, of, until = _key_hash(browser, person, key), hashed(f"forms of {person}"), now + LASTS
    async with store.write(audited=False) as session:
        ours = _KEPT.c.owner_hash == of
        newest = select(_KEPT.c.key_hash).where(ours, _KEPT.c.key_hash != its)
        newest = newest.order_by(_KEPT.c.until.desc(), _KEPT.c.key_hash).limit(OF_EACH - 1)
        stay = [its, *(await session.run(newest)).scalars()]
        await session.run(
            delete(_KEPT).where((_KEPT.c.until <= now) | (ours & _KEPT.c.key_hash.not_in(stay)))
        )
        values = {"owner_hash": of, "locked": locked, "until": until}
        there = await session.run(update(_KEPT).where(_KEPT.c.key_hash == its).values(**values))
        if not there.rowcount:
            await insert_once(session, _KEPT, {"key_hash": its, **values}, unique=("key_hash",))
    return True


async def find(session: Session, browser: str, key: str, person: int, now: datetime) -> dict[str, Any] | None:
    """What is kept; None where there is nothing, its time is over, or it is somebody else's."""
    its = _key_hash(browser, person, key)
    asked = select(KeptPage).where(col(KeptPage.key_hash) == its, col(KeptPage.until) > now)
    row = (await session.exec(asked)).first()
    if row is None:
        return None
    lock = await _lock(browser, key)
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - it is loaded by now

    try:
        opened = json.loads(zlib.decompress(lock.decrypt(row.locked)))
    except InvalidToken:  # somebody changed the row
        return None
    what: dict[str, Any] = opened["what"]
    return what if opened["person"] == person else None


async def forget(store: Store, browser: str, key: str, person: int) -> None:
    """What this person typed is kept no longer. Raises StoreUnavailable."""
    async with store.write(audited=False) as session:
        await session.run(delete(_KEPT).where(_KEPT.c.key_hash == _key_hash(browser, person, key)))
