"""`steward policy check` on the slips that cost people their access, and on a file without one."""

import json
from pathlib import Path

import pytest

from tests.commands.commands import POLICY
from tests.commands.terminal import steward

SLIPS = {
    "a year becomes 36 days": ("valid_days = 365", "valid_days = 36", "valid_days = 36"),
    "nobody has time": ("grace_school_days = 20", "grace_school_days = 1", "grace_school_days = 1"),
}


def test_the_shipped_file_has_no_slip() -> None:
    said = steward("policy", "check", str(POLICY))
    assert (said.code, said.err) == (0, "")
    assert "It can be used." in said.out
    assert said.out.endswith("0 warnings.\n")


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_named_with_its_line_and_its_value(tmp_path: Path, slip: str) -> None:
    old, new, named = SLIPS[slip]
    text = POLICY.read_text()
    line = text[: text.index(old)].count("\n") + 1
    file = tmp_path / "policy.toml"
    file.write_text(text.replace(old, new, 1))
    said = steward("policy", "check", str(file))
    assert said.code == 0, "a slip can be meant"
    assert f"line {line}, " in said.out
    assert named in said.out
    (warning,) = json.loads(steward("policy", "check", str(file), "--json").out)["warnings"]
    assert warning["line"] == line


def test_a_file_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY.read_text().replace("[policy]", "[polcy]", 1))
    said = steward("policy", "check", str(file))
    assert (said.code, said.out) == (2, "")
    assert "polcy" in said.err
