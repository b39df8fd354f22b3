"""What an import would do or did, of whichever kind, as one page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch

from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy
from policy.roster import LOOK
from tasks.files.moodle import TrainingRow
from tasks.inventory.import_accounts import AccountsImport
from tasks.people.leavers import Loss
from tasks.people.roster import RosterReport
from tasks.people.roster_groups import full, groups
from tasks.training.import_completions import TrainingImport

#: Lines of one group that a page shows.
_SHOWN = 500


@dataclass(frozen=True)
class Group:
    """Lines of one kind. `count`: how many there are, where the page does not show all."""

    title: str
    lines: Sequence[str]
    count: int


@dataclass(frozen=True)
class Report:
    """`losses` come first: who or what would lack something. `beyond`: why it is refused as it is.

    `changes`: whether it does anything. `said`: the outcome in some words, for after it was taken in.
    """

    said: str
    changes: bool
    facts: Sequence[tuple[str, int]] = ()
    notes: Sequence[str] = ()
    losses: Sequence[Group] = ()
    groups: Sequence[Group] = ()
    beyond: str = ""
    left_out: int = 0


def _group(title: str, lines: Sequence[str], count: int | None = None) -> list[Group]:
    return [Group(title, lines[:_SHOWN], len(lines) if count is None else count)] if lines else []


def _before(at: datetime | None, policy: Policy) -> list[str]:
    if at is None:
        return []
    return [f"This same file was taken in on {at.astimezone(policy.zone):%d %B %Y, %H:%M}."]


@singledispatch
def report(done: object, _policy: Policy) -> Report:
    """The report of an import."""
    raise TypeError(type(done).__name__)


@report.register
def _roster(done: RosterReport, policy: Policy) -> Report:
    found = done.difference
    same = [
        f"{one.stored.email}: {full(one.stored.given_name, one.stored.family_name)} here, "
        f"{full(one.person.given_name, one.person.family_name)} in the roster"
        for one in found.questions
    ]
    return Report(
        said=f"{_counted(found.count, 'change')} taken in."
        if found.count
        else "There was nothing to change.",
        changes=bool(found.count),
        facts=[("rows read", done.bundle.rows), ("changes", found.count)],
        notes=[*_before(done.seen_before, policy), *done.bundle.notes],
        losses=[
            *_group("Accounts that would lack somebody at once", _lost(done.losses)),
            *_group(f"Accounts that would lack somebody after {found.stands_through}", _lost(done.coming)),
        ],
        groups=[
            *_group("The same person, or two? Both stay as they are until somebody says so", same),
            *(one for title, lines in groups(found) for one in _group(title, lines)),
        ],
        beyond=done.over_the_brake.replace(f": {LOOK}", "."),  # which speaks of commands
        left_out=done.left_out,
    )


def _lost(losses: Sequence[Loss]) -> list[str]:
    return [f"{one.handle} (account {one.account}): {one.what}" for one in losses]


@report.register
def _training(done: TrainingImport, policy: Policy) -> Report:
    facts = [
        ("rows read", done.rows),
        ("new completions", done.new),
        ("known already", done.known),
        ("known, and voided before", done.voided),
        ("repeated within the file", done.repeated),
        ("not completed", done.blank),
        ("that fit nobody here", done.unmatched),
        ("passed over: of mail domains that are none of ours, or forgotten", done.ignored),
        ("left out, to be mended", done.left_out),
    ]
    address = "It has no addresses: show them in the report and export it again, or settle each row."
    return Report(
        said=f"{_counted(done.new, 'new completion')}, {_counted(done.unmatched, 'row')} that fit nobody.",
        changes=done.imported_before is None,
        facts=[one for one in facts if one[1] or one[0] == "rows read"],
        notes=[
            *_before(done.imported_before, policy),
            *done.notes,
            f"What counts is the day in the column “{done.column}”.",
            *([] if done.has_email else [address]),
        ],
        groups=[
            *_group("New completions", _rows(done.completed), done.new),
            *_group("They fit nobody here, and wait in the queue", _rows(done.strangers), done.unmatched),
        ],
        left_out=done.left_out,
    )


def _rows(rows: Sequence[TrainingRow]) -> list[str]:
    return [
        f"Line {one.line}: {', '.join(part for part in (one.name, one.email) if part)}, {one.completed_on}"
        for one in rows
    ]


@report.register
def _accounts(done: AccountsImport, policy: Policy) -> Report:
    course = policy.first(TrainingBeforeAccess)
    asked = f", who are asked for it within {course.grace_school_days} school days" if course else ""
    facts = [
        ("rows read", done.rows),
        ("new", done.new),
        ("known already", done.known),
        ("people's accesses, as found", done.accesses),
        (f"people without the course{asked}", done.asked),
        ("left out, to be mended", done.left_out),
    ]
    otherwise = [
        f"Line {one.line}: {one.handle} (account {one.account}): {', '.join(one.changes)}"
        + (f"; still to do: {', '.join(one.left)}" if one.left else "")
        for one in done.differences
    ]
    taken = "taken over" if done.taken else "left as it is here"
    return Report(
        said=f"{_counted(done.new, 'new account')}, {_counted(done.known, 'account')} that we had.",
        changes=done.imported_before is None or bool(done.new),
        facts=[one for one in facts if one[1] or one[0] == "rows read"],
        notes=[*_before(done.imported_before, policy), *done.notes],
        groups=[
            *_group(f"The list says otherwise: {taken}", otherwise),
            *_group(
                "New",
                [
                    f"Line {one.line}: {one.handle} on {one.platform}, {one.school_name or 'no school'}, "
                    f"{one.state}, administered by {one.administrators}"
                    for one in done.begun
                ],
                done.new,
            ),
        ],
        left_out=done.left_out,
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
