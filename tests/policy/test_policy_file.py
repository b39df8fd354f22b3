"""A policy file that does not fit is refused with the file, the key, the value and the reason; ours fits."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import ValidationError

from policy.clause_ids import CLAUSE_IDS, HEADS, in_order
from policy.model import ClauseKind, Policy, load
from schemas.errors import BadPolicy
from schemas.settings import ROOT
from schemas.words import ChannelKind, CustodyMode, Guideline, ItemKind, Level, Platform

SHIPPED = ROOT / "policy" / "ap151.toml"

REFUSED = [
    # what stands there, what comes instead, what is said after the file's name
    ('zone = "America/Edmonton"', 'zone = "Edmonton"', 'division.zone = "Edmonton": there is no time zone'),
    ('province = "AB"', 'province = "ZZ"', 'division.province = "ZZ": the holidays of this country and'),
    ("valid_days = 365", 'valid_days = "365"', 'course.valid_days = "365": it should be a valid integer'),
    ("valid_days = 365", "valid_days = 365.0", "course.valid_days = 365.0: it should be a valid integer"),
    ("valid_days = 365", "valid_days = true", "course.valid_days = true: it should be a valid integer"),
    ("valid_days = 365", "valid_days = 0", "course.valid_days = 0: it should be greater than"),
    ("valid_days = 365\n", "", "course.valid_days: this key is missing."),
    ("valid_days = 365", "valid_dayz = 365", "course.valid_dayz: the policy has no such key"),
    (
        "before_lapse = 30",
        "before_lapse = 0",
        "course.asked_days_before_lapse = 0: it should be",
    ),
    ("before = [30, 7, 1, 0]", "before = [7, 7]", "rotation.reminders_days_before: reminders go out nearer"),
    (
        'kind = "change the password"',
        'kind = "change the password"\nreminders_school_days_before = [5]',
        "the reminders to change the password stand in [rotation]",
    ),
    (
        'kind = "confirm the new password"',
        'kind = "confirm the new password"\nreminders_days_before = [7]',
        "in days or in school days, not in both",
    ),
    ('id = "focus-on-privacy"', 'id = "Focus"', 'course.id = "Focus": use small letters'),
    ("[division]", "[division", ": not TOML: Expected ']' at the end of a table declaration (at line 10"),
    ("valid_days = 365", "valid_days = 365\nvalid_days = 1", ": not TOML: Cannot overwrite a value (at line"),
    (
        "last = 2026-08-28",
        "last = 2026-06-01",
        'days_off[1, name Summer break 2026].last = "2026-06-01": the last day must not come before',
    ),
    ("last = 2026-08-28", "last = 2206-08-28", "days_off[1, name Summer break 2026].last"),
    ("last = 2026-08-28", "last = 2026-09-28", "days_off: Organizational day begins before Summer break"),
    ("opens = 08:00:00", "opens = 17:00:00", "working_hours.closes"),
    ("digest_at = 08:15:00", "digest_at = 07:00:00", "working_hours.digest_at"),
    ('"Thursday", "Friday"]', '"Friday", "Friday"]', "working_hours.days: Friday stands here twice"),
    (
        'platform = "TikTok"\nversion',
        'platform = "MySpace"\nversion',
        'checklists[6, platform MySpace].platform = "MySpace": it should be ',
    ),
    ('platform = "TikTok"\nv', 'platform = "X"\nv', "checklists: the checklist for X stands here twice"),
    (
        'id = "two-step", text = "Two-step verification is required',
        'id = "tagging", text = "X',
        "checklists[1",
    ),
    ('platform = "TikTok"\nw', 'platform = "X"\nw', "response_times: the response time for X stands here"),
    ('mode = "single sign-on"', 'mode = "shared password"', "custody: the custody mode shared password"),
    ('[[clauses]]\nid = "13"', '[[clauses]]\nid = "15"', 'clauses[31, id 15].id = "15": AP 151 has no such'),
    ('[[clauses]]\nid = "13"', '[[clauses]]\nid = "12"', "clauses: the clause 12 stands here twice"),
    ('[[clauses]]\nid = "1"', '[[clauses]]\nid = "2"', 'clauses[1, id 2].id = "2": AP 151 has no such'),
    ('kinds = ["rule"]', 'kinds = ["promise"]', 'clauses[1, id 1].kinds[1] = "promise": it should be'),
    ('kinds = ["rule"]', "kinds = []", "clauses[1, id 1].kinds: this must not be empty"),
    ('kinds = ["rule"]', 'kinds = ["rule", "rule"]', "clauses[1, id 1].kinds: rule stands here twice"),
    (
        'id = "13"\ntitle',
        'id = "13"\nserved_by = "us"\ntitle',
        "clauses[31, id 13].served_by: the policy has",
    ),
    ('[[heads]]\nid = "2"', '[[heads]]\nid = "5"', 'heads[1, id 5].id = "5": only 2, 3, 3.2 are heads'),
    (
        'named_in = ["10"]',
        'named_in = ["99"]',
        "laws[2, name Copyright Act (Canada)].named_in: AP 151 has no",
    ),
    ('id = "item-2"', 'id = "item-1"', "notice: the statement item-1 stands here twice"),
    (
        'text = "Obscene, racial',
        'text = "" # ',
        "notice.statements[3, id item-1].text: this must not be empty",
    ),
    ('text = "Obscene, racial', 'text = "  " # ', "notice: the statement item-1 is empty"),
    ("share_at_most = 0.2", "share_at_most = 20", "roster.deactivated_share_at_most = 20: it should be less"),
    ("share_at_most = 0.2", "share_at_most = nan", "roster.deactivated_share_at_most = NaN: it should be"),
    ("holding_role = 1\nothers = 1", "others = 0", "administrators.school: no account goes without"),
    (
        "[administrators.classroom]",
        "[administrators.classroom]\nholding_role = 1",
        "administrators.classroom",
    ),
    (
        'division"\notherwise = { role = "superintendent", scope = "division" }\n\n[deciders.school]',
        'division"\notherwise = { role = "superintendent", scope = "school" }\n\n[deciders.school]',
        "deciders.division: a division-wide account has no school whose people could decide",
    ),
    (
        "due_school_days = 5\n",
        "due_school_days = 1\n",
        "items[2, kind decide the request]: the first reminder",
    ),
    ("overdue_school_days = 8", "overdue_school_days = 3", "items[2, kind decide the request]: each climb"),
    (
        'kind = "decide the request"',
        'kind = "mend a finding"',
        "items: the action item mend a finding stands",
    ),
    ('fits = ["website"]', 'fits = ["messaging channel"]', "guidelines: no guideline fits a website (5.3)"),
    (
        '"https://www.example.org/guidelines/w',
        '"http://www.example.org/guidelines/w',
        "guidelines[2, guideline",
    ),
    ("under_way_seconds = 5 ", "under_way_seconds = 90 ", "mail: a group under way could outlast its lease"),
    ("retry_longest_seconds = 3_600", "retry_longest_seconds = 3", "mail: the longest wait between tries"),
    ("give_up_after_seconds = 259_200", "give_up_after_seconds = 60", "mail: a notice would be given up"),
    ('clause = "14.12"', 'clause = "14.13"', "personal.advice[12, clause 14.13].clause"),
    ('clause = "14.12"', 'clause = "14.11"', "personal.advice: clause 14.11 stands here twice"),
    ('clause = "2.4"', 'clause = "3.1"', "provided_tools[4, tool an account already approved].clause"),
]


@pytest.mark.parametrize(("there", "instead", "said"), REFUSED)
def test_a_file_that_does_not_fit_is_refused_with_the_key_and_the_reason(
    tmp_path: Path, there: str, instead: str, said: str
) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert there in text
    path = tmp_path / "policy.toml"
    path.write_text(text.replace(there, instead, 1), encoding="utf-8")
    with pytest.raises(BadPolicy) as refused:
        load(path)
    message = str(refused.value)
    assert message.startswith(str(path))
    assert said in message
    assert message.endswith(".")
    assert "\n" not in message
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe[\x00d\x00", "line 1: not UTF-8 text"),
        (b"# fine\nname = '\x8e'\n", "line 2: not UTF-8 text"),
        (b"", "document: this key is missing (and 29 more after it)."),
        (b"clauses = 3", "document: this key is missing"),
    ],
)
def test_what_is_no_policy_at_all_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    with pytest.raises(BadPolicy, match=re.escape(said)):
        load(path)


def test_a_file_that_is_not_there_is_refused_with_the_setting_to_change(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match="set STEWARD_POLICY_FILE"):
        load(tmp_path / "none.toml")
    with pytest.raises(BadPolicy, match="set STEWARD_POLICY_FILE"):
        load(tmp_path)


# The outline of AP 151: how many clauses stand under each. 8's numbered lines are part of its notice.
OUTLINE = {"2": 4, "3": 2, "3.2": 2, "5": 6, "6": 4, "12": 3, "14": 12}
HEADS_THAT_ASK = {"5", "6", "12", "14"}


def test_it_has_the_40_leaves_of_ap_151_and_the_four_heads_that_ask_something(policy: Policy) -> None:
    everything = {str(number) for number in range(1, 15)}
    everything |= {f"{head}.{number}" for head, count in OUTLINE.items() for number in range(1, count + 1)}
    leaves = everything - set(OUTLINE)
    assert len(leaves) == 40
    assert {clause.id for clause in policy.clauses} == leaves | HEADS_THAT_ASK
    assert len(policy.clauses) == 44
    assert set(HEADS) == set(OUTLINE) - HEADS_THAT_ASK
    assert list(CLAUSE_IDS) == sorted(CLAUSE_IDS, key=in_order)


def test_the_notice_is_the_policys_to_the_letter(policy: Policy) -> None:
    numbered = {"item-1": "1. ", "item-2": "2. ", "item-3": "3. "}
    text = "\n".join(numbered.get(one.id, "") + one.text for one in policy.notice.statements)
    assert len(text) == 1296
    assert sha256(text.encode()).hexdigest() == (
        "45ebe0877aa29512485335010ffc70613ae59728180a280fbabd70b6bfd5882e"
    )


def test_every_lookup_answers_for_every_word(policy: Policy) -> None:
    for platform in Platform:
        assert policy.checklist(platform).platform is platform
        assert policy.response_time(platform).total_seconds() > 0
    for kind in ItemKind:
        assert policy.terms(kind).kind is kind
    for mode in CustodyMode:
        assert policy.custody_terms(mode).mode is mode
    for channel in ChannelKind:
        assert policy.guidelines_for(channel)
    for level in set(Level) - {Level.PERSONAL}:
        assert policy.deciders.at(level).role
        assert policy.administrators.at(level).at_least >= 1
        assert policy.custodians.at(level).role
    for clause in (*CLAUSE_IDS, *HEADS):
        assert policy.title(clause)


def test_a_personal_account_has_no_decider_no_administrators_and_no_custodian(policy: Policy) -> None:
    for asked in (policy.deciders.at, policy.administrators.at, policy.custodians.at):
        with pytest.raises(ValueError, match="14"):
            asked(Level.PERSONAL)


@pytest.mark.parametrize(
    ("level", "by_policy", "word", "required"),
    [
        (Level.DIVISION, False, None, True),
        (Level.SCHOOL, False, False, True),  # nobody is let off but classroom accounts
        (Level.CLASSROOM, False, None, False),
        (Level.CLASSROOM, True, None, True),
        (Level.CLASSROOM, True, False, False),
        (Level.CLASSROOM, False, True, True),
        (Level.PERSONAL, True, True, False),
    ],
)
def test_who_needs_the_course(
    policy: Policy, level: Level, *, by_policy: bool, word: bool | None, required: bool
) -> None:
    course = policy.course.model_copy(update={"required_for_classroom": by_policy})
    assert policy.model_copy(update={"course": course}).training_required(level, word) is required


@pytest.mark.parametrize(
    ("name", "is_it"),
    [
        ("Focus on Privacy", True),
        ("  focus  ON privacy ", True),
        ("FOP", True),
        ("Focus on Privacy 2", False),
        ("Focus", False),
        ("", False),
    ],
)
def test_the_course_is_known_by_its_names_and_not_by_likeness(
    policy: Policy, name: str, *, is_it: bool
) -> None:
    assert policy.course.is_called(name) is is_it


def test_guidelines_fit_their_channels(policy: Policy) -> None:
    fits = {channel: [text.guideline for text in policy.guidelines_for(channel)] for channel in ChannelKind}
    assert fits == {
        ChannelKind.SOCIAL_MEDIA: [Guideline.SOCIAL_MEDIA],
        ChannelKind.WEBSITE: [Guideline.WEBSITE],
        ChannelKind.MESSAGING: [Guideline.SOCIAL_MEDIA],
    }


def test_the_laws_show_the_old_and_the_new(policy: Policy) -> None:
    replaced = {law.name: law.replaced_by for law in policy.laws if law.replaced_on}
    assert replaced == {
        "Freedom of Information and Protection of Privacy Act (Alberta)": (
            "Access to Information Act",
            "Protection of Privacy Act",
        )
    }


def test_read_twice_it_is_the_same_and_it_can_not_be_changed(policy: Policy) -> None:
    again = load(SHIPPED)
    assert again == policy
    assert hash(again) == hash(policy)
    with pytest.raises(ValidationError):
        policy.course.valid_days = 3  # type: ignore[misc]
    assert len(repr(policy)) < 100  # it stands in error messages


def test_the_kinds_of_a_clause_are_in_use(policy: Policy) -> None:
    assert {kind for clause in policy.clauses for kind in clause.kinds} == set(ClauseKind)
