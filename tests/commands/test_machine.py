"""One part on a machine of its own: what it is given, what it is not given, and what it says it lacks."""

from pathlib import Path

import pytest

from deployments.local import machines
from schemas.settings import FILE, Settings, load
from tasks.prefect.api import find
from tests.commands.terminal import steward

CANARY = "Canary!9xK2vL7p"
PREFECT_DATABASE = f"postgresql+asyncpg://prefect:{CANARY}@db.example.org/prefect"
REDIS = f"redis://:{CANARY}@redis.example.org:6379/0"
STORE = "postgresql+asyncpg://steward@db.example.org/steward"
API = "https://prefect.example.org/api"


@pytest.fixture
def one(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A machine whose settings are all there; some of them in the environment, too."""
    home.mkdir()
    lines = {
        "PREFECT_URL": API + "/",
        "PREFECT_AUTH": "steward:word",
        "PREFECT_HOST": "10.0.0.4",
        "DATABASE_URL": STORE,
        "MACHINE": "two",
        "SMTP_HOST": "smtp.example.org",
    }
    (home / FILE).write_text("".join(f"STEWARD_{name}={value}\n" for name, value in lines.items()))
    monkeypatch.setenv("STEWARD_PREFECT_DATABASE_URL", PREFECT_DATABASE)
    monkeypatch.setenv("STEWARD_REDIS_URL", REDIS)
    return load()


def test_an_api_server_has_nothing_to_itself_and_runs_no_service(one: Settings) -> None:
    program = machines.api(one)
    assert list(program.command[-6:]) == ["start", "--no-services", "--host", "10.0.0.4", "--port", "4200"]
    env = program.env
    assert env["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == PREFECT_DATABASE
    assert env["PREFECT_SERVER_API_AUTH_STRING"] == "steward:word"
    # two that start at once on a new database both register Prefect's blocks, and one of them ends
    assert env["PREFECT_API_BLOCKS_REGISTER_ON_START"] == "false"
    assert env["PREFECT_API_DATABASE_MIGRATE_ON_START"] == "false"
    over_redis = {name for name, value in env.items() if value == REDIS or value.startswith("prefect_redis.")}
    assert over_redis == {
        "PREFECT_MESSAGING_BROKER",
        "PREFECT_MESSAGING_CACHE",
        "PREFECT_REDIS_MESSAGING_URL",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE",
        "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE",
        "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL",
        "PREFECT_SERVER_DOCKET_URL",
    }
    assert not [name for name in env if name.startswith("STEWARD_") and name != "STEWARD_STACK"]


@pytest.mark.parametrize("name", sorted({"broker", "ordering", "lease_storage", "cleanup_queue"}))
def test_what_is_named_of_prefect_redis_is_there(one: Settings, name: str) -> None:
    """Prefect loads these modules by name, and only once it needs them."""
    from importlib import import_module  # noqa: PLC0415 - each as Prefect does it

    wanted = "messaging" if name == "broker" else name
    assert f"prefect_redis.{wanted}" in machines.services(one).env.values()
    has = {
        "broker": ("Publisher", "Consumer", "Cache"),
        "ordering": ("CausalOrdering",),
        "lease_storage": ("ConcurrencyLeaseStorage",),
        "cleanup_queue": ("WorkerCleanupQueue",),
    }[name]
    module = import_module(f"prefect_redis.{wanted}")
    assert [one for one in has if not hasattr(module, one)] == []


@pytest.mark.parametrize("part", ["worker", "pages"])
def test_who_works_with_the_store_learns_nothing_of_prefects_own_machines(one: Settings, part: str) -> None:
    program = machines.worker(one, 3, ["mail", "sweep"]) if part == "worker" else machines.pages(one)
    assert program.env["PREFECT_API_URL"] == API
    assert program.env["PREFECT_API_AUTH_STRING"] == "steward:word"
    assert CANARY not in "".join(program.env.values())
    if part == "worker":
        assert list(program.command[-4:]) == ["3", "two", "mail", "sweep"]


def test_commands_on_such_a_machine_ask_the_api_of_the_settings(
    one: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find(one) == (API, "steward:word")
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    assert find(one) == ("http://127.0.0.1:1/api", None)


@pytest.mark.parametrize(
    ("words", "lacks"),
    [
        (
            ("api",),
            "STEWARD_PREFECT_URL, STEWARD_PREFECT_AUTH, STEWARD_PREFECT_DATABASE_URL, STEWARD_REDIS_URL",
        ),
        (("worker",), "STEWARD_PREFECT_URL, STEWARD_PREFECT_AUTH, STEWARD_DATABASE_URL"),
        (("pages",), "STEWARD_DATABASE_URL"),
        (("prepare",), "STEWARD_PREFECT_DATABASE_URL"),
        (("deploy",), "STEWARD_PREFECT_AUTH"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_started(
    home: Path, words: tuple[str, ...], lacks: str
) -> None:
    said = steward("machine", *words)
    assert said.code == 2
    assert lacks in " ".join(said.err.split())
    assert not home.exists()


def test_a_queue_that_is_not_there_is_refused(one: Settings) -> None:
    assert one.machine == "two"
    said = steward("machine", "worker", "--queue", "mail", "--queue", "fast")
    assert said.code == 2
    assert "no queue fast" in said.err


def test_what_machines_share_lies_where_all_reach_it(one: Settings, tmp_path: Path) -> None:
    assert one.shared_dir == one.data_dir
    shared = one.model_copy(update={"files_dir": tmp_path / "shared"})
    assert shared.shared_dir == tmp_path / "shared"
