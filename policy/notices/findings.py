"""Notices about what the nightly sweep found, what follows from it, and the way back."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from policy.controls.custody import Custody
from policy.controls.sanction import Suspending
from policy.notices.accounts import OfAccount, action
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.mending import how_to_mend
from policy.notices.words import about_what, channel, with_days
from schemas.findings import Finding
from schemas.language import t
from schemas.machinery import Notice
from schemas.notices import Urgency
from schemas.states import AccountState
from schemas.words import ItemKind, SubjectKind


class OfFindings(NoticeKind, root=True):
    """About findings of the sweep. Those mended since are left out; with all of them mended it is stale."""

    asks = ItemKind.MEND_FINDING

    finding_ids: tuple[int, ...] = Field(min_length=1)

    def stale(self, context: NoticeContext) -> str | None:
        """Nothing of it is left to mend."""
        return None if self.still_open(context) else "findings resolved"

    def asks_about(self, notice: Notice) -> set[tuple[SubjectKind, int]]:
        """Its account and each of the findings."""
        return super().asks_about(notice) | {(SubjectKind.FINDING, one) for one in self.finding_ids}

    def still_open(self, context: NoticeContext) -> list[Finding]:
        """Those of them that nobody has mended yet."""
        found = context.rows.findings
        return [found[one] for one in self.finding_ids if one in found and found[one].resolved_at is None]


def _mended(findings: list[Finding]) -> Action:
    numbers = ", ".join(str(finding.id) for finding in findings[:8])
    return Action(t("It is mended"), t("Findings {numbers}: mended", numbers=numbers), t("What was done: "))


class Findings(OfFindings):
    """To whoever can mend them: what was found, and how it is mended. `more` are not listed."""

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.ACCOUNT, SubjectKind.PERSON, SubjectKind.SCHOOL})

    more: int = 0
    mend_by: date | None = None

    def view(self, context: NoticeContext) -> View:
        """Every open finding that the person can mend, each with what it is about."""
        rows, policy = context.rows, context.policy
        still_open = self.still_open(context)
        entries = [
            {
                "channel": about_what(SubjectKind.ACCOUNT, finding.account_id, rows, policy),
                "person": rows.people[finding.person_id].name if finding.person_id in rows.people else None,
                "clause": policy.number_of(finding.control),
                "title": policy.title_of(finding.control),
                "detail": with_days(finding.detail),
                "due": finding.due_on,
                "to_come": finding.due_on >= context.today(),
                "how": how_to_mend(finding.control, rows.accounts.get(finding.account_id), policy, rows),
            }
            for finding in still_open
        ]
        where = sorted({str(entry["channel"]) for entry in entries})
        title = t("Mend what was found at {where}", where=where[0])
        first = self.finding_ids[0]
        return View(
            why=context.why(still_open[0].control),
            due=due(self.asks, SubjectKind.FINDING, first, title, self.mend_by) if self.mend_by else None,
            actions=(_mended(still_open),),
            words={
                "entries": entries,
                "more": self.more,
                "where": where[0] if len(where) == 1 else t("{where} accounts", where=len(where)),
            },
        )


class SuspensionAhead(OfFindings, OfAccount):
    """To whoever can mend these findings: what is suspended after a day if they are not mended.

    `of` "access": only the receiver's own access; `of` "account": the account.
    """

    mend_by: date
    of: Literal["account", "access"]

    def view(self, context: NoticeContext) -> View:
        """What must be mended, and how."""
        policy, still_open = context.policy, self.still_open(context)
        entries = [
            {
                "clause": policy.number_of(finding.control),
                "title": policy.title_of(finding.control),
                "asks": policy.asks_of(finding.control),
                "detail": with_days(finding.detail),
                "how": how_to_mend(finding.control, context.account, policy, context.rows),
            }
            for finding in still_open
        ]
        title = t("Mend what was found at {channel}", channel=channel(context.account, context.policy))
        return View(
            why=context.why(still_open[0].control),
            due=due(self.asks, SubjectKind.FINDING, self.finding_ids[0], title, self.mend_by),
            actions=(_mended(still_open),),
            words={**self.named(context), "of": self.of, "entries": entries},
        )


class ControlTonight(BaseModel):
    """One control after a sweep: accounts that violate it, findings that are new and that were mended."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    control: str
    violated: int
    new: int
    mended: int


