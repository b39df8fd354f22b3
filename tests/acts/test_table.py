"""Every act that is declared stands in the table, with a command and a run form made from its form."""

import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, cast

import pytest

import tasks
from deployments.cli.acts import made as command
from deployments.local import deploying
from deployments.run_forms import FILE, written
from flows import acts as flows
from policy.model import Policy
from schemas.forms import ActForm
from tasks.acts.act import Act
from tasks.acts.table import ACTS
from tasks.prefect.api import PrefectApi

FORMS = [name for name, entry in ACTS.items() if entry.has_run_form]


def test_every_act_declared_anywhere_is_in_the_table_and_nothing_else_is() -> None:
    declared = {
        id(one)
        for found in walk_packages(tasks.__path__, "tasks.")
        for one in vars(import_module(found.name)).values()
        if isinstance(one, Act)
    }
    assert {id(entry.load()) for entry in ACTS.values()} == declared
    assert len({entry.command for entry in ACTS.values()}) == len(ACTS)


@pytest.mark.parametrize("name", ACTS)
def test_an_act_says_who_may_and_what_it_is_for(name: str, policy: Policy) -> None:
    act = ACTS[name].load()
    parts = act.who.parts(policy)
    assert len(set(parts)) == len(parts), "nobody is named twice"
    assert issubclass(act.form, ActForm)
    assert act.form.__doc__
    assert act.form.__doc__ != ActForm.__doc__
    assert act.who.words
    assert act.does
    assert act.control or name in {"adopt-a-policy", "set-the-clock-right"}, "which serve the whole policy"
    assert next(iter(act.form.model_fields)) == "actor", "whoever fills it in begins with who they are"
    for field, info in act.form.model_fields.items():
        assert info.title, field


@pytest.mark.parametrize("name", ACTS)
def test_its_command_asks_for_every_field_of_its_form(name: str) -> None:
    made = command(name)
    asked = {one.name for one in made.params} - {"help", "as_json"}
    assert asked == set(ACTS[name].load().form.model_fields)
    required = {one.name for one in made.params if one.required}
    assert required == {
        field for field, info in ACTS[name].load().form.model_fields.items() if info.is_required()
    }


@pytest.mark.parametrize("name", FORMS)
def test_its_run_form_shows_the_fields_in_their_order_and_marks_what_must_be_given(name: str) -> None:
    flow = getattr(flows, flows.flow_name(name))
    shown, fields = flow.parameters.model_dump(), ACTS[name].load().form.model_fields
    assert [(one, shown["properties"][one]["position"]) for one in fields] == [
        (one, position) for position, one in enumerate(fields)
    ]
    for one, info in fields.items():
        assert shown["properties"][one].get("title", info.title) == info.title, (
            "left out where its type says it"
        )
    assert set(shown["required"]) == {one for one, info in fields.items() if info.is_required()}
    assert list(inspect.signature(flow.fn).parameters) == list(fields)


def test_the_run_forms_are_deployed() -> None:
    assert FILE.read_text() == written(FILE.read_text()), "run `python -m deployments.run_forms`"


class _Server:
    """Answers as Prefect's server does that has these deployments."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    async def call(self, _method: str, _path: str, _body: Any = None) -> list[dict[str, str]]:
        return [{"name": name} for name in self._names]


async def test_what_is_deployed_already_is_not_deployed_anew(tmp_path: Path) -> None:
    file, policy = tmp_path / "prefect.yaml", "a policy"
    file.write_text("deployments:\n  - name: one\n  - name: two\n")
    wanted = deploying.fingerprint(file, policy)
    both, one = cast("PrefectApi", _Server({"one", "two"})), cast("PrefectApi", _Server({"one"}))
    assert not await deploying.is_deployed(both, tmp_path, file, wanted)
    deploying.note(tmp_path, wanted)
    assert await deploying.is_deployed(both, tmp_path, file, wanted)
    assert not await deploying.is_deployed(one, tmp_path, file, wanted), "one was deleted"
    assert not await deploying.is_deployed(both, tmp_path, file, deploying.fingerprint(file, "another"))


def test_what_is_no_act_has_no_run_form() -> None:
    with pytest.raises(AttributeError):
        _ = flows.make_coffee
