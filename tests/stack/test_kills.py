"""The stack lives through kills of its parts; see kills.py, which has the long form."""

import tempfile
from pathlib import Path

import pytest

from deployments.local import marks
from tests.stack.kills import KINDS, live_through


@pytest.mark.timeout(1800)
def test_the_stack_lives_through_a_kill_of_each_kind() -> None:
    told: list[str] = []
    with tempfile.TemporaryDirectory(prefix="steward-kills-") as made:
        data = Path(made, "data")
        try:
            counts = live_through(data, len(KINDS), 151, told.append)
        finally:
            marks.end_all(marks.of_folder(data))

    assert {line.partition(": ")[2] for line in told} == set(KINDS)
    assert counts["notices"] > 0
    assert counts["broken promises"] == 0
