"""A real installation begins: answers, settings, its own policy, first offices, then the first roster."""

import asyncio
import json
import stat
from pathlib import Path

import pytest

from deployments.local.alone import RESTORE, alone
from deployments.local.store_work import prepare
from policy.localized import with_organization
from policy.model import parse, text_of
from schemas.errors import BadPolicy
from schemas.settings import ROOT, load
from tests.commands.commands import files
from tests.commands.terminal import Said, steward
from tests.support.smtp_server import Fault, serving

POLICY = ROOT / "policy" / "ap151.toml"
OFFICER, SUPERINTENDENT = "com.officer@lakes.example.org", "super.intendent@lakes.example.org"

ANSWERS = f"""
[organization]
name = "Sample Lakes \\"Made Up\\" Schools"
short_name = "Lakes"
zone = "America/Toronto"
country = "CA"
province = "ON"
domain = "lakes.example.org"

[mail]
sender = "steward@lakes.example.org"
reply_to = "communications@lakes.example.org"

[offices."communications officer"]
given_name = "Com"
family_name = "Officer"
email = "{OFFICER}"

[offices.superintendent]
given_name = "Super"
family_name = "Intendent"
email = "Super.Intendent@Lakes.example.org"
"""


@pytest.fixture(autouse=True)
def _at_home(home: Path) -> None:
    """Nothing of this machine's installation is seen."""


def begun(tmp_path: Path, text: str = ANSWERS, *more: str) -> Said:
    file = tmp_path / "answers.toml"
    file.write_text(text)
    return steward("init", "--answers", file, *more)


def test_a_stack_that_runs_there_has_to_start_again(home: Path, tmp_path: Path) -> None:
    """It has the settings of before: anybody may choose whom to be on its pages."""
    with alone(home):
        assert "Steward runs here with the settings of before" in begun(tmp_path).out
    assert "Steward runs here" not in begun(tmp_path).out


def test_nothing_is_set_up_where_a_backup_is_being_restored(home: Path, tmp_path: Path) -> None:
    """Both filled one store: what was set up was gone once the restore had failed."""
    with alone(home, RESTORE):
        said = begun(tmp_path)
    assert "A backup is being restored" in said.err
    assert "wait until that is done" in said.err
    assert [one.name for one in home.iterdir()] == ["up.lock"]


def test_an_empty_folder_becomes_an_installation_and_takes_the_first_real_roster(
    home: Path, tmp_path: Path
) -> None:
    said = begun(tmp_path)
    assert (said.code, said.err) == (0, "")
    assert "Super Intendent is Superintendent." in said.out
    assert stat.S_IMODE((home / "steward.env").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "steward.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    own = load()
    assert (own.sample, own.policy_file) == (False, home / "policy.toml")
    assert own.mail_reply_to == "communications@lakes.example.org"
    policy = parse(text_of(own.policy_file), own.policy_file)
    assert policy.organization.name == 'Sample Lakes "Made Up" Schools'
    assert policy.organization.zone == "America/Toronto"

    taken = steward("import", "roster", files(tmp_path)["roster"], "--as", OFFICER, "--json")
    assert (taken.code, taken.err) == (0, "")
    people = json.loads(steward("people", "--json").out)
    assert {OFFICER, SUPERINTENDENT} <= {one["email"] for one in people}
    verified = steward("audit", "verify")
    assert verified.code == 0, verified.err


def test_done_again_it_changes_settings_and_nothing_that_people_decided(home: Path, tmp_path: Path) -> None:
    begun(tmp_path)
    (home / "policy.toml").write_text((home / "policy.toml").read_text() + "\n# ours\n")
    again = begun(tmp_path, ANSWERS.replace("communications@lakes", "news@lakes").replace("Com", "Other"))
    assert (again.code, again.err) == (0, "")
    assert "nobody's office was changed" in again.out
    assert load().mail_reply_to == "news@lakes.example.org"
    assert (home / "policy.toml").read_text().endswith("# ours\n")
    assert "Other" not in steward("people").out


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("America/Toronto", "America/Nowhere", "America/Nowhere"),
        ('province = "ON"', 'province = "XX"', "holidays"),
        ('email = "com.', 'mail = "com.', "offices.communications officer"),
        ("com.officer@lakes.example.org", "com.officer", "offices.communications officer.email"),
        ('[offices."communications officer"]', '[offices."school administrator"]', "school administrator"),
        ("[offices.superintendent]", "[offices.treasurer]", "treasurer"),
        ("[mail]", "[mail", "no TOML"),
        (ANSWERS[ANSWERS.index("[mail]") : ANSWERS.index("[offices")], "", "have the section [mail]: docs/"),
        ("[mail]\n", "[sign_in]\nways = ['provider']\n[mail]\n", "STEWARD_PORTAL_PROVIDER"),
        ("[mail]\n", "[sign_in]\naddress = 'http://lakes.example.org'\n[mail]\n", "https://"),
        ("[mail]\n", "[mail]\ntest_letter_to = 'me@lakes.example.org'\n", "mail.host"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_nothing_is_written(
    home: Path, tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert old in ANSWERS
    said = begun(tmp_path, ANSWERS.replace(old, new))
    assert said.code in {1, 2}
    assert says in said.err
    assert said.err.count("\n") == 1
    assert not home.exists() or list(home.iterdir()) == []


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.RELAY])
async def test_a_test_letter_leaves_first_or_nothing_is_written(
    home: Path, tmp_path: Path, fault: Fault
) -> None:
    async with serving() as server:
        server.orders = lambda _: fault
        mail = f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
        mail += 'test_letter_to = "me@lakes.example.org"\n'
        said = await asyncio.to_thread(begun, tmp_path, ANSWERS.replace("[mail]\n", mail))
    if fault is Fault.NONE:
        assert (said.code, said.err) == (0, "")
        assert [one.recipients for one in server.inbox] == [["me@lakes.example.org"]]
        assert load().smtp_port == server.port
    else:
        assert "nothing was written" in said.err
        assert not home.exists()  # noqa: ASYNC240


async def test_a_start_loads_nobody_who_is_made_up(tmp_path: Path) -> None:
    said = await asyncio.to_thread(begun, tmp_path)
    assert said.code == 0
    assert "2 people" in await prepare(load())
    empty = load().model_copy(update={"data_dir": tmp_path / "other"})
    empty.data_dir.mkdir()
    assert "nobody is stored yet" in await prepare(empty)


def test_a_person_at_a_terminal_is_asked_one_by_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(
        [
            *(
                str(POLICY),
                "Sample Lakes Schools",
                "Lakes",
                "America/Edmonton",
                "CA",
                "AB",
                "lakes.example.org",
            ),
            *("", "steward@lakes.example.org", "communications@lakes.example.org", "mail", ""),
            *(OFFICER, "Com", "Officer", SUPERINTENDENT, "Super", "Intendent", ""),
        ]
    )
    monkeypatch.setattr("typer.prompt", lambda *_args, **_more: next(answers))
    said = steward("init")
    assert (said.code, said.err) == (0, "")
    assert next(answers, None) is None
    assert "Com Officer is Communications Officer." in said.out
    assert (home / "steward.env").exists()


def test_a_policy_without_a_line_for_a_value_is_refused() -> None:
    with pytest.raises(BadPolicy, match="zone under"):
        with_organization('[organization]\nname = "A"\n[other]\nzone = "B"\n', {"name": "C", "zone": "D"})
    kept = with_organization('[organization]\nname = "A" # why\n[other]\nname = "B"\n', {"name": "C"})
    assert kept == '[organization]\nname = "C" # why\n[other]\nname = "B"\n'
