"""Notices about an account: create it, mend its notice, live, suspended, back again, closed."""

from datetime import date
from typing import Any, Literal

from policy.controls.custody import Custody
from policy.controls.display import UNSEEN, Display
from policy.controls.identify_owner import IdentifyOwner
from policy.controls.look import Look
from policy.model import CustodyEvidence, Policy
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.mending import how_to_mend
from policy.notices.words import (
    cadence,
    channel,
    decided_by,
    moment,
    notice_statements,
    place,
    short,
    who,
    with_days,
)
from schemas.accounts import Account
from schemas.language import t
from schemas.notices import Urgency
from schemas.states import AccountState
from schemas.words import ItemKind, PageVerdict, SubjectKind


def action(label: str, account: Account, what: str, body: str, policy: Policy) -> Action:
    """An answer about an account; its subject line names the account."""
    return Action(
        label,
        t(
            "Account {account}, {channel}: {what}",
            account=account.id,
            channel=short(channel(account, policy)),
            what=what,
        ),
        body,
    )


def policy_names_owner(context: NoticeContext) -> bool:
    """Whether the account's profile has to show who administers it."""
    return context.policy.first(IdentifyOwner, level=context.account.level) is not None


class OfAccount(NoticeKind, root=True):
    """About an account."""

    about = frozenset({SubjectKind.ACCOUNT})

    def named(self, context: NoticeContext) -> dict[str, Any]:
        """What every letter about an account names."""
        account = context.account
        return {
            "channel": channel(account, context.policy),
            "number": account.id,
            "place": place(account.school_id, context.rows, context.policy),
            "address": account.address,
        }


class CreateTheAccount(OfAccount):
    """To the administrator who creates it: it is approved, to be created and reported."""

    tells_of = (AccountState.PREPARING,)
    asks = ItemKind.CREATE_ACCOUNT

    due_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It was reported, or is not to be created any more."""
        if context.account.state not in {AccountState.APPROVED, AccountState.PREPARING}:
            return "account moved on"
        return "account reported" if context.account.reported_at is not None else None

    def view(self, context: NoticeContext) -> View:
        """What to set up on the platform, and one answer with a line for each thing to report."""
        account, policy = context.account, context.policy
        checked = [one for one in policy.checklists if one.platform == account.platform]
        settings = [item for one in checked for item in one.items]
        custody = policy.applying(Custody, level=account.level)
        custodian = t(" or ").join(t("the {office}", office=policy.label(one.office)) for one in custody)
        statements = list(notice_statements(policy, account.level).values())
        evidence = policy.custody_terms(account.custody).evidence
        as_custodian = CustodyEvidence.CUSTODIAN in evidence and bool(custody)
        in_the_vault = CustodyEvidence.VAULT_REFERENCE in evidence
        asked = {
            t("Address of its public page: "): True,
            t("The platform's permanent id of it: "): True,
            t(
                "{custodian} is an administrator too (yes or no): ",
                custodian=custodian[:1].upper() + custodian[1:],
            ): as_custodian,
            t("Name of its entry in the vault (never the password): "): in_the_vault,
            t("Page that carries the notice, if it is not the profile itself: "): bool(statements),
            t("Privacy settings, each with yes or no:"): bool(settings),
            **{f"- {one.text.rstrip('.')}: ": True for one in settings},
        }
        body = "\n".join(line for line, is_asked in asked.items() if is_asked)
        return View(
            why=context.why_of(Custody, account.level),
            due=due(
                self.asks,
                SubjectKind.ACCOUNT,
                context.subject_id,
                t("Create {channel} and report it", channel=channel(account, context.policy)),
                self.due_on,
            ),
            actions=(action(t("Report the account"), account, t("created"), body, context.policy),),
            words={
                **self.named(context),
                "platform": account.platform,
                "custodian": custodian,
                "as_custodian": as_custodian,
                "in_the_vault": in_the_vault,
                "privacy": [item.step for item in settings],
                "statements": statements,
                "whose": policy_names_owner(context),
            },
        )


class MendTheNotice(OfAccount):
    """To the account's administrators: its page does not carry the notice. `check_id` is the look at it."""

    asks = ItemKind.MEND_NOTICE

    check_id: int
    due_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """A later look has seen the notice there, or the account has ended."""
        if context.account.state in {AccountState.CLOSED, AccountState.WITHDRAWN}:
            return "account ended"
        latest = context.rows.latest_check.get(context.subject_id)
        mended = latest is not None and latest.verdict in {PageVerdict.EXACT, PageVerdict.LINKED}
        return "notice is on the page" if mended else None

    def view(self, context: NoticeContext) -> View:
        """What the page showed, statement by statement, and the notice as it must stand there."""
        account = context.account
        check = context.rows.checks[self.check_id]
        wanted = notice_statements(context.policy, account.level)
        differences = [
            {
                "verdict": row["verdict"],
                "wanted": wanted.get(row["id"], row["id"]),
                "difference": row.get("difference", ""),
            }
            for row in check.statements
            if row["verdict"] in {PageVerdict.ALTERED, PageVerdict.MISSING}
        ]
        return View(
            why=context.why_of(Display, account.level),
            due=due(
                self.asks,
                SubjectKind.ACCOUNT,
                context.subject_id,
                t("Put the notice on the page of {channel}", channel=channel(account, context.policy)),
                self.due_on,
            ),
            actions=(
                action(
                    t("It is mended"),
                    account,
                    t("the notice is mended"),
                    t("The notice is on the page now, word for word. Please look again."),
                    context.policy,
                ),
            ),
            words={
                **self.named(context),
                "page": check.address,
                "looked_on": context.day_of(check.checked_at),
                "unreachable": check.verdict is PageVerdict.UNREACHABLE,
                "unclear": check.verdict is PageVerdict.UNCLEAR,
                "detail": check.detail,
                "differences": differences,
                "statements": list(wanted.values()),
                "whose": policy_names_owner(context),
            },
        )


