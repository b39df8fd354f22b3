"""What the terminal shows of people stays there: Prefect's states and logs have no name and no address."""

import logging
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs

from flows import recording
from schemas.errors import StewardError
from tasks.prefect import steps
from tests.commands.commands import CANARY
from tests.commands.terminal import Terminal
from tests.factories.division import a_person, put
from tests.support.stages import STAGES
from tests.support.world import CO, TEACHER, World, a_request, mail

CANARIES = ("canary", "Canarygiven", "@example.org", "Sample6", "Given6")
REQUEST = a_request().model_dump(mode="json")
DECISION = {"request": 1, "decided_by": mail(CO), "verdict": "approve", "reason": "It fits."}
COMPLETION = {"person": mail(TEACHER), "completed_on": "2026-10-01"}
NOBODY, LEFT, NEAR = "canary.nobody@example.org", "canary.left@example.org", "canary.lefd@example.org"

TYPED: list[tuple[str, Any, dict[str, Any], str]] = [
    ("nothing", recording.request_account, {**REQUEST, "requester": NOBODY}, "Refused"),
    ("nothing", recording.request_account, {**REQUEST, "requester": NEAR}, "Refused"),
    ("nothing", recording.request_account, {**REQUEST, "requester": LEFT}, "Refused"),
    ("nothing", recording.request_account, {**REQUEST, "administrators": [NOBODY]}, "Refused"),
    ("nothing", recording.request_account, {**REQUEST, "school": NOBODY}, "Refused"),
    ("nothing", recording.request_account, {**REQUEST, "requester": "Canarygiven"}, "Refused"),
    ("nothing", recording.request_account, {**REQUEST, "level": "canary"}, "Refused"),
    ("nothing", recording.request_account, {**REQUEST, "purpose": f"password: {CANARY}"}, "Refused"),
    ("nothing", recording.request_account, REQUEST, "Recorded"),
    ("nothing", recording.record_completion, {**COMPLETION, "person": NOBODY}, "Refused"),
    ("nothing", recording.record_completion, {**COMPLETION, "recorded_by": LEFT}, "Refused"),
    ("nothing", recording.record_completion, {**COMPLETION, "completed_on": "canary"}, "Refused"),
    ("nothing", recording.record_completion, {**COMPLETION, "recorded_by": mail(TEACHER)}, "Refused"),
    ("nothing", recording.record_completion, COMPLETION, "Recorded"),
    ("awaiting", recording.record_decision, {**DECISION, "decided_by": NOBODY}, "Refused"),
    ("awaiting", recording.record_decision, {**DECISION, "decided_by": LEFT}, "Refused"),
    ("awaiting", recording.record_decision, {**DECISION, "decided_by": mail(TEACHER)}, "Refused"),
    ("awaiting", recording.record_decision, {**DECISION, "reason": CANARY}, "Refused"),
    ("awaiting", recording.record_decision, DECISION, "Recorded"),
    ("approved", recording.record_decision, DECISION, "Refused"),
    ("declined", recording.record_decision, DECISION, "Refused"),
]


async def _relays_nothing(_now: datetime) -> int:
    return 0


async def _delivers_nothing(_run: str, _now: datetime) -> None:
    pass


async def recorded(run: Any, form: dict[str, Any], _world: World) -> Any:
    return await run.fn(form)


@pytest.mark.parametrize("stage", ["nothing", "awaiting", "approved", "declined"])
def test_what_prefect_and_the_logs_are_told(
    terminal: Terminal, stage: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)  # the libraries' own logs too
    # Prefect tasks: the relay and the delivery have tests of their own
    monkeypatch.setattr(steps, "relay", _relays_nothing)
    monkeypatch.setattr(steps, "deliver", _delivers_nothing)
    left = a_person(9, email=LEFT, given_name="Canarygiven", family_name="Canaryfamily", active=False)

    async def prepare(world: World) -> None:
        async with world.store.write() as session:
            await put(session, left)
        await STAGES[stage](world)

    terminal.world(prepare)
    tried = [(run, form, name) for at, run, form, name in TYPED if at == stage]
    assert tried
    for run, form, name in tried:
        with capture_logs() as lines:
            state = terminal.world(partial(recorded, run, form))
        assert state.name == name, state.message
        told = f"{state.message} {state.name} {lines} {caplog.text}"
        for canary in CANARIES:
            assert canary.lower() not in told.lower(), f"{name} {form}: {state.message}"


def test_an_error_shows_at_the_terminal_what_it_does_not_say_elsewhere() -> None:
    plain, fuller = StewardError("Look again."), StewardError("Look again.", shown="Look again, Robin.")
    assert (str(plain), plain.shown) == ("Look again.", "Look again.")
    assert (str(fuller), fuller.shown) == ("Look again.", "Look again, Robin.")
    assert "Robin" not in repr(fuller)
