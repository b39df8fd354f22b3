"""Every flow once through Prefect: how its run is named, how it ends, and what its tasks say."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from prefect import Flow, get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, TaskRun

from deployments.local.waiting import until
from deployments.sample.words import RoleKind
from flows.account_creation import account_creation
from flows.credential_rotation import credential_rotation
from flows.disclaimer_verification import disclaimer_verification
from flows.guidance import guidance
from flows.nightly_sweep import nightly_sweep
from flows.notice_delivery import notice_delivery
from flows.page_round import page_round
from flows.public import public
from flows.suspension import suspension
from flows.sweep_alarm import sweep_alarm
from flows.training_gate import training_gate
from schemas.outcome import Subject
from schemas.words import SubjectKind
from tasks import clock
from tasks.findings.evaluation import evaluate
from tasks.prefect import run_tasks
from tasks.store import audit
from tasks.store.audit import STEWARD
from tests.factories.division import a_completion, a_role, an_access, an_account
from tests.support.rules import RULES
from tests.support.stages import approved, prepared
from tests.support.world import PRINCIPAL, TEACHER, VICE, World

#: Prefect's client drops its sockets instead of closing them.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"
)
HANDLE = "@lakeside.school"
LIFECYCLES = (
    account_creation,
    training_gate,
    disclaimer_verification,
    credential_rotation,
    public,
    suspension,
)


async def run(flow: Flow[..., Any], **parameters: Any) -> tuple[Any, FlowRun, list[TaskRun]]:
    """Run a flow: its last state, its run and its tasks as Prefect knows them."""
    asked: Any = flow(**parameters, return_state=True)  # Prefect's types call this coroutine a state
    state = await asked
    async with get_client() as client:
        ended = await client.read_flow_run(state.state_details.flow_run_id)
        tasks = await recorded(client, ended)
    return state, ended, tasks


async def recorded(client: PrefectClient, of: FlowRun) -> list[TaskRun]:
    """The tasks of a run that ended. Prefect records them a moment later: once all have, nothing changes."""
    looks: list[list[TaskRun]] = []

    async def are_all() -> bool:
        looks.append(await client.read_task_runs(flow_run_filter=FlowRunFilter(id={"any_": [of.id]})))
        ended = all(one.state is not None and one.state.is_final() for one in looks[-1])
        named = [{(one.id, one.name) for one in look} for look in looks[-2:]]
        return ended and len(named) == 2 and named[0] == named[1]

    await until(are_all, "Prefect's record of the tasks")
    return looks[-1]


async def submitted(world: World) -> None:
    await world.submit()


async def gates_met(world: World) -> None:
    await approved(world)
    await world.meet_gates(1, PRINCIPAL, TEACHER)


async def reported(world: World) -> None:
    await prepared(world)
    await world.report(1, TEACHER, address="https://127.0.0.1:9/lakeside")


async def old_password(world: World) -> None:
    long_ago = world.now - timedelta(days=400)
    people = (PRINCIPAL, TEACHER)
    await world.put(an_account(1, handle=HANDLE, handle_key="lakeside.school", live_since=long_ago))
    await world.put(
        *(an_access(1, person) for person in people),
        *(a_completion(person, world.now.date()) for person in people),
    )


async def a_finding(world: World) -> None:
    await old_password(world)
    async with world.store.write() as session:
        await evaluate(session, RULES["privacy-settings"], world.policy, world.now.date(), world.now)


STORIES: list[tuple[Flow[..., Any], Callable[[World], Awaitable[Any]], str, str]] = [
    (account_creation, submitted, f"request · {HANDLE}", "waits for a decision"),
    (training_gate, gates_met, f"training gate · {HANDLE}", "2 granted"),
    (disclaimer_verification, reported, f"notice on the page · {HANDLE}", "unreachable"),
    (credential_rotation, old_password, f"credentials · {HANDLE}", "asked to change the password"),
    (suspension, a_finding, f"suspension · {HANDLE}", "suspension announced"),
]


@pytest.mark.parametrize(("flow", "story", "task", "said"), STORIES, ids=lambda one: getattr(one, "name", ""))
async def test_a_lifecycle_moves_what_is_due_and_says_what_happened(
    division: World, flow: Flow[..., Any], story: Callable[[World], Awaitable[Any]], task: str, said: str
) -> None:
    await story(division)

    state, ended, tasks = await run(flow)

    assert (state.type.value, state.name) == ("COMPLETED", "Completed"), state.message
    assert said in (state.message or "")
    (moved,) = [one for one in tasks if one.name.startswith(f"{task} · ")]
    assert said in moved.name
    assert moved.state is not None
    assert said in (moved.state.message or "")
    assert ended.tags == ["moved"]
    assert ended.name.startswith(f"{flow.name} · ")
    assert ended.name.endswith(" · moved")


@pytest.mark.parametrize(("flow", "story", "task", "said"), STORIES, ids=lambda one: getattr(one, "name", ""))
async def test_a_lifecycle_runs_for_one_account(
    division: World, flow: Flow[..., Any], story: Callable[[World], Awaitable[Any]], task: str, said: str
) -> None:
    await story(division)

    state, ended, tasks = await run(flow, account=HANDLE.removeprefix("@").upper())

    assert ended.name == f"{flow.name} · {HANDLE} · moved"
    assert said in (state.message or "")
    assert any(one.name.startswith(f"{task} · ") and said in one.name for one in tasks)


@pytest.mark.parametrize(
    ("flow", "story", "said"),
    [(training_gate, gates_met, "2 granted"), (nightly_sweep, a_finding, "violations")],
    ids=["a lifecycle", "the sweep"],
)
async def test_what_others_write_while_a_run_lasts_does_not_stop_it(
    division: World,
    flow: Flow[..., Any],
    story: Callable[[World], Awaitable[Any]],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run may last for many minutes, and the audit chain takes no entry that is far behind its last one."""
    await story(division)
    later, due = division.now + timedelta(minutes=5), run_tasks.due

    async def meanwhile(*asked: Any) -> Any:
        found = await due(*asked)
        monkeypatch.setattr(clock, "now", lambda: later)
        async with division.store.write() as session:
            whom = Subject(SubjectKind.PERSON, PRINCIPAL)
            await audit.append(session, whom, actor=STEWARD, control="", cause="meanwhile", now=later)
        return found

    monkeypatch.setattr(run_tasks, "due", meanwhile)
    state, _, tasks = await run(flow)

    assert (state.type.value, state.name) == ("COMPLETED", "Completed"), state.message
    assert said in (state.message or "")
    # how the last one ended may not have reached Prefect yet; a failed one would be in the message, too
    states = [one.state for one in tasks if one.state is not None]
    assert not [one for one in states if one.is_failed() or one.is_crashed()]
    assert "failed" not in (state.message or "")
    letters = [row for row in await division.rows("notice") if row["kind"] == "access_granted"]
    assert not letters or any(row["last_error"] for row in letters), "it was tried at once: no server listens"


