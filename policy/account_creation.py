"""What happens next with an approved account: prepared by its administrators, then live, or closed.

Pure: facts, policy and a moment in; transitions, action items and notices out.
"""

from collections.abc import Collection
from datetime import date, datetime

from policy.account_request import enough_administrators, last_day
from policy.authority import approving, custodians, policy_office
from policy.controls.administrators import Administrators
from policy.controls.approval import Approval
from policy.controls.attested import Attested
from policy.controls.display import SHOWN, UNSEEN, Display
from policy.custody import custody_lacks
from policy.model import Policy
from policy.notices.access import AccessRevoked
from policy.notices.accounts import (
    AccountClosed,
    AccountLive,
    CreateTheAccount,
    LookForTheNotice,
    MendTheNotice,
)
from schemas.events import EventKind
from schemas.facts import AccountFacts, Administrator
from schemas.notices import NoticeFacts
from schemas.outcome import NOTHING, Ask, Emit, Move, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import AccessState, AccountState, has_ended
from schemas.words import AccessEnd, ItemKind, SubjectKind


def decide_account(account: AccountFacts, policy: Policy, now: datetime) -> Outcome:
    """What happens next with an approved account: prepared by its administrators, then live, or closed."""
    if account.closes_on is not None and policy.calendar.today(now) > account.closes_on:
        return close_account(account, policy)
    coming = account.state in {AccountState.APPROVED, AccountState.PREPARING}
    return _bring_on(account, policy, now) if coming else NOTHING


def _bring_on(account: AccountFacts, policy: Policy, now: datetime) -> Outcome:
    """The next step of one that is not live yet."""
    approval = policy.first(Approval, level=account.level)
    if approval is not None and policy.calendar.today(now) > last_day(
        account.state_since, approval.abandon_unprepared_days, policy.calendar
    ):
        return _close_unprepared(account, policy)
    with_access = tuple(one for one in account.administrators if one.access_state is AccessState.GRANTED)
    people = tuple(one.candidate for one in with_access)
    needed = policy.applying(Administrators, level=account.level)
    ready = bool(people) and all(enough_administrators(one, people) for one in needed)
    if account.state is AccountState.APPROVED:
        return _prepare(account, with_access, policy, now) if ready else NOTHING
    if not ready:
        return _back_to_approved(account, policy)
    if report_lacks(account, policy):
        return _ask_report(account, with_access, policy, now)
    return _go_live_or_mend(account, with_access, policy, now)


def _subject(account: AccountFacts) -> Subject:
    return Subject(SubjectKind.ACCOUNT, account.id)


def _prepare(
    account: AccountFacts, with_access: tuple[Administrator, ...], policy: Policy, now: datetime
) -> Outcome:
    """Its administrators have access: one of them creates it on the platform."""
    subject, control = _subject(account), approving(policy, account.level)
    cause = "administrators have access"
    move = Move(subject, account.state, account.version, AccountState.PREPARING, control, cause)
    if not report_lacks(account, policy):  # it was reported before an administrator lost access
        return Outcome((move, Emit(EventKind.ACCOUNT_REPORTED, subject)), "prepared again")
    asked = _ask_report(account, with_access, policy, now)
    return Outcome((move, *asked.steps), "to be created by its administrator")


def report_lacks(account: AccountFacts, policy: Policy) -> bool:
    """Whether an administrator has to report it: not done yet, or the policy asks for more since."""
    reported = account.reported_at is not None
    return not reported or custody_lacks(account, policy) is not None or privacy_lacks(account, policy)


def _ask_report(
    account: AccountFacts, with_access: tuple[Administrator, ...], policy: Policy, now: datetime
) -> Outcome:
    """Ask one administrator with access to create and report it; another when that one lost access."""
    subject, control = _subject(account), approving(policy, account.level)
    people = [one.candidate.person_id for one in with_access]
    keys = {f"{subject}/create/person:{person}": person for person in people}
    if not keys.keys().isdisjoint(account.asked):
        return NOTHING
    creator = _of_these(people, account)
    key = f"{subject}/create/person:{creator}"
    due = policy.calendar.due_after(
        policy.calendar.today(now), school_days=policy.terms(ItemKind.CREATE_ACCOUNT).due_school_days
    )
    return Outcome(
        (
            Settle(about=subject, kinds=(ItemKind.CREATE_ACCOUNT,), done=False),
            Ask(key, ItemKind.CREATE_ACCOUNT, creator, subject, control, due),
            Tell(CreateTheAccount(due_on=due), creator, f"{subject}/v{account.version}/create", subject),
        ),
        "to be reported by its administrator",
    )


