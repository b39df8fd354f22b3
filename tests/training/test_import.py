"""Training reports: what matches, what waits for a person, the same file twice, bad files (5.2)."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from policy.model import Policy
from schemas.errors import BadFile, BadInput, BadRows, Unknown
from schemas.gates import Completion, ImportRun, UnmatchedRow
from schemas.machinery import AuditEntry, Event, Wake
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.states import AccessState
from schemas.words import ItemKind, Via
from tasks.files.bundle import read_bundle_files
from tasks.files.dates import Order, Unreadable, day_of
from tasks.store import Store, audit, verifying
from tasks.training.completions import VoidForm, void_completion
from tasks.training.import_completions import TrainingImport, TrainingImportForm, import_training
from tasks.training.unmatched import (
    DomainForm,
    SettlementForm,
    crowds,
    settle_domain,
    settle_row,
    unmatched_rows,
)
from tests.training.training_people import (
    access_state,
    an_access,
    counted,
    open_items,
    report,
    rows,
    some_people,
)

STAMP = "2026-09-14 13:05:09"
DAY = date(2026, 9, 14)


OFFICER = "person1@example.org"


async def take_in(store: Store, policy: Policy, now: datetime, content: bytes, **more: Any) -> TrainingImport:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / str(more.pop("called", "report.csv"))
        file.write_bytes(content)
        form = TrainingImportForm.model_validate({"actor": OFFICER, "file": file, **more})
        return await import_training(store, policy, form, via=Via.COMMAND, now=now)


async def settle(store: Store, policy: Policy, now: datetime, row: int, **how: str) -> Receipt:
    form = SettlementForm.model_validate({"actor": OFFICER, "row": row, **how})
    return await settle_row(store, policy, form, via=Via.COMMAND, now=now)


async def test_dates_become_completions_and_wake_the_gate_once(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    content = report(
        ("Given2 Sample2", "Person2@Example.org", STAMP),
        ("Given3 Sample3", "person3@example.org", ""),
        ("Given4 Sample4", "person4@example.org", "2026-10-20 09:59:00"),
    )
    done = await take_in(store, policy, now, content)
    assert (done.rows, done.new, done.known, done.blank, done.unmatched) == (3, 2, 0, 1, 0)
    assert done.column == "Course complete"
    kept = await rows(store, Completion)
    assert [(row.person_id, row.completed_on, row.source) for row in kept] == [
        (2, DAY, "import 1"),
        (4, date(2026, 10, 20), "import 1"),
    ]
    assert {row.recorded_via for row in kept} == {Via.IMPORT}
    assert [event.kind for event in await rows(store, Event)] == ["steward.completion.recorded"]
    assert [wake.lifecycle for wake in await rows(store, Wake)] == ["training-gate"]
    entries = await rows(store, AuditEntry, col(AuditEntry.cause) != audit.UNNAMED)
    assert [(entry.subject_kind, entry.control) for entry in entries] == [("import", "privacy-course")]
    assert entries[0].body["new"] == 2
    await verifying.verify(store)


async def test_the_same_file_twice_says_so_and_changes_nothing(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    content = report(("Given2 Sample2", "person2@example.org", STAMP), ("Nobody", "no@example.org", STAMP))
    first = await take_in(store, policy, now, content)
    before = await counted(store)
    again = await take_in(store, policy, now + timedelta(days=1), content)
    assert (again.imported_before, again.import_id, again.new) == (now, first.import_id, 0)
    assert await counted(store) == before
    assert len(await rows(store, ImportRun)) == 1


async def test_a_later_report_adds_only_what_is_new_and_a_blank_voids_nothing(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    await take_in(store, policy, now, report(("A", "person2@example.org", STAMP)))
    later = await take_in(
        store,
        policy,
        now,
        report(
            ("A", "person2@example.org", STAMP),
            ("A", "person2@example.org", "2026-09-14 08:00:00"),
            ("B", "person3@example.org", STAMP),
        ),
    )
    assert (later.new, later.known, later.repeated) == (1, 1, 1)
    blank = await take_in(store, policy, now, report(("A", "person2@example.org", "")))
    assert (blank.new, blank.blank) == (0, 1)
    assert all(row.voided_at is None for row in await rows(store, Completion))


async def test_rows_that_fit_nobody_wait_in_one_item_and_are_settled(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    content = report(
        ("Given2 Sample2", "given2@home.example", STAMP),
        ("Visitor", "visitor@home.example", STAMP),
        ("Given3 Sample3", "person3@example.org", STAMP),
    )
    done = await take_in(store, policy, now, content)
    assert (done.new, done.unmatched, done.to_settle) == (1, 2, 2)
    items = await open_items(store, ItemKind.SETTLE_ROW)
    assert [(item.role, item.subject_kind, item.subject_id) for item in items] == [
        ("communications officer", "import", 1)
    ]
    waiting = await unmatched_rows(store)
    assert [(one.line, one.email, one.near) for one in waiting] == [
        (2, "given2@home.example", ("person2@example.org",)),
        (3, "visitor@home.example", ()),
    ]
    receipt = await settle(store, policy, now, waiting[0].row, person="person2@example.org")
    assert "1 more row" in receipt.says
    assert (await rows(store, Completion, col(Completion.person_id) == 2))[0].completed_on == DAY
    await settle(store, policy, now, waiting[1].row, ignore="not of the division")
    assert await unmatched_rows(store) == ()
    assert not await open_items(store, ItemKind.SETTLE_ROW)
    with pytest.raises(BadInput, match="settled already"):
        await settle(store, policy, now, waiting[1].row, ignore="once more")
    await verifying.verify(store)


async def test_what_was_settled_is_not_asked_again(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now)
    await take_in(
        store,
        policy,
        now,
        report(("Given2 Sample2", "given2@home.example", STAMP), ("Visitor", "visitor@home.example", STAMP)),
    )
    first, second = await unmatched_rows(store)
    await settle(store, policy, now, first.row, person="person2@example.org")
    await settle(store, policy, now, second.row, ignore="a guest")
    later = await take_in(
        store,
        policy,
        now,
        report(
            ("Given2 Sample2", "given2@home.example", "2026-10-01 09:00:00"),
            ("Visitor", "visitor@home.example", STAMP),
        ),
    )
    assert (later.new, later.unmatched, later.to_settle) == (1, 1, 0)
    assert len(await rows(store, Completion, col(Completion.person_id) == 2)) == 2
    assert not await open_items(store, ItemKind.SETTLE_ROW)


async def test_without_addresses_every_row_waits(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now)
    content = f"ID,Name,Course complete\n301,Given2 Sample2,{STAMP}\n302,Given3 Sample3,\n".encode()
    done = await take_in(store, policy, now, content, called="completion-FOP.csv")
    assert (done.new, done.unmatched, done.blank, done.has_email) == (0, 1, 1, False)
    assert (await unmatched_rows(store))[0].near == ("person2@example.org",)
    assert not await rows(store, Event)


async def test_a_dry_run_says_the_same_and_keeps_nothing(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now)
    content = report(("A", "person2@example.org", STAMP), ("B", "b@home.example", STAMP))
    before = await counted(store)
    tried = await take_in(store, policy, now, content, dry_run=True)
    assert (tried.new, tried.to_settle, tried.import_id, tried.dry_run) == (1, 1, None, True)
    assert await counted(store) == before
    assert not await rows(store, ImportRun)
    assert not await rows(store, UnmatchedRow)
    done = await take_in(store, policy, now, content)
    assert (done.new, done.to_settle) == (1, 1)


async def test_a_voided_completion_stays_voided(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now)
    await take_in(store, policy, now, report(("A", "person2@example.org", STAMP)))
    form = VoidForm(actor="1", person="2", completed_on=DAY, reason="somebody else sat it")
    await void_completion(store, policy, form, via=Via.COMMAND, now=now)
    done = await take_in(store, policy, now, report(("A A", "person2@example.org", STAMP)))
    assert (done.new, done.known, done.voided) == (0, 0, 1)
    assert (await rows(store, Completion))[0].voided_at == now


async def test_people_who_have_left_are_matched(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now)
    async with store.write() as session:
        left = update(Person).where(col(Person.id) == 2).values(active=False)
        await session.run(left)
    done = await take_in(store, policy, now, report(("A", "person2@example.org", STAMP)))
    assert done.new == 1


async def test_who_imports_must_be_known(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now)
    content = report(("A", "person2@example.org", STAMP))
    with pytest.raises(Unknown):
        await take_in(store, policy, now, content, actor="stranger@example.org")
    assert not await rows(store, Completion)
    done = await take_in(store, policy, now, content, actor="person1@example.org")
    assert done.new == 1
    assert (await rows(store, Completion))[0].recorded_by_id == 1


PROGRESS = (
    "\tEmail address\tWelcome\t\tFocus on Privacy quiz\t2026-09-30 00:00:00\n"
    "Given2 Sample2\tperson2@example.org\tCompleted\t14/09/26, 09:00\t"
    "Completed (achieved pass grade)\t14/09/26, 09:10\n"
    "Given3 Sample3\tperson3@example.org\tCompleted\t14/09/26, 09:00\tNot completed\t03/10/26, 11:00\n"
    "Given4 Sample4\tperson4@example.org\tCompleted\t14/09/26, 09:00\t"
    "Completed (did not achieve pass grade)\t14/09/26, 12:00\n"
    "Given5 Sample5\tperson5@example.org\tNot completed\t\tCompleted (set by A Teacher)\t03/10/26, 09:10\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_an_activity_progress_report_by_its_state(
    sqlite_store: Store, policy: Policy, now: datetime, encoding: str
) -> None:
    await some_people(sqlite_store, now)
    done = await take_in(sqlite_store, policy, now, PROGRESS.encode(encoding))
    assert (done.column, done.new, done.blank) == ("Focus on Privacy quiz", 2, 2)
    kept = await rows(sqlite_store, Completion)
    assert [(row.person_id, row.completed_on) for row in kept] == [(2, DAY), (5, date(2026, 10, 3))]


@pytest.mark.parametrize(
    ("written", "order", "day"),
    [
        ("2026-09-14 13:05:09", None, DAY),
        ("2026-09-14", None, DAY),
        ("14/09/26, 13:05", None, DAY),
        ("09/14/2026 1:05 PM", None, DAY),
        ("9/9/26, 13:05", None, date(2026, 9, 9)),
        ("03/04/26, 13:05", Order.DAY_FIRST, date(2026, 4, 3)),
        ("03/04/26, 13:05", Order.MONTH_FIRST, date(2026, 3, 4)),
        ("Monday, 14 September 2026, 1:05 PM", None, DAY),
        ("Monday, September 14, 2026, 1:05 PM", None, DAY),
        ("14 Sept 2026, 13:05", None, DAY),
    ],
)
async def test_the_forms_of_dates(
    sqlite_store: Store, policy: Policy, now: datetime, written: str, order: Order | None, day: date
) -> None:
    await some_people(sqlite_store, now)
    await take_in(sqlite_store, policy, now, report(("A", "person2@example.org", written)), dates=order)
    assert (await rows(sqlite_store, Completion))[0].completed_on == day


async def test_another_row_settles_which_comes_first(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(sqlite_store, now)
    content = report(("A", "person2@example.org", "03/04/26, 13:05"), ("B", "b@b.example", "25/04/26, 9:00"))
    await take_in(sqlite_store, policy, now, content)
    assert (await rows(sqlite_store, Completion))[0].completed_on == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Name,Email address\nA,person2@example.org\n", ("report.csv, line 1", "'Course complete'")),
        (b"Name,Email,Email,Course complete\n", ("'Email' more than once",)),
        (
            b",Email address,Other quiz,\nA,person2@example.org,Completed,2026-09-14\n",
            ("'Other quiz'", "known_as"),
        ),
        (b",Email address,FOP,,FOP,\n", ("two activities",)),
        (
            report(("A", "person2@example.org", "03/04/26, 13:05")),
            ("line 2", "column Course complete", "'03/04/26, 13:05'", "--dates"),
        ),
        (
            report(("A", "person2@example.org", "soon"), ("B", "person3@example.org", "2026-02-30 10:00:00")),
            ("2 values", "line 2", "'soon'", "line 3", "no such day"),
        ),
        (report(("A", "person2@example.org", "2026-10-21 00:00:01")), ("still to come",)),
        (report(("A", "person2@example.org", "1826-10-21 00:00:01")), ("look at its year",)),
        (
            report(("A", "person2@example.org", "13/04/26, 9:00"), ("B", "b@b.example", "04/13/26, 9:00")),
            ("some dates of this file have the day first and some the month",),
        ),
        (report(("A", "person2@example.org", "14 septiembre 2026, 13:05")), ("no English or French one",)),
        (b"ID,Name,Email address,Course complete\n1,A,person2@example.org\n", ("line 2", "3 fields")),
        (
            b",Email address,FOP,\nA,person2@example.org,Erledigt,2026-09-14\n",
            ("column FOP", "in English"),
        ),
        (b"ID,Name,Email address,Course complete\n1,A\x1b[2J,person2@example.org,\n", ("control character",)),
        (b"", ("empty",)),
        (report(("person2@example.org", "A", STAMP)), ("line 2, column", "no row has an e-mail address")),
    ],
)
async def test_a_bad_file_is_told_with_its_places_and_nothing_is_kept(
    sqlite_store: Store, policy: Policy, now: datetime, content: bytes, said: tuple[str, ...]
) -> None:
    await some_people(sqlite_store, now)
    with pytest.raises((BadFile, BadRows)) as caught:
        await take_in(sqlite_store, policy, now, content)
    for words in said:
        assert words in str(caught.value)
    assert not await rows(sqlite_store, Completion)
    assert not await rows(sqlite_store, ImportRun)


async def test_formulas_in_names_are_only_text(sqlite_store: Store, policy: Policy, now: datetime) -> None:
    await some_people(sqlite_store, now)
    await take_in(
        sqlite_store, policy, now, report(('=HYPERLINK("http://x.example")', "x@home.example", STAMP))
    )
    assert (await unmatched_rows(sqlite_store))[0].name.startswith("=HYPERLINK")


async def test_the_day_is_the_divisions(sqlite_store: Store, policy: Policy) -> None:
    """At 03:00 UTC it is still the evening before in Alberta: a stamp of the next morning is not possible."""
    night = datetime(2026, 10, 21, 3, 0, tzinfo=UTC)
    await some_people(sqlite_store, night)
    with pytest.raises(BadRows):
        await take_in(
            sqlite_store, policy, night, report(("A", "person2@example.org", "2026-10-21 00:30:00"))
        )
    done = await take_in(
        sqlite_store, policy, night, report(("A", "person2@example.org", "2026-10-20 20:30:00"))
    )
    assert done.new == 1


async def test_a_burst_of_300_is_one_event_and_one_entry(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now, 310)
    waiting = await an_access(store, 7, now, AccessState.WAITING)
    before = await counted(store)
    content = report(*((f"N{n}", f"person{n}@example.org", STAMP) for n in range(1, 301)))
    done = await take_in(store, policy, now, content)
    after = await counted(store)
    assert done.new == 300
    assert after["Event"] - before["Event"] == after["Wake"] - before["Wake"] == 1
    assert after["AuditEntry"] - before["AuditEntry"] == 1
    assert await access_state(store, waiting) is AccessState.WAITING  # the gate moves it, not the import


def fire_safety(day: str = STAMP) -> bytes:
    headers = (
        "ID", "Name", "Email address", "Fire safety walk-through",
        "Fire safety walk-through - Completion date", "Self completion", "Course complete",
    )  # fmt: skip
    row = ("900", "A", "person2@example.org", "Completed", day, day, day)
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in (headers, row)).encode()


async def test_the_report_of_another_course_is_asked_about_once_and_the_answer_is_remembered(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    called = {"called": "completion-fire_safety_101.csv"}
    said = "does not say that it is of 'Focus on Privacy'; it speaks of 'Fire safety walk-through'"
    with pytest.raises(BadFile, match=said):
        await take_in(store, policy, now, fire_safety(), **called)
    assert not await rows(store, Completion)
    done = await take_in(store, policy, now, fire_safety(), course="focus-on-privacy", **called)
    assert done.new == 1
    later = await take_in(store, policy, now, fire_safety("2026-10-02 08:00:00"), called="renamed.csv")
    assert later.new == 1


@pytest.mark.parametrize("called", ["completion-FOP.csv", "completion-focus_on_privacy (2).csv"])
async def test_the_name_of_the_file_may_say_which_course_it_is(
    sqlite_store: Store, policy: Policy, now: datetime, called: str
) -> None:
    await some_people(sqlite_store, now)
    content = f"ID,Name,Email address,Course complete\n1,A,person2@example.org,{STAMP}\n".encode()
    assert (await take_in(sqlite_store, policy, now, content, called=called)).new == 1
    with pytest.raises(BadFile, match="it speaks of no activity"):
        await take_in(sqlite_store, policy, now, content + b"\n", called="report.csv")


@pytest.mark.parametrize(
    "answered",
    [("Completed", STAMP, "Not completed", ""), ("Not completed", "", "Completed", STAMP)],
)
async def test_either_of_two_known_activities_counts_and_both_are_said(
    sqlite_store: Store, policy: Policy, now: datetime, answered: tuple[str, ...]
) -> None:
    await some_people(sqlite_store, now)
    head = ',"Email address","Focus on Privacy quiz","","Focus on Privacy",""'
    content = f"{head}\nA,person2@example.org,{','.join(answered)}\n".encode()
    done = await take_in(sqlite_store, policy, now, content)
    assert (done.new, done.column) == (1, "Focus on Privacy, Focus on Privacy quiz")


HEAD_FR = ',"Adresse de courriel","Focus on Privacy",""'


@pytest.mark.parametrize(
    ("head", "row", "new"),
    [
        (
            "ID,Nom,Courriel,Quiz: Focus on Privacy,Cours terminé",
            f"1,A,person2@example.org,Terminé,{STAMP}",
            1,
        ),
        (HEAD_FR, f"A,person2@example.org,Terminé,{STAMP}", 1),
        (HEAD_FR, 'A,person2@example.org,Terminé,"lundi, 14 septembre 2026, 13:05"', 1),
        (HEAD_FR, f"A,person2@example.org,Non terminé,{STAMP}", 0),
        (HEAD_FR, f"A,person2@example.org,Terminé (n'a pas atteint la note),{STAMP}", 0),
    ],
)
async def test_a_report_in_french_is_read(
    sqlite_store: Store, policy: Policy, now: datetime, head: str, row: str, new: int
) -> None:
    await some_people(sqlite_store, now)
    done = await take_in(sqlite_store, policy, now, f"{head}\n{row}\n".encode())
    assert (done.new, done.has_email) == (new, True)
    assert [row.completed_on for row in await rows(sqlite_store, Completion)] == [DAY] * new


FRENCH = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."


@pytest.mark.parametrize(("month", "written"), list(enumerate(FRENCH.split(), start=1)))
def test_months_in_french(written: str, month: int) -> None:
    assert day_of(f"14 {written} 2026, 13:05", None) == date(2026, month, 14)


def test_a_month_that_may_be_two_is_refused() -> None:
    with pytest.raises(Unreadable, match="no English or French one"):
        day_of("14 jui 2026", None)


async def test_the_good_rows_are_taken_and_the_bad_ones_handed_back(
    store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    await some_people(store, now)
    content = report(("A", "person2@example.org", STAMP), ("B", "person3@example.org", "soon"))
    bad = tmp_path / "bad.csv"
    done = await take_in(store, policy, now, content, skip_bad=bad)
    assert (done.new, done.left_out) == (1, 1)
    assert "this is not a day in a form that Steward knows" in bad.read_text("utf-8-sig")
    mended = bad.read_bytes().replace(b"soon", STAMP.encode())
    assert (await take_in(store, policy, now, mended)).new == 1
    assert sorted(row.person_id for row in await rows(store, Completion)) == [2, 3]


WORKSPACE = (
    b"First Name [Required],Last Name [Required],Email Address [Required],Org Unit Path [Required]\n"
    b"Robin,Madeup,robin.madeup@example.org,/Staff/Lakeside\n"
)


async def test_another_systems_list_of_people_is_named(
    sqlite_store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    await some_people(sqlite_store, now)
    with pytest.raises(BadFile, match="this is Google Workspace's list of users"):
        await take_in(sqlite_store, policy, now, WORKSPACE)
    people = tmp_path / "users.csv"
    people.write_bytes(WORKSPACE)
    with pytest.raises(BadFile, match="this is Google Workspace's list of users"):
        read_bundle_files(people, ("users.csv",))


async def test_a_hundred_and_fifty_students_are_one_line_and_are_asked_about_once(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    students = [(f"Student{n} Madeup", f"s{n}@students.example.org", STAMP) for n in range(150)]
    rest = [("Given2 Sample2", "given2@home.example", STAMP), ("V", "v@home.example", STAMP)]
    await take_in(store, policy, now, report(*students, *rest))
    many, single = crowds(await unmatched_rows(store))
    assert many == {"students.example.org": 150}
    assert [one.email for one in single] == ["given2@home.example", "v@home.example"]
    form = DomainForm(actor=OFFICER, domain="students.example.org", ignore="They are students.")
    receipt = await settle_domain(store, policy, form, via=Via.COMMAND, now=now)
    assert receipt.says.startswith("150 rows are settled")
    assert [one.email for one in await unmatched_rows(store)] == ["given2@home.example", "v@home.example"]
    later = await take_in(store, policy, now, report(*students[:90], ("N", "n@students.example.org", STAMP)))
    assert (later.ignored, later.unmatched, later.to_settle) == (91, 0, 0)
    ours = DomainForm(actor=OFFICER, domain="example.org", ignore="They are students.")
    with pytest.raises(BadInput, match="People here have addresses of this domain"):
        await settle_domain(store, policy, ours, via=Via.COMMAND, now=now)
    await verifying.verify(store)
