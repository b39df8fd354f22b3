"""Files as people really have them, each given to the real command as it is: what it answers, what it keeps.

The files are in `given/`. Each is the smallest form of something that went wrong once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deployments.sample.words import RoleKind
from policy.model import Policy
from schemas.people import Role
from tasks import clock
from tests.commands.terminal import Terminal
from tests.factories.division import a_person, a_role, a_school

GIVEN = Path(__file__).parent / "given"
#: Who is in the lists and reports: the first is the Communications Officer.
PEOPLE = (
    "graham.mapleton-ruse",
    "keira.moosewood",
    "elise.hazelgrove2",
    "lucia.ofernley",
    "ian.larchmont",
    "rosalind.longspruce",
    "olek.weatherby-sham",
    "person1",
    "person2",
)
PRIVACY = "--course=focus-on-privacy"


@dataclass(frozen=True)
class Step:
    """One command, `steward import …`: its exit code, and what it says among other things."""

    words: str
    says: Sequence[str]
    code: int = 0


Kept = Callable[[Terminal], object]


def people(terminal: Terminal) -> object:
    """Sourced id, whether they are here."""
    return {one["source_id"]: one["active"] for one in terminal.rows("person")}


def offices(terminal: Terminal) -> object:
    """Who holds a school's office from when until when, by the id of the roster."""
    who = {one["id"]: one["source_id"] for one in terminal.rows("person")}
    where = {one["id"]: one["source_id"] for one in terminal.rows("school")}
    return sorted(
        (who[one["person_id"]], where[one["school_id"]], str(one["starts_on"]), str(one["ends_on"]))
        for one in terminal.rows("role")
        if one["source"] == "roster"
    )


def accounts(terminal: Terminal) -> object:
    """Platform, handle, state and school of every account."""
    where = {one["id"]: one["name"] for one in terminal.rows("school")}
    return sorted(
        (one["platform"], one["handle"], str(one["state"]), where.get(one["school_id"]))
        for one in terminal.rows("account")
    )


def completions(terminal: Terminal) -> object:
    """Who completed the course on which day."""
    who = {one["id"]: one["email"].partition("@")[0] for one in terminal.rows("person")}
    return sorted((who[one["person_id"]], str(one["completed_on"])) for one in terminal.rows("completion"))


def everybody(besides: Sequence[str] = ()) -> dict[str, bool]:
    """The twelve people of the small roster, those given as having left."""
    return {f"u{number}": f"u{number}" not in besides for number in range(1, 13)}


FIRST = [("u1", "s1", "2026-05-12", "None"), ("u12", "s2", "2026-05-12", "None")]
BOTH_YEARS = [("u1", "s1", "2025-09-01", "2026-06-30"), ("u1", "s1", "2026-09-01", "2027-06-30")]
LAKESIDE = "Lakeside School"
ONE_LIVE = ["1 new: 1 live"]