class Ever(BaseModel):
    """How many findings of a control there ever were, and how many of them were mended."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    opened: int = 0
    mended: int = 0


class SweepSummary(NoticeKind):
    """To Communications: what the rules found since the last one, a line a control.

    `unheard`: live accounts with findings and no active person to notify. `ever`: what it knew of, for the
    next one to count from. `head`: the signed head of the audit chain, so that it lies outside the store.
    """

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.RULE})

    controls: tuple[ControlTonight, ...] = Field(min_length=1)
    unheard: int = 0
    ever: dict[str, Ever] = Field(default_factory=dict)
    head: str = ""

    def view(self, context: NoticeContext) -> View:
        """What the night changed."""
        policy = context.policy
        titled = [
            {
                **one.model_dump(),
                "clause": policy.number_of(one.control),
                "title": policy.title_of(one.control),
            }
            for one in self.controls
        ]
        return View(
            why=context.why(self.controls[0].control),
            words={
                "on": context.day_of(context.notice.created_at),
                "lines": titled,
                "new": sum(one.new for one in self.controls),
                "mended": sum(one.mended for one in self.controls),
                "unheard": self.unheard,
                "head": self.head,
            },
        )


class ReinstatementWanted(OfAccount):
    """To Communications: a suspended account whose cause is mended, or that somebody asks for."""

    asks = ItemKind.DECIDE_REINSTATEMENT

    because: Literal["mended", "asked"]
    due_on: date
    by_id: int | None = None
    suspension_id: int | None = None

    def stale(self, context: NoticeContext) -> str | None:
        """It is back, or closed."""
        return None if context.account.state is AccountState.SUSPENDED else "account moved on"

    def view(self, context: NoticeContext) -> View:
        """Who asks, and why."""
        account = context.account
        by = context.rows.people.get(self.by_id or 0)
        suspension = context.rows.suspensions.get(self.suspension_id or 0)
        return View(
            why=context.why_of(Suspending, account.level),
            due=due(
                self.asks,
                SubjectKind.ACCOUNT,
                context.subject_id,
                t("Decide whether {channel} comes back", channel=channel(account, context.policy)),
                self.due_on,
            ),
            actions=tuple(
                action(
                    label,
                    account,
                    said,
                    t("Account {account} {said}. Reason: ", account=account.id, said=said),
                    context.policy,
                )
                for label, said in (
                    (t("It comes back"), t("comes back")),
                    (t("It stays suspended"), t("stays suspended")),
                )
            ),
            words={
                **self.named(context),
                "mended": self.because == "mended",
                "by": by.name if by else None,
                "reason": suspension.asked_because if suspension else None,
            },
        )


class NobodyReaches(OfAccount):
    """To the office that must be able to reach an account, and who keeps the policy: nobody reaches it."""

    urgency = Urgency.URGENT
    asks = ItemKind.TAKE_HOLD

    due_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It is not in use any more."""
        return None if context.account.state is AccountState.LIVE else "account moved on"

    def view(self, context: NoticeContext) -> View:
        """Which account, and the two ways to put it right."""
        account = context.account
        return View(
            why=context.why_of(Custody, account.level),
            due=due(
                self.asks,
                SubjectKind.ACCOUNT,
                context.subject_id,
                t("Say who is to have {channel}", channel=channel(account, context.policy)),
                self.due_on,
            ),
            actions=(
                action(
                    t("Say who has it"),
                    account,
                    t("who can reach it"),
                    t("To administer it (name and school): \nOr I can reach it myself, like this: "),
                    context.policy,
                ),
            ),
            words=self.named(context),
        )
