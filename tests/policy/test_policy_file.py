"""A policy file that does not fit is refused with the file, the key, the value and the reason; ours fits."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import ValidationError

from policy.controls import KINDS, Mode
from policy.controls.administrators import Administrators
from policy.controls.approval import Approval
from policy.controls.custody import Custody
from policy.controls.display import Display
from policy.controls.personal import Personal
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import Required, TrainingBeforeAccess
from policy.model import Policy, load
from schemas.errors import BadPolicy
from schemas.words import ChannelKind, CustodyMode, ItemKind
from tests.policy.broken_files import NOT_TOML, REFUSED, SECONDS, SHIPPED, changed


@pytest.mark.parametrize(("there", "instead", "said"), REFUSED)
def test_a_file_that_does_not_fit_is_refused_with_the_key_and_the_reason(
    tmp_path: Path, there: str, instead: str, said: str
) -> None:
    path, _ = changed(tmp_path, there, instead)
    with pytest.raises(BadPolicy) as refused:
        load(path)
    message = str(refused.value)
    assert message.startswith(str(path))
    assert said in message
    assert all(re.search(r"line \d+, ", line) for line in message.splitlines()[-1:])
    assert message.endswith(".")
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(("there", "instead", "said"), NOT_TOML)
def test_what_is_no_toml_is_refused_in_plain_words_with_the_line(
    tmp_path: Path, there: str, instead: str, said: str
) -> None:
    path, line = changed(tmp_path, there, instead)
    line += instead.count("\n")
    with pytest.raises(BadPolicy) as refused:
        load(path)
    assert str(refused.value) == f"{path}, line {line}: {said}." or said in str(refused.value)
    assert f"line {line}: " in str(refused.value)


def test_a_missing_comma_is_said_of_the_line_where_it_is_missing(tmp_path: Path) -> None:
    path, line = changed(tmp_path, '"Thursday", "Friday"]', '"Thursday" # and\n\n  "Friday",\n]')
    with pytest.raises(BadPolicy, match=f"line {line}: a comma or the closing ] of a list is missing"):
        load(path)


def test_a_text_that_never_ends_is_said_of_the_line_where_it_begins(tmp_path: Path) -> None:
    path, line = changed(tmp_path, 'label = "Superintendent"', 'label = """Superintendent')
    with pytest.raises(BadPolicy, match=f"line {line}: the closing quote of a text is missing"):
        load(path)


def test_typographic_quotes_within_a_text_are_not_what_is_wrong(tmp_path: Path) -> None:
    path, line = changed(tmp_path, 'label = "Superintendent"', 'label = "The “Super”" 3')
    with pytest.raises(BadPolicy, match=f"line {line}: a quote within a text"):
        load(path)


@pytest.mark.parametrize(("use", "of"), SECONDS.items())
def test_a_second_control_that_nobody_would_read_is_refused(tmp_path: Path, use: str, of: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    begin = text.index(f'[[clauses.controls]]\nuse = "{use}"')
    table = text[begin : text.index("\n\n", begin)]
    name = re.search(r'as = "(.*)"', table)
    assert name
    second = table.replace(name[0], 'as = "a-second"')
    (tmp_path / "policy.toml").write_text(text.replace(table, f"{table}\n\n{second}"), encoding="utf-8")
    with pytest.raises(
        BadPolicy, match=f"there can be one {use} for {of}, and {name[1]} is: change that one"
    ):
        load(tmp_path / "policy.toml")
    off = re.sub("\nmode = .*", "", second) + '\nmode = "off"'
    (tmp_path / "policy.toml").write_text(text.replace(table, f"{table}\n\n{off}"), encoding="utf-8")
    assert load(tmp_path / "policy.toml").control("a-second").is_off


def test_every_kind_of_which_the_code_reads_one_is_tried() -> None:
    assert {use for use, kind in KINDS.items() if kind.one_for} == set(SECONDS)


def test_all_problems_are_said_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    for there, instead in (
        ("valid_days = 365", 'valid_days = "x"'),
        ("missed_days_allowed = 3", "mised_days_allowed = 3"),
        ('zone = "America/Edmonton"', 'zone = "Mars"'),
    ):
        text = text.replace(there, instead, 1)
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadPolicy) as refused:
        load(path)
    first, *rest = str(refused.value).splitlines()
    assert first == f"{path}: 3 problems."
    places = [
        next(n for n, line in enumerate(text.splitlines(), 1) if word in line)
        for word in ("Mars", '"x"', "mised")
    ]
    assert [int(line.split()[1].rstrip(",")) for line in rest] == places


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("missed_days_allowed = 3", "missed_days_allowed = -3"),
        ("last = 2026-11-13", "last = 2026-11-01"),
        ('id = "quotes", text = "Quoting', 'id = "Quotes", text = "Quoting'),
        ('overdue_school_days = 15, to = "superintendent"', 'overdue_school_days = 15, to = "nobody"'),
        ('as = "password-change"', 'as = "Password"'),
        ('clause = "14.7", ', 'clause = "24.7", '),
        ("seconds_between = 2 ", "seconds_between = 0 "),
    ],
)
def test_the_line_is_the_one_where_it_stands(tmp_path: Path, there: str, instead: str) -> None:
    path, line = changed(tmp_path, there, instead)
    with pytest.raises(BadPolicy, match=f", line {line}, "):
        load(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SHIPPED.read_bytes())
    assert load(path) == policy


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe[\x00d\x00", "line 1: not UTF-8 text"),
        (b"# fine\nname = '\x8e'\n", "line 2: not UTF-8 text"),
        (b"", "policy: this key is missing."),
        (b"clauses = 3", "clauses = 3: it should be a valid"),
    ],
)
def test_what_is_no_policy_at_all_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    with pytest.raises(BadPolicy, match=re.escape(said)):
        load(path)


