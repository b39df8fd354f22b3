"""Every command: what its help says, that its text and its JSON come out, and that the list is whole."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from schemas.machinery import Notice
from schemas.notices import NoticeState
from tests.commands.commands import BESIDE, NEED_THE_STACK, C, every, files, story
from tests.commands.terminal import Terminal
from tests.support.databases import ROOT
from tests.support.world import World

COMMANDS = dict(every())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_says_what_it_is_for_and_what_each_word_means(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    command: Any = COMMANDS[words]
    said = terminal.steward(*words, "--help")
    assert said.code == 0
    assert said.err == ""
    assert len(command.help.split()) >= 4
    assert command.help.split()[0] in said.out
    for one in command.params:
        assert getattr(one, "help", None), f"{one.name} is explained"
        assert one.name == "help" or (one.opts[0] in said.out) or (one.name in said.out)


def test_no_line_of_help_is_cut(terminal: Terminal) -> None:
    """A line that ends in dots says half of what a command is for."""
    for words in ([], *([group] for group in sorted({words[0] for words in COMMANDS if len(words) > 1}))):
        said = terminal.steward(*words, "--help").out
        cut = [line for line in said.splitlines() if line.endswith("...") and not line.startswith("Usage")]
        assert cut == [], words


@pytest.mark.parametrize("group", sorted({words[0] for words in COMMANDS if len(words) > 1}))
def test_a_group_alone_lists_its_commands(terminal: Terminal, group: str) -> None:
    said = terminal.steward(group)
    shown = said.out + said.err
    assert all(words[1] in shown for words in COMMANDS if words[0] == group)


#: The number of what is named; its words are under `handle`, `name`, `school_name`.
NUMBERS = {"account", "access", "entry", "finding", "item", "notice", "person", "request", "school"}
#: The commands that print tables.
TABLES = {"list", "why", "timeline", "status", "clauses", "suspensions", "people", "schools", "offices"}
#: What is under these keys is the data's own words.
OPEN = {"states", "changes"}


def keys(value: Any, under: str = "") -> Iterator[tuple[str, Any]]:
    """Every key of a JSON document with its value."""
    if isinstance(value, list):
        for one in value:
            yield from keys(one, under)
    elif isinstance(value, dict) and under not in OPEN:
        for key, one in value.items():
            yield key, one
            yield from keys(one, key)


def test_every_command_gives_one_json_document(terminal: Terminal, tmp_path: Path) -> None:
    used = set()
    for words in story(files(tmp_path)):
        if words[0] in BESIDE:
            terminal.world(BESIDE[words[0]])
            continue
        said = terminal.steward(*words, "--json")
        assert (said.code, said.err) == (0, ""), f"{words}: {said.err}"
        for key, value in keys(json.loads(said.out)):
            assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*|sha256", key), f"{words}: {key}"
            assert key != "id", f"{words}: say what it is the number of"
            assert key not in NUMBERS or value is None or isinstance(value, int), f"{words}: {key} {value}"
        used |= {known for known in COMMANDS if tuple(words[: len(known)]) == known}
    assert used | NEED_THE_STACK == set(COMMANDS)


def test_what_text_says(terminal: Terminal, tmp_path: Path) -> None:
    for words in story(files(tmp_path)):
        if words[0] in BESIDE:
            terminal.world(BESIDE[words[0]])
            continue
        said = terminal.steward(*words)
        assert (said.code, said.err) == (0, ""), f"{words}: {said.err}"
        assert said.out.strip()
        assert "None" not in said.out
        if TABLES & set(words[:2]):
            assert max(map(len, said.out.splitlines())) <= 80, f"{words}: {said.out}"
        mail_of = words[:2] == ["mail", "show"]  # the addresses of its head stand in such brackets
        assert mail_of or "<" not in said.out, f"{words} shows something that is not for people: {said.out}"


def test_what_a_decider_reads(terminal: Terminal, tmp_path: Path) -> None:
    for words in story(files(tmp_path))[:2]:
        terminal.world(BESIDE[words[0]]) if words[0] in BESIDE else terminal.steward(*words)
    shown = terminal.steward("request", "show", 1).out
    for part in (
        "@lakeside.school",
        "Sample School 1",
        "News of the school",
        "Families read",
        "Given3 Sample3",
    ):
        assert part in shown
    assert "decide the request" in terminal.steward("status", "--of", "person1@example.org").out
    assert "owes nothing" in terminal.steward("status", "--of", "person7@example.org").out


def test_parked_notices_are_released(terminal: Terminal, tmp_path: Path) -> None:
    async def park(world: World) -> None:
        async with world.store.write() as session:
            parked = {"state": NoticeState.PARKED, "attempts": 9, "last_error": "given up: 550"}
            await session.exec(update(Notice).where(Notice.id <= 3).values(**parked))  # type: ignore[arg-type, operator]

    for words in story(files(tmp_path))[:8]:
        terminal.world(BESIDE[words[0]]) if words[0] in BESIDE else terminal.steward(*words)
    terminal.world(park)
    waiting = json.loads(terminal.steward("mail", "list", "--json").out)["waiting"]
    assert "steward mail release 2" in next(one["why"] for one in waiting if one["notice"] == 2)
    before = terminal.everything()
    for wrong in (["2", "4"], ["2", "99"], [], ["2", "--all"], ["two"]):
        said = terminal.steward("mail", "release", *wrong, "--as", C)
        assert said.code == 2
        assert said.out == ""
        assert terminal.everything() == before
    assert "Notice 2 released" in terminal.steward("mail", "release", 2, "--as", C).out
    states = {
        row["id"]: (row["state"], row["attempts"], row["last_error"]) for row in terminal.rows("notice")
    }
    assert states[2] == (NoticeState.PENDING, 0, None)
    assert states[1][0] is NoticeState.PARKED
    assert any(row["lifecycle"] == "notice-delivery" for row in terminal.rows("wake"))
    said = json.loads(terminal.steward("mail", "release", "--all", "--as", C, "--json").out)
    assert said["says"].startswith("2 notices released")
    assert "nothing to release" in terminal.steward("mail", "release", "--all", "--as", C).out


def test_the_installed_command(terminal: Terminal) -> None:
    """Once as a process of its own: exit code, both outputs, no trace."""
    before = terminal.everything()
    program = [sys.executable, "-c", "from deployments.cli import main; main()"]
    good, bad = (
        subprocess.run([*program, *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
        for words in (["account", "list", "--json"], ["account", "show", "77"])
    )
    assert (good.returncode, json.loads(good.stdout), good.stderr) == (0, [], "")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == "steward: There is no account 77.\n"
    assert terminal.everything() == before
