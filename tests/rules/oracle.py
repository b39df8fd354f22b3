"""The standing rules said again, slowly and row by row in plain Python, without the selects in sight."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from deployments.sample.words import Guideline, Level, RoleKind
from policy.calendar import Calendar
from policy.controls.administrators import Administrators
from policy.controls.attested import Attested
from policy.controls.custody import Custody
from policy.controls.display import Display
from policy.controls.identify_owner import IdentifyOwner
from policy.controls.list_review import ListReview
from policy.controls.look import Cadence, Look
from policy.controls.rotate_secret import RotateSecret
from policy.controls.training_before_access import Required, TrainingBeforeAccess
from policy.gates import course_meant
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.evidence import PageCheck, PrivacyReview, ProfileCheck
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, CustodyMode, PageVerdict, PersonKind
from tests.factories.division import Division
from tests.support.rules import acknowledged, the_notice

ONE = timedelta(days=1)
#: account, person (0: none), due on
Violation = tuple[int, int, date]


def live(division: Division) -> list[Account]:
    return [account for account in division.accounts if account.state is AccountState.LIVE]


def accesses_of(division: Division, account: Account) -> list[Access]:
    return [access for access in division.accesses if access.account_id == account.id]


def person_of(division: Division, access: Access) -> Person:
    for person in division.people:
        if person.id == access.person_id:
            return person
    raise AssertionError(f"no person {access.person_id}")


def needs_course(account: Account, policy: Policy) -> bool:
    if account.level == Level.CLASSROOM:
        if account.training_required is None:
            control = policy.control("classroom-privacy-course")
            return isinstance(control, TrainingBeforeAccess) and control.required is not Required.WHEN_ASKED
        return account.training_required
    return True


def lapses(division: Division, person: int, policy: Policy) -> date | None:
    """The last day on which this person's course counts; None for somebody who never completed it."""
    last_days = []
    for completion in division.completions:
        if completion.person_id != person or completion.course != course_meant(policy).id:
            continue
        if completion.voided_at is not None:
            continue
        day = completion.completed_on
        for _ in range(course_meant(policy).valid_days or 0):
            day += timedelta(days=1)
        last_days.append(day)
    return max(last_days) if last_days else None


def course_is_current(division: Division, policy: Policy, today: date) -> set[Violation]:
    found: set[Violation] = set()
    for account in live(division):
        if not needs_course(account, policy):
            continue
        for access in accesses_of(division, account):
            if access.state is not AccessState.GRANTED:
                continue
            last_day = lapses(division, access.person_id, policy)
            if last_day is None:
                found.add((account.id or 0, access.person_id, today))
            elif last_day < today:
                found.add((account.id or 0, access.person_id, last_day))
    return found


def of_classrooms(division: Division, policy: Policy, today: date) -> set[Violation]:
    return {one for one in course_is_current(division, policy, today) if is_classroom(division, one[0])}


def of_schools(division: Division, policy: Policy, today: date) -> set[Violation]:
    return {one for one in course_is_current(division, policy, today) if not is_classroom(division, one[0])}


def is_classroom(division: Division, number: int) -> bool:
    return any(one.id == number and one.level is Level.CLASSROOM for one in division.accounts)


def is_school_administrator(division: Division, person: Person, school: int | None, today: date) -> bool:
    for role in division.roles:
        if role.person_id != person.id or role.kind != RoleKind.SCHOOL_ADMINISTRATOR:
            continue
        if role.school_id is None or role.school_id != school:
            continue
        if role.starts_on > today:
            continue
        if role.ends_on is not None and role.ends_on < today:
            continue
        return True
    return False


def two_people_administer(division: Division, policy: Policy, today: date) -> set[Violation]:
    needed = policy.control("school-administrators")
    assert isinstance(needed, Administrators)
    assert (needed.holders_at_least, needed.others_at_least) == (1, 1)
    found: set[Violation] = set()
    for account in live(division):
        if account.level != Level.SCHOOL:
            continue
        principals = set()
        staff = set()
        for access in accesses_of(division, account):
            if access.state is not AccessState.GRANTED or access.role is not AccessRole.ADMINISTRATOR:
                continue
            person = person_of(division, access)
            if not person.active:
                continue
            if is_school_administrator(division, person, account.school_id, today):
                principals.add(person.id)
            if person.kind is PersonKind.STAFF or person.id in principals:
                staff.add(person.id)
        holds = any(staff - {principal} for principal in principals)
        if not holds:
            found.add((account.id or 0, 0, today))
    return found


