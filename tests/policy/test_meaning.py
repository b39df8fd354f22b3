"""What fits in a policy file and is probably a slip is said as a warning, with its place and what to do."""

from pathlib import Path

import pytest

from policy.model import load, warnings
from schemas.settings import ROOT

SHIPPED = ROOT / "policy" / "ap151.toml"
HARBOUR = ROOT / "tests" / "boards" / "harbour.toml"

#: What stands there, what comes instead, and the warning after the file's name and the line of the change.
SLIPS = [
    (
        "valid_days = 365",
        "valid_days = 36",
        "courses[1, id focus-on-privacy].valid_days = 36: whatever was done more than 36 days ago",
    ),
    (
        "attest_every_days = 365",
        "attest_every_days = 36",
        "as privacy-settings].attest_every_days = 36: ",
    ),
    (
        "asked_days_before_lapse = 30",
        "asked_days_before_lapse = 365",
        "as privacy-course].asked_days_before_lapse = 365: it lasts 365 days, so people would be asked again",
    ),
    (
        "reminders_days_before = [30, 7",
        "reminders_days_before = [365, 7",
        "as password-change].reminders_days_before: it lasts 365 days, so people would be asked again",
    ),
    (
        "grace_school_days = 20 ",
        "grace_school_days = 1 ",
        "grace_school_days = 1: people would have one day to do what keeps their access: give them more.",
    ),
    ("within_days = 30  ", "within_days = 1  ", "as guidelines].within_days = 1: people would have one day"),
    ("attest_within_days = 30", "attest_within_days = 1", "as privacy-settings].attest_within_days = 1: peo"),
    (
        'then = { suspend = "account", after_school_days = 20 }',
        'then = { suspend = "account", after_school_days = 1 }',
        "as privacy-settings].then.after_school_days = 1: people would have one day",
    ),
    (
        "missed_days_allowed = 3",
        "missed_days_allowed = 2",
        "as daily-look].missed_days_allowed = 2: the Communications Officer would hear of it after 3 missed",
    ),
    (
        "notice_school_days = 5",
        "notice_school_days = 1",
        "changes.notice_school_days = 1: people would have one day",
    ),
    (
        'otherwise = "superintendent"\nabandon',
        'otherwise = "communications officer"\nabandon',
        'as approval].otherwise = "communications officer": who holds it alone could have no request',
    ),
    (
        'then = { suspend = "account", after_school_days = 20 }',
        'then = { suspend = "account", after_school_days = 20 }\nmode = "off"',
        "as privacy-settings].then: the control is off and finds nothing, so nothing would be suspended",
    ),
]


@pytest.mark.parametrize("file", [SHIPPED, HARBOUR], ids=["AP 151", "harbour"])
def test_our_files_have_no_slips(file: Path) -> None:
    assert warnings(file) == ()
    assert warnings(file, {office.id for office in load(file).offices}) == ()


@pytest.mark.parametrize(("there", "instead", "said"), SLIPS)
def test_a_slip_is_one_warning_with_its_line_and_key_and_what_to_do(
    tmp_path: Path, there: str, instead: str, said: str
) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert there in text
    path = tmp_path / "policy.toml"
    path.write_text(text.replace(there, instead, 1), encoding="utf-8")
    line = text[: text.index(there)].count("\n") + 1
    (warning,) = warnings(path)
    assert str(warning).startswith(f"{path}, line {line}, {warning.key}")
    assert said in str(warning)
    assert str(warning).endswith(".")
    load(path)  # it is never refused for it


def test_a_sanction_without_a_control_that_suspends_leads_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    text = SHIPPED.read_text(encoding="utf-8").replace('as = "compliance"', 'as = "compliance"\nmode = "off"')
    path.write_text(text, encoding="utf-8")
    found = warnings(path)
    assert len(found) == text.count("\nthen = ")
    assert {one.said for one in found} == {
        "the file has no control that suspends (sanction), so nothing would be suspended for it"
    }


def test_a_control_that_suspends_and_is_never_led_to_is_said(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    kept = (one for one in HARBOUR.read_text(encoding="utf-8").splitlines() if not one.startswith("then ="))
    path.write_text("\n".join(kept), encoding="utf-8")
    (warning,) = warnings(path)
    assert warning.key.endswith("as closed-for-a-time].use")
    assert "give one a `then`" in warning.said


def test_where_no_platform_is_ever_suspended_no_sanction_holds(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    text = HARBOUR.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[[platforms]]\n", "[[platforms]]\nnever_suspended = true\n"), encoding="utf-8"
    )
    assert all(one.never_suspended for one in load(path).platforms)
    assert {one.said for one in warnings(path)} == {
        "accounts of every platform are marked as never suspended, so nothing would be suspended for it"
    }


@pytest.mark.parametrize("file", [SHIPPED, HARBOUR], ids=["AP 151", "harbour"])
def test_an_office_that_nobody_holds_is_said_once_where_it_is_first_named(file: Path) -> None:
    policy = load(file)
    asked = {word for one in policy.controls for _, what, word in one.names() if what.endswith("office")}
    asked |= {policy.duties.keeps_policy, policy.duties.runs_steward}
    for office in asked:
        (warning,) = warnings(file, asked - {office})
        assert warning.value == f'"{office}"'
        assert warning.said.startswith(f"nobody is {policy.label(office)} today")
        assert f'"{office}"' in file.read_text(encoding="utf-8").splitlines()[warning.line - 1]