class LookForTheNotice(OfAccount):
    """To who may say what a page shows: nobody could read this one. `check_id` is the look at it."""

    asks = ItemKind.MEND_NOTICE

    check_id: int
    due_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """A later look could read the page, somebody said what it shows, or the account has ended."""
        if context.account.state in {AccountState.CLOSED, AccountState.WITHDRAWN}:
            return "account ended"
        latest = context.rows.latest_check.get(context.subject_id)
        return "the page was read" if latest is None or latest.verdict not in UNSEEN else None

    def view(self, context: NoticeContext) -> View:
        """Which page, why it could not be read, and the notice that is looked for."""
        account, check = context.account, context.rows.checks[self.check_id]
        return View(
            why=context.why_of(Display, account.level),
            due=due(
                self.asks,
                SubjectKind.ACCOUNT,
                context.subject_id,
                t("Look for the notice on the page of {channel}", channel=channel(account, context.policy)),
                self.due_on,
            ),
            actions=(
                action(
                    t("I saw the notice there"),
                    account,
                    t("what its page shows"),
                    t("It is there word for word, or by a link (which of the two): "),
                    context.policy,
                ),
            ),
            words={
                **self.named(context),
                "page": check.address,
                "looked_on": context.day_of(check.checked_at),
                "statements": list(notice_statements(context.policy, account.level).values()),
                "whose": policy_names_owner(context),
            },
        )


class AccountLive(OfAccount):
    """To everybody concerned: it may be used, and what is expected from now on."""

    tells_of = (AccountState.LIVE,)

    def stale(self, context: NoticeContext) -> str | None:
        """It is suspended, or has ended."""
        return None if context.account.state is AccountState.LIVE else "account not live"

    def view(self, context: NoticeContext) -> View:
        """How often it is to be looked at."""
        level = context.account.level
        return View(
            why=context.why_of(Look, level),
            words={**self.named(context), "cadence": cadence(context.policy, level)},
        )


