"""Every act through all of its doors: the function, the command, the run form. Each records the same."""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas import State
from sqlalchemy import make_url, update

from flows import acts as flows
from flows import naming
from flows.naming import Ending
from schemas.columns import table_of
from schemas.errors import NotAllowed, StewardError
from schemas.forms import OnCommand
from schemas.people import Role
from schemas.words import Via
from tasks.acts.second_person import SECOND_PERSON
from tasks.acts.table import ACTS
from tasks.prefect import run_tasks
from tests.commands.act_cases import Case, cases
from tests.commands.terminal import Terminal
from tests.support.world import World, division, mail

pytestmark = pytest.mark.usefixtures("home")

#: Acts that everybody who works here may do, of what is their own.
FOR_ALL = {"ask-for-an-account", "acknowledge-guidelines", "check-in", "record-a-completion"} | {
    "acknowledge-advice",
    "log-an-enquiry",
    "report-a-page",
    "ask-for-leave",
    "report-what-was-broken",
    "report-misleading-information",
    "report-a-contact",
    "list-contact-reports",
}

#: What decides, or says who may: never by whoever has Prefect's login, and never in another's name.
AUTHORITY = {
    *("decide-a-request", "take-a-decision-back", "suspend-an-account", "reinstate-an-account"),
    *("stop-accounts", "confirm-a-stop", "decide-on-an-administrator"),
    *("give-an-office", "end-an-office", "designate-an-administrator", "end-a-designation"),
    *("look-at-a-removal", "export-removals", "report-a-contact", "look-at-a-contact-report"),
    *("withdraw-a-contact-report", "list-contact-reports"),
    *("note-an-absence", "change-a-deputy", "merge-two-records", "forget-a-person"),
    "export-a-person",
    *("adopt-a-policy", "import-a-roster", "import-training", "import-accounts", "bind-a-user"),
    *("observe-with-a-control", "enforce-a-control"),
    *("decide-on-a-report", "decide-an-appeal", "take-a-report-on", "dismiss-a-report"),
    *("decide-a-leave", "revoke-a-leave", "name-a-supervisor"),
    *("attest-a-notice", "attest-a-profile", "overrule-a-look"),
}


def words(name: str, case: Case) -> list[str]:
    """The act as it is typed at a terminal."""
    typed = [*ACTS[name].command.split(), "--as", mail(case.actor)]
    for field, value in case.values.items():
        how = next(
            (
                one
                for one in ACTS[name].load().form.model_fields[field].metadata
                if isinstance(one, OnCommand)
            ),
            OnCommand(),
        )
        option = (how.option or f"--{field.replace('_', '-')}").partition("/")[0]
        for one in value if isinstance(value, list) else [value]:
            typed += [str(one)] if how.positional else [option] if one is True else [option, str(one)]
    return typed


async def _nothing(*_: Any) -> None:
    pass


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the run forms keep as artifacts; Prefect's own tasks have tests of their own."""
    kept: list[str] = []

    async def artifact(*, markdown: str, description: str) -> None:
        kept.append(f"{description}\n{markdown}")

    async def ended(ending: Ending, message: str, *, called: str) -> State[None]:
        assert called == "", "there is no run of Prefect's"
        kept.append(f"{kept.pop()}\n{ending}")
        return await naming.ended(ending, message, called=called)

    monkeypatch.setenv("STEWARD_RUN_FORMS", "all")
    monkeypatch.setattr(flows, "artifact", artifact)
    monkeypatch.setattr(flows, "ended", ended)
    monkeypatch.setattr(run_tasks, "relay", _nothing)
    monkeypatch.setattr(run_tasks, "deliver", _nothing)
    return kept


async def _by_function(world: World, name: str, case: Case) -> Any:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(case.actor), **case.values})
    return await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


@dataclass(frozen=True)
class Anew:
    """Empties the store but for the small division, as far as the story of a case must have come."""

    terminal: Terminal
    template: Path

    def __call__(self, case: Case) -> None:
        shutil.copyfile(self.template, make_url(self.terminal.url).database or "")
        self.terminal.world(lambda world: self._begin(world, case))

    async def _begin(self, world: World, case: Case) -> None:
        await world.put(*division())
        await case.stage(world)


@pytest.fixture
def anew(terminal: Terminal, sqlite_template: Path) -> Anew:
    return Anew(terminal, sqlite_template)