def local(instant: datetime, policy: Policy) -> date:
    return instant.astimezone(policy.zone).date()


def is_designated(division: Division, person: Person, account: Account, today: date) -> bool:
    for one in division.designations:
        if one.person_id != person.id or one.account_id not in {None, account.id}:
            continue
        if one.starts_on <= today and (one.ends_on is None or one.ends_on >= today):
            return True
    return False


def is_communications(division: Division, person: Person, today: date) -> bool:
    for role in division.roles:
        if role.person_id != person.id or role.kind != RoleKind.COMMUNICATIONS_OFFICER:
            continue
        if role.school_id is None and role.starts_on <= today and (role.ends_on or today) >= today:
            return True
    return False


def an_authorized_person_administers(division: Division, policy: Policy, today: date) -> set[Violation]:  # noqa: ARG001 - as the others
    found: set[Violation] = set()
    for account in live(division):
        if account.level != Level.DIVISION:
            continue
        good = False
        for access in accesses_of(division, account):
            if access.state is not AccessState.GRANTED or access.role is not AccessRole.ADMINISTRATOR:
                continue
            person = person_of(division, access)
            if person.active and (
                is_communications(division, person, today) or is_designated(division, person, account, today)
            ):
                good = True
        if not good:
            found.add((account.id or 0, 0, today))
    return found


def guidelines_are_acknowledged(division: Division, policy: Policy, today: date) -> set[Violation]:
    grace = timedelta(days=acknowledged(policy, "guidelines").within_days)
    found: set[Violation] = set()
    for account in live(division):
        for access in accesses_of(division, account):
            if access.state is not AccessState.GRANTED:
                continue
            for text in (policy.text(one) for one in Guideline):
                if account.channel not in text.fits:
                    continue
                receipts = [
                    one
                    for one in division.receipts
                    if one.person_id == access.person_id
                    and one.guideline == text.id
                    and one.guideline_version == text.version
                ]
                if not receipts:
                    found.add((account.id or 0, access.person_id, today + grace))
                elif receipts[0].acknowledged_at is None:
                    sent_on = local(receipts[0].sent_at, policy)
                    found.add((account.id or 0, access.person_id, sent_on + grace))
    return found


def responsibility_is_accepted(division: Division, policy: Policy, today: date) -> set[Violation]:  # noqa: ARG001 - as the others
    text = policy.text("personal responsibility")
    accepted = {
        (one.account_id, one.person_id)
        for one in division.acceptances
        if (one.text, one.text_version) == (text.id, text.version) and one.accepted_at is not None
    }
    return {
        (
            account.id or 0,
            access.person_id,
            local(access.state_since, policy)
            + timedelta(days=acknowledged(policy, "personal-responsibility").within_days),
        )
        for account in live(division)
        for access in accesses_of(division, account)
        if access.state is AccessState.GRANTED and (account.id, access.person_id) not in accepted
    }


def custody_shown(account: Account) -> bool:
    if account.custody is CustodyMode.SHARED_PASSWORD:
        return bool(account.vault_reference)
    if account.custody is CustodyMode.PERSONAL_ADMINISTRATORS:
        return account.custodian_is_administrator
    return account.custodian_is_administrator or bool(account.vault_reference)


def _reached(division: Division, policy: Policy, today: date, level: Level) -> set[Violation]:
    control = policy.the(Custody)
    every = timedelta(days=control.verified_every_days or 0)
    found: set[Violation] = set()
    for account in live(division):
        if (account.level == Level.CLASSROOM) != (level is Level.CLASSROOM):
            continue
        tried = local(account.custody_verified_at or account.live_since or account.state_since, policy)
        last = max(tried, control.verified_from or tried) + every
        if not custody_shown(account):
            found.add((account.id or 0, 0, today))
        elif last < today:
            found.add((account.id or 0, 0, last))
    return found


def communications_can_reach_it(division: Division, policy: Policy, today: date) -> set[Violation]:
    return _reached(division, policy, today, Level.SCHOOL)


