"""Commands that are imported only when they are run.

`steward --help` and a group's help are made from one line a command. Whoever types one command waits for
its imports and for no others.
"""

import gc
from collections.abc import Iterator, Mapping, MutableMapping
from copy import copy
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class Command:
    """A command that is not imported yet: `target` is "module:function", `line` what help lists say."""

    target: str
    line: str

    def load(self) -> Any:
        """Import the function and make the command of its parameters and its docstring."""
        module, function = self.target.split(":")
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command()(getattr(import_module(module), function))
        return typer.main.get_command(app)


@dataclass(frozen=True)
class ActCommand(Command):
    """The command of an act; `target` is the act's name in `tasks.acts.table`."""

    def load(self) -> Any:
        """Import the act and make the command of its form."""
        return import_module("deployments.cli.acts").made(self.target)


class _Loading(MutableMapping[str, Any]):
    """Commands by name. Reading the names imports nothing."""

    def __init__(self, waiting: Mapping[str, "Command | Group"]) -> None:
        self.waiting = dict(waiting)
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self.waiting[name].load()
            self._made[name].name = name
            gc.freeze()  # what was imported by now is never looked through
            gc.enable()
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self.waiting[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.waiting)

    def __len__(self) -> int:
        return len(self.waiting)


class Group(TyperGroup):
    """Commands under one word."""

    def __init__(self, line: str, commands: Mapping[str, "Command | Group"], **settings: Any) -> None:
        self.line = line
        self.waiting = dict(commands)
        super().__init__(help=line, rich_markup_mode=None, **settings)
        self.commands = _Loading(commands)

    def load(self) -> "Group":
        """Itself: its commands are what is imported later."""
        return self

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the library's signature
        """The names, in the order of the table."""
        return list(self.commands)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Without a command its help is shown, as for a mistake: exit code 2."""
        if not args:
            typer.echo(ctx.get_help(), err=True)
            raise typer.Exit(2)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help, made of the commands' lines."""
        shown = copy(self)
        shown.commands = {name: TyperCommand(name, help=one.line) for name, one in self.waiting.items()}
        TyperGroup.format_help(shown, ctx, formatter)