def test_a_file_that_is_not_there_is_refused_with_the_setting_to_change(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match="the path that was given, or at STEWARD_POLICY_FILE"):
        load(tmp_path / "none.toml")
    with pytest.raises(BadPolicy, match="the path that was given, or at STEWARD_POLICY_FILE"):
        load(tmp_path)


# The outline of AP 151: how many clauses stand under each. 8's numbered lines are part of its notice.
OUTLINE = {"2": 4, "3": 2, "3.2": 2, "5": 6, "6": 4, "12": 3, "14": 12}
HEADS_THAT_ASK = {"2", "3.2", "5", "6", "12", "14"}


def test_it_has_the_40_leaves_of_ap_151_in_order_and_the_heads_that_ask(
    policy: Policy,
) -> None:
    everything = {str(number) for number in range(1, 15)}
    everything |= {f"{head}.{number}" for head, count in OUTLINE.items() for number in range(1, count + 1)}
    leaves = everything - set(OUTLINE)
    assert len(leaves) == 40
    assert {clause.id for clause in policy.clauses} == everything
    assert {clause.id for clause in policy.clauses if clause.asks} == leaves | HEADS_THAT_ASK
    ids = [clause.id for clause in policy.clauses]
    assert ids == sorted(ids, key=lambda clause: tuple(map(int, clause.split("."))))


def test_the_notice_is_the_policys_to_the_letter(policy: Policy) -> None:
    numbered = {"item-1": "1. ", "item-2": "2. ", "item-3": "3. "}
    text = "\n".join(numbered.get(one.id, "") + one.text for one in policy.notices[0].statements)
    assert len(text) == 1296
    assert sha256(text.encode()).hexdigest() == (
        "45ebe0877aa29512485335010ffc70613ae59728180a280fbabd70b6bfd5882e"
    )


def test_every_lookup_answers_for_every_word(policy: Policy) -> None:
    for platform in policy.platforms:
        assert policy.checklist(platform.name).platform == platform.name
        assert policy.platform(platform.name).answer_within_working_hours
    for kind in ItemKind:
        assert policy.terms(kind).kind is kind
    for mode in CustodyMode:
        assert policy.custody_terms(mode).mode is mode
    for level in ("division", "school", "classroom"):
        assert len(policy.applying(Approval, level=level)) == 1
        assert len(policy.applying(Administrators, level=level)) == 1
        assert len(policy.applying(Custody, level=level)) == 1
    assert policy.applying(Approval, level="personal") == ()
    assert len(policy.applying(Personal, level="personal")) == 1
    assert len(policy.applying(Display, level="classroom")) == 1
    assert policy.applying(Display, level="personal") == ()
    for unknown in (
        policy.control,
        policy.office,
        policy.level,
        policy.text,
        policy.platform,
        policy.checklist,
    ):
        with pytest.raises(KeyError):
            unknown("nothing")


def test_a_control_knows_its_clause_and_an_office_its_label(policy: Policy) -> None:
    assert policy.why("privacy-course") == "AP 151, clause 5.2: Privacy course before access"
    assert policy.clause_of("administrator-list-review").id == "11"
    assert policy.label("communications officer") == "Communications Officer"
    assert policy.label("division") == "division-wide"
    assert policy.label("nothing of that name") == "nothing of that name"


def test_a_control_that_is_off_applies_nowhere_and_stays_known(policy: Policy) -> None:
    off = policy.changed("notice-on-page", mode=Mode.OFF)
    assert off.of(Display) == ()
    assert off.applying(Display, level="school") == ()
    assert off.control("notice-on-page").is_off
    assert len(policy.of(Display)) == 1
    assert off.terms(ItemKind.MEND_NOTICE).kind is ItemKind.MEND_NOTICE


@pytest.mark.parametrize(
    ("level", "required", "word", "is_required"),
    [
        ("division", Required.WHEN_ASKED, None, True),
        ("school", Required.WHEN_ASKED, False, True),  # nobody is let off but classroom accounts
        ("classroom", Required.WHEN_ASKED, None, False),
        ("classroom", Required.UNLESS_WAIVED, None, True),
        ("classroom", Required.UNLESS_WAIVED, False, False),
        ("classroom", Required.WHEN_ASKED, True, True),
        ("personal", Required.UNLESS_WAIVED, True, False),
    ],
)
def test_who_needs_the_course(
    policy: Policy, level: str, required: Required, *, word: bool | None, is_required: bool
) -> None:
    policy = policy.changed("classroom-privacy-course", required=required)
    found = policy.applying(TrainingBeforeAccess, level=level)
    assert any(one.is_required(word) for one in found) is is_required


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
    assert policy.courses[0].is_called(name) is is_it


def test_texts_fit_their_channels(policy: Policy) -> None:
    (guidelines,) = (one for one in policy.of(TextAcknowledged) if one.each == "person")
    fits = {
        channel: [text for text in guidelines.texts if policy.text(text).is_for(channel)]
        for channel in ChannelKind
    }
    assert fits == {
        ChannelKind.SOCIAL_MEDIA: ["Social Media Guidelines"],
        ChannelKind.WEBSITE: ["Website Guidelines"],
        ChannelKind.MESSAGING: ["Social Media Guidelines"],
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
        policy.courses[0].valid_days = 3  # type: ignore[misc]
    assert len(repr(policy)) < 100  # it stands in error messages