def the_principal_can_reach_it(division: Division, policy: Policy, today: date) -> set[Violation]:
    return _reached(division, policy, today, Level.CLASSROOM)


def privacy_is_attested(division: Division, policy: Policy, today: date) -> set[Violation]:
    grace = timedelta(days=policy.the(Attested).attest_within_days)
    found: set[Violation] = set()
    for account in live(division):
        last: PrivacyReview | None = None
        for review in division.reviews:  # in the order in which they were stored
            if review.account_id == account.id:
                last = review
        number = account.id or 0
        if last is None:
            found.add((number, 0, local(account.state_since, policy) + grace))
            continue
        attested = local(last.attested_at, policy)
        lapses = attested + timedelta(days=policy.the(Attested).attest_every_days)
        if last.checklist_version != policy.checklist(account.platform).version:
            found.add((number, 0, today + grace))
        elif last.unmet:
            found.add((number, 0, attested))
        elif lapses < today:
            found.add((number, 0, lapses))
    return found


def the_notice_is_shown(division: Division, policy: Policy, today: date) -> set[Violation]:
    grace = timedelta(days=policy.the(Display).look_within_days)
    found: set[Violation] = set()
    for account in live(division):
        last: PageCheck | None = None
        for check in division.checks:  # in the order in which they were stored
            if check.account_id == account.id:
                last = check
        number = account.id or 0
        if last is None:
            found.add((number, 0, local(account.state_since, policy) + grace))
        elif last.notice_version != the_notice(policy).version:
            found.add((number, 0, today + grace))
        elif last.verdict not in {PageVerdict.EXACT, PageVerdict.LINKED}:
            found.add((number, 0, local(last.checked_at, policy)))
        elif (day := counted_through(last, policy.the(Display).seen_good_days, policy)) < today:
            found.add((number, 0, day))
    return found


def counted_through(last: PageCheck | ProfileCheck, days: int, policy: Policy) -> date:
    """The last day on which what was seen counts: as a person's word says, or so many days after a look."""
    return last.good_through or local(last.checked_at, policy) + timedelta(days=days)


def the_profile_shows_its_owner(division: Division, policy: Policy, today: date) -> set[Violation]:
    found: set[Violation] = set()
    for account in live(division):
        if account.level != Level.CLASSROOM:
            continue
        last: ProfileCheck | None = None
        for check in division.profiles:  # in the order in which they were stored
            if check.account_id == account.id:
                last = check
        number = account.id or 0
        owners = {
            access.person_id
            for access in accesses_of(division, account)
            if access.state is AccessState.GRANTED and person_of(division, access).active
        }
        if last is None:
            grace = timedelta(days=policy.the(Display).look_within_days)
            found.add((number, 0, local(account.state_since, policy) + grace))
        elif not last.shown:
            found.add((number, 0, local(last.checked_at, policy)))
        elif (day := counted_through(last, policy.the(IdentifyOwner).seen_good_days, policy)) < today:
            found.add((number, 0, day))
        elif last.person_id not in owners:
            found.add((number, 0, today))
    return found


def its_list_is_reviewed(division: Division, policy: Policy, today: date) -> set[Violation]:
    found: set[Violation] = set()
    for account in live(division):
        if account.custody is CustodyMode.SHARED_PASSWORD:
            continue
        reviewed = account.live_since or account.state_since
        for review in division.list_reviews:
            if review.account_id == account.id:
                reviewed = max(reviewed, review.reviewed_at)
        last = local(reviewed, policy) + timedelta(days=policy.the(ListReview).every_days)
        if last < today:
            found.add((account.id or 0, 0, last))
    return found


def the_password_is_changed(division: Division, policy: Policy, today: date) -> set[Violation]:
    found: set[Violation] = set()
    for account in live(division):
        if account.custody is not CustodyMode.SHARED_PASSWORD:
            continue
        changed = account.live_since or account.state_since
        for rotation in division.rotations:
            if rotation.account_id == account.id:
                changed = max(changed, rotation.rotated_at)
        good_through = local(changed, policy) + timedelta(days=policy.the(RotateSecret).every_days)
        knowers = [
            access
            for access in accesses_of(division, account)
            if access.knows_secret_since is not None and access.knows_secret_until is None
        ]
        lost = [
            access.state_since
            for access in knowers
            if access.state in {AccessState.SUSPENDED, AccessState.REVOKED} and access.state_since > changed
        ]
        behind = [
            access
            for access in knowers
            if access.state is AccessState.GRANTED and not person_of(division, access).active
        ]
        after = timedelta(days=policy.the(RotateSecret).after_loss_days)
        if good_through < today:
            found.add((account.id or 0, 0, good_through))
        elif lost:
            found.add((account.id or 0, 0, local(max(lost), policy) + after))
        elif behind:
            found.add((account.id or 0, 0, today + after))
    return found


