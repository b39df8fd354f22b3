"""The commands of acts, made from their forms: a field is an option or an argument, its title its help."""

import inspect
import os
import pwd
import socket
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from deployments.cli import import_accounts, import_roster, import_training
from deployments.cli.output import Json, say
from deployments.cli.running import run
from policy.model import Policy
from schemas.forms import ActForm, OnCommand, read
from schemas.receipt import Receipt
from schemas.words import Via
from tasks import clock
from tasks.acts.act import Act, described
from tasks.acts.choices import field_choices, field_help
from tasks.acts.recorder import TypedBy
from tasks.acts.table import ACTS
from tasks.prefect.relay import relay
from tasks.runtime import Runtime

#: What the command line can say by itself; everything else comes as text, and the form reads it.
_PLAIN = (bool, int, Path)
_NOT_GIVEN: tuple[object, ...] = (None, [], ())

#: What an act gave, as JSON shows it and as people read it.
Shown = Callable[[Any, Policy], tuple[Any, str]]

#: Imports give a report instead of a receipt.
_REPORTS: Mapping[str, Shown] = {
    "import-a-roster": import_roster.shown,
    "import-training": import_training.shown,
    "import-accounts": import_accounts.shown,
}


def made(name: str) -> Any:
    """The command of the act of this name."""
    found = ACTS[name].load()
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(help=described(found))(_function(found, _REPORTS.get(name, _receipt)))
    return typer.main.get_command(app)


def _function(act: Act[Any, Any], shown: Shown) -> Any:
    """A function with a parameter for each field of the act's form, as typer reads it."""

    def command(*, as_json: bool, **given: Any) -> None:
        hand_in(act, given, shown, as_json=as_json)

    fields = act.form.model_fields
    parameters = [_parameter(name, field) for name, field in fields.items()]
    parameters.append(
        inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Json)
    )
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command


def hand_in(act: Act[Any, Any], given: Mapping[str, Any], shown: Shown, *, as_json: bool) -> None:
    """Read the form, record, ask Prefect for the runs that it wakes, and say what happens next."""
    values = {name: value for name, value in given.items() if value not in _NOT_GIVEN}
    form = read(act.form, values, _called(act.form))

    async def work(runtime: Runtime) -> tuple[Any, str]:
        now = clock.now()
        done = await act(runtime.store, runtime.policy, form, via=Via.COMMAND, now=now, typed_by=who_types())
        await relay(runtime.store, runtime.settings, now)
        return shown(done, runtime.policy)

    value, text = run(work)
    say(value, text, as_json=as_json)


def _receipt(done: Receipt, _policy: Policy) -> tuple[Any, str]:
    subject = {"subject_kind": done.subject.kind, "subject": done.subject.id}
    value = {**subject, "state": done.state, "says": done.says}
    if done.missing:
        value["missing"] = list(done.missing)
    return value, "\n".join([done.says, *(f"Missing: {one}" for one in done.missing)])


def who_types() -> TypedBy:
    """The operating system's name for who runs this command, its number where it has none; the machine's."""
    number = os.getuid()
    try:
        user = pwd.getpwuid(number).pw_name
    except KeyError:
        user = str(number)
    return TypedBy(user, socket.gethostname())


def _word(field: FieldInfo) -> OnCommand:
    return next((one for one in field.metadata if isinstance(one, OnCommand)), OnCommand())


def _option(name: str, field: FieldInfo) -> str:
    return _word(field).option or f"--{name.replace('_', '-')}"


def _called(form: type[ActForm]) -> Any:
    """How the person at the terminal knows a field."""

    def called(name: str) -> str:
        field = form.model_fields.get(name)
        option = _word(field).option if field is not None else ""
        return option or name.replace("_", " ")

    return called


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    kind, several = _kind(field.annotation)
    help_ = field.description or f"{field.title}."
    if known := field_choices(field):
        help_ = f"{help_} One of: {', '.join(known)}."
    if more := field_help(field):
        help_ = f"{help_} {more}"
    required = field.is_required()
    if _word(field).positional:
        says: Any = typer.Argument(help=help_, show_default=False)
    else:
        says = typer.Option(_option(name, field), help=help_, show_default=kind is not bool and not several)
    typed = list[kind] if several else kind  # type: ignore[valid-type]
    default = inspect.Parameter.empty if required else _default(field, several=several)
    if default is None:
        typed = Union[typed, None]  # noqa: UP007 - typer reads this form, made at run time
    annotation = Annotated[typed, says]  # type: ignore[valid-type]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _default(field: FieldInfo, *, several: bool) -> Any:
    if several or field.default == "":
        return None
    return field.default


def _kind(annotation: Any) -> tuple[Any, bool]:
    """What one value is on the command line, and whether there may be several."""
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _kind(next(one for one in get_args(annotation) if one is not NoneType))
    if get_origin(annotation) is tuple:
        return _kind(get_args(annotation)[0])[0], True
    if isinstance(annotation, type) and (annotation in _PLAIN or issubclass(annotation, Enum)):
        return annotation, False
    return str, False
