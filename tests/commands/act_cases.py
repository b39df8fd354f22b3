"""One use of each act that works: how far the story must have come, who acts, and what they fill in."""

import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from schemas.accounts import Account
from schemas.columns import table_of
from schemas.gates import ImportRun, Remembered
from schemas.people import Absence, SamePerson, TerminalUser
from schemas.states import AccessState
from schemas.words import CustodyMode, PageVerdict, Via
from tasks.acts.table import ACTS
from tasks.guidance import lifecycle as guidance
from tests.commands.commands import files
from tests.factories.division import an_access
from tests.support.stages import (
    approved,
    awaiting,
    completed,
    leaves,
    live,
    nothing,
    prepared,
    ran_ahead,
    too_much,
    voided,
)
from tests.support.world import CO, DEPUTY, PRINCIPAL, SUPER, TEACHER, VICE, World, a_request, mail

Stage = Callable[[World], Awaitable[object]]
PAGE = "https://www.example.org/a-class-of-sample-school"
REASON = "Somebody else posts there."
BROKEN = {"rule": "AP 170", "tells": "A picture shows names of students.", "person": mail(TEACHER)}
TEXTING = {
    "leave": "texting",
    "purpose": "A journey with the class to another town.",
    "circumstances": "Families can be reached on the way in no other way.",
    "ends_on": "2026-11-06",
}


@dataclass(frozen=True)
class Case:
    """`stage` is lived through first; `values` are what is filled in beside the actor."""

    stage: Stage
    actor: int
    values: Mapping[str, Any] = field(default_factory=dict)


async def acted(world: World, name: str, actor: int, **values: Any) -> None:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), **values})
    await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def advised(world: World) -> None:
    """The first letter with advice has been written to everybody."""
    for case in await guidance.due(world.runtime, world.now):
        await guidance.move(world.runtime, case, world.now)


async def enquired(world: World) -> None:
    await live(world)
    await acted(world, "log-an-enquiry", VICE, account=1, asks="When does school begin?")


async def taken_down(world: World) -> None:
    await live(world)
    given = {"account": 1, "ground": "spam or advertising", "text": "Buy now!"}
    await acted(world, "record-a-removal", TEACHER, **given)


async def page_reported(world: World) -> None:
    await acted(world, "report-a-page", TEACHER, address=PAGE, school="Sample School 1")


async def page_and_request(world: World) -> None:
    await page_reported(world)
    await world.submit()


async def page_shut(world: World) -> None:
    await page_reported(world)
    await acted(world, "shut-a-page", PRINCIPAL, page=1, reason="The principal shut it.")


async def misled(world: World) -> None:
    await acted(world, "report-misleading-information", TEACHER, says="School begins at ten.")


async def put_right(world: World) -> None:
    await misled(world)
    await acted(world, "correct-misleading-information", CO, correction=1, outcome="It is put right.")


async def shared(world: World) -> None:
    await acted(world, "report-a-contact", TEACHER, says="A message on a private account.")


async def answered(world: World) -> None:
    await enquired(world)
    await acted(world, "answer-an-enquiry", TEACHER, enquiry=1, how="in public")


async def lacking(world: World) -> None:
    """Live, and a look did not find the notice on its page."""
    await live(world)
    await world.look(1, PageVerdict.MISSING)


async def unreadable(world: World) -> None:
    await live(world)
    await world.look(1, PageVerdict.UNREACHABLE)


async def live_classroom(world: World) -> None:
    await prepared(world, "classroom")
    await world.report(1, TEACHER)
    await world.look(1)
    await world.drain()


async def changed(world: World) -> None:
    await live(world)
    await acted(world, "record-a-new-password", TEACHER, account=1, evidence="vault/Lakeside")


async def no_shared_password(world: World) -> None:
    await live(world)
    personal = {"custody": CustodyMode.PERSONAL_ADMINISTRATORS}
    async with world.store.write() as session:
        await session.run(update(table_of(Account)).values(**personal))


async def leaves_soon(world: World) -> None:
    await live(world)
    await acted(
        world, "remove-an-administrator", CO, account=1, person=mail(TEACHER), reason="A new timetable."
    )


