"""What happens once in the simulated year, on its day: what changes, comes back, and goes wrong elsewhere.

Each is done through the act that people have for it, or by the world outside: a mailbox that refuses mail, a
round over the pages that does not run.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col

from policy.model import parse
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.gates import Completion
from schemas.machinery import Notice
from schemas.people import Person
from schemas.settings import ROOT
from schemas.states import AccessState, AccountState
from schemas.words import Via
from tasks.accounts.renaming import RenamingForm, rename_account
from tasks.accounts.schools import MergingForm, merge_schools
from tasks.adoption.adopt import AdoptionForm, adopt_first, adopt_policy
from tasks.adoption.modes import EnforceForm, ObserveForm, enforce_control, observe_control
from tasks.people.absences import AbsenceForm, BackForm, end_absence, note_absence
from tasks.people.returning import ReturnOfPersonForm, person_returns
from tests.support.school_year import Year
from tests.year import later_kinds

SHIPPED = ROOT / "policy" / "ap151.toml"
#: So many people did the course on one day of last year: it lapses for all of them on one day.
TOGETHER = 60
LAPSE = date(2027, 1, 20)
#: The daily look acts from this day on: who never looks is asked, announced and suspended within some weeks.
LOOK_ACTS, LOOK_FOR_DAYS = date(2027, 5, 4), 49
#: Days on which no round over the pages runs.
WITHOUT_A_ROUND = (date(2027, 2, 1), date(2027, 2, 28))


async def one_course_day(year: Year) -> None:
    """At the beginning: many did the course on one day."""
    people = await _administrators(year)
    async with year.store.write() as session:
        await session.run(
            update(Completion)
            .where(col(Completion.person_id).in_(people[:TOGETHER]), col(Completion.voided_at).is_(None))
            .values(completed_on=LAPSE - timedelta(days=365))
        )
    await adopt_first(year.store, SHIPPED, year.now)


async def _administrators(year: Year) -> list[int]:
    rows = await year.rows(
        Access.person_id,
        where=(col(Access.state) == AccessState.GRANTED)
        & (col(Access.person_id) == col(Person.id))
        & col(Person.active),
    )
    return sorted({row.person_id for row in rows})


async def _live(year: Year) -> list[int]:
    rows = await year.rows(Account.id, where=col(Account.state) == AccountState.LIVE)
    return sorted(row.id for row in rows)


async def _mail(year: Year, person: int) -> str:
    ((email,),) = await year.rows(Person.email, where=col(Person.id) == person)
    return str(email)


async def renamed(year: Year) -> None:
    """An account gets another handle on its platform."""
    account = (await _live(year))[3]
    form = RenamingForm(
        actor=year.division.communications, account=account, handle="@renamed.in.fall", reason="A new logo."
    )
    await year.does("renamed", rename_account(year.store, year.policy, form, via=Via.COMMAND, now=year.now))


async def adopts(year: Year, what: str, *changes: tuple[str, str], version: str) -> None:
    """The Superintendent adopts a changed file, and everything runs by it from now on."""
    text = year.policy_text
    own = 'version = "{}"   # kept'
    for old, new in (*changes, (own.format(year.policy.document.version), own.format(version))):
        assert old in text
        text = text.replace(old, new, 1)
    file = year.folder / f"{version}.toml"
    _write(file, text)
    form = AdoptionForm(
        actor=year.division.offices["superintendent"],
        file=file,
        in_place_of=year.policy.document.version,
    )
    await year.does(what, adopt_policy(year.store, year.policy, form, via=Via.COMMAND, now=year.now))
    year.policy_text, year.policy = text, parse(text, file)


def _write(file: Path, text: str) -> None:
    file.write_text(text)


async def new_guidelines(year: Year) -> None:
    """The guidelines come in a new version."""
    old = 'id = "Social Media Guidelines"\nversion = "2026-1"'
    await adopts(year, "new guidelines", (old, old.replace("2026-1", "2026-2")), version="2026-10")


async def shorter_course(year: Year) -> None:
    """The course counts for five months instead of a year: everybody who did it before is asked again."""
    since = year.today - timedelta(days=150)
    fresh = await year.rows(
        Completion.person_id,
        where=(col(Completion.completed_on) >= since) & col(Completion.voided_at).is_(None),
    )
    cut = set(await _administrators(year)) - {row.person_id for row in fresh}
    assert len(cut) >= 40, f"it would cut {len(cut)} people alone"
    await adopts(year, "shorter course", ("valid_days = 365", "valid_days = 150"), version="2027-04")


async def look_enforced(year: Year) -> None:
    """Communications lets the daily look act, from a day of which whoever it finds reads first."""
    form = EnforceForm(
        actor=year.division.communications,
        control="daily-look",
        from_on=LOOK_ACTS,
        reason="Everybody was shown how.",
    )
    await year.does(
        "daily look enforced", enforce_control(year.store, year.policy, form, via=Via.COMMAND, now=year.now)
    )


async def look_observes(year: Year) -> None:
    """After some weeks it only observes again."""
    form = ObserveForm(
        actor=year.division.communications, control="daily-look", reason="Everybody looks by themselves."
    )
    await year.does(
        "daily look observes", observe_control(year.store, year.policy, form, via=Via.COMMAND, now=year.now)
    )


async def asked_before_announced(year: Year) -> None:
    """Whoever read that a missed look leads to a suspension was asked to look on days before, by account."""
    notice = table_of(Notice).c
    looks = {row.id for row in await year.rows(Finding.id, where=col(Finding.control) == "daily-look")}
    words, announced = defaultdict[tuple[int, int], list[datetime]](list), 0
    for row in await year.rows(
        notice.person_id, notice.facts, notice.sent_at, where=notice.kind == "look_today"
    ):
        for account in row.facts["account_ids"] if row.sent_at else ():
            words[row.person_id, account].append(row.sent_at)
    assert words, "nobody was asked to look"
    first = min(sent for each in words.values() for sent in each)
    assert first.date() >= LOOK_ACTS, "asked before it acts"
    for row in await year.rows(*notice, where=notice.kind == "suspension_ahead"):
        if looks & set(row.facts["finding_ids"]):
            announced += 1
            before = [sent for sent in words[row.person_id, row.subject_id] if sent < row.created_at]
            assert len(before) >= 3, f"person {row.person_id} was not asked on the days that were missed"
    assert announced, "nobody missed so many days"


async def leave_begins(year: Year) -> None:
    """A principal is away for three weeks."""
    school = year.division.schools[4]
    away, deputy = year.division.at(school, "principal")[0], year.division.at(school, "teacher")[0]
    year.away = away.email
    form = AbsenceForm(
        actor=away.email,
        person=away.email,
        deputy=deputy.email,
        starts_on=year.today,
        ends_on=year.today + timedelta(days=21),
    )
    await year.does("leave noted", note_absence(year.store, year.policy, form, via=Via.COMMAND, now=year.now))


async def leave_ends_early(year: Year) -> None:
    """They are back after a week."""
    form = BackForm(actor=year.away, person=year.away)
    await year.does("back early", end_absence(year.store, year.policy, form, via=Via.COMMAND, now=year.now))


async def schools_merge(year: Year) -> None:
    """A small school becomes part of another."""
    form = MergingForm(
        actor=year.division.communications,
        school=year.division.schools[9].name,
        into=year.division.schools[8].name,
        reason="The board closed the building.",
    )
    await year.does(
        "schools merged", merge_schools(year.store, year.policy, form, via=Via.COMMAND, now=year.now)
    )


async def somebody_leaves(year: Year) -> None:
    """An administrator leaves the division."""
    year.gone = (await _administrators(year))[11]
    async with year.store.write() as session:
        await session.run(update(Person).where(col(Person.id) == year.gone).values(active=False))


async def and_is_hired_again(year: Year) -> None:
    """The same person is back."""
    form = ReturnOfPersonForm(actor=year.division.communications, person=await _mail(year, year.gone))
    await year.does(
        "hired again", person_returns(year.store, year.policy, form, via=Via.COMMAND, now=year.now)
    )


async def a_mailbox_dies(year: Year) -> None:
    """From now on the mail server refuses whatever is for one administrator."""
    year.inbox.dead.add(await _mail(year, (await _administrators(year))[7]))


EVENTS: Mapping[date, Callable[[Year], Awaitable[None]]] = {
    date(2026, 9, 22): renamed,
    date(2026, 10, 6): new_guidelines,
    date(2026, 10, 20): a_mailbox_dies,
    date(2026, 11, 17): leave_begins,
    date(2026, 11, 24): leave_ends_early,
    date(2026, 12, 1): schools_merge,
    date(2027, 2, 2): somebody_leaves,
    date(2027, 3, 2): and_is_hired_again,
    date(2027, 4, 6): shorter_course,
    date(2027, 4, 27): look_enforced,
    LOOK_ACTS + timedelta(days=LOOK_FOR_DAYS): look_observes,
    **later_kinds.EVENTS,
}
#: What the events are counted as.
HAPPENED = (
    "renamed",
    "new guidelines",
    "leave noted",
    "back early",
    "schools merged",
    "hired again",
    "shorter course",
    "daily look enforced",
    "daily look observes",
    *later_kinds.HAPPENED,
)


async def the_day(year: Year, day: date) -> None:
    """What happens on this day, after people did theirs."""
    if (event := EVENTS.get(day)) is not None:
        year.now = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=21)
        await event(year)