@pytest.mark.parametrize("flow", LIFECYCLES, ids=lambda one: one.name)
async def test_an_account_that_is_not_known_is_a_refusal_and_no_failure(
    division: World, flow: Flow[..., Any]
) -> None:
    await submitted(division)

    state, ended, _ = await run(flow, account="@nobody")

    assert (state.type.value, state.name) == ("COMPLETED", "Completed")
    assert "no account" in (state.message or "")
    assert "@nobody" not in f"{state.message} {ended.name}"
    assert ended.tags == ["refused"]
    assert ended.name == f"{flow.name} · one account · refused"


async def test_a_run_for_one_account_leaves_the_wake_ups_of_the_others(division: World) -> None:
    await submitted(division)

    await run(account_creation, account=HANDLE)

    assert "account-creation" in await division.woken()


async def test_what_woke_a_run_is_in_its_name(division: World) -> None:
    await submitted(division)

    _, ended, _ = await run(account_creation)

    assert ended.name == f"account creation · request submitted {HANDLE} · moved"


async def test_a_case_that_another_account_has_is_not_moved(division: World) -> None:
    await old_password(division)
    await division.put(an_account(2, handle="@other", live_since=division.now, state_since=division.now))

    state, ended, _ = await run(credential_rotation, account="2")

    assert state.message.startswith("Nothing was due for @other")
    assert ended.tags == ["nothing-due"]


async def test_the_log_of_a_run_has_our_lines(division: World, caplog: pytest.LogCaptureFixture) -> None:
    await submitted(division)

    await run(account_creation)

    said = [one.getMessage() for one in caplog.records if one.name == "prefect.flow_runs"]
    assert f"case.moved stage='request' case='{HANDLE}' said='waits for a decision'" in said


@pytest.mark.usefixtures("division")
@pytest.mark.parametrize(
    "flow", [*LIFECYCLES, guidance, notice_delivery, page_round, nightly_sweep], ids=lambda one: one.name
)
async def test_where_nothing_was_due_name_tag_and_message_say_so(flow: Flow[..., Any]) -> None:
    if flow in {guidance, nightly_sweep}:
        _, first, _ = await run(flow)  # it sends advice to everybody
        assert first.tags == ["moved"]
    state, ended, _ = await run(flow)

    assert (state.type.value, state.name) == ("COMPLETED", "Completed"), state.message
    assert ended.name == f"{flow.name} · 2026-10-20 10:00 · nothing due"
    assert ended.tags == ["nothing-due"]
    idle = {
        page_round: "no page was due",
        nightly_sweep: "Nothing had to be moved; 0 violations: 0 new, 0 mended",
    }
    assert state.message == idle.get(flow, "Nothing was due")


async def test_a_run_that_only_had_a_letter_to_send_does_not_say_that_nothing_was_due(
    division: World,
) -> None:
    await submitted(division)
    await division.drain()  # the decider's letter waits in the outbox, and nothing else

    state, ended, _ = await run(training_gate)

    assert state.message == "0 mails sent (0 notices, 0 digests); 1 to be tried again"
    assert ended.tags == ["moved"]


async def test_a_sweep_that_only_found_something_does_not_say_that_nothing_was_due(division: World) -> None:
    await division.put(an_account(1, handle=HANDLE, handle_key="lakeside.school", live_since=division.now))

    _, first, _ = await run(nightly_sweep)
    _, second, _ = await run(nightly_sweep)

    assert first.tags == ["moved"]
    assert second.tags == ["nothing-due"]


async def test_the_sweep_moves_finds_and_reports(division: World) -> None:
    await old_password(division)

    state, ended, _ = await run(nightly_sweep)
    (left,) = await division.rows("left_head")
    assert left["ways"] == ["letter"], "the audit chain's head leaves with the summary"

    assert (state.type.value, state.name) == ("COMPLETED", "Completed"), state.message
    assert ended.name == "nightly sweep · 2026-10-20 10:00 · moved"
    assert "violations" in (state.message or "")


async def test_the_operators_are_told_once_a_day_that_a_sweep_failed(division: World) -> None:
    await division.put(a_role(VICE, RoleKind.IT_OPERATOR, school=None))

    for _ in range(2):
        state, _, _ = await run(sweep_alarm, what="failed")
        assert state.name == "Completed", state.message

    assert await division.told() == [("sweep_trouble", VICE)]