CASES: dict[str, tuple[Sequence[Step], Kept, object]] = {
    "somebody is missing from one export": (
        [
            Step("roster roster/left_and_back/night1", ["New people: 12"]),
            Step(
                "roster roster/left_and_back/night2_one_missing",
                [
                    "Missing, of 12 active: they count as left after Wednesday 20 May 2026",
                    "says so: 1 Given2 Sample2",
                ],
            ),
        ],
        people,
        everybody(),
    ),
    "and is back in the next": (
        [
            Step("roster roster/left_and_back/night1", ["New people: 12"]),
            Step("roster roster/left_and_back/night2_one_missing", ["Given2 Sample2"]),
            Step(
                "roster roster/left_and_back/night3_back",
                ["Were missing, and are there again: 1 Given2 Sample2"],
            ),
        ],
        people,
        everybody(),
    ),
    "every principal is labelled a teacher": (
        [
            Step("roster roster/offices_without_a_brake/before", ["Offices that start: 2"]),
            Step(
                "roster roster/offices_without_a_brake/every_office_ends",
                ["2 of 2 offices at schools with nobody", "Given1 Sample1, school administrator"],
                code=2,
            ),
            Step(
                "roster roster/offices_without_a_brake/every_office_ends --dry-run",
                [
                    "2 of 2 offices at schools with nobody",
                    "Offices that the roster leaves out",
                    "Nothing was changed",
                ],
            ),
        ],
        offices,
        FIRST,
    ),
    "this year's office before next year's": (
        [Step("roster roster/two_records/roles_this_year_first", ["Offices that start: 2"])],
        offices,
        BOTH_YEARS,
    ),
    "next year's office before this year's": (
        [Step("roster roster/two_records/roles_next_year_first", ["Offices that start: 2"])],
        offices,
        BOTH_YEARS,
    ),
    "one person in two rows": (
        [
            Step(
                "roster roster/two_records/one_person_two_user_rows",
                ["1 rows of a person who has another row: taken as one person", "New people: 11"],
            )
        ],
        people,
        {f"u{number}": True for number in range(1, 12)},
    ),
    "roles that have ended": (
        [
            Step(
                "roster roster/ended_roles --dry-run",
                ["2 people all of whose roles have ended: they hold nothing, and are not taken in"],
            ),
            Step("roster roster/ended_roles", ["New people: 1 Given1 Sample1, principal"]),
        ],
        lambda terminal: (people(terminal), offices(terminal)),
        ({"u1": True}, [("u1", "s1", "2024-08-01", "None")]),
    ),
    "two schools that differ in their case": (
        [
            Step(
                "roster roster/twin_schools",
                ["'Twin School' and 'TWIN SCHOOL' differ in their letters' case"],
            ),
            Step("accounts accounts/twin_accounts.csv", ONE_LIVE),
            Step("accounts accounts/nbsp_accounts.csv", ONE_LIVE),
        ],
        accounts,
        [
            ("Facebook", "nuclear", "live", "Made-up Nuclear School"),
            ("Facebook", "twin", "live", "Twin School"),
        ],
    ),
    "a school goes": (
        [
            Step("roster roster/left_and_back/night1", ["New schools: 3"]),
            Step(
                "roster roster/school_goes/merged",
                [
                    "Schools gone (become inactive): 1 Lakeside Sample School",
                    "Changed people: 11",
                    "start: 1 Given1 Sample1: school administrator (Hilltop Sample School)",
                    "Wednesday 20 May 2026: 1 Given1 Sample1: school administrator (Lakeside Sample School)",
                ],
            ),
        ],
        lambda terminal: {one["source_id"]: one["active"] for one in terminal.rows("school")},
        {"d1": True, "s1": False, "s2": True},
    ),
    "the same account under a new handle": (
        [
            Step("accounts accounts/list1.csv", ONE_LIVE),
            Step(
                "accounts accounts/list2_renamed.csv",
                ["0 new", "the list says otherwise of 1", "handle @lakeside.old → @lakeside.new"],
            ),
            Step("accounts accounts/list2_renamed.csv --take-changes", ["1, taken over"]),
        ],
        accounts,
        [("Instagram", "@lakeside.new", "live", LAKESIDE)],
    ),
    "one account written four ways": (
        [
            Step(
                "accounts accounts/list3_written_otherwise.csv",
                ["lines 2 and 3 are one account", "lines 2 and 4 are", "lines 2 and 5 are", *ONE_LIVE],
            )
        ],
        accounts,
        [("X", "@LakesideSchool", "live", LAKESIDE)],
    ),
    "a platform under its former name": (
        [Step("accounts accounts/list4_twitter.csv", ["'Twitter' is X here", *ONE_LIVE])],
        accounts,
        [("X", "@LakesideSchool", "live", LAKESIDE)],
    ),
    "days of a spreadsheet": (
        [
            Step("accounts accounts/list5_excel_dates.csv", ["--dates dmy or --dates mdy"], code=2),
            Step("accounts accounts/list5_excel_dates.csv --dates mdy", ONE_LIVE),
        ],
        lambda terminal: str(terminal.rows("account")[0]["live_since"])[:10],
        "2022-05-01",
    ),
    "what a later list says otherwise": (
        [
            Step("accounts accounts/drift1.csv", ["5 new: 5 live"]),
            Step(
                "accounts accounts/drift2.csv",
                [
                    "4 known already; the list says otherwise of 4: left as they are",
                    "https://www.facebook.com/madeupa → https://www.facebook.com/madeupa-moved",
                    "state live → closed",
                    "custody personal administrators → shared password",
                    "handle Made Up D → Made Up D renamed",
                    "1 account is live here and not in the list, left as it is: 5 (Made Up E on LinkedIn)",
                ],
            ),
            Step(
                "accounts accounts/drift2.csv --take-changes",
                ["of 4, taken over", ", and its people are told"],
            ),
        ],
        lambda terminal: sorted(
            (one["handle"], str(one["state"]), one["closes_on"] is not None, str(one["custody"]))
            for one in terminal.rows("account")
        ),
        [
            ("Made Up A", "live", False, "personal administrators"),
            ("Made Up B", "live", True, "personal administrators"),
            ("Made Up C", "live", False, "shared password"),
            ("Made Up D renamed", "live", False, "personal administrators"),
            ("Made Up E", "live", False, "personal administrators"),
        ],
    ),
    "one bad row": (
        [
            Step("accounts accounts/one_bad_row.csv", ["value 'Flickr': choose one of"], code=2),
            Step(
                "accounts accounts/one_bad_row.csv --skip-bad {left}",
                ["1 new: 1 live", "1 left out and written to the file"],
            ),
        ],
        accounts,
        [("Facebook", "ok1", "live", None)],
    ),
    "a report of another course": (
        [
            Step(
                "training training/completion-fire_safety_101.csv",
                ["does not say that it is of 'Focus on Privacy'", "'Fire safety walk-through'", PRIVACY[:8]],
                code=2,
            )
        ],
        completions,
        [],
    ),
    "a report whose course is said once": (
        [
            Step(
                f"training training/completion-fire_safety_101.csv {PRIVACY} --dry-run", ["3 new completions"]
            ),
            Step(f"training training/completion-fire_safety_101.csv {PRIVACY}", ["3 new completions"]),
        ],
        completions,
        [
            ("elise.hazelgrove2", "2026-09-14"),
            ("lucia.ofernley", "2026-10-02"),
            ("rosalind.longspruce", "2026-09-15"),
        ],
    ),
    "days that can be read in two ways": (
        [
            Step("training training/completion_ambiguous.csv", ["4 values", "--dates dmy"], code=2),
            Step("training training/completion_ambiguous.csv --dates dmy", ["3 new completions"]),
        ],
        completions,
        [
            ("elise.hazelgrove2", "2026-09-04"),
            ("lucia.ofernley", "2026-10-02"),
            ("rosalind.longspruce", "2026-09-05"),
        ],
    ),
    "a report in French whose columns are shifted": (
        [
            Step(
                f"training training/completion_fr.csv {PRIVACY}",
                ["column Adresse de courriel", "no row has an e-mail address in this column"],
                code=2,
            ),
        ],
        completions,
        [],
    ),
    "a report in French": (
        [Step("training training/progress_fr.csv", ["1 new completion"])],
        completions,
        [("elise.hazelgrove2", "2026-09-14")],
    ),
    "two activities that mean the course": (
        [
            Step(
                "training training/progress_two_names.csv",
                [
                    "'Focus on Privacy, Focus on Privacy quiz'",
                    "3 new completions",
                    "2 not completed",
                    "1 that fit",
                ],
            )
        ],
        completions,
        [
            ("elise.hazelgrove2", "2026-09-14"),
            ("lucia.ofernley", "2026-10-02"),
            ("rosalind.longspruce", "2026-09-15"),
        ],
    ),
}


