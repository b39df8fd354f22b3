"""What `up` promises once it is ready."""

import json
import stat
import subprocess

import httpx
import psutil
import pytest

from deployments.local.prefect_setup import QUEUES
from deployments.local.rights import open_to_others
from deployments.local.waiting import until
from tasks.acts.table import ACTS
from tasks.lifecycles import every
from tasks.prefect.api import PrefectApi
from tests.stack.running import PATIENCE, ROOT, Place

LIFECYCLES = {one.name for one in every()} - {"follow-up", "forgetting"}
ROUNDS = {"page-round", "nightly-sweep"}
ALARM = "sweep-alarm"
FORMS = {name for name, entry in ACTS.items() if entry.has_run_form}


def test_each_step_is_told_in_one_line_with_its_time(stack: Place) -> None:
    told = [line for line in stack.first_output.splitlines() if not line.startswith("  note: ")]
    steps = [line for line in told if line.startswith("  ") and " s" in line]
    names = [line.split(" .")[0].strip() for line in steps[:8]]

    assert names == [
        "PostgreSQL for Prefect",
        "Mail catcher",
        "Store",
        "Prefect server",
        "Work pool and queues",
        "Deployments",
        "Worker",
        "Sweep",
    ]


def test_the_first_sweep_went_well(stack: Place) -> None:
    runs = stack.ask(lambda api: api.runs_in(["COMPLETED"]))

    assert any(run.name.startswith("nightly sweep · ") for run in runs), stack.log("worker")


def test_every_lifecycle_and_form_is_deployed(stack: Place) -> None:
    deployed = stack.ask(lambda api: api.call("POST", "deployments/filter", {}))

    assert {one["name"] for one in deployed} == {*LIFECYCLES, *FORMS, *ROUNDS, ALARM}


def test_draining_deployments_enqueue_and_cancel_nothing(stack: Place) -> None:
    deployed = stack.ask(lambda api: api.call("POST", "deployments/filter", {}))
    limits = {one["name"]: (one["global_concurrency_limit"] or {}).get("limit") for one in deployed}
    strategies = {
        one["name"]: one["concurrency_options"]["collision_strategy"]
        for one in deployed
        if one["concurrency_options"]
    }

    assert limits == {**dict.fromkeys((*LIFECYCLES, *ROUNDS), 1), **dict.fromkeys((*FORMS, ALARM))}
    assert strategies == dict.fromkeys((*LIFECYCLES, *ROUNDS), "ENQUEUE")


def test_schedules_are_in_the_division_s_zone(stack: Place) -> None:
    deployed = stack.ask(lambda api: api.call("POST", "deployments/filter", {}))
    schedules = {
        one["name"]: (plan["schedule"]["cron"], plan["schedule"]["timezone"])
        for one in deployed
        for plan in one["schedules"]
    }

    assert schedules == {
        "notice-delivery": ("*/5 * * * *", "America/Edmonton"),
        "page-round": ("30 0 * * *", "America/Edmonton"),
        "nightly-sweep": ("0 2 * * *", "America/Edmonton"),
        "stops": ("*/15 * * * *", "America/Edmonton"),
    }


def test_scheduled_runs_are_really_made(stack: Place) -> None:
    """A scheduler that fails says so in the server's log only: nothing else would tell."""

    async def made(api: PrefectApi) -> None:
        async def both() -> bool:
            runs = await api.runs_in(["SCHEDULED"])
            return len({run.deployment_id for run in runs if run.auto_scheduled}) == 4

        await until(both, "The schedules' runs")

    stack.ask(made)


def test_a_run_started_anew_just_after_its_end_leaves_the_worker_alive(stack: Place) -> None:
    """The worker still holds the ended run's slot when it is handed the same run again."""
    worker = psutil.Process(stack.facts["pids"]["worker"])

    async def twice(api: PrefectApi) -> int:
        run = await api.ask_run("notice-delivery")

        async def ended() -> bool:
            return (await api.run(run.id)).ended or not worker.is_running()

        await until(ended, "The run", 0.05)
        await api.set_state(run.id, "SCHEDULED", "AwaitingRetry", "Once more.")
        await until(ended, "The same run, once more")
        answer = await api.call("GET", f"flow_runs/{run.id}")
        return int(answer["run_count"])

    assert stack.ask(twice) == 2
    assert worker.is_running()


def test_decisions_are_served_before_everything_else(stack: Place) -> None:
    queues = stack.ask(lambda api: api.call("POST", "work_pools/steward/queues/filter", {}))
    priorities = {queue["name"]: queue["priority"] for queue in queues if queue["name"] in QUEUES}

    assert sorted(priorities, key=priorities.__getitem__) == ["decisions", "lifecycles", "mail", "sweep"]


def test_prefect_wants_its_auth_string(stack: Place) -> None:
    answer = httpx.post(f"{stack.facts['api_url']}/deployments/filter", json={}, trust_env=False)

    assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_what_is_secret_is_for_its_owner_alone(stack: Place) -> None:
    for name in ("prefect-auth", "stack.json"):
        assert stat.S_IMODE((stack.data / name).stat().st_mode) == 0o600, name


def test_nothing_in_a_running_stack_s_folder_is_open_to_others(stack: Place) -> None:
    """Files, folders and sockets, while all of it runs: the store, the mail, the logs, both databases."""
    assert open_to_others(stack.data) == []
    listed = json.loads(stack.steward("doctor", "rights", "--json"))  # it ends with 1 where one is too open
    assert [one for one in listed if one["fault"]] == []
    kinds = {one["kind"] for one in listed}
    assert kinds >= {"file", "folder", "socket", "listens"}
    listens = {one["where"] for one in listed if one["kind"] == "listens"}
    assert listens >= {
        f"127.0.0.1:{port}" for port in (stack.prefect_port, stack.mail_port, stack.portal_port)
    }


def test_no_log_holds_the_auth_string(stack: Place) -> None:
    secret = (stack.data / "prefect-auth").read_text().strip().partition(":")[2]
    logs = [path for path in (stack.data / "logs").iterdir() if secret in path.read_text()]

    assert not logs
    assert secret not in stack.first_output


def test_nothing_listens_beyond_the_loopback(stack: Place) -> None:
    listening = {
        connection.laddr.ip
        for process in stack.leftovers()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }

    assert listening == {"127.0.0.1"}


def test_a_second_up_on_the_same_data_says_that_one_runs(stack: Place) -> None:
    second = subprocess.run(  # noqa: S603
        stack.command, env=stack.env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE
    )

    assert second.returncode == 2
    assert str(stack.facts["pids"]["up"]) in second.stderr
    assert len(stack.leftovers()) >= 4


def test_commands_find_the_stack_by_its_file(stack: Place) -> None:
    asked = json.loads(stack.steward("sweep", "--json"))

    assert stack.ask(lambda api: api.run(asked["run"])).name == asked["name"]


@pytest.mark.parametrize("which", ["STEWARD_PREFECT_PORT", "STEWARD_MAIL_PORT", "STEWARD_PORTAL_PORT"])
def test_a_port_that_is_taken_is_named_before_anything_starts(stack: Place, which: str, place: Place) -> None:
    taken = stack.env[which]
    refused = subprocess.run(  # noqa: S603
        place.command,
        env={**place.env, which: str(taken)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )

    assert refused.returncode == 2
    assert f"Port {taken} " in refused.stderr
    assert which in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not place.leftovers()
    assert not (place.data / "logs").exists()
