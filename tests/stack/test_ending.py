"""However and whenever `up` ends, no process is left, and it starts again on the data it left."""

import os
import signal

import psutil
import pytest

from tasks.prefect.api import Run
from tests.stack.running import PATIENCE, READY, Place

SIGINT, SIGTERM, SIGHUP, SIGKILL = signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("Steward starts", SIGINT),
        ("PostgreSQL for Prefect", SIGTERM),
        ("Mail catcher", SIGINT),
        ("Store", SIGHUP),
        ("Prefect server", SIGINT),
        ("Work pool and queues", SIGTERM),
        ("Deployments", SIGINT),
    ],
)
def test_a_signal_during_the_step_after_this_line_leaves_nothing(
    place: Place, told: str, number: signal.Signals
) -> None:
    signal.signal(SIGHUP, signal.SIG_DFL)  # as in a terminal, also where `nohup` started the tests
    with place.up() as up:
        up.until(told)
        up.send(number)

        assert up.wait() == 0, up.output
        assert not place.leftovers()
        assert not (place.data / "stack.json").exists()
        assert "Traceback" not in up.output


@pytest.mark.timeout(3600)  # three starts of the whole stack
def test_whatever_is_killed_the_next_up_goes_on(place: Place) -> None:
    """Three starts on the same data: a start is what costs the time here, so each one ends in its own way."""
    with place.up() as up:
        up.until(READY)
        first = _begin(place)
        psutil.Process(place.facts["pids"]["worker"]).kill()
        up.until("worker ended (exit code -9)")
        up.until("worker runs again")

        assert place.ask(lambda api: api.run(first.id)).state_name == "Crashed"
        again = _begin(place)  # limit 1: it would wait for ever for the dead one's slot
        parts = place.leftovers()
        up.send(SIGKILL)
        up.process.wait(timeout=PATIENCE)
        _, alive = psutil.wait_procs(parts, timeout=PATIENCE)
        assert not alive
    with place.up() as up:
        up.until(READY)

        assert "dead runs marked as crashed: 1" in up.output
        assert place.ask(lambda api: api.run(again.id)).state_name == "Crashed"
        second = _begin(place)  # limit 1: it would wait for ever for the dead one's slot

        parts = place.leftovers()
        up.send(SIGKILL)
        assert up.wait() == -9
        _, alive = psutil.wait_procs(parts, timeout=PATIENCE)
        assert not alive
        assert not place.leftovers()
    with place.up() as up:
        up.until(READY)

        assert place.ask(lambda api: api.run(second.id)).state_name == "Crashed"
        _begin(place)
        up.send(SIGINT)  # a run that does not end by itself is not waited for

        assert up.wait() == 0, up.output
        assert not place.leftovers()


def _begin(place: Place) -> Run:
    """Ask for the run that lasts and wait until it is really under way: it says so into a pipe."""
    said = place.data / "lasting-run"
    if not said.exists():
        os.mkfifo(said)
    run: Run = place.ask(lambda api: api.ask_run("account-creation"))
    assert said.read_text() == "under way"
    return run