def _of_these(people: Collection[int], account: AccountFacts) -> int:
    asks = account.requester_id
    return asks if asks is not None and asks in people else min(people)


def who_reports(account: AccountFacts) -> int | None:
    """Who is asked, or will be, to create the account and to report it; None where nobody is named.

    Of those with access; before anybody has it, of those who wait for it.
    """
    open_ = [one for one in account.administrators if not has_ended(one.access_state)]
    having = [one for one in open_ if one.access_state is AccessState.GRANTED] or open_
    people = [one.candidate.person_id for one in having]
    subject = _subject(account)
    asked = [one for one in people if f"{subject}/create/person:{one}" in account.asked]
    return asked[0] if asked else _of_these(people, account) if people else None


def _back_to_approved(account: AccountFacts, policy: Policy) -> Outcome:
    """An administrator lost access before it went live: the gates come first again."""
    subject = _subject(account)
    return Outcome(
        (
            Move(
                subject,
                account.state,
                account.version,
                AccountState.APPROVED,
                policy.name_of(Administrators, level=account.level),
                "administrators lack access",
            ),
            Settle(about=subject, kinds=(ItemKind.CREATE_ACCOUNT, ItemKind.MEND_NOTICE), done=False),
        ),
        "waits for its administrators again",
    )


def _go_live_or_mend(
    account: AccountFacts, with_access: tuple[Administrator, ...], policy: Policy, now: datetime
) -> Outcome:
    """Live once everything is shown: custody, privacy settings, the notice."""
    if account.reported_at is None or account.page_verdict is None or account.page_check_id is None:
        return NOTHING
    subject = _subject(account)
    if account.page_verdict not in SHOWN:
        due = policy.calendar.due_after(
            policy.calendar.today(now), school_days=policy.terms(ItemKind.MEND_NOTICE).due_school_days
        )
        to_mend = _mend_notice(account, with_access, account.page_check_id, due, policy.name_of(Display))
        return Outcome(to_mend, f"the notice is {account.page_verdict}") if to_mend else NOTHING
    control = approving(policy, account.level)
    told: tuple[int | RoleAt, ...] = (
        *(one.candidate.person_id for one in with_access),
        policy_office(policy),
        *custodians(policy, account.level, account.school_id),
    )
    return Outcome(
        (
            Move(
                subject,
                account.state,
                account.version,
                AccountState.LIVE,
                control,
                "every gate is met",
                {"live_since": now},
            ),
            Settle(about=subject, kinds=(ItemKind.CREATE_ACCOUNT, ItemKind.MEND_NOTICE)),
            *(Tell(AccountLive(), to, f"{subject}/live", subject) for to in told),
            Emit(EventKind.ACCOUNT_LIVE, subject),
        ),
        "live",
    )


def _mend_cause(account: AccountFacts) -> str:
    """What its administrators are asked about: one for each report and verdict.

    A page that nobody could read stays the same matter, whether it did not open or nothing was clear on it.
    """
    asked = f"{_subject(account)}/reported {account.reported_at:%Y%m%dT%H%M%S}/"
    if account.page_verdict in UNSEEN:
        for verdict in sorted(UNSEEN):
            if any(key.startswith(f"{asked}{verdict}/") for key in account.asked):
                return f"{asked}{verdict}"
    return f"{asked}{account.page_verdict}"


def _mend_notice(
    account: AccountFacts, with_access: tuple[Administrator, ...], check_id: int, due: date, control: str
) -> tuple[Step, ...]:
    """Ask each administrator, once for each report and verdict, to put the notice on the page.

    Where the page could not be read, an office is asked to look at it too: no administrator may say what it
    shows, and without that the account would never be live. Whoever lost access, and an office where another
    one looks now, is asked no longer.
    """
    subject, cause = _subject(account), _mend_cause(account)
    mends, looks = (kind(check_id=check_id, due_on=due) for kind in (MendTheNotice, LookForTheNotice))
    wanted: dict[str, tuple[int | RoleAt, NoticeFacts, str]] = {
        f"{cause}/person:{one.candidate.person_id}": (one.candidate.person_id, mends, cause)
        for one in with_access
    }
    for office in account.onlookers[:1] if account.page_verdict in UNSEEN else ():
        wanted[f"{cause}/office:{office.role}"] = (office, looks, f"{cause}/look")
    asked = {key for key in account.asked if key.startswith(f"{subject}/reported ")}
    steps: list[Step] = (
        [Settle(tuple(sorted(asked - wanted.keys())), done=False)] if asked - wanted.keys() else []
    )
    for key, (of, notice, told) in wanted.items():
        if key not in asked:
            steps.append(Ask(key, ItemKind.MEND_NOTICE, of, subject, control, due))
            steps.append(Tell(notice, of, told, subject))
    return tuple(steps)


