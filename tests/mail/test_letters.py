"""Every kind of notice as a letter: whole, plain, safe with hostile names, with its date in a calendar."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from icalendar import Calendar
from jinja2 import Environment, nodes
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from policy.controls import Mode, Rule
from policy.controls.attested import Attested
from policy.controls.display import Display
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy, load
from policy.notices import KINDS, NoticeContext, NoticeKind, Rows, read
from policy.notices.access import AccessAtRisk, AccessGranted, AccessRevoked, AccessSuspended, GatesOpen
from policy.notices.accounts import (
    AccountClosed,
    AccountLive,
    AccountReinstated,
    AccountSuspended,
    CreateTheAccount,
    MendTheNotice,
)
from policy.notices.base import Action
from policy.notices.brakes import AnsweredOtherwise, BrakeAsks
from policy.notices.changes import SuccessorWanted, SuccessorWantedNow
from policy.notices.contacts import ContactShared
from policy.notices.findings import Findings, SuspensionAhead, SweepSummary
from policy.notices.guidance import AdviceToRead
from policy.notices.incidents import (
    AppealToDecide,
    HeardOnReport,
    ReportClosed,
    ReportDecided,
    ReportLookedAt,
    ReportToDecide,
    ReportToTakeOn,
)
from policy.notices.inventory import PageToSettle
from policy.notices.items import ItemReminder, NoLongerAsked
from policy.notices.leaves import (
    LeaveDecided,
    LeaveEnded,
    LeaveEndsSoon,
    LeaveRevoked,
    LeaveWanted,
    LeaveWithdrawn,
)
from policy.notices.mending import how_to_mend
from policy.notices.modes import ControlCalledOff, ControlSet
from policy.notices.offices import DeputyNamed, OfficeChanged, OfficeEnded, OfficeEnds, OfficesByRoster
from policy.notices.operators import CalendarEnds, ClockSetRight, PolicyAdopted, SweepTrouble
from policy.notices.people import (
    DeputyLeft,
    MailRefusedFor,
    MissingFromRoster,
    PeopleToForget,
    RecordedForYou,
    RecordedInYourName,
    RecordsMerged,
    StaysAfterAll,
)
from policy.notices.public import CorrectionWanted, EnquiryWaits
from policy.notices.requests import DecisionWanted, RequestApproved
from policy.notices.rosters import AddressChanged, EndedOfficeInRoster, LeftByRoster
from schemas.errors import BadInput, MailRefused
from schemas.language import LANGUAGES, speaking
from schemas.machinery import ActionItem
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, ItemState, PageVerdict, SubjectKind
from tasks.mail import mime
from tasks.mail.markup import TEMPLATES
from tasks.mail.mime import Letter, sender_of
from tasks.mail.writing import LINK_LIMIT, entry, letter, mailto
from tasks.translated import Templates
from tests.mail.mail_cases import CASES, DUE, NOW, context, division, notice
from tests.mail.variations import variations
from tests.support.databases import ROOT
from tests.support.rules import the_notice

SENDER = sender_of("Steward <steward@example.org>", "communications@example.org")

EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


@pytest.mark.parametrize("count", [1, 3, 40])
def test_a_digest_lists_what_bites_first(policy: Policy, count: int) -> None:
    """What is to be done by its day, then what is only to be known; one thing alone is an ordinary letter."""
    kinds: list[type[NoticeKind]] = [RequestApproved, SuccessorWanted, DecisionWanted] * 14
    contexts = [context(kind, policy, number=number) for number, kind in enumerate(kinds[:count], 100)]
    for number, its in enumerate(contexts):
        if "due_on" in its.notice.facts:
            its.notice.facts |= {"due_on": (DUE + timedelta(days=count - number)).isoformat()}
    made = letter([entry(one, SENDER) for one in contexts], contexts[0], SENDER, gathered=True)
    if count == 1:
        assert made.subject == "Approved: @lakeside.school on Instagram"
        assert "gathered" not in made.text
        return
    listed = made.text.partition("\n-----")[0]
    to_do, _, to_know = listed.partition("To know:")
    days = [datetime.strptime(day, "%d %b %Y").date() for day in re.findall(r"by \w+ (\d+ \w+ \d+)", to_do)]  # noqa: DTZ007
    assert len(days) == count - kinds[:count].count(RequestApproved) > 0
    assert len(re.findall("Approved: ", to_know)) == 1, "what says the same is said once"
    assert days == sorted(days)
    assert made.subject.startswith(f"{len(days) + 1} things, first: ")
    assert "Approved: " not in to_do
    assert len(re.findall(r"^\d+\. ", listed, re.MULTILINE)) == len(days) + 1


def test_a_finding_says_the_day_and_counts_none(policy: Policy) -> None:
    """A finding keeps its words: "400 days ago" would be frozen at the day on which it was opened."""
    rows = division()
    rows.findings[42].detail = "The notice on its page was last seen on 2025-09-15."
    for kind in (Findings, SuspensionAhead):
        its = context(kind, policy, rows)
        text = letter([entry(its, SENDER)], its, SENDER).text
        assert "was last seen on Monday 15 September 2025." in " ".join(text.split())


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"><img src=x onerror='alert(1)'>",
    "template": "{{ 7 * 7 }}{% raw %}",
    "emoji": "Zoë 👩🏽‍🏫🌲",
    "markdown": "**b** _i_ `c` [x](https://evil.example.org) @x[/b] # > & SLOT0X <b>",
    "long": "Wolfeschlegelsteinhausenbergerdorff" * 3,
}


def made(
    kind: type[NoticeKind], policy: Policy, rows: Rows | None = None, *, uncertain: bool = False
) -> Letter:
    case = context(kind, policy, rows)
    return letter([entry(case, SENDER)], case, SENDER, uncertain=uncertain)


def test_every_kind_has_its_template_and_its_case() -> None:
    assert {path.stem for path in TEMPLATES.glob("[!_]*")} == set(KINDS)
    assert set(CASES) == set(KINDS.values())


#: The letters that are of no account, and what they name.
NO_ACCOUNT = {
    AnsweredOtherwise: "has answered otherwise since",
    SweepSummary: "Two people at each school account (5.4)",
    SweepTrouble: "nightly-sweep",
    RecordedForYou: "Omar Haddad",
    OfficeChanged: "an office, from",
    OfficeEnded: "ended an office",
    RecordsMerged: "merged two records",
    RecordedInYourName: "somebody with Prefect's login",
    OfficeEnds: "your designation to administer accounts ends",
    DeputyLeft: "whoever deputized has left",
    StaysAfterAll: "Ravi Sample was missing",
    MissingFromRoster: "does not have Ravi Sample",
    MailRefusedFor: "Omar Haddad",
    ReportToTakeOn: "AP 170 was broken at",
    HeardOnReport: "Nothing is decided yet: you are heard first",
    ReportToDecide: "has answered to report 97",
    ReportDecided: "take the access",
    AppealToDecide: "appeals against what was decided on report 97",
    ReportClosed: "what was decided stands",
    ReportLookedAt: "was looked at, and dismissed",
    LeaveWanted: "asks for leave to text students",
    LeaveDecided: "Omar Haddad (principal, Lakeside School), deputizing for Greta Olsen, granted the leave",
    LeaveEndsSoon: "Friday 30 October 2026",
    LeaveEnded: "to text students or parents from a personal device has ended",
    LeaveRevoked: "Omar Haddad (principal, Lakeside School) revoked",
    LeaveWithdrawn: "withdrew it",
    ControlSet: "accounts are held to",
    ControlCalledOff: "That is called off",
    AdviceToRead: "Pictures",
    ContactShared: "Omar Haddad",
    CalendarEnds: "Friday 27 August 2027",
    PeopleToForget: "(person 2)",
    PolicyAdopted: "version 2026-10",
    OfficesByRoster: "took in a roster",
    EndedOfficeInRoster: "stays ended",
    LeftByRoster: "has left",
    AddressChanged: "no longer with former@example.org",
    DeputyNamed: "acts in this office meanwhile",
    ClockSetRight: "up to Friday 30 October 2026",
}


#: The letters to who may have Steward at hand, and is asked for what only an act there does.
NAMES_A_COMMAND = {ContactShared, BrakeAsks, SuccessorWanted, SuccessorWantedNow}


@EVERY_KIND
def test_a_letter_says_what_why_and_how_to_ask_back(kind: type[NoticeKind], policy: Policy) -> None:
    one = made(kind, policy)
    case = context(kind, policy)
    why = read(case.notice).view(case).why
    assert why.startswith("AP 151, clause ") or kind in {
        SweepTrouble,
        CalendarEnds,
        ClockSetRight,
        PolicyAdopted,
        RecordedInYourName,
    }  # these are about Steward itself, and the whole policy
    for body in (one.text, HTMLParser(one.html).text()):
        assert "Hello Ann Lee," in body
        assert not why or f"Why: {why}." in body
        assert "Questions? Answer this message" in body
        assert "(Notice 101)" in body
        named = NO_ACCOUNT.get(kind, "lakeside.school")
        assert named in body
        for leftover in ("{{", "{%", "None", "Undefined", "[]"):
            assert leftover not in body
        assert ("steward " in body) is (kind in NAMES_A_COMMAND)
    assert "\n" not in one.subject
    assert len(one.subject) <= 110
    assert "\n\n\n" not in one.text
    assert "had this message already" not in one.text
    assert "You may have had this message already" in made(kind, policy, uncertain=True).text
    assert "You may have had this message already" in made(kind, policy, uncertain=True).html


@EVERY_KIND
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_words_stay_words(kind: type[NoticeKind], words: str, policy: Policy) -> None:
    cut = words[:100]
    known = division(
        name=cut,
        family=cut,
        handle=cut,
        purpose=words,
        reason=words,
        school=words,
        detail=words,
        difference=words,
    )
    one = made(kind, policy, known)
    page = HTMLParser(one.html)
    assert page.css("script, img, iframe, object, form, link") == []
    (heading,) = page.css("h1")
    assert "49" not in heading.text()
    for link in page.css("a"):
        assert urlsplit(str(link.attributes["href"])).scheme in {"mailto", "https"}
        assert not {name for name in link.attributes if name.startswith("on")}
    assert f"Hello {cut} {cut}," in page.text()
    assert len(one.subject) <= 200
    assert page.css("em, code, b") == []
    one_of_many = entry(context(kind, policy, known), SENDER)
    gathered = letter([one_of_many] * 2, context(kind, policy, known), SENDER, gathered=True)
    assert HTMLParser(gathered.html).css("script, img, iframe, object, form, link") == []


@pytest.mark.parametrize("words", [HOSTILE["markdown"], "1. first\n- second\r\n> third\n\n    fourth"])
def test_what_people_typed_shows_as_typed(words: str, policy: Policy) -> None:
    """Further lines are indented in text and broken in HTML; nothing else is done to them."""
    lines = [line.strip() for line in words.splitlines()]
    kinds: tuple[type[NoticeKind], ...] = (DecisionWanted, RequestApproved, AccountReinstated)
    for kind in kinds:
        one = made(kind, policy, division(purpose=words, reason=words))
        in_text = [line.strip() for line in one.text.splitlines()]
        in_page = [line.strip() for line in HTMLParser(one.html).text().splitlines()]
        for found in (in_text, in_page):
            start = next(number for number, line in enumerate(found) if line.endswith(lines[0]))
            assert found[start + 1 : start + len(lines)] == lines[1:]


@EVERY_KIND
def test_a_policy_without_these_controls_writes_each_letter_and_says_less(
    kind: type[NoticeKind], policy: Policy
) -> None:
    bare = policy.model_copy(update={"checklists": ()})
    for control in policy.controls:
        bare = bare.changed(control.name, mode=Mode.OFF)
    one = made(kind, bare)
    assert "Hello Ann Lee," in one.text
    assert "\n\n\n" not in one.text
    for leftover in ("  and", "()", "“”", "the  ", " on ,"):
        assert leftover not in one.text


def test_the_decider_needs_nothing_but_the_letter(policy: Policy) -> None:
    """Clauses 2, 5 and 5.4."""
    one = made(DecisionWanted, policy)
    for body in (one.text, HTMLParser(one.html).text()):
        for needed in (
            "Ann Lee (teacher, Lakeside School)",
            "Show families what happens at school, in pictures.",
            "Families and neighbours of the school",
            "division or school website",
            "call-out system and app",
            "Few open the website on a phone",
            "Omar Haddad (principal, Lakeside School)",
            "Ida Berg (teacher, Lakeside School), who has left",
            "personal administrators",
            "Friday 30 October 2026",
        ):
            assert needed in body
    assert one.subject == "Decide by Fri 30 Oct 2026: @lakeside.school on Instagram"


def test_every_answer_is_one_click_and_names_its_subject(policy: Policy) -> None:
    links = [
        str(link.attributes["href"]) for link in HTMLParser(made(DecisionWanted, policy).html).css("a.button")
    ]
    assert len(links) == 3
    for link, verdict in zip(links, ("approve", "decline", "send back"), strict=True):
        parts = urlsplit(link)
        asked = parse_qs(parts.query)
        assert unquote(parts.path) == "communications@example.org"
        assert asked["subject"] == [f"Request 12, @lakeside.school on Instagram: {verdict}"]
        assert f"I {verdict} this request." in asked["body"][0]


def test_a_link_is_never_longer_than_mail_programs_take() -> None:
    for text in ("ä" * 5000, "%" * 5000, "word " * 2000):
        link = mailto(Action("Answer", "Request 12", text), "communications@example.org")
        assert len(link) <= LINK_LIMIT
        assert len(link) > LINK_LIMIT // 2
        assert text.startswith(parse_qs(urlsplit(link).query)["body"][0])


def test_what_the_page_lacks_is_shown_word_by_word(policy: Policy) -> None:
    """Clause 8."""
    one = made(MendTheNotice, policy)
    closing = next(statement.text for statement in the_notice(policy).statements if statement.id == "closing")
    for body in (one.text, HTMLParser(one.html).text()):
        assert "racial or [-disrespectful-] {+rude+} comments" in body
        assert body.count(" ".join(closing.split())[:60]) == 2  # once as missing, once in the whole notice
        assert all(statement.text.strip() in body for statement in the_notice(policy).statements)


def test_news_leaves_but_asks_for_nothing_that_is_done(policy: Policy) -> None:
    case = context(AccessSuspended, policy)
    assert isinstance(read(case.notice), AccessSuspended)
    before = letter([entry(case, SENDER)], case, SENDER).text
    case.rows.asked = [
        ActionItem(
            id=77,
            key="person:1/course/focus-on-privacy/never",
            kind=ItemKind.COMPLETE_COURSE,
            control="privacy-course",
            person_id=case.notice.person_id,
            subject_kind=SubjectKind.PERSON,
            subject_id=case.notice.person_id,
            opened_at=NOW,
            due_on=DUE,
            state=ItemState.DONE,
        )
    ]
    case.access.state = AccessState.SUSPENDED
    assert read(case.notice).stale(case) is None
    after = letter([entry(case, SENDER)], case, SENDER).text
    assert "Complete the course" in before
    assert "Complete the course" not in after
    assert "is done already" in after


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("given", "end it today"),
        ("bound", "end it today"),
        ("ends", "record it anew today"),
        ("designation ends", "record it anew today"),
    ],
)
def test_what_changed_by_mistake_is_put_right_by_its_opposite(policy: Policy, change: str, said: str) -> None:
    """Nobody ends the end of an office."""
    case = context(OfficeChanged, policy)
    case.notice.facts = {**case.notice.facts, "change": change}
    text = " ".join(letter([entry(case, SENDER)], case, SENDER).text.split())
    assert said in text
    assert ("end it" in text) == said.startswith("end it")


def test_who_suspended_it_is_named(policy: Policy) -> None:
    """Nobody need ask who gave an order. Where Steward did, there is nobody to name."""
    case = context(AccountSuspended, policy)
    number = min(case.rows.suspensions)
    case.notice.facts = {**case.notice.facts, "suspension_id": number}
    case.rows.suspensions[number].decided_by_id = 2
    said = " ".join(letter([entry(case, SENDER)], case, SENDER).text.split())
    assert "Omar Haddad (principal, Lakeside School) suspended @lakeside.school" in said
    case.rows.suspensions[number].decided_by_id = None
    assert "is suspended: nobody may post" in " ".join(
        letter([entry(case, SENDER)], case, SENDER).text.split()
    )


@pytest.mark.parametrize("kind", [AccessRevoked, AccountClosed])
def test_what_ended_at_once_says_who_decided_it_and_why(policy: Policy, kind: type[NoticeKind]) -> None:
    """The form says that everybody concerned reads the reason: there is no earlier letter that had it."""
    case = context(kind, policy)
    number, change = next(iter(case.rows.changes.items()))
    change.reason = "Somebody else posts under this name."
    case.notice.facts = {**case.notice.facts, "by_id": 2, "change_id": number}
    said = " ".join(letter([entry(case, SENDER)], case, SENDER).text.split())
    assert "Omar Haddad (principal, Lakeside School)" in said
    assert "Somebody else posts under this name." in said
    assert "at once" in said


def test_a_letter_that_leaves_after_its_day_says_so(policy: Policy) -> None:
    """It waited for a mail server, or what it asks for was recorded late."""
    for kind, subject, said in (
        (CreateTheAccount, "Overdue: Create by", "is over. Please do it as soon as you can."),
        (EnquiryWaits, "Overdue since", "People expected an answer by"),
    ):
        case = context(kind, policy)
        assert said not in " ".join(letter([entry(case, SENDER)], case, SENDER).text.split())
        after = replace(case, now=NOW + timedelta(days=60))
        late = letter([entry(after, SENDER)], after, SENDER)
        assert said in " ".join(late.text.split())
        assert late.subject.startswith(subject)


def test_who_confirmed_a_stop_is_named(policy: Policy) -> None:
    """The letter of the confirmation says something else than the one of the stop."""
    case = context(AccountSuspended, policy)
    number = max(case.rows.suspensions)
    stopped = case.rows.suspensions[number]
    stopped.decided_by_id, stopped.confirmed_by_id, stopped.confirmed_at = 1, 2, NOW
    case.account.state, stopped.ended_at = AccountState.SUSPENDED, None
    case.notice.facts = {**case.notice.facts, "suspension_id": number}
    assert read(case.notice).stale(case) == "stop confirmed"
    case.notice.facts["confirmed"] = True
    assert read(case.notice).stale(case) is None
    made = letter([entry(case, SENDER)], case, SENDER)
    said = " ".join(made.text.split())
    assert "Omar Haddad (principal, Lakeside School) has confirmed this as a second office" in said
    assert made.subject.startswith("Suspended, and confirmed: ")


def test_a_last_day_that_is_over_was(policy: Policy) -> None:
    """Of a leave that began yesterday nobody reads that the last day is still to come."""
    case = context(SuccessorWanted, policy)
    said = letter([entry(case, SENDER)], case, SENDER).text
    assert "leaves it or is away for long: Omar Haddad" in " ".join(said.split())
    assert "The last day is " in said
    yesterday = case.today() - timedelta(days=1)
    case.notice.facts = {**case.notice.facts, "leaves_on": yesterday.isoformat()}
    assert "The last day was " in letter([entry(case, SENDER)], case, SENDER).text


@pytest.mark.parametrize("what", ["absence's deputy", "absence's end", "another deputy"])
def test_a_deputy_reads_for_whom(policy: Policy, what: str) -> None:
    case = context(RecordedForYou, policy)
    case.notice.facts = {**case.notice.facts, "what": what, "person_ids": [2]}
    assert "Omar Haddad" in letter([entry(case, SENDER)], case, SENDER).text.partition("recorded")[2]
    if what != "absence's deputy":
        case.notice.facts = {**case.notice.facts, "person_ids": []}
        assert "your absence" in letter([entry(case, SENDER)], case, SENDER).text


def test_a_completion_that_does_not_count_is_told_with_its_reason_and_what_follows(policy: Policy) -> None:
    """Who read "complete the course" had completed it, and read that there was nothing to do."""
    case = context(AccessSuspended, policy)
    assert "no completion of yours counts today" in letter([entry(case, SENDER)], case, SENDER).text
    case.notice.facts = {**case.notice.facts, "voided": True}
    said = " ".join(letter([entry(case, SENDER)], case, SENDER).text.split())
    assert "It rested on a completed course, “Focus on Privacy”, and that completion does not count" in said
    news = context(RecordedForYou, policy)
    news.notice.facts = {**news.notice.facts, "what": "completion voided", "reason": "It was of another."}
    said = " ".join(letter([entry(news, SENDER)], news, SENDER).text.split())
    assert "It was of another." in said
    assert "suspended until you have completed the course again" in said
    assert "nothing to do" not in said


def test_a_page_that_could_not_be_read_is_not_said_to_lack_the_notice(policy: Policy) -> None:
    case = context(MendTheNotice, policy)
    check = case.rows.checks[31]
    check.verdict, check.statements = PageVerdict.UNCLEAR, []
    one = letter([entry(case, SENDER)], case, SENDER)
    for body in (one.text, HTMLParser(one.html).text()):
        words = " ".join(body.split())
        assert "does not carry the notice" not in words
        assert "we can't say whether it carries the notice" in words
        assert "Somebody else is asked to look at the page, too" in words


@pytest.mark.parametrize(
    ("rule", "asks"), [("notice-on-page", "Open its page"), ("owner-is-named", "Open its profile")]
)
def test_what_nobody_could_see_is_to_be_looked_at_and_not_to_be_mended(
    policy: Policy, rule: str, asks: str
) -> None:
    rows = division()
    for finding in rows.findings.values():
        finding.control = rule
    text = made(Findings, policy, rows).text
    assert asks in text
    assert "Put this notice" not in text
    assert "Put your name" not in text


def test_a_due_date_is_a_whole_day_in_the_calendar_and_the_reminder_moves_the_same_entry(
    policy: Policy,
) -> None:
    entries: list[Any] = []
    kinds: tuple[type[NoticeKind], ...] = (DecisionWanted, ItemReminder)
    for number, kind in enumerate(kinds, 1):
        case = context(kind, policy, number=number)
        file = letter([entry(case, SENDER)], case, SENDER).calendar
        assert file is not None
        calendar = Calendar.from_ical(file)
        assert calendar["METHOD"] == "PUBLISH"
        (event,) = calendar.walk("VEVENT")
        entries.append(event)
        assert event.decoded("DTSTART") == DUE
        assert event["TRANSP"] == "TRANSPARENT"
    assert entries[0]["UID"] == entries[1]["UID"]
    assert entries[0]["SEQUENCE"] < entries[1]["SEQUENCE"]


def test_what_ended_leaves_the_calendar(policy: Policy) -> None:
    """The same entry as its reminder's, cancelled, with a higher sequence; in one mail with what is due."""
    reminder = entry(context(ItemReminder, policy, number=101), SENDER)
    ended = entry(context(NoLongerAsked, policy, number=102), SENDER)
    case = context(NoLongerAsked, policy)
    one = letter([reminder, ended], case, SENDER, gathered=True)
    assert one.calendar is not None
    assert one.cancelled is not None
    (was,), (goes,) = (Calendar.from_ical(file).walk("VEVENT") for file in (one.calendar, one.cancelled))
    assert Calendar.from_ical(one.cancelled)["METHOD"] == "CANCEL"
    assert goes["UID"] == was["UID"]
    assert int(str(goes["SEQUENCE"])) > int(str(was["SEQUENCE"]))
    assert goes["STATUS"] == "CANCELLED"
    data = mime.body(one.text, one.html, one.calendar, one.cancelled)
    parts = [part for part in message_from_bytes(data).walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in parts] == ["PUBLISH", "CANCEL"]
    assert [part.get_filename() for part in parts] == ["due.ics", "done.ics"]


