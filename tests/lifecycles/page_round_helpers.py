"""A round over the pages of accounts in use."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update

from schemas.accounts import Account
from schemas.settings import Settings
from schemas.states import AccountState
from tasks.pages.page_round import due_pages, look_at_due_pages
from tests.support.world import World

#: Nothing listens there: a page that can't be read.
NOBODY = "http://127.0.0.1:9/lakeside"


async def due(world: World) -> list[int]:
    async with world.store.read() as session:
        return list((await session.run(due_pages(world.policy, world.now, 10))).scalars())


async def a_round(world: World, clock: Callable[[], datetime] | None = None) -> str:
    async def at_once(_seconds: float) -> None:
        return

    settings = Settings.model_construct(page_allow=frozenset({"127.0.0.1:9"}))
    return str(await look_at_due_pages(world.store, world.policy, settings, world.now, at_once, clock=clock))


async def moves_to(world: World, address: str, state: AccountState = AccountState.LIVE) -> None:
    async with world.store.write() as session:
        await session.run(update(Account).values(address=address, state=state))