def privacy_lacks(account: AccountFacts, policy: Policy) -> bool:
    """Whether the privacy settings are not attested in full against the current checklist.

    Never where no control asks for them at this level.
    """
    if policy.first(Attested, level=account.level) is None:
        return False
    current = policy.checklist(account.platform).version
    return account.privacy_version != current or bool(account.privacy_unmet)


def reconsider_account(account: AccountFacts, policy: Policy) -> Outcome:
    """The decision that made it was taken back before it was live."""
    return _end(account, policy, AccountState.WITHDRAWN, "decision taken back", because="decided")


def _close_unprepared(account: AccountFacts, policy: Policy) -> Outcome:
    """Approved long ago and still not there: closed, with notice, and every access with it."""
    return _end(account, policy, AccountState.CLOSED, "not prepared in time", because="abandoned")


def close_account(
    account: AccountFacts, policy: Policy, *, by_id: int | None = None, change_id: int | None = None
) -> Outcome:
    """Somebody decided that it is closed: its last day is over, or it was an emergency.

    `change_id`: the decision of `by_id` with its reason, where nobody has read of it yet.
    """
    to, cause = AccountState.CLOSED, "closed by a decision"
    return _end(account, policy, to, cause, because="decided", by_id=by_id, change_id=change_id)


def withdraw_account(account: AccountFacts, policy: Policy) -> Outcome:
    """Its requester withdrew it before it was live."""
    return _end(account, policy, AccountState.WITHDRAWN, "withdrawn", because="withdrawn")


def _end(
    account: AccountFacts,
    policy: Policy,
    to: AccountState,
    cause: str,
    *,
    because: str,
    **decision: int | None,
) -> Outcome:
    subject = _subject(account)
    control = approving(policy, account.level)
    people = {one.candidate.person_id for one in account.administrators}
    if account.requester_id is not None:
        people.add(account.requester_id)
    notice = AccountClosed.model_validate({"control": control, "because": because, **decision})
    return Outcome(
        (
            Move(subject, account.state, account.version, to, control, cause, {"closes_on": None}),
            Settle(about=subject, kinds=tuple(ItemKind), done=False),
            *(
                step
                for one in account.administrators
                if not has_ended(one.access_state)
                for step in _revoke(one, control, cause)
            ),
            *(Tell(notice, person, f"{subject}/{to}", subject) for person in sorted(people)),
        ),
        str(to),
    )


def _revoke(one: Administrator, control: str, cause: str) -> tuple[Step, ...]:
    """End an access; told on its own only where the person really had it.

    The course and the guidelines are asked of a person, for all accounts: no longer if this was the last.
    """
    subject = Subject(SubjectKind.ACCESS, one.access_id)
    ends = {"ends_on": None, "ends_for": AccessEnd.ACCOUNT_CLOSED, "suspended_for": None}
    steps: tuple[Step, ...] = (
        Move(subject, one.access_state, one.access_version, AccessState.REVOKED, control, cause, ends),
        Settle(about=subject, kinds=tuple(ItemKind), done=False),
    )
    if not one.elsewhere:
        person = Subject(SubjectKind.PERSON, one.candidate.person_id)
        kinds = (ItemKind.COMPLETE_COURSE, ItemKind.ACKNOWLEDGE_GUIDELINES)
        steps = (*steps, Settle(about=person, kinds=kinds, done=False))
    if one.access_state is not AccessState.GRANTED:
        return steps
    tell = Tell(
        AccessRevoked(control=control),
        one.candidate.person_id,
        f"{subject}/v{one.access_version}/revoked",
        subject,
    )
    return (*steps, tell)