@EVERY_KIND
def test_there_is_a_calendar_file_where_something_is_due(kind: type[NoticeKind], policy: Policy) -> None:
    view = read(notice(kind)).view(context(kind, policy))
    assert (made(kind, policy).calendar is not None) is (view.due is not None)


@EVERY_KIND
def test_facts_of_another_kind_are_parked_and_never_guessed(kind: type[NoticeKind]) -> None:
    row = notice(kind)
    row.facts = {"something": "else"}
    with pytest.raises(BadInput, match="needs other facts"):
        read(row)


def test_a_kind_that_is_gone_is_said() -> None:
    row = notice(AccountLive)
    row.kind = "account_alive"
    with pytest.raises(BadInput, match="no notice account_alive"):
        read(row)


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind not in NO_ACCOUNT])
def test_a_row_that_is_not_there_is_said_and_is_no_crash(kind: type[NoticeKind], policy: Policy) -> None:
    known = Rows(people={1: division().people[1]})
    with pytest.raises(MailRefused):
        made(kind, policy, known)


#: What each letter that asks must hold, so that its reader needs nothing else.
NEEDED: dict[type[NoticeKind], tuple[str, ...]] = {
    GatesOpen: (
        "https://learn.example.org/courses/focus-on-privacy",
        "/guidelines/social-media",
        "I answer personally",
    ),
    AccessAtRisk: ("https://learn.example.org/courses/focus-on-privacy",),
    AccessSuspended: ("https://learn.example.org/courses/focus-on-privacy",),
    SuspensionAhead: ("How:",),
    AccountSuspended: ("What is wrong:", "How:"),
    Findings: ("How:",),
}