def somebody_looks_daily(division: Division, policy: Policy, today: date) -> set[Violation]:
    """Day by day, from the day after an account became live: how many in a row were missed by now."""
    calendar, found = Calendar(policy), set[Violation]()
    for account in live(division):
        seen = {one.day for one in division.check_ins if one.account_id == account.id}
        missed: list[date] = []
        day = max(local(account.live_since or account.state_since, policy), policy.the(Look).begins_on - ONE)
        while (day := day + ONE) < today:
            if day in seen:
                missed = []
            elif calendar.is_school_day(day) or policy.the(Look).on is Cadence.ALL_DAYS:
                missed.append(day)
        # whoever looks today, or says so ahead of the sweep, has looked
        if len(missed) > policy.the(Look).missed_days_allowed and not any(one >= today for one in seen):
            found.add((account.id or 0, 0, missed[-1 - policy.the(Look).missed_days_allowed]))
    return found


def the_public_is_answered(division: Division, policy: Policy, today: date) -> set[Violation]:  # noqa: ARG001
    """Account by account: the earliest day that went by of a question that waits."""
    found = set[Violation]()
    for account in live(division):
        over = [
            one.due_on
            for one in division.enquiries
            if one.account_id == account.id and one.ended_as is None and one.due_on < today
        ]
        if over:
            found.add((account.id or 0, 0, min(over)))
    return found


def what_misleads_is_put_right(division: Division, policy: Policy, today: date) -> set[Violation]:  # noqa: ARG001
    """Account by account: the earliest day that went by of a report that is open."""
    found = set[Violation]()
    for account in live(division):
        mine = [one for one in division.corrections if one.account_id == account.id and one.ended_as is None]
        over = [one.due_on for one in mine if one.due_on < today]
        if over:
            found.add((account.id or 0, 0, min(over)))
    return found


ORACLES: Mapping[str, Callable[[Division, Policy, date], set[Violation]]] = {
    "division-administrators": an_authorized_person_administers,
    "privacy-course": of_schools,
    "classroom-privacy-course": of_classrooms,
    "guidelines": guidelines_are_acknowledged,
    "school-administrators": two_people_administer,
    "communications-can-reach-it": communications_can_reach_it,
    "personal-responsibility": responsibility_is_accepted,
    "principal-can-reach-it": the_principal_can_reach_it,
    "owner-is-named": the_profile_shows_its_owner,
    "privacy-settings": privacy_is_attested,
    "notice-on-page": the_notice_is_shown,
    "daily-look": somebody_looks_daily,
    "answers-in-time": the_public_is_answered,
    "corrections": what_misleads_is_put_right,
    "password-change": the_password_is_changed,
    "administrator-list-review": its_list_is_reviewed,
}


def speaks_of(control: str, account: Account, policy: Policy) -> bool:
    """Whether a rule speaks of an account, if it is live."""
    levels = {
        "division-administrators": {Level.DIVISION},
        "school-administrators": {Level.SCHOOL},
        "communications-can-reach-it": {Level.DIVISION, Level.SCHOOL},
        "principal-can-reach-it": {Level.CLASSROOM},
        "owner-is-named": {Level.CLASSROOM},
    }
    if control in {"privacy-course", "classroom-privacy-course"}:
        of_classroom = account.level is Level.CLASSROOM
        return needs_course(account, policy) and of_classroom is (control == "classroom-privacy-course")
    if control in {"password-change", "administrator-list-review"}:
        shared = account.custody is CustodyMode.SHARED_PASSWORD
        return shared is (control == "password-change")
    return account.level in levels.get(control, set(Level))


def in_scope(control: str, division: Division, policy: Policy) -> set[int]:
    """The live accounts that a rule speaks of."""
    return {account.id or 0 for account in live(division) if speaks_of(control, account, policy)}
