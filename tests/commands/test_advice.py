"""Whatever a refusal or `account why` advises is a command that exists, and works where it is advised."""

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from deployments.cli.app import app
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.states import AccountState
from schemas.words import PageVerdict
from tests.commands.commands import is_command
from tests.commands.terminal import Terminal
from tests.support.stages import approved, live, prepared
from tests.support.world import CO, TEACHER, VICE, World, mail

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "policy", "tasks", "flows", "portal", "deployments")
QUOTED = re.compile(r"`steward((?: [a-z][a-z-]*)+)")


def _advised() -> set[str]:
    """The commands that our code names, in refusals and advice; a sentence may run over two lines."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            joined = re.sub(r'"\s*\n\s*f?"', "", path.read_text())
            found |= set(QUOTED.findall(joined))
    return found


def test_every_command_that_the_code_names_exists() -> None:
    named = _advised()
    assert len(named) > 20
    assert sorted(words for words in named if not is_command(words.split())) == []
    assert not is_command(["account", "make-coffee"]), app.name


#: What else each of these asks for, and who does it.
MORE: dict[str, list[str]] = {
    "complete": ["--on", "2026-10-19", "--as", mail(CO)],
    "attest guidelines": ["Social Media Guidelines", "--as", mail(TEACHER)],
    "attest responsibility": ["--as", mail(TEACHER)],
    "attest created": [
        *("--as", mail(TEACHER), "--address", "https://www.example.org/lakeside", "--privacy", "all"),
        *("--platform-id", "17841400000000001", "--vault", "vault/Lakeside Instagram"),
    ],
    "attest privacy": ["--privacy", "all", "--as", mail(TEACHER)],
    "attest page": [],
    "attest otherwise": ["--as", mail(CO), "--shows", "exact", "--evidence", "It is under the picture."],
    "attest notice": ["--as", mail(CO), "--evidence", "Looked at on a phone, signed in."],
    "account add-administrator": [mail(VICE), "--as", mail(CO)],
    "account hold": ["--vault", "vault/Lakeside", "--as", mail(CO)],
}


async def bare(world: World) -> None:
    """Live as an old list brought it: nobody has shown anything of it."""
    await live(world)
    await world.look(1, PageVerdict.UNREACHABLE)
    async with world.store.write(audited=False) as session:
        account = table_of(Account)
        values = {"vault_reference": None, "custodian_is_administrator": False, "reported_at": None}
        await session.run(update(account).values(**values))
        await session.run(table_of(Account).metadata.tables["privacy_review"].delete())


STAGES: tuple[Callable[[World], Awaitable[object]], ...] = (approved, prepared, bare)


@pytest.mark.parametrize("stage", STAGES, ids=lambda one: one.__name__)
def test_what_why_advises_works(terminal: Terminal, stage: Callable[[World], Awaitable[object]]) -> None:
    terminal.world(stage)
    gates = json.loads(terminal.steward("account", "why", "1", "--json").out)
    advice = [one["to_mend_it"] for one in gates if not one["met"]]
    assert all(advice), "what is not met says what to do"
    commands = dict.fromkeys(words for one in advice for words in re.findall(r"`steward ([^`]+)`", one))
    assert commands
    for command in commands:
        name = max((one for one in MORE if command.startswith(one)), key=len)
        given = command.split()
        said = terminal.steward(*given, *MORE[name])
        assert said.code == 0, f"{command}: {said.err}"


def test_a_live_account_with_everything_lacks_nothing(terminal: Terminal) -> None:
    terminal.world(live)
    gates = json.loads(terminal.steward("account", "why", "1", "--json").out)
    assert {one["met"] for one in gates} == {True}
    assert terminal.world(lambda world: world.account(1)) is AccountState.LIVE
