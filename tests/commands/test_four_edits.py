"""The four edits that once cost people their access: what each step of changing the policy prints of them.

`check` names a slip, `diff` the difference, `try` who is asked and who loses what on which day, and `adopt` a
named person takes the file into use. Nobody loses anything before a day that was asked for.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.commands import POLICY
from tests.commands.terminal import Said, Terminal
from tests.support.stages import approved, live
from tests.support.world import CO, TEACHER, World, mail

#: The night after it: who is concerned is asked at once. `tests/adoption/test_trying.py` goes on to the loss.
NIGHTS = 1


@dataclass(frozen=True)
class Edit:
    """What is changed, and what is said of it. `asked`: up to a line's end. `slip`: to be meant."""

    changes: tuple[tuple[str, str], ...]
    difference: str
    asked: str
    slip: str = ""
    level: str = "school"


EDITS = {
    "a text's version": Edit(
        (
            (
                'id = "Social Media Guidelines"\nversion = "2026-1"',
                'id = "Social Media Guidelines"\nversion = "2026-2"',
            ),
        ),
        'texts[Social Media Guidelines].version: "2026-1" → "2026-2"',
        "acknowledge the",
    ),
    "a course's id": Edit(
        (
            ('id = "focus-on-privacy"', 'id = "privacy-first"'),
            ('course = "focus-on-privacy"', 'course = "privacy-first"'),
        ),
        "courses[focus-on-privacy]: taken out",
        "complete the",
    ),
    "a course's validity": Edit(
        (("valid_days = 365", "valid_days = 36"),),
        "courses[focus-on-privacy].valid_days: 365 → 36",
        "complete the",
        slip="valid_days = 36",
    ),
    "the course for classrooms": Edit(
        (('required = "when asked"', 'required = "always"'),),
        'clauses[6.1].controls[classroom-privacy-course].required: "when asked" → "always"',
        "complete the",
        level="classroom",
    ),
}


async def classroom(world: World) -> None:
    """A live classroom account, of which nobody asked the course."""
    await approved(world, "classroom")
    await world.meet_gates(1, TEACHER, course=False)
    await world.drain()
    await world.report(1, TEACHER)
    await world.look(1)
    await world.drain()


def says(said: Said) -> str:
    return " ".join((said.out + said.err).split())


@pytest.mark.parametrize("name", EDITS)
def test_what_each_step_prints(name: str, terminal: Terminal, tmp_path: Path) -> None:
    edit = EDITS[name]
    terminal.world(classroom if edit.level == "classroom" else live)
    text = POLICY.read_text()
    for old, new in (('version = "2026-09" ', 'version = "2026-10" '), *edit.changes):
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "changed.toml"
    file.write_text(text)
    before = terminal.everything()

    checked = terminal.steward("policy", "check", file)
    assert "AP 151, version 2026-10. It can be used." in says(checked)
    assert edit.slip in says(checked)
    assert f"{int(bool(edit.slip))} warning" in says(checked)
    differs = terminal.steward("policy", "diff", file)
    assert edit.difference in says(differs)
    tried = terminal.steward("policy", "try", file, "--days", NIGHTS)
    assert edit.difference in says(tried)
    many = 1 if edit.level == "classroom" else 2
    assert re.search(rf"\b{many} asked: {edit.asked}\b.* by \w+ \d+\b.* November 2026", says(tried)), (
        "weeks are left"
    )
    assert "suspended" not in says(tried), "nobody loses anything in the first night"
    assert [one.code for one in (checked, differs, tried)] == [0, 0, 0]
    assert terminal.everything() == before, "nothing was changed"

    over = ("--in-place-of", "2026-09")
    if edit.slip:
        refused = terminal.steward("policy", "adopt", file, *over, "--as", mail(CO))
        assert (refused.code, terminal.everything()) == (2, before)
        assert "mend it, or adopt it with --despite-warnings" in says(refused)
    meant = ("--despite-warnings",) if edit.slip else ()
    adopted = terminal.steward("policy", "adopt", file, *over, *meant, "--as", mail(CO))
    assert "AP 151, version 2026-10, in the place of 2026-09" in says(adopted)
    assert edit.difference in says(adopted)
    (newest, *_) = terminal.rows("policy_adoption")[::-1]
    assert (newest["version"], newest["adopted_by_id"]) == ("2026-10", CO)
