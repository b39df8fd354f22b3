"""What a row of docs/clauses.md is made of, and what drives one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from schemas.errors import StewardError
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.acts.table import ACTS
from tasks.findings.evaluation import look
from tests.support.world import World, mail

Drive = Callable[[World], Awaitable[str]]


@dataclass(frozen=True)
class Row:
    """One row: the clauses, what was done, and what does it and reads the store after it."""

    clauses: tuple[str, ...]
    done: str
    drive: Drive


#: Every row, as its module brings it.
ROWS: list[Row] = []


def row(*clauses: str, done: str) -> Callable[[Drive], Drive]:
    """Add a row: its function gets a world of its own, with people and schools and no account."""

    def add(drive: Drive) -> Drive:
        ROWS.append(Row(clauses, done, drive))
        return drive

    return add


async def acted(world: World, name: str, actor: int, **values: object) -> Receipt:
    """Hand an act in, behind its doors. Raises what the act raises."""
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), **values})
    done: Receipt = await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done


async def refused(world: World, name: str, actor: int, **values: object) -> str:
    """The sentence with which an act is refused."""
    try:
        await acted(world, name, actor, **values)
    except StewardError as error:
        return f"Refused: {error}"
    raise AssertionError(f"{name} was not refused")


async def violated(world: World, *controls: str) -> str:
    """How many live accounts violate each of these rules today."""
    today = world.policy.calendar.today(world.now)
    async with world.store.read() as session:
        counts = [await look(session, world.policy.rule(one), world.policy, today) for one in controls]
    return "; ".join(f"{one.control}: {one.held} hold it, {one.violated} do not" for one in counts)


async def states(world: World) -> str:
    """The states of the first account and of every access."""
    accesses = ", ".join(f"person {one}: {state}" for one, state in sorted((await world.accesses()).items()))
    return f"account 1 is {await world.account(1)}; access of {accesses}"


async def causes(world: World, *wanted: str) -> str:
    """The audit entries of these causes, with how many there are of each."""
    entries = await world.rows("audit_entry")
    counted = {one: sum(entry["cause"] == one for entry in entries) for one in wanted}
    assert all(counted.values()), counted
    return "audit chain: " + ", ".join(f"“{one}”" for one in counted)


async def told(world: World, *kinds: str) -> str:
    """Who was written these notices."""
    found = [(kind, person) for kind, person in await world.told() if kind in kinds]
    assert {kind for kind, _ in found} == set(kinds), found
    return "letters: " + ", ".join(f"{kind.replace('_', ' ')} to person {person}" for kind, person in found)


def said(*parts: str) -> str:
    """Several sentences of one row."""
    return "; ".join(parts)


def ordered(rows: Sequence[Row], clauses: Sequence[str]) -> list[Row]:
    """The rows in the policy's order."""
    place = {clause: number for number, clause in enumerate(clauses)}
    return sorted(rows, key=lambda one: place[one.clauses[0]])