def stand_for(terminal: Terminal, name: str) -> None:
    """Who is there before: for a roster nobody, else the people of the lists."""
    if CASES[name][0][0].words.startswith("roster"):
        return
    named = [a_person(number, email=f"{one}@example.org") for number, one in enumerate(PEOPLE, start=1)]
    terminal.world(lambda world: world.put(a_school(1, name=LAKESIDE), *named, an_officer()))


def an_operator(terminal: Terminal, person: int) -> None:
    """Give somebody the office that takes files in."""
    terminal.world(lambda world: world.put(a_role(person, RoleKind.IT_OPERATOR, school=None)))


def an_officer() -> Role:
    return a_role(1, RoleKind.COMMUNICATIONS_OFFICER, school=None)


@pytest.fixture
def desk(
    home: Path,  # noqa: ARG001 - the environment
    store_url: str,
    policy: Policy,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    """A terminal in front of an empty store, once on each database."""
    monkeypatch.setenv("STEWARD_DATABASE_URL", store_url)
    return Terminal(store_url, policy, now)


@pytest.mark.parametrize("name", CASES)
def test_a_file_as_it_is(name: str, desk: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps, kept, right = CASES[name]
    if steps[0].words.startswith("roster"):  # a day in both school years' files
        monkeypatch.setattr(clock, "now", lambda: datetime(2026, 5, 12, 16, 0, tzinfo=UTC))
    stand_for(desk, name)
    for step in steps:
        kind, file, *more = step.words.format(left=tmp_path / "left.csv").split(" ")
        here = [one["id"] for one in desk.rows("person")]
        if kind != "roster" and all(one["school_id"] for one in desk.rows("role")):
            an_operator(desk, here[0])
        said = desk.steward("import", kind, GIVEN / file, *more, "--as", here[0] if here else "nobody yet")
        text = " ".join((said.out + said.err).split())
        assert (said.code, [one for one in step.says if one not in text]) == (step.code, []), text
    assert kept(desk) == right


UNIT = "/Staff/Loon Echo Outreach"


def workspace(terminal: Terminal, *more: object) -> tuple[int, str]:
    """The users of Google Workspace, given as they are; the code, and everything that was said."""
    file = GIVEN / "people" / "google_workspace_users.csv"
    said = terminal.steward("import", "roster", file, *more, "--as", "1")
    return said.code, " ".join((said.out + said.err).split())


def who_is_here(terminal: Terminal) -> dict[str, tuple[bool, int | None, str]]:
    return {
        one["email"].partition("@")[0]: (one["active"], one["school_id"], one["position"])
        for one in terminal.rows("person")
    }


def test_google_workspace_users_are_people(desk: Terminal) -> None:
    zoe = a_person(2, given_name="Zoë", family_name="Inventée", email="zoe.inventee@example.org", school=5)
    desk.world(
        lambda world: world.put(
            a_school(5, name="Elsewhere"),
            a_school(6, name="Outreach Centre"),
            a_person(1, school=5),
            zoe,
            *(a_person(number, school=5) for number in range(10, 20)),
            an_officer(),
        )
    )
    code, said = workspace(desk)
    assert (code, f"--map '{UNIT}=name of the school'" in said) == (2, True), said
    code, said = workspace(desk, "--map", f"{UNIT}=Outreach Center")
    assert (code, "there is no school 'Outreach Center'" in said) == (2, True), said
    before = who_is_here(desk)
    code, said = workspace(desk, "--map", f"{UNIT}=Outreach Centre", "--dry-run")
    assert (code, who_is_here(desk)) == (0, before), said
    assert "Gone (become inactive), of 12 active: 1 Zoë Inventée" in said
    code, said = workspace(desk, "--map", f"{UNIT}=Outreach Centre")
    assert "Google Workspace, 2 rows read" in said
    assert "Offices are not in it" in said
    assert who_is_here(desk) == {
        **before,
        "zoe.inventee": (False, 5, "teacher"),
        "robin.madeup": (True, 6, "principal"),
    }
    assert [one["kind"] for one in desk.rows("role")] == [RoleKind.COMMUNICATIONS_OFFICER]
    assert "****" not in str(desk.everything())

    listed = desk.steward("import", "mappings").out
    assert "Outreach Centre" in listed
    code, said = workspace(desk)  # what was said of the unit is remembered
    assert (code, "Nothing to change" in said) == (0, True), said


def test_people_of_an_org_unit_are_left_out_when_somebody_says_so(desk: Terminal) -> None:
    desk.world(lambda world: world.put(a_school(1), a_person(1), an_officer()))
    code, said = workspace(desk, "--map", "/Staff=-")
    assert (code, "2 users of org units that are none of ours" in said) == (0, True), said
    assert set(who_is_here(desk)) == {"person1"}


def test_every_given_file_is_given() -> None:
    words = " ".join(step.words for steps, _, _ in CASES.values() for step in steps)
    files = [one for kind in ("accounts", "training") for one in (GIVEN / kind).iterdir()]
    folders = {one.parent for one in (GIVEN / "roster").rglob("users.csv")}
    assert [one for one in (*files, *folders) if str(one.relative_to(GIVEN)) not in words] == []