@pytest.mark.parametrize("kind", NEEDED, ids=lambda kind: kind.kind)
def test_a_letter_holds_what_it_asks_for(kind: type[NoticeKind], policy: Policy) -> None:
    one = made(kind, policy)
    for needed in NEEDED[kind]:
        assert needed in one.text
        assert needed in one.html


@pytest.mark.parametrize("rule", load(ROOT / "policy" / "ap151.toml").rules(), ids=lambda rule: rule.name)
def test_the_letter_says_how_to_mend_each_finding(rule: Rule, policy: Policy) -> None:
    """Every rule: a sentence, and the course, the text, the settings or the notice that it takes."""
    rows = division()
    for finding in rows.findings.values():
        finding.control = rule.name
    rows.page_faults, rows.profile_faults = set(rows.accounts), set(rows.accounts)
    one = made(Findings, policy, rows)
    how = how_to_mend(rule.name, rows.accounts[5], policy, rows)
    assert how.do
    assert how.do in one.text
    for words in (*how.settings, *how.statements, *(text.text or text.address or "" for text in how.texts)):
        assert " ".join(words.split()) in " ".join(one.text.split())
    assert how.settings or not isinstance(rule, Attested)
    assert how.texts or not isinstance(rule, TextAcknowledged)
    assert how.statements or not isinstance(rule, Display)
    assert how.courses or not isinstance(rule, TrainingBeforeAccess)