class AccountSuspended(OfAccount):
    """To its administrators and the custodian: nobody may post, why, and until when it can be mended.

    `suspension_id`: where somebody decided it, their reason is read there. `confirmed`: a second office has
    confirmed a stop.
    """

    urgency = Urgency.URGENT
    tells_of = (AccountState.SUSPENDED,)
    asks = ItemKind.MEND_FINDING

    control: str
    mend_by: date | None = None
    suspension_id: int | None = None
    confirmed: bool = False

    def stale(self, context: NoticeContext) -> str | None:
        """It is not suspended any more, or a later letter says that the stop is confirmed."""
        decision = context.rows.suspensions.get(self.suspension_id or 0)
        if context.account.state is not AccountState.SUSPENDED:
            return "account not suspended"
        if decision is not None and decision.ended_at is not None:
            return "suspension ended"
        if decision is not None and decision.confirmed_at is not None and not self.confirmed:
            return "stop confirmed"
        return None

    def view(self, context: NoticeContext) -> View:
        """The reason, and the way back."""
        account = context.account
        decision = context.rows.suspensions.get(self.suspension_id or 0)
        title = t("Mend what suspended {channel}", channel=channel(account, context.policy))
        return View(
            why=context.why(self.control),
            due=due(self.asks, SubjectKind.ACCOUNT, context.subject_id, title, self.mend_by)
            if self.mend_by
            else None,
            actions=(
                action(
                    t("It is mended"),
                    account,
                    t("mended"),
                    t("What was wrong, and what was done: "),
                    context.policy,
                ),
            ),
            words={
                **self.named(context),
                "reason": decision.reason if decision else "",
                "by": self._by(context),
                "through": decision.through if decision else None,
                "confirm_by": moment(decision.confirm_by, context.policy.zone) if decision else "",
                "confirmed": self.confirmed,
                "confirmed_by": self._confirmed_by(context),
                "title": context.policy.title_of(self.control),
                "clause": context.policy.number_of(self.control),
                "asks": context.policy.asks_of(self.control),
                "how": how_to_mend(self.control, account, context.policy, context.rows),
            },
        )

    def _by(self, context: NoticeContext) -> str:
        """Who decided it; empty where Steward did, since nobody had mended what was found."""
        decision = context.rows.suspensions.get(self.suspension_id or 0)
        if decision is None or decision.decided_by_id is None:
            return ""
        return who(context.rows.people.get(decision.decided_by_id), context.rows, context.policy)

    def _confirmed_by(self, context: NoticeContext) -> str:
        """Who confirmed a stop; empty where nobody did."""
        decision = context.rows.suspensions.get(self.suspension_id or 0)
        if not self.confirmed or decision is None or decision.confirmed_by_id is None:
            return ""
        return who(context.rows.people.get(decision.confirmed_by_id), context.rows, context.policy)


class AccountReinstated(OfAccount):
    """To its administrators, the custodian, who stopped it and who was to confirm: it is back, and why."""

    urgency = Urgency.URGENT  # as the letter that they may not post
    ends_what_was_told = True

    suspension_id: int

    def stale(self, context: NoticeContext) -> str | None:
        """It is not live any more, the reader never read that it was suspended, or reads of a later end."""
        if context.account.state is not AccountState.LIVE:
            return "account not live"
        needless = (context.notice.person_id, self.suspension_id) in context.rows.needless
        return "need not be told" if needless else None

    def view(self, context: NoticeContext) -> View:
        """Who ended it, and the reason that was given."""
        rows = context.rows
        decision = rows.suspensions[self.suspension_id]
        return View(
            why=context.why(decision.control),
            words={
                **self.named(context),
                "reason": with_days(decision.ended_because or ""),
                "by": who(rows.people.get(decision.ended_by_id), rows, context.policy)
                if decision.ended_by_id
                else "",
            },
        )


class AccountClosed(OfAccount):
    """To its administrators and the requester: it has ended, and why.

    `change_id`: the decision of `by_id` with its reason, where it was closed at once.
    """

    tells_of = (AccountState.CLOSED,)

    control: str
    because: Literal["abandoned", "withdrawn", "decided", "not mended"] = "decided"
    by_id: int | None = None
    change_id: int | None = None

    def stale(self, context: NoticeContext) -> str | None:
        """It was opened again."""
        ended = context.account.state in {AccountState.CLOSED, AccountState.WITHDRAWN}
        return None if ended else "account opened again"

    def view(self, context: NoticeContext) -> View:
        """Why it is closed."""
        decided = decided_by(self.by_id, self.change_id, context.rows, context.policy)
        words = {**self.named(context), "because": self.because, **decided}
        return View(why=context.why(self.control), words=words)
