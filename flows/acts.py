"""The run forms: one flow for each act of `tasks.acts.table`, made from the act's form.

What they record is marked as recorded there. Reaching the Prefect API gives nobody authority: whether the
person named may do it is checked in the store's transaction, as it is for the command line.
Prefect does not validate the forms itself (`validate_parameters=False`): its message would show what was
typed, and that could be a password.
"""

import inspect
from contextlib import suppress
from typing import Annotated, Any, get_origin

from prefect import Flow, runtime
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas import State
from pydantic import Field
from pydantic.fields import FieldInfo

from flows.drain import run_id
from flows.naming import Ending, ended
from schemas.errors import LooksLikeASecret, NotAllowed, StewardError
from schemas.forms import free_text, read
from schemas.words import Via
from tasks import clock
from tasks.acts.act import Act, described
from tasks.acts.choices import field_choices, field_help
from tasks.acts.table import ACTS
from tasks.prefect import run_tasks
from tasks.prefect.api import forget_parameters
from tasks.runtime import opened

#: What a run's name may hold of what was typed: numbers of ours, and nothing that may be a secret.
_NUMBERS = ("account", "request", "row")


def flow_name(act: str) -> str:
    """The attribute of this module that is the flow of an act, as prefect.yaml names it."""
    return act.replace("-", "_")


def __getattr__(name: str) -> Flow[Any, Any]:
    """The flow of an act. Only the act that is asked for is imported."""
    act = name.replace("_", "-")
    entry = ACTS.get(act)
    if entry is None or not entry.has_run_form:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return made(act)


def made(name: str) -> Flow[Any, Any]:
    """The flow of the act of this name: its parameters are the form's fields, in their order."""
    act = ACTS[name].load()

    async def record(**given: Any) -> State[Any]:
        return await _record(act, given)

    record.__name__ = record.__qualname__ = flow_name(name)
    record.__doc__ = described(act)
    fields = act.form.model_fields.items()
    record.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [_parameter(field, info, position) for position, (field, info) in enumerate(fields)]
    )
    words = name.replace("-", " ")
    return Flow(
        record,
        name=words,
        description=described(act),
        flow_run_name=lambda: _run_name(words),
        validate_parameters=False,
    )


def _parameter(name: str, field: FieldInfo, position: int) -> inspect.Parameter:
    """A field of the form as a parameter of the flow; Prefect's form shows its title and its help."""
    default: Any = ... if field.is_required() else field.default
    schema: dict[str, Any] = {"title": field.title or name, "position": position}
    if known := list(field_choices(field)):
        several = get_origin(field.annotation) is tuple
        schema |= {"items": {"type": "string", "enum": known}} if several else {"enum": known}
    says = " ".join(filter(None, (field.description, field_help(field)))) or None
    shown = Field(default=default, description=says, json_schema_extra=schema)
    annotation = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=shown, annotation=annotation)


def _run_name(words: str) -> str:
    """What the run does and the number of what it is about; nothing else of what was typed."""
    typed = runtime.flow_run.parameters or {}
    number = next((typed[name] for name in _NUMBERS if isinstance(typed.get(name), int)), None)
    return words if number is None else f"{words} {number}"


async def _record(act: Act[Any, Any], given: dict[str, Any]) -> State[Any]:
    """Read the form, hand it in, relay what it woke. A refusal is a finished run that says what to mend.

    The notices that it committed leave with it: their readers need not wait for the start of another run.
    """
    typed = {name: value for name, value in given.items() if not isinstance(value, FieldInfo)}
    try:
        form = read(act.form, typed, lambda name: _title(act, name))
        async with opened() as opened_runtime:
            _refuse_here(act, opened_runtime.settings.run_forms)
            now = clock.now()
            receipt = await act(
                opened_runtime.store,
                opened_runtime.policy,
                form,
                via=Via.PREFECT_FORM,
                now=now,
                key=f"{act.form.__name__}/{run_id()}",
            )
            await run_tasks.relay(clock.now())
            with suppress(StewardError):  # what can't leave now, the run that was just asked for delivers
                await run_tasks.deliver(run_id())
    except StewardError as error:
        if isinstance(error, LooksLikeASecret):
            await forget_parameters(run_id())
        return await _told(f"Not recorded: {error}", recorded=False)
    return await _told(receipt.says, recorded=True)


_NOBODY_S_OWN = "Whoever has Prefect's login could hand this in"
_WORDS_STAY = "This form takes words of your own, which would stay in Prefect's database"


def _refuse_here(act: Act[Any, Any], recorded: str) -> None:
    """Raises NotAllowed for what run forms do not record: Prefect's login is nobody's own."""
    words = recorded == "wordless" and bool(free_text(act.form))
    if recorded == "none" or words or (recorded != "all" and act.in_person):
        raise NotAllowed(
            f"{_WORDS_STAY if words else _NOBODY_S_OWN}, so it is recorded on the web pages or at a "
            f"terminal: `steward {next(one.command for one in ACTS.values() if one.load() is act)}`. The "
            "setting STEWARD_RUN_FORMS says which acts run forms record."
        )


def _title(act: Act[Any, Any], name: str) -> str:
    """A field as the run form names it."""
    field = act.form.model_fields.get(name)
    return field.title if field is not None and field.title else name


async def _told(says: str, *, recorded: bool) -> State[Any]:
    """The run's last state, and an artifact with the same sentence."""
    heading = "Recorded" if recorded else "Not recorded: what to mend"
    await artifact(markdown=f"# {heading}\n\n{says}", description=heading)
    ending = Ending.RECORDED if recorded else Ending.REFUSED
    return await ended(ending, says, called=runtime.flow_run.name or "")


async def artifact(*, markdown: str, description: str) -> None:
    """Keep a text with the run."""
    kept: Any = create_markdown_artifact(markdown=markdown, description=description)
    await kept