def _whole(of: NoticeContext) -> Letter:
    return letter([entry(of, SENDER)], of, SENDER)


@pytest.mark.parametrize("kind", [PageToSettle, CorrectionWanted])
def test_a_strangers_words_are_marked_and_their_link_is_dead(kind: type[NoticeKind], policy: Policy) -> None:
    """Nobody knows who filled in the public form: what they say is not said as if it were ours."""
    rows = division()
    about: Any = {PageToSettle: rows.pages[97], CorrectionWanted: rows.corrections[91]}[kind]
    about.address, about.says = "https://evil.example/x", "Your password expires: https://evil.example/y"
    known = _whole(context(kind, policy, rows))
    assert 'href="https://evil.example/x"' in known.html
    assert "whom nobody here knows" not in known.text
    about.reported_by_id = None
    strange = _whole(context(kind, policy, rows))
    assert "https://evil.example/x" in strange.text
    assert 'href="https://evil.example' not in strange.html
    assert "whom nobody here knows" in strange.text
    assert "nobody has checked" in strange.text


def _written_values(node: nodes.Node) -> Iterator[str]:
    """The words that a value of a template may be as a whole."""
    if isinstance(node, nodes.CondExpr):
        for one in (node.expr1, node.expr2):
            if one is not None:
                yield from _written_values(one)
    elif isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_blank_that_a_sentence_needs_is_lost(language: str) -> None:
    """A value's outer blanks are cut when it is filled in: "Corrigeztout" was one word."""
    loader, environment = Templates(TEMPLATES, language), Environment(autoescape=True)
    lost = []
    for path in sorted(TEMPLATES.glob("*.md")):
        parsed = environment.parse(loader.get_source(environment, path.name)[0])
        values = [each for one in parsed.find_all(nodes.Output) for each in one.nodes]
        lost += [(path.name, word) for one in values for word in _written_values(one) if word != word.strip()]
    assert lost == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_words_are_glued(language: str, policy: Policy) -> None:
    """In each letter as it is rendered, in each language."""
    glued = re.compile(r"[a-zà-ÿ](?:[.;!?,](?=[A-Za-zÀ-ÿ])|(?=[A-ZÀ-Þ]))[A-Za-zÀ-ÿ]+")
    found = []
    for kind in CASES:
        for one in variations(kind, policy):
            with speaking(language):
                text = _whole(one.context).text
            words = [word for word in text.split() if "/" not in word and "@" not in word]
            found += [
                (kind.kind, word) for word in words if glued.search(word) and "." not in word.strip(".,")
            ]
    assert found == []


def test_answers_to_copy_are_named_where_they_stand(policy: Policy) -> None:
    """Who is given access reads the points of the advice, and not its answers."""
    access = _whole(context(AccessGranted, policy))
    assert "answers below" not in access.text
    assert not any("below" in point.text for text in policy.texts for point in text.points)
