"""Many values are one parameter: one statement for any number of them, answered by its index."""

from typing import Any

from sqlalchemy import Select, event, select
from sqlmodel import col

from schemas.accounts import Access
from schemas.states import AccessState
from tasks.store import Store
from tasks.store.given import IDS, among
from tests.factories.division import a_person, a_school, an_access, an_account, put

BY_NUMBER = select(col(Access.id)).where(among(col(Access.id), IDS)).order_by(col(Access.id))


async def _found(store: Store, asked: Select[Any], **given: object) -> list[int]:
    async with store.read() as session:
        return list((await session.run(asked, given)).scalars())


async def test_those_that_are_given_are_found_none_where_none_is(store: Store) -> None:
    async with store.write() as session:
        await put(session, a_school(1), *map(a_person, (1, 2, 3)), an_account(1))
        await put(session, *(an_access(1, number, id=number) for number in (1, 2, 3)))
    for given in ([], [2], [3, 1], [1, 3, 7]):
        assert await _found(store, BY_NUMBER, ids=given) == sorted({1, 2, 3}.intersection(given))
    number, state = col(Access.id), col(Access.state)
    every = select(number).order_by(number)
    assert await _found(store, every.where(among(number, {2, 3}))) == [2, 3]
    assert await _found(store, every.where(~among(number, {2, 3}))) == [1]
    assert await _found(store, every.where(among(state, [AccessState.GRANTED]))) == [1, 2, 3]
    assert await _found(store, every.where(among(state, [AccessState.WAITING]))) == []


async def test_one_and_five_hundred_are_the_same_statement(store: Store) -> None:
    written = list[str]()

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        written.append(statement)

    engine = store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    for many in ([1], list(range(500))):
        await _found(store, BY_NUMBER, ids=many)
    event.remove(engine, "before_cursor_execute", listen)
    assert len({one for one in written if "access" in one}) == 1
    if store.is_sqlite:
        async with store.read() as session:
            plan = await (await session.connection()).exec_driver_sql(
                f"EXPLAIN QUERY PLAN {written[-1]}", ("[1, 2]",)
            )
            assert next(str(row[-1]) for row in plan).startswith("SEARCH access USING INTEGER PRIMARY KEY")
