"""Letters that wait for one reader at one moment: what is one letter, and what need not be told at all."""

from datetime import date
from typing import Any

import pytest

from policy.model import Policy
from policy.notices import NoticeContext, NoticeKind
from policy.notices.accounts import AccountLive
from policy.notices.changes import AccountChanged
from policy.notices.offices import DeputyNamed
from policy.notices.people import MissingFromRoster, RecordedForYou, StaysAfterAll
from policy.notices.requests import RequestApproved
from schemas.language import speaking
from schemas.machinery import Notice
from schemas.notices import NoticeState, Urgency
from schemas.people import Person
from schemas.states import AccountState
from tasks.mail.delivery import deliver
from tasks.mail.messages import as_messages
from tasks.mail.mime import sender_of
from tasks.mail.writing import Writer, entries_of, letter
from tasks.store import Store
from tests.mail.mail_cases import NOW, context, division, notice
from tests.mail.mail_types import SettingsFor
from tests.mail.outbox_helpers import Clock, fill, outbox
from tests.support.smtp_server import Server

SENDER = sender_of("Steward <steward@example.org>", "communications@example.org")
DAY = date(2026, 10, 30)


def missing(kind: type[NoticeKind], people: range, to: int = 1) -> list[Notice]:
    """One letter about each of these people, to one reader."""
    made = []
    for number in people:
        one = notice(kind, number, to)
        one.key, one.subject_id = f"missing/{number}", number
        made.append(one)
    return made


def staff(number: int) -> Person:
    """Somebody of the school."""
    known = division().people[2]
    return known.model_copy(
        update={"id": number, "given_name": f"Given{number}", "email": f"p{number}@example.org"}
    )


@pytest.mark.parametrize("kind", [MissingFromRoster, StaysAfterAll])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_many_of_one_kind_are_one_letter_with_a_list(
    policy: Policy, kind: type[NoticeKind], language: str
) -> None:
    rows = division()
    rows.people |= {number: staff(number) for number in range(100, 160)}
    notices = missing(kind, range(100, 160))
    (message,) = as_messages(notices, NOW.date())
    contexts = [NoticeContext(one, rows, policy, NOW) for one in message.notices]
    with speaking(language):
        (one,) = entries_of(contexts, SENDER)
        written = letter([one], contexts[0], SENDER, gathered=message.gathered)
    assert written.subject.startswith("60 ")
    assert written.text.count("\n- Given1") == 50
    assert {"en": "- and 10 more", "fr": "- et 10 de plus"}[language] in written.text
    assert "59" in written.text.split("(")[-1]
    assert "Given100 Haddad (principal, Lakeside School)" in written.text


@pytest.mark.parametrize("kind", [MissingFromRoster, StaysAfterAll])
def test_one_whose_row_is_gone_is_parked_and_the_others_leave(
    policy: Policy, kind: type[NoticeKind], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stopped the whole outbox, in each run again."""
    monkeypatch.setattr(kind, "stale", lambda *_: None)
    rows = division()
    rows.people |= {number: staff(number) for number in (100, 102)}
    (message,) = as_messages(missing(kind, range(100, 103)), NOW.date())
    writer = Writer(policy, SENDER, rows, NOW)
    mail = writer.write(message)
    assert mail is not None
    assert mail.message.ids == (100, 102)
    (parked,) = writer.results
    assert (parked.ids, parked.values["state"]) == ((101,), NoticeState.PARKED)


def test_a_list_has_no_answer_that_names_its_first_person_alone(policy: Policy) -> None:
    rows = division()
    rows.people |= {number: staff(number) for number in (100, 101)}
    contexts = [NoticeContext(one, rows, policy, NOW) for one in missing(MissingFromRoster, range(100, 102))]
    (several,), (alone,) = entries_of(contexts, SENDER), entries_of(contexts[:1], SENDER)
    assert "still works here" in alone.body.text
    assert "still works here" not in several.body.text + several.body.html
    assert "answer this message" in several.body.text


def test_ones_own_stands_apart_from_the_list(policy: Policy) -> None:
    """A principal who is missing too reads of the others, and of themselves."""
    rows = division()
    rows.people |= {number: staff(number) for number in (100, 101)}
    notices = [*missing(MissingFromRoster, range(100, 102)), *missing(MissingFromRoster, range(1, 2))]
    contexts = [NoticeContext(one, rows, policy, NOW) for one in notices]
    subjects = sorted(one.subject for one in entries_of(contexts, SENDER))
    assert subjects == ["2 people are missing from the staff list", "You are missing from the staff list"]


def test_what_is_about_one_account_is_one_letter() -> None:
    """Live and renamed while it waited for Monday: one letter. What is about others is not in it."""
    live, renamed = notice(AccountLive, 1), notice(AccountChanged, 2)
    other = notice(AccountLive, 3)
    other.subject_id, other.key = 6, "of another"
    made = as_messages([live, renamed, other], NOW.date())
    assert sorted(one.ids for one in made) == [(1, 2), (3,)]
    renamed.uncertain = True
    made = as_messages([live, renamed], NOW.date())
    assert sorted(one.ids for one in made) == [(1,), (2,)]


def test_an_approval_that_was_overtaken_forbids_nothing(policy: Policy) -> None:
    """ "Do not create it yet" came on Monday, of an account that was live since Friday."""
    rows = division()
    rows.requests[12].account_id = 5
    for state, part in (
        (AccountState.APPROVED, "Please do not create it"),
        (AccountState.LIVE, "and is live"),
    ):
        rows.accounts[5].state = state
        made = context(RequestApproved, policy, rows)
        (one,) = entries_of([made], SENDER)
        assert part in " ".join(one.body.text.split())


#: The letter of the beginning to a deputy and to others, and that of the end; all that differs between them.
STANDING_IN: dict[str, tuple[type[NoticeKind], dict[str, Any], dict[str, Any]]] = {
    "a deputy": (RecordedForYou, {"what": "absence's deputy"}, {"what": "deputy no longer"}),
    "the person is back": (RecordedForYou, {"what": "absence's deputy"}, {"what": "absence's end"}),
    "others": (DeputyNamed, {"change": "named"}, {"change": "ended"}),
}


@pytest.mark.parametrize("case", STANDING_IN)
@pytest.mark.parametrize(
    ("began", "told"),
    [(None, True), (NoticeState.SENT, True), (NoticeState.DEAD, False), (NoticeState.PENDING, False)],
)
async def test_who_never_read_that_somebody_stands_in_does_not_read_that_it_is_over(
    sqlite_store: Store,
    policy: Policy,
    server: Server,
    settings_for: SettingsFor,
    case: str,
    began: NoticeState | None,
    told: bool,
) -> None:
    kind, first, last = STANDING_IN[case]
    beginning, end = notice(kind, 1), notice(kind, 2)
    for one, facts, key in ((beginning, first, "began"), (end, last, "ended")):
        one.facts, one.key = {**one.facts, "person_ids": [2], **facts}, key
        one.urgency = Urgency.LOW
    if began is not None:
        beginning.state = began
    await fill(sqlite_store, [end] if began is None else [beginning, end])
    await deliver(sqlite_store, policy, settings_for(server.port), now=NOW, clock=Clock(), worker="one")
    left = (await outbox(sqlite_store))[2]
    assert (left.state is NoticeState.SENT) is told
    assert told or left.last_error == "never read that it began"
