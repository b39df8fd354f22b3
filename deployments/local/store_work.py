"""What a start does to the store, as a separate process: it can be stopped in the middle like every part.

    python -m deployments.local.store_work prepare          migrate; load the sample into an empty store
    python -m deployments.local.store_work give-back RUN…   what these dead runs had taken waits again
    python -m deployments.local.store_work people           whom to sign in as on the web pages

The last line of the output is for people: `up` shows it.
"""

import asyncio
import sys

from deployments import sample
from deployments.migrations import upgrade
from schemas.settings import Settings, load
from tasks import clock
from tasks.adoption.adopt import adopt_first
from tasks.mail import outbox
from tasks.people.listing import count_people
from tasks.sign_in.people import to_pick
from tasks.store import Store, adopted, rehearsals, wakes

_PEOPLE = 3


async def prepare(settings: Settings) -> str:
    """Bring the schema up to date and adopt the policy file where none was.

    Load the sample where nobody is stored, unless the settings say not to.
    """
    revision = await asyncio.to_thread(upgrade, settings.store_url)
    store = Store.open(settings.store_url)
    try:
        await rehearsals.make_one(store, clock.now())
        await rehearsals.refuse_moved_clock(store)
        policy = await adopt_first(store, settings.policy_file, clock.now())
        async with store.read() as session:
            kind = "made as a rehearsal, " if await rehearsals.is_rehearsal(session) else ""
        begun = f"{kind}schema {revision}, {policy}"
        if await _people(store):
            return f"{begun}, {await _people(store)} people"
        if not settings.sample:
            return f"{begun}, nobody is stored yet: `steward import roster` brings people"
        await sample.load(store, await adopted.in_use(store, settings.policy_file, clock.now()), clock.now())
        return f"{begun}, sample division loaded: {await _people(store)} people"
    finally:
        await store.close()


async def give_back(settings: Settings, dead_runs: list[str], *, letters: bool = True) -> str:
    """Make the wake-ups that dead runs had taken pending again, and their notices.

    The first sweep asks for new runs and delivers. Without `letters` the notices stay until their lease ends:
    the sender may live, on a machine that can't be seen from here.
    """
    store = Store.open(settings.store_url)
    try:
        async with store.write(audited=False) as session:
            woken = await wakes.give_back(session, dead_runs)
            held = await outbox.give_back(session, dead_runs) if letters else 0
        return f"{woken} wake-ups and {held} notices given back"
    finally:
        await store.close()


async def people(settings: Settings) -> str:
    """Three people to sign in as where anybody may: with many accounts, and of two offices."""
    store = Store.open(settings.store_url)
    try:
        policy = await adopted.in_use(store, settings.policy_file, clock.now())
        async with store.read() as session:
            shown = await to_pick(session, policy, policy.calendar.today(clock.now()))
        first = {one.what.partition(",")[0]: one for one in reversed(shown)}
        chosen = [one for one in shown if first[one.what.partition(",")[0]] is one]
        return "; ".join(f"{one.name} ({one.what})" for one in chosen[:_PEOPLE])
    finally:
        await store.close()


async def _people(store: Store) -> int:
    async with store.read() as session:
        return await count_people(session)


def main(arguments: list[str]) -> None:
    """Do what the first argument says and print the outcome."""
    settings = load()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if arguments[0] == "prepare":
        print(asyncio.run(prepare(settings)))
    elif arguments[0] == "people":
        print(asyncio.run(people(settings)))
    else:
        print(asyncio.run(give_back(settings, arguments[1:])))


if __name__ == "__main__":
    main(sys.argv[1:])
