"""The stack under kills of single parts, while a school asks for accounts.

    python -m tests.stack.kills [KILLS] [SEED]

Each kill is SIGKILL to one part or one process of it; the stack goes on in the same `up`. At the end the
invariants of the fault nights are counted on the store and on the caught mail.
"""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import psutil

from deployments.local import environment, forks, marks
from deployments.local.steps import say
from policy.model import load
from tasks.prefect.api import NIGHTLY_SWEEP, PrefectApi, PrefectUnavailable
from tasks.store import Store, wakes
from tests.faults.invariants import Before, hold, note_before
from tests.stack.public_site import site
from tests.stack.running import PATIENCE, READY, ROOT, Place, Up
from tests.stack.story import Story, casts, rows, until
from tests.support.smtp_server import Received

#: Tuesday 20 October 2026, 10:00 in the division: within working hours.
AT = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
KINDS = ("worker", "server", "mail", "postgres", "a child of postgres", "a run", "the fork server")


def kinds(random: Random) -> Iterator[str]:
    """For ever: each kind once, in a drawn order, then again."""
    while True:
        yield from random.sample(KINDS, len(KINDS))


def kill(place: Place, up: Up, kind: str, random: Random) -> None:
    """Kill one of this kind, and wait until the stack has its parts again."""
    pids = place.facts["pids"]
    if kind in pids:
        psutil.Process(pids[kind]).kill()
        up.until(f"{kind} runs again.")
        return
    if victims := _victims(place, kind):
        random.choice(victims).kill()


def _victims(place: Place, kind: str) -> list[psutil.Process]:
    """Processes of this kind that no part's name tells: of a run, the run itself and what stands for it."""
    if kind == "a run":
        return [one for one in place.leftovers() if environment.RUN_ID in _environ(one)]
    part = "worker" if kind == "the fork server" else "postgres"
    children: list[psutil.Process] = psutil.Process(place.facts["pids"][part]).children()
    return [one for one in children if part == "postgres" or forks.ROOM in _environ(one)]


def _environ(process: psutil.Process) -> dict[str, str]:
    try:
        found: dict[str, str] = process.environ()
    except psutil.Error:
        return {}
    return found


def without_forms(folder: Path) -> Path:
    """The deployments without the run forms: nobody hands one in here, and they are most of a start."""
    head, *deployments = re.split(r"(?m)^(?=  - name: )", (ROOT / "prefect.yaml").read_text())
    file = folder.with_name("prefect.yaml")
    file.write_text(head + "".join(one for one in deployments if "work_pool: *decisions" not in one))
    return file


def runs_again(place: Place) -> None:
    """Wait until Prefect's API answers, and its database behind it."""

    def answers() -> bool:
        try:
            place.ask(lambda api: api.runs_in(["RUNNING"]))
        except PrefectUnavailable:
            return False
        return True

    until(place, answers, "Prefect to answer")


def settle(place: Place) -> datetime:
    """Sweep until there is nothing left to do; when the last sweep was, by Steward's clock."""
    for _ in range(2):
        runs_again(place)
        run = place.ask(lambda api: api.ask_run(NIGHTLY_SWEEP))
        until(place, partial(_ended, place, run.id), "a sweep to end")
        until(
            place,
            lambda: not rows(place, "SELECT 1 AS one FROM wake WHERE state <> 'done' LIMIT 1"),
            "every wake-up to be done",
            lambda: rows(place, "SELECT state, lifecycle, taken_by FROM wake WHERE state <> 'done'"),
            # a run whose death nobody could tell of is taken for dead after this time
            seconds=PATIENCE + wakes.TAKEN_FOR_TOO_LONG.total_seconds(),
        )
    until(
        place,
        lambda: not rows(place, "SELECT 1 AS one FROM notice WHERE state = 'sending' LIMIT 1"),
        "every notice to be somebody's",
    )
    return datetime.now(UTC) + timedelta(seconds=float(place.settings["STEWARD_CLOCK_OFFSET_SECONDS"]))


def _ended(place: Place, run: str) -> bool:
    async def look(api: PrefectApi) -> bool:
        return (await api.run(run)).ended

    try:
        return bool(place.ask(look))
    except PrefectUnavailable:
        return False


def inbox(place: Place) -> list[Received]:
    """What the mail catcher kept, in the order of arrival."""
    found = [Received("", [], path.read_bytes()) for path in sorted((place.data / "mail").glob("*.eml"))]
    for mail in found:
        mail.recipients = [str(one) for one in mail.message.get_all("Delivered-To", [])]
    return found


def at_store(place: Place, work: Callable[[Store], Any]) -> Any:
    """Do something with the stack's store."""

    async def inside() -> Any:
        store = Store.open(f"sqlite+aiosqlite:///{place.data / 'steward.db'}")
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(inside())


def live_through(folder: Path, kills: int, seed: int, tell: Callable[[str], None]) -> dict[str, int]:
    """One run of the stack with so many kills; the counts of the invariants. Raises AssertionError."""
    random, policy = Random(seed), load(ROOT / "policy" / "ap151.toml")  # noqa: S311 - drawn, not guarded
    place = Place(
        folder,
        prefect_file=without_forms(folder),
        STEWARD_CLOCK_OFFSET_SECONDS=f"{AT.timestamp() - time.time():.0f}",
    )
    with site() as public, place.up() as up:
        up.until(READY)
        before: Before = at_store(place, note_before)
        people = iter(casts(place))
        for number, kind in zip(range(1, kills + 1), kinds(random), strict=False):
            if number % len(KINDS) == 1 and (cast := next(people, None)):
                Story(place, public, policy, cast, f"@kill.{number}").ask(whole=True)
            place.ask(lambda api: api.ask_run("account-creation"))
            time.sleep(random.uniform(0, 4))  # where in its work a kill finds the stack is drawn
            kill(place, up, kind, random)
            runs_again(place)
            assert up.process.poll() is None, up.output
            tell(f"{number}: {kind}")
        swept = settle(place)
        counts: dict[str, int] = at_store(
            place, lambda store: hold(store, policy, Before(before.head, frozenset()), inbox(place), swept)
        )
        up.end()
        assert up.process.returncode == 0
        assert not place.leftovers()
        return counts


def main() -> None:
    """Run it and print the counts."""
    kills, seed = [*map(int, sys.argv[1:]), *(50, 151)[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory(prefix="steward-kills-") as made:
        data = Path(made, "data")
        try:
            counts = live_through(data, kills, seed, say)
        finally:
            marks.end_all(marks.of_folder(data))
    for what, how_many in counts.items():
        say(f"{what:<24}{how_many:>8}")
    say(f"{kills} kills, seed {seed}: every invariant holds.")


if __name__ == "__main__":
    main()
