"""The fast lane starts no server and asks none."""

import socket
import subprocess
import sys

import pytest

from tests.support import lanes
from tests.support.databases import ROOT, postgres
from tests.support.dealt import STORIES, its_database
from tests.support.lanes import ServerRefused

LISTENS = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1]); input()"


def test_the_database_decides_the_lane(database: str, request: pytest.FixtureRequest) -> None:
    assert (request.node.get_closest_marker(lanes.FAST) is not None) == (database == "sqlite")


def test_a_server_is_not_started() -> None:
    with pytest.raises(ServerRefused, match=r"databases\.py"), postgres():
        pass
    with pytest.raises(ServerRefused, match=r"databases\.py"):
        lanes.guard.check()
    lanes.guard.refused.clear()


def test_a_listener_of_another_process_is_not_asked() -> None:
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", LISTENS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        with socket.socket() as ours, pytest.raises(ServerRefused, match=str(port)):
            ours.connect(("127.0.0.1", port))
        other.communicate("\n")
    lanes.guard.refused.clear()


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_the_network_is_not_asked(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as ours, pytest.raises(ServerRefused, match=host):
        ours.connect((host, 80))
    lanes.guard.refused.clear()


def test_this_process_may_be_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours, socket.create_connection(ours.getsockname()):
        pass
    lanes.guard.check()


def test_what_is_long_is_there() -> None:
    assert [one for one in lanes.LONG if not (ROOT / "tests" / one).is_file()] == []


def test_a_story_is_dealt_one_database_and_the_store_both() -> None:
    story = "tests/lifecycles/test_some_story.py::test_number_{}[{}-classroom]"
    dealt_to = [its_database(story.format(number, "sqlite")) for number in range(200)]
    assert dealt_to == [its_database(story.format(number, "postgresql")) for number in range(200)]
    assert 80 <= dealt_to.count("sqlite") <= 120
    assert {"store", "rules", "relay", "faults", "upgrades"}.isdisjoint(STORIES)
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert folders >= STORIES
