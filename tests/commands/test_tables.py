"""Tables fit the terminal, words stay whole, and nothing in the data steers the terminal."""

import json

import pytest

from deployments.cli.output import say_json
from deployments.cli.tables import Column, table
from deployments.cli.text import visible
from tests.commands.terminal import Terminal
from tests.factories.division import a_person
from tests.support.world import World

COLUMNS = ("item", Column("what", wraps=True), Column("school", wraps=True, drop=1), "due")
ROWS = [(12, "put the notice of the division on the page", "Sample School of Everything", "2026-10-20")] * 2
HOSTILE = "\x1b[2J\x1b]0;title\x07[/b][red]\u202e\x9b31m"


def shown(capsys: pytest.CaptureFixture[str], width: int, rows: list[tuple[object, ...]]) -> list[str]:
    table(COLUMNS, rows, width=width)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_no_line_is_wider_and_no_word_is_cut(capsys: pytest.CaptureFixture[str], width: int) -> None:
    lines = shown(capsys, width, list(ROWS))
    assert max(map(len, lines)) <= width
    words = " ".join(lines).split()
    assert {"notice", "division", "2026-10-20"} <= set(words)
    assert ("school" in words) is (width >= 60)
    assert len(lines) == 3 or width < 160


def test_a_column_gives_way_before_a_word_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """An address was cut in the middle, beside a column that had room to give."""
    address = "graham.mapleton-ruse@example.org"
    row = (310, address, "findings of the last days", "held until Mon 30 Nov 2026 08:15")
    table(("notice", *(Column(name, wraps=True) for name in ("to", "about", "waits"))), [row], width=80)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert address in lines[1]
    assert {"findings", "last", "days", "held", "until"} <= set(" ".join(lines).split())


def test_what_steers_a_terminal_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    (_, line) = shown(capsys, 160, [(1, HOSTILE, HOSTILE, "2026-10-20")])
    assert line.isprintable()
    assert "[/b][red]" in line
    assert visible("Zoë  Łukasz 東京") == "Zoë  Łukasz 東京"
    say_json({"name": HOSTILE})
    said = capsys.readouterr().out
    assert json.loads(said) == {"name": HOSTILE}
    assert said.replace("\n", "").isprintable()


def test_no_command_lets_it_through(terminal: Terminal) -> None:
    async def put(world: World) -> None:
        await world.put(a_person(66, given_name=HOSTILE, position=HOSTILE))

    terminal.world(put)
    for words in (["people", "--all"], ["people", "--all", "--json"], ["status", "--of", HOSTILE]):
        said = terminal.steward(*words)
        assert (said.out + said.err).replace("\n", "").isprintable()