async def closes_soon(world: World) -> None:
    await live(world)
    await acted(world, "close-an-account", CO, account=1, reason="Nobody reads it.")


async def exempt(world: World) -> None:
    await live(world)
    await acted(world, "exempt-an-account", CO, account=1, until="2026-12-18", reason=REASON)


async def closed(world: World) -> None:
    await live(world)
    await acted(world, "close-an-account", CO, account=1, reason="Nobody reads it.", at_once=True)


async def suspended(world: World) -> None:
    await live(world)
    await acted(world, "suspend-an-account", CO, account=1, reason=REASON)


async def proposed(world: World) -> None:
    await live(world)
    await world.put(an_access(1, VICE, state=AccessState.WAITING, proposed_by_id=PRINCIPAL))
    await world.drain()


async def stopped(world: World) -> None:
    await live(world)
    await acted(world, "stop-accounts", SUPER, accounts=[1], reason=REASON)


async def away(world: World) -> None:
    today = world.now.date()
    last = today + timedelta(days=5)
    await world.put(Absence(person_id=CO, deputy_id=DEPUTY, starts_on=today, ends_on=last))


async def leave_asked(world: World) -> None:
    await acted(world, "ask-for-leave", TEACHER, **TEXTING)


async def leave_granted(world: World) -> None:
    await leave_asked(world)
    await acted(world, "decide-a-leave", PRINCIPAL, leave=1, verdict="grant", reason="It is one journey.")


async def reported(world: World) -> None:
    await live(world)
    await acted(world, "report-what-was-broken", DEPUTY, **BROKEN, account=1)


async def heard(world: World) -> None:
    await reported(world)
    await acted(world, "take-a-report-on", CO, incident=1)


async def heard_out(world: World) -> None:
    await heard(world)
    await acted(world, "answer-a-report", TEACHER, incident=1, answer="The families had agreed.")


async def sanctioned(world: World) -> None:
    await heard_out(world)
    await acted(world, "decide-on-a-report", CO, incident=1, verdict="suspend the account", reason=REASON)


async def appealed(world: World) -> None:
    await sanctioned(world)
    await acted(world, "appeal-a-decision", TEACHER, incident=1, reason="Nobody asked the families.")


async def bound(world: World) -> None:
    """A user of somebody who has left: it counts for nothing, and is there to be ended."""
    await leaves(world, DEPUTY)
    binding = TerminalUser(
        user="root", host="desk.example.org", person_id=DEPUTY, bound_by_id=SUPER, bound_at=world.now
    )
    await world.put(binding)


async def designated(world: World) -> None:
    await acted(world, "designate-an-administrator", SUPER, person=mail(TEACHER))


async def gone(world: World) -> None:
    await leaves(world, TEACHER)


async def two_of_one_address(world: World) -> None:
    run = ImportRun(id=1, kind="roster", sha256="0" * 64, imported_at=world.now)
    asked = SamePerson(
        import_id=1,
        source_id="new",
        person_id=TEACHER,
        email=mail(TEACHER),
        given_name="Other",
        family_name="Name",
        asked_at=world.now,
    )
    await world.put(run, asked)


async def another_header(world: World) -> None:
    key = "accounts/0123456789abcdef/Konto"
    await world.put(Remembered(kind="columns", key=key, value="handle", said_by_id=CO, said_at=world.now))


async def school_closed(world: World) -> None:
    await acted(world, "close-a-school", CO, school="Sample School 1")


