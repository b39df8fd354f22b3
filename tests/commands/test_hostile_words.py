"""Words in the data that would steer a terminal or a table stay words, whichever command shows them."""

import json

import pytest
from sqlalchemy import update

from schemas.accounts import Account, AccountRequest, Decision
from schemas.columns import table_of
from schemas.evidence import PageCheck
from schemas.findings import Finding
from schemas.people import Person, School
from tests.commands.terminal import Terminal
from tests.support.stages import live
from tests.support.world import World

#: What terminals, tables and Markdown would obey, and signs that nobody sees.
HOSTILE = {
    "escape sequences": "\x1b[2J\x1b]0;title\x07\x9b31m",
    "markup of tables": "[/b][red]x[link=https://e.example.org]",
    "markdown": "![x](https://e.example.org/x.png) <img src=x> `|`",
    "signs that nobody sees": "\u202eevil\u200b\U000e0041\u2066",
    "lines": "one\r\ntwo\u2028three\x00"[:-1],
}

WORDS = (
    (Account, ("handle", "platform_id")),
    (AccountRequest, ("handle",)),
    (School, ("name",)),
    (Person, ("given_name", "family_name", "position")),
    (Decision, ("reason",)),
    (PageCheck, ("detail",)),
    (Finding, ("detail",)),
)

READING = (
    "status",
    "account list",
    "account show 1",
    "account why 1",
    "account timeline 1",
    "request list",
    "request show 1",
    "finding list",
    "suspensions",
    "people",
    "schools",
    "offices",
    "mail list",
    "audit list",
    "clauses",
)


async def filled(world: World, words: str) -> None:
    """A live account, and a decision; then each free text has the words in it, past the door."""
    await live(world)
    async with world.store.write(audited=False) as session:
        for model, columns in WORDS:
            table = table_of(model)
            values = {one: table.c[one] + words for one in columns}
            await session.run(update(table).values(**values))


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_no_command_obeys_what_the_data_says(terminal: Terminal, words: str) -> None:
    terminal.world(lambda world: filled(world, words))
    for command in READING:
        said = terminal.steward(*command.split())
        assert said.code == 0, (command, said.err)
        shown = said.out.replace("\n", "").replace("\t", "")
        assert shown.isprintable(), (command, shown)
        assert "Traceback" not in said.err, command
        as_json = terminal.steward(*command.split(), "--json")
        assert as_json.code == 0, (command, as_json.err)
        assert as_json.out.replace("\n", "").isprintable(), command
        json.loads(as_json.out)
