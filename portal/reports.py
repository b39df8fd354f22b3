"""What an import would do or did, of whichever kind, as one page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch

from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy
from policy.notices.words import long_moment
from policy.roster import LOOK
from schemas.language import on_day, said, t, tn, with_days
from tasks.files.moodle import TrainingRow
from tasks.inventory.import_accounts import AccountsImport
from tasks.people.leavers import Loss
from tasks.people.roster import RosterReport
from tasks.people.roster_groups import NEW, full, groups
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
    """`new` comes first, then `losses`: who or what would lack something. `rest` is folded.

    `beyond`: why it is refused as it is.
    `changes`: whether it does anything. `said`: the outcome in some words, for after it was taken in.
    """

    said: str
    changes: bool
    facts: Sequence[tuple[str, int]] = ()
    notes: Sequence[str] = ()
    new: Sequence[Group] = ()
    losses: Sequence[Group] = ()
    groups: Sequence[Group] = ()
    rest: Sequence[Group] = ()
    beyond: str = ""
    left_out: int = 0


def _group(title: str, lines: Sequence[str], count: int | None = None) -> list[Group]:
    return [Group(title, lines[:_SHOWN], len(lines) if count is None else count)] if lines else []


def _before(at: datetime | None, policy: Policy) -> list[str]:
    if at is None:
        return []
    return [t("This same file was taken in on {moment}.", moment=long_moment(at.astimezone(policy.zone)))]


@singledispatch
def report(done: object, _policy: Policy) -> Report:
    """The report of an import."""
    raise TypeError(type(done).__name__)


@report.register
def _roster(done: RosterReport, policy: Policy) -> Report:
    found = done.difference
    same = [
        t(
            "{email}: {here} here, {there} in the roster",
            email=one.stored.email,
            here=full(one.stored.given_name, one.stored.family_name),
            there=full(one.person.given_name, one.person.family_name),
        )
        for one in found.questions
    ]
    through = on_day(found.stands_through) if found.stands_through else ""
    every = [
        (title, one)
        for title, lines in groups(found)
        for one in _group(with_days(title), [with_days(line) for line in lines])
    ]
    return Report(
        said=tn("{number} change taken in.", "{number} changes taken in.", found.count)
        if found.count
        else t("There was nothing to change."),
        changes=bool(found.count),
        facts=[(t("rows read"), done.bundle.rows), (t("changes"), found.count)],
        notes=[*_before(done.seen_before, policy), *done.bundle.notes],
        losses=[
            *_group(t("Accounts that would lack somebody at once"), _lost(done.losses, policy)),
            *_group(
                t("Accounts that would lack somebody after {day}", day=through),
                _lost(done.coming, policy),
            ),
        ],
        groups=_group(t("The same person, or two? Both stay as they are until somebody says so"), same),
        new=[one for title, one in every if title in NEW],
        rest=[one for title, one in every if title not in NEW],
        beyond=done.over_the_brake.replace(f": {LOOK}", "."),  # which speaks of commands
        left_out=done.left_out,
    )


def _lost(losses: Sequence[Loss], policy: Policy) -> list[str]:
    """A line for each account, with all that it would lack."""
    lacks: dict[int, list[Loss]] = {}
    for one in losses:
        lacks.setdefault(one.account, []).append(one)
    return [
        t(
            "{called} (account {account}): {what}",
            called=policy.says_account(its[0].platform, its[0].handle),
            account=account,
            what="; ".join(dict.fromkeys(said(one.what) for one in its)),
        )
        for account, its in lacks.items()
    ]


@report.register
def _training(done: TrainingImport, policy: Policy) -> Report:
    facts = [
        (t("rows read"), done.rows),
        (t("new completions"), done.new),
        (t("known already"), done.known),
        (t("known, and voided before"), done.voided),
        (t("repeated within the file"), done.repeated),
        (t("not completed"), done.blank),
        (t("that fit nobody here"), done.unmatched),
        (t("passed over: of mail domains that are none of ours, or forgotten"), done.ignored),
        (t("left out, to be mended"), done.left_out),
    ]
    address = t("It has no addresses: show them in the report and export it again, or settle each row.")
    return Report(
        said=t(
            "{new}, {rows} that fit nobody.",
            new=tn("{number} new completion", "{number} new completions", done.new),
            rows=tn("{number} row", "{number} rows", done.unmatched),
        ),
        changes=done.imported_before is None,
        facts=[facts[0], *(one for one in facts[1:] if one[1])],
        notes=[
            *_before(done.imported_before, policy),
            *done.notes,
            t("What counts is the day in the column “{column}”.", column=done.column),
            *([] if done.has_email else [address]),
        ],
        groups=[
            *_group(t("New completions"), _rows(done.completed), done.new),
            *_group(t("They fit nobody here, and wait in the queue"), _rows(done.strangers), done.unmatched),
        ],
        left_out=done.left_out,
    )


def _rows(rows: Sequence[TrainingRow]) -> list[str]:
    return [
        t(
            "Line {line}: {who}, {day}",
            line=one.line,
            who=", ".join(part for part in (one.name, one.email) if part),
            day=one.completed_on,
        )
        for one in rows
    ]


@report.register
def _accounts(done: AccountsImport, policy: Policy) -> Report:
    course = policy.first(TrainingBeforeAccess)
    asked = (
        t(
            "people without the course, who are asked for it within {count} school days",
            count=course.grace_school_days,
        )
        if course
        else t("people without the course")
    )
    facts = [
        (t("rows read"), done.rows),
        (t("new"), done.new),
        (t("known already"), done.known),
        (t("people's accesses, as found"), done.accesses),
        (asked, done.asked),
        (t("left out, to be mended"), done.left_out),
    ]
    otherwise = [
        t(
            "Line {line}: {called} (account {account}): {changes}",
            line=one.line,
            called=policy.says_account(one.platform, one.handle),
            account=one.account,
            changes=", ".join(one.changes),
        )
        + (t("; still to do: {steps}", steps=", ".join(one.left)) if one.left else "")
        for one in done.differences
    ]
    title = (
        t("The list says otherwise: taken over")
        if done.taken
        else t("The list says otherwise: left as it is here")
    )
    return Report(
        said=t(
            "{new}, {known} that we had.",
            new=tn("{number} new account", "{number} new accounts", done.new),
            known=tn("{number} account", "{number} accounts", done.known),
        ),
        changes=done.imported_before is None or bool(done.new),
        facts=[facts[0], *(one for one in facts[1:] if one[1])],
        notes=[*_before(done.imported_before, policy), *done.notes],
        groups=[
            *_group(title, otherwise),
            *_group(
                t("New"),
                [
                    t(
                        "Line {line}: {called}, {school}, {state}, administered by {people}",
                        line=one.line,
                        called=policy.says_account(one.platform, one.handle),
                        school=one.school_name or t("no school"),
                        state=said(one.state),
                        people=one.administrators,
                    )
                    for one in done.begun
                ],
                done.new,
            ),
        ],
        left_out=done.left_out,
    )