def cases(folder: Path) -> dict[str, Case]:
    """A case for each act of the table, by its name; what imports take is written into the folder."""
    made = files(folder)
    day = {"person": mail(TEACHER), "completed_on": "2026-10-17"}
    asked = a_request().model_dump(mode="json", exclude={"actor", "again"})

    async def students(world: World) -> None:
        report = folder / "students.csv"
        report.write_text(made["training"].read_text().replace("nobody@", "nobody@students."))
        await acted(world, "import-training", CO, file=report)

    async def live_and_exported_never(world: World) -> None:
        (folder / "person.zip").unlink(missing_ok=True)
        await live(world)

    async def exported_never(world: World) -> None:
        shutil.rmtree(folder / "removals", ignore_errors=True)
        await taken_down(world)

    async def unmatched(world: World) -> None:
        await acted(world, "import-training", CO, file=made["training"])

    return {
        "ask-for-an-account": Case(nothing, TEACHER, asked),
        "withdraw-a-request": Case(awaiting, TEACHER, {"request": 1}),
        "decide-a-request": Case(awaiting, CO, {"request": 1, "verdict": "approve", "reason": "It fits."}),
        "record-a-completion": Case(nothing, CO, day),
        "void-a-completion": Case(completed, CO, {**day, "reason": "It was somebody else's."}),
        "restore-a-completion": Case(voided, CO, {**day, "reason": "It counts."}),
        "acknowledge-guidelines": Case(nothing, TEACHER, {"guideline": "Social Media Guidelines"}),
        "acknowledge-advice": Case(advised, TEACHER),
        "accept-responsibility": Case(approved, TEACHER, {"account": 1}),
        "report-an-account": Case(
            prepared,
            TEACHER,
            {
                "account": 1,
                "address": "https://www.example.org/lakeside",
                "platform_id": "17841400000000001",
                "vault_reference": "vault/Lakeside",
                "privacy_done": ["all"],
            },
        ),
        "attest-privacy-settings": Case(live, TEACHER, {"account": 1, "privacy": ["all"]}),
        "attest-a-notice": Case(unreadable, CO, {"account": 1, "evidence": "Looked at on a phone."}),
        "overrule-a-look": Case(
            lacking, CO, {"account": 1, "shows": "exact", "evidence": "It is under the picture, see file 7."}
        ),
        "attest-a-profile": Case(
            live_classroom, CO, {"account": 1, "owner": mail(TEACHER), "evidence": "Looked at on a phone."}
        ),
        "log-an-enquiry": Case(live, TEACHER, {"account": 1, "asks": "When does school begin?"}),
        "answer-an-enquiry": Case(enquired, PRINCIPAL, {"enquiry": 1, "how": "directly"}),
        "close-an-enquiry": Case(enquired, TEACHER, {"enquiry": 1, "reason": "It was advertising."}),
        "open-an-enquiry-again": Case(answered, CO, {"enquiry": 1, "reason": "They asked again."}),
        "record-a-removal": Case(
            live, TEACHER, {"account": 1, "ground": "spam or advertising", "text": "Buy now!"}
        ),
        "undo-a-removal": Case(taken_down, TEACHER, {"removal": 1, "reason": "It was no advertising."}),
        "look-at-a-removal": Case(taken_down, CO, {"removal": 1}),
        "export-removals": Case(exported_never, CO, {"to": folder / "removals"}),
        "report-misleading-information": Case(nothing, TEACHER, {"says": "School begins at ten."}),
        "acknowledge-misleading-information": Case(misled, CO, {"correction": 1}),
        "correct-misleading-information": Case(misled, CO, {"correction": 1, "outcome": "It is put right."}),
        "leave-information-as-it-is": Case(misled, CO, {"correction": 1, "reason": "It is so."}),
        "open-a-correction-again": Case(put_right, CO, {"correction": 1, "reason": "It is there again."}),
        "report-a-contact": Case(nothing, TEACHER, {"says": "A message on a private account."}),
        "look-at-a-contact-report": Case(shared, PRINCIPAL, {"report": 1}),
        "withdraw-a-contact-report": Case(shared, TEACHER, {"report": 1}),
        "list-contact-reports": Case(shared, PRINCIPAL),
        "check-in": Case(live, TEACHER, {"accounts": [1]}),
        "record-a-new-password": Case(live, TEACHER, {"account": 1, "evidence": "vault/Lakeside"}),
        "confirm-a-new-password": Case(changed, PRINCIPAL, {"account": 1}),
        "review-administrators": Case(no_shared_password, TEACHER, {"account": 1}),
        "hold-what-waits": Case(too_much, CO, {"brake": 1, "until": "2026-11-20", "reason": "A slip."}),
        "let-happen-what-waits": Case(too_much, CO, {"brake": 1, "reason": "It is right."}),
        "add-an-administrator": Case(live, CO, {"account": 1, "person": mail(VICE)}),
        "decide-on-an-administrator": Case(
            proposed, CO, {"account": 1, "person": mail(VICE), "verdict": "approve", "reason": REASON}
        ),
        "remove-an-administrator": Case(
            live, CO, {"account": 1, "person": mail(TEACHER), "reason": "A new timetable."}
        ),
        "replace-an-administrator": Case(
            live,
            CO,
            {"account": 1, "person": mail(TEACHER), "successor": mail(VICE), "reason": "A new timetable."},
        ),
        "keep-an-administrator": Case(
            leaves_soon, CO, {"account": 1, "person": mail(TEACHER), "reason": "The timetable stays."}
        ),
        "rename-an-account": Case(
            live, TEACHER, {"account": 1, "handle": "@lakeside.news", "reason": "The school's new name."}
        ),
        "move-an-account": Case(
            live, CO, {"account": 1, "school": "Sample School 2", "reason": "The schools are one."}
        ),
        "hand-an-account-over": Case(
            live, CO, {"account": 1, "administrators": [mail(VICE)], "reason": "A new timetable."}
        ),
        "close-an-account": Case(live, CO, {"account": 1, "reason": "Nobody reads it."}),
        "keep-an-account": Case(closes_soon, CO, {"account": 1, "reason": "Families asked for it."}),
        "exempt-an-account": Case(
            live, CO, {"account": 1, "until": "2026-12-18", "reason": "The channel for storm days."}
        ),
        "end-an-exemption": Case(exempt, CO, {"account": 1, "reason": "The storms are over."}),
        "open-an-account-again": Case(closed, CO, {"account": 1, "reason": "Families asked for it."}),
        "report-what-was-broken": Case(nothing, DEPUTY, BROKEN),
        "take-a-report-on": Case(reported, CO, {"incident": 1}),
        "dismiss-a-report": Case(reported, CO, {"incident": 1, "reason": "They had agreed."}),
        "answer-a-report": Case(heard, TEACHER, {"incident": 1, "answer": "They had agreed."}),
        "decide-on-a-report": Case(
            heard_out, CO, {"incident": 1, "verdict": "take the access", "reason": REASON}
        ),
        "appeal-a-decision": Case(sanctioned, TEACHER, {"incident": 1, "reason": "They had agreed."}),
        "decide-an-appeal": Case(
            appealed, SUPER, {"incident": 1, "verdict": "overturn", "reason": "They had agreed."}
        ),
        "note-an-outside-sanction": Case(
            heard_out, CO, {"incident": 1, "note": "A warning of the privacy commissioner."}
        ),
        "ask-for-leave": Case(nothing, TEACHER, TEXTING),
        "renew-a-leave": Case(
            leave_granted, TEACHER, {"leave": 1, "ends_on": "2026-11-20", "reason": "It is longer."}
        ),
        "withdraw-a-leave": Case(leave_granted, TEACHER, {"leave": 1}),
        "decide-a-leave": Case(
            leave_asked, PRINCIPAL, {"leave": 1, "verdict": "grant", "reason": "It is one journey."}
        ),
        "revoke-a-leave": Case(leave_granted, PRINCIPAL, {"leave": 1, "reason": "It was called off."}),
        "name-a-supervisor": Case(
            nothing, PRINCIPAL, {"person": mail(TEACHER), "supervisor": mail(VICE), "reason": "So it is."}
        ),
        "suspend-an-account": Case(live, CO, {"account": 1, "reason": REASON}),
        "stop-accounts": Case(live, SUPER, {"accounts": [1], "reason": REASON, "through": "2026-12-18"}),
        "confirm-a-stop": Case(stopped, CO, {"accounts": [1]}),
        "ask-for-a-return": Case(suspended, TEACHER, {"account": 1, "reason": "The intruder is gone."}),
        "take-hold-of-an-account": Case(live, CO, {"account": 1, "vault_reference": "vault/Lakeside"}),
        "reinstate-an-account": Case(suspended, CO, {"account": 1, "reason": "It is ours again."}),
        "give-an-office": Case(nothing, SUPER, {"office": "communications officer", "person": mail(TEACHER)}),
        "end-an-office": Case(
            nothing, SUPER, {"office": "communications officer", "person": mail(CO), "reason": REASON}
        ),
        "note-an-absence": Case(
            nothing,
            CO,
            {"person": mail(CO), "starts_on": "2026-10-20", "ends_on": "2026-10-22", "deputy": mail(DEPUTY)},
        ),
        "designate-an-administrator": Case(nothing, SUPER, {"person": mail(TEACHER)}),
        "report-a-page": Case(nothing, TEACHER, {"address": PAGE, "school": "Sample School 1"}),
        "adopt-a-page": Case(page_and_request, PRINCIPAL, {"page": 1, "request": 1}),
        "shut-a-page": Case(page_reported, PRINCIPAL, {"page": 1, "reason": "The principal shut it."}),
        "dismiss-a-page": Case(page_reported, CO, {"page": 1, "reason": "It is a newspaper's."}),
        "open-a-page-again": Case(page_shut, PRINCIPAL, {"page": 1, "reason": "It is there again."}),
        "confirm-a-list": Case(live, PRINCIPAL, {"school": "Sample School 1"}),
        "merge-schools": Case(
            live,
            CO,
            {"school": "Sample School 1", "into": "Sample School 2", "reason": "The schools are one."},
        ),
        "close-a-school": Case(live, CO, {"school": "Sample School 1"}),
        "open-a-school-again": Case(school_closed, CO, {"school": "Sample School 1"}),
        "end-a-designation": Case(designated, SUPER, {"person": mail(TEACHER), "reason": REASON}),
        "bind-a-user": Case(
            nothing, CO, {"user": "sample", "person": mail(TEACHER), "host": "desk.example.org"}
        ),
        "unbind-a-user": Case(bound, CO, {"user": "root", "host": "desk.example.org"}),
        "end-an-absence": Case(away, CO, {"person": mail(CO)}),
        "change-a-deputy": Case(away, CO, {"person": mail(CO), "deputy": mail(VICE)}),
        "note-a-return": Case(gone, CO, {"person": mail(TEACHER)}),
        "merge-two-records": Case(
            live, CO, {"person": mail(VICE), "into": mail(TEACHER), "reason": "The roster has them twice."}
        ),
        "export-a-person": Case(
            live_and_exported_never,
            CO,
            {"person": mail(TEACHER), "to": folder / "person.zip", "reason": "They asked for it."},
        ),
        "forget-a-person": Case(gone, CO, {"person": mail(TEACHER), "reason": "They asked for it."}),
        "take-a-decision-back": Case(approved, CO, {"request": 1, "reason": "It was the wrong school."}),
        "say-who-is-the-same": Case(two_of_one_address, CO, {"question": 1, "same": True}),
        "settle-a-mail-domain": Case(students, CO, {"domain": "students.example.org", "ignore": "students"}),
        "forget-a-mapping": Case(another_header, CO, {"mapping": 1}),
        "set-the-clock-right": Case(ran_ahead, CO, {"reason": "The machine had a new battery."}),
        "settle-a-row": Case(unmatched, CO, {"row": 1, "person": mail(VICE)}),
        "release-notices": Case(nothing, CO, {"everything": True}),
        "observe-with-a-control": Case(nothing, CO, {"control": "notice-on-page", "reason": REASON}),
        "enforce-a-control": Case(
            nothing, CO, {"control": "daily-look", "from_on": "2027-01-11", "reason": REASON}
        ),
        "adopt-a-policy": Case(nothing, CO, {"file": str(made["policy"]), "in_place_of": "2026-09"}),
        "import-a-roster": Case(nothing, CO, {"path": str(made["roster"])}),
        "import-training": Case(nothing, CO, {"file": str(made["training"])}),
        "import-accounts": Case(nothing, CO, {"file": str(made["accounts"])}),
    }
