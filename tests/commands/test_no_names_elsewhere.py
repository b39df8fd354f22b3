"""What the terminal shows of people stays there: Prefect's states and logs have no name and no address."""

import logging
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs

from flows import acts
from schemas.errors import StewardError
from tasks.prefect import run_tasks
from tests.commands.commands import CANARY
from tests.commands.terminal import Terminal
from tests.factories.division import a_person, put
from tests.support.stages import STAGES
from tests.support.world import CO, TEACHER, World, a_request, mail

CANARIES = ("canary", "Canarygiven", "@example.org", "Sample6", "Given6")
REQUEST = a_request().model_dump(mode="json")
DECISION = {"request": 1, "actor": mail(CO), "verdict": "approve", "reason": "It fits."}
COMPLETION = {"actor": mail(CO), "person": mail(TEACHER), "completed_on": "2026-10-01"}
NOBODY, LEFT, NEAR = "canary.nobody@example.org", "canary.left@example.org", "canary.lefd@example.org"

TYPED: list[tuple[str, str, dict[str, Any], bool]] = [
    ("nothing", "ask-for-an-account", {**REQUEST, "actor": NOBODY}, False),
    ("nothing", "ask-for-an-account", {**REQUEST, "actor": NEAR}, False),
    ("nothing", "ask-for-an-account", {**REQUEST, "actor": LEFT}, False),
    ("nothing", "ask-for-an-account", {**REQUEST, "administrators": [NOBODY]}, False),
    ("nothing", "ask-for-an-account", {**REQUEST, "school": NOBODY}, False),
    ("nothing", "ask-for-an-account", {**REQUEST, "actor": "Canarygiven"}, False),
    ("nothing", "ask-for-an-account", {**REQUEST, "level": "canary"}, False),
    ("nothing", "ask-for-an-account", {**REQUEST, "purpose": f"password: {CANARY}"}, False),
    ("nothing", "ask-for-an-account", REQUEST, True),
    ("nothing", "record-a-completion", {**COMPLETION, "person": NOBODY}, False),
    ("nothing", "record-a-completion", {**COMPLETION, "actor": LEFT}, False),
    ("nothing", "record-a-completion", {**COMPLETION, "completed_on": "canary"}, False),
    ("nothing", "record-a-completion", {**COMPLETION, "actor": mail(TEACHER)}, False),
    ("nothing", "record-a-completion", COMPLETION, True),
    ("awaiting", "decide-a-request", {**DECISION, "actor": NOBODY}, False),
    ("awaiting", "decide-a-request", {**DECISION, "actor": LEFT}, False),
    ("awaiting", "decide-a-request", {**DECISION, "actor": mail(TEACHER)}, False),
    ("awaiting", "decide-a-request", {**DECISION, "reason": CANARY}, False),
    ("awaiting", "decide-a-request", DECISION, True),
    ("approved", "decide-a-request", DECISION, False),
    ("declined", "decide-a-request", DECISION, False),
]


async def _relays_nothing(_now: datetime) -> int:
    return 0


async def _delivers_nothing(_run: str) -> None:
    pass


async def handed_in(name: str, form: dict[str, Any], _world: World) -> Any:
    return await acts.made(name).fn(**form)


@pytest.mark.parametrize("stage", ["nothing", "awaiting", "approved", "declined"])
def test_what_prefect_and_the_logs_are_told(
    terminal: Terminal, stage: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)  # the libraries' own logs too
    # Prefect tasks: the relay and the delivery have tests of their own
    monkeypatch.setenv("STEWARD_RUN_FORMS", "all")
    monkeypatch.setattr(run_tasks, "relay", _relays_nothing)
    monkeypatch.setattr(run_tasks, "deliver", _delivers_nothing)
    left = a_person(9, email=LEFT, given_name="Canarygiven", family_name="Canaryfamily", active=False)

    async def prepare(world: World) -> None:
        async with world.store.write() as session:
            await put(session, left)
        await STAGES[stage](world)

    terminal.world(prepare)
    kept: list[str] = []

    async def artifact(*, markdown: str, description: str) -> None:
        kept.append(f"{description} {markdown}")

    monkeypatch.setattr(acts, "artifact", artifact)
    tried = [(name, form, recorded) for at, name, form, recorded in TYPED if at == stage]
    assert tried
    for name, form, recorded in tried:
        with capture_logs() as lines:
            state = terminal.world(partial(handed_in, name, form))
        assert state.name == "Completed", "a refusal is a finished run"
        assert ("Not recorded" not in str(state.message)) is recorded, state.message
        assert str(state.message) in kept[-1]
        told = f"{state.message} {kept} {lines} {caplog.text}"
        for canary in CANARIES:
            assert canary.lower() not in told.lower(), f"{name} {form}: {state.message}"


def test_an_error_shows_at_the_terminal_what_it_does_not_say_elsewhere() -> None:
    plain, fuller = StewardError("Look again."), StewardError("Look again.", shown="Look again, Robin.")
    assert (str(plain), plain.shown) == ("Look again.", "Look again.")
    assert (str(fuller), fuller.shown) == ("Look again.", "Look again, Robin.")
    assert "Robin" not in repr(fuller)