@pytest.mark.parametrize("name", ACTS)
def test_every_door_records_the_same(
    terminal: Terminal, anew: Anew, tmp_path: Path, now: datetime, told: list[str], name: str
) -> None:
    case = cases(tmp_path)[name]
    anew(case)
    done = terminal.world(lambda world: _by_function(world, name, case))
    anew(case)
    typed = terminal.steward(*words(name, case), "--json")
    assert (typed.code, typed.err) == (0, "")
    by_hand = [row for row in terminal.rows("audit_entry") if "os_user" in row["body"]]
    if not ACTS[name].has_run_form:
        assert by_hand or name == "list-contact-reports"
        return  # an import: its file is on the user's machine, so it has no run form
    assert json.loads(typed.out)["says"] == done.says
    assert by_hand or name == "release-notices", "who typed it is kept"
    anew(case)
    form = {"actor": mail(case.actor), **case.values}
    state = terminal.world(lambda _world: flows.made(name).fn(**form))
    assert (state.name, state.message) == ("Completed", done.says)
    assert done.says in told[-1]
    assert now == terminal.now


@pytest.mark.parametrize("name", [one for one in ACTS if one not in FOR_ALL])
def test_who_may_not_is_told_who_may_at_every_door(
    terminal: Terminal, anew: Anew, tmp_path: Path, told: list[str], name: str
) -> None:
    """Person 5 heads another school: neither the administrator, nor in office, nor the person concerned."""
    case = cases(tmp_path)[name]
    case = Case(case.stage, 5, case.values)
    anew(case)
    before = terminal.everything()
    with pytest.raises(NotAllowed) as refused:
        terminal.world(lambda world: _by_function(world, name, case))
    said = str(refused.value)
    assert said.startswith(("Only ", "This request is decided by "))
    typed = terminal.steward(*words(name, case))
    assert (typed.code, typed.out, typed.err) == (2, "", f"steward: {said}\n")
    if ACTS[name].has_run_form:
        state = terminal.world(lambda _world: flows.made(name).fn(actor=mail(5), **case.values))
        assert (state.name, state.message) == ("Completed", f"Not recorded: {said}")
        assert "what to mend" in told[-1]
        assert told[-1].endswith("refused")
    assert terminal.everything() == before


def test_what_decides_or_says_who_may_is_recorded_by_the_person() -> None:
    assert {name for name in ACTS if ACTS[name].load().in_person} >= AUTHORITY


def test_no_administrator_at_a_terminal_records_what_only_a_second_person_says() -> None:
    acts = {name: ACTS[name].load() for name in ACTS}
    second = {name for name, act in acts.items() if act.who is SECOND_PERSON}
    assert second
    assert all(acts[name].in_person for name in second)


@pytest.mark.usefixtures("told")
def test_a_run_form_records_what_can_be_undone_and_tells_the_person(
    terminal: Terminal, anew: Anew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STEWARD_RUN_FORMS")

    there = cases(tmp_path)

    def handed_in(name: str) -> str:
        case = there[name]
        anew(case)
        form = {"actor": mail(case.actor), **case.values}
        return str(terminal.world(lambda _world: flows.made(name).fn(**form)).message)

    assert "recorded on the web pages or at a terminal: `steward decide`" in handed_in("decide-a-request")
    assert not terminal.rows("decision")
    assert "Not recorded" not in handed_in("check-in")
    letters = [row for row in terminal.rows("notice") if row["kind"] == "recorded_in_your_name"]
    assert [row["facts"].get("by_id") for row in letters] == [None]
    listed = json.loads(terminal.steward("audit", "list", "--json").out)
    assert listed[0]["user"] == "somebody with Prefect's login"
    monkeypatch.setenv("STEWARD_RUN_FORMS", "wordless")
    assert "would stay in Prefect's database" in handed_in("hold-what-waits")
    in_person = handed_in("say-who-is-the-same")  # no words, and in person
    assert "recorded on the web pages or at a terminal" in in_person
    assert "Not recorded" not in handed_in("check-in")
    monkeypatch.setenv("STEWARD_RUN_FORMS", "none")
    assert "recorded on the web pages or at a terminal: `steward check-in`" in handed_in("check-in")


async def test_who_left_an_office_may_no_longer(one_world: World, tmp_path: Path) -> None:
    case = cases(tmp_path)["give-an-office"]
    async with one_world.store.write() as session:
        ended = update(table_of(Role)).values(ends_on=one_world.now.date().replace(year=2025))
        await session.run(ended.where(table_of(Role).c.person_id == case.actor))
    with pytest.raises(
        StewardError, match="Only the Superintendent or the Communications Officer gives an office"
    ):
        await _by_function(one_world, "give-an-office", case)


def test_there_is_a_case_for_each_act(tmp_path: Path) -> None:
    assert set(cases(tmp_path)) == set(ACTS)
