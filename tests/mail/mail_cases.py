"""A small made-up division in memory, and one realistic notice of each kind."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from deployments.sample.words import Level, Platform, ProvidedTool, RoleKind
from policy.model import Policy
from policy.notices import NoticeContext, NoticeKind, Rows
from policy.notices.access import (
    AccessAtRisk,
    AccessGranted,
    AccessRevoked,
    AccessSuspended,
    GatesOpen,
    TextsToRead,
)
from policy.notices.accounts import (
    AccountClosed,
    AccountLive,
    AccountReinstated,
    AccountSuspended,
    CreateTheAccount,
    LookForTheNotice,
    MendTheNotice,
)
from policy.notices.brakes import AnsweredOtherwise, BrakeAsks
from policy.notices.changes import (
    AccessEnds,
    AccountChanged,
    AccountCloses,
    AdministratorMoved,
    SchoolGone,
    SuccessorWanted,
    SuccessorWantedNow,
)
from policy.notices.contacts import ContactShared
from policy.notices.credentials import ListReviewDue, ListReviewed, Rotated, RotationDue
from policy.notices.findings import (
    ControlTonight,
    Findings,
    NobodyReaches,
    ReinstatementWanted,
    SuspensionAhead,
    SweepSummary,
)
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
from policy.notices.inventory import ListToConfirm, PageToSettle
from policy.notices.items import ItemEscalated, ItemReminder, NoLongerAsked
from policy.notices.leaves import (
    LeaveDecided,
    LeaveEnded,
    LeaveEndsSoon,
    LeaveRevoked,
    LeaveWanted,
    LeaveWithdrawn,
)
from policy.notices.modes import ControlAhead, ControlCalledOff, ControlSet
from policy.notices.monitoring import LookInstead, LookMissed, LookToday
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
from policy.notices.proposals import AdministratorToDecide
from policy.notices.public import CorrectionNews, CorrectionWanted, EnquiryWaits
from policy.notices.requests import (
    DecisionTakenBack,
    DecisionWanted,
    NoApprovalNeeded,
    RequestAbandoned,
    RequestApproved,
    RequestDeclined,
    RequestSentBack,
    RequestWithdrawn,
)
from policy.notices.rosters import AddressChanged, EndedOfficeInRoster, LeftByRoster
from policy.notices.stops import StopToConfirm
from schemas.accounts import Access, Account, AccountChange, AccountRequest, Decision
from schemas.brakes import Brake
from schemas.contacts import ContactReport
from schemas.evidence import PageCheck
from schemas.findings import Finding, Suspension
from schemas.incidents import Incident
from schemas.inventory import UnapprovedPage
from schemas.leave import Leave
from schemas.machinery import ActionItem, Notice
from schemas.notices import NoticeState
from schemas.people import Absence, Designation, Person, Role, School
from schemas.public import Correction, Enquiry
from schemas.states import AccessState, AccountState, IncidentState, LeaveState, RequestState
from schemas.words import (
    AccessEnd,
    AppealVerdict,
    BrakeAnswer,
    BrakeOf,
    Changed,
    ChannelKind,
    CustodyMode,
    IncidentVerdict,
    ItemKind,
    ItemState,
    LeaveVerdict,
    Mode,
    PageVerdict,
    PersonKind,
    SubjectKind,
    Verdict,
    Via,
)

NOW = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)  # Tuesday, 10:00 in the division
DUE = date(2026, 10, 30)
FORGOTTEN = date(2026, 11, 19)
HEAD = f"steward-audit-chain\n41\n{'h' * 43}=\n\n— steward-audit-chain {'s' * 91}=\n"
DIFFERENCE = "Obscene, racial or [-disrespectful-] {+rude+} comments or posts will not be allowed."


def person(number: int, given: str, family: str, position: str, **more: Any) -> Person:
    values: dict[str, Any] = {
        "id": number,
        "given_name": given,
        "family_name": family,
        "email": f"person{number}@example.org",
        "kind": PersonKind.STAFF,
        "position": position,
        "school_id": 1,
    }
    return Person(**{**values, **more})


def division(name: str = "Ann", family: str = "Lee", handle: str = "lakeside.school", **texts: str) -> Rows:
    """Everybody and everything that the notices below name; `name`, `handle` and `texts` may be hostile."""
    people = {
        1: person(1, name, family, "teacher"),
        2: person(2, "Omar", "Haddad", "principal", forget_on=FORGOTTEN),
        3: person(3, "Greta", "Olsen", "Communications Officer", school_id=2, forget_on=FORGOTTEN),
        4: person(4, "Ida", "Berg", "teacher", active=False),
        5: person(5, "Ravi", "Sample", "teacher", leaves_on=DUE),
    }
    request = AccountRequest(
        id=12,
        requester_id=1,
        school_id=1,
        level=Level.SCHOOL,
        channel=ChannelKind.SOCIAL_MEDIA,
        platform=Platform.INSTAGRAM,
        handle=handle,
        wish={
            "purpose": texts.get("purpose", "Show families what happens at school, in pictures."),
            "audience": "Families and neighbours of the school",
            "tools_considered": [ProvidedTool.WEBSITE.value, ProvidedTool.CALL_OUT.value],
            "why_not": "Few open the website on a phone, and the call-out system sends no pictures.",
            "administrators": [1, 2, 4],
            "custody": CustodyMode.PERSONAL_ADMINISTRATORS.value,
        },
        handed_in_at=NOW - timedelta(days=2),
        recorded_via=Via.COMMAND,
        reasons=["No school administrator is among the administrators (5.4)."],
        state=RequestState.AWAITING_DECISION,
        state_since=NOW,
        account_id=5,
    )
    own = AccountRequest(
        id=13,
        requester_id=1,
        level=Level.PERSONAL,
        channel=ChannelKind.SOCIAL_MEDIA,
        platform=Platform.INSTAGRAM,
        handle=handle,
        wish={},
        handed_in_at=NOW,
        recorded_via=Via.COMMAND,
        state=RequestState.NOT_NEEDED,
        state_since=NOW,
    )
    account = Account(
        id=5,
        level=Level.SCHOOL,
        channel=ChannelKind.SOCIAL_MEDIA,
        platform=Platform.INSTAGRAM,
        handle=handle,
        handle_key=handle,
        purpose="Pictures",
        school_id=1,
        custody=CustodyMode.PERSONAL_ADMINISTRATORS,
        address="https://social.example.org/lakeside.school",
        state=AccountState.PREPARING,
        state_since=NOW,
    )
    check = PageCheck(
        id=31,
        account_id=5,
        checked_at=NOW,
        verdict=PageVerdict.ALTERED,
        notice_version="2026-1",
        address="https://social.example.org/lakeside.school",
        statements=[
            {"id": "welcome", "verdict": "exact", "difference": ""},
            {"id": "item-1", "verdict": "altered", "difference": texts.get("difference", DIFFERENCE)},
            {"id": "closing", "verdict": "missing", "difference": ""},
        ],
        detail=texts.get("detail", "1 of 6 statements is altered."),
    )
    return Rows(
        people=people,
        schools={
            1: School(id=1, source_id="s1", name=texts.get("school", "Lakeside School")),
            2: School(id=2, source_id="s2", name="Division Office", is_division=True),
        },
        requests={12: request, 13: own},
        decisions={
            (12, 1): Decision(
                id=1,
                request_id=12,
                revision=1,
                verdict=Verdict.APPROVE,
                reason=texts.get("reason", "There is a plan for who answers."),
                decided_by_id=3,
                deputy_for_id=2,
                decided_at=NOW,
                recorded_via=Via.COMMAND,
            )
        },
        accounts={5: account},
        accesses={7: Access(id=7, account_id=5, person_id=1, state=AccessState.WAITING, state_since=NOW)},
        items={
            21: ActionItem(
                id=21,
                key="decide/request:12",
                kind=ItemKind.DECIDE_REQUEST,
                control="approval",
                role=RoleKind.COMMUNICATIONS_OFFICER,
                subject_kind=SubjectKind.REQUEST,
                subject_id=12,
                opened_at=NOW - timedelta(days=9),
                due_on=DUE,
                reminders=2,
                state=ItemState.OPEN,
            )
        },
        checks={31: check},
        latest_check={5: check},
        findings={
            41: Finding(
                id=41,
                control="privacy-course",
                account_id=5,
                person_id=1,
                due_on=date(2026, 9, 1),
                opened_at=NOW,
                detail="The completion of 1 September 2025 no longer counts.",
            ),
            42: Finding(
                id=42, control="school-administrators", account_id=5, due_on=date(2026, 10, 1), opened_at=NOW
            ),
        },
        changes={
            61: AccountChange(
                id=61,
                account_id=5,
                what=Changed.HANDLE,
                before=handle,
                changed_at=NOW,
                changed_by_id=3,
                reason=texts.get("reason", "The school has a new name."),
            )
        },
        corrections={
            91: Correction(
                id=91,
                account_id=5,
                says=texts.get("purpose", "School begins at ten."),
                right=texts.get("reason", "It begins at half past eight."),
                address="https://www.example.org/post/2",
                reported_at=NOW,
                reported_by_id=1,
                recorded_via=Via.COMMAND,
                due_on=DUE,
                outcome="The post now has the right time.",
            )
        },
        pages={
            97: UnapprovedPage(
                id=97,
                school_id=1,
                address="https://www.example.org/lakeside.school",
                says=texts.get("purpose", "It shows pictures of a class."),
                reported_at=NOW,
                reported_by_id=1,
                recorded_via=Via.COMMAND,
                due_on=DUE,
            )
        },
        contacts={
            95: ContactReport(
                id=95,
                person_id=2,
                happened_on=date(2026, 10, 19),
                says="A message on a private account.",
                reported_at=NOW,
                recorded_via=Via.COMMAND,
                shared_with_id=1,
                delete_on=date(2027, 10, 19),
            )
        },
        enquiries={
            81: Enquiry(
                id=81,
                account_id=5,
                platform=Platform.INSTAGRAM,
                asks=texts.get("purpose", "When does school begin after the break?"),
                address="https://www.example.org/post/1",
                asked_at=NOW,
                logged_at=NOW,
                logged_by_id=2,
                recorded_via=Via.COMMAND,
                due_at=NOW + timedelta(hours=4),
                due_on=DUE,
            )
        },
        incidents={
            97: Incident(
                id=97,
                reported_by_id=3,
                person_id=1,
                account_id=5,
                under="violations",
                rule="AP 170",
                tells=texts.get("purpose", "A picture shows names of students."),
                reported_at=NOW,
                recorded_via=Via.COMMAND,
                answer_by=DUE,
                answer=texts.get("reason", "The families had agreed."),
                verdict=IncidentVerdict.TAKE_ACCESS,
                decided_by_id=3,
                decided_because=texts.get("reason", "They had not been asked."),
                decided_at=NOW,
                appeal_by=DUE,
                appeal=texts.get("reason", "One of them had."),
                appeal_verdict=AppealVerdict.UPHOLD,
                appeal_because=texts.get("reason", "The others had not."),
                state=IncidentState.HEARD,
                state_since=NOW,
            )
        },
        leaves={
            91: Leave(
                id=91,
                person_id=1,
                school_id=1,
                under="texting",
                purpose=texts.get("purpose", "A journey with the class to another town."),
                circumstances=texts.get("reason", "Families can be reached on the way in no other way."),
                starts_on=date(2026, 10, 21),
                ends_on=DUE,
                asked_at=NOW,
                recorded_via=Via.COMMAND,
                decided_by_id=2,
                deputy_for_id=3,
                decided_at=NOW,
                decided_because=texts.get("reason", "It is one journey."),
                ended_by_id=2,
                ended_because=texts.get("reason", "The journey does not take place."),
                state=LeaveState.ASKED,
                state_since=NOW,
            )
        },
        brakes={
            71: Brake(
                id=71,
                cause="ask_course/privacy-course/focus-on-privacy/36",
                of=BrakeOf.ASK_COURSE,
                control="privacy-course",
                what="focus-on-privacy",
                figure="36",
                found=219,
                out_of=311,
                examples=[5],
                asked_at=NOW,
                answer=BrakeAnswer.HOLD,
                held_until=DUE,
                reason=texts.get("purpose", "A slip of the pen."),
            )
        },
        suspensions={
            51: Suspension(
                id=51,
                account_id=5,
                control="compliance",
                reason=texts.get("reason", "Somebody else posts there."),
                decided_by_id=3,
                suspended_at=NOW - timedelta(days=2),
                recorded_via=Via.COMMAND,
                ended_at=NOW,
                ended_by_id=3,
                ended_because=texts.get("reason", "It is ours again."),
            ),
            52: Suspension(
                id=52,
                account_id=5,
                control="compliance",
                reason=texts.get("reason", "It was taken over."),
                decided_by_id=3,
                suspended_at=NOW,
                recorded_via=Via.COMMAND,
                stop_office="communications officer",
                confirm_by=NOW + timedelta(days=1),
                through=DUE,
            ),
        },
        absences=[
            Absence(id=1, person_id=1, deputy_id=4, starts_on=DUE, ends_on=DUE),
            Absence(id=2, person_id=3, deputy_id=2, starts_on=DUE, ends_on=DUE),
            Absence(id=61, person_id=2, deputy_id=4, starts_on=NOW.date(), ends_on=DUE),
        ],
        offices=[
            Designation(id=1, person_id=1, designated_by_id=3, starts_on=NOW.date(), ends_on=DUE),
            Role(
                id=1,
                person_id=5,
                kind=RoleKind.SUPERINTENDENT,
                starts_on=date(2025, 9, 1),
                ends_on=date(2026, 10, 1),
            ),
        ],
    )


_GATES = (ItemKind.COMPLETE_COURSE, ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY)

CASES: dict[type[NoticeKind], tuple[SubjectKind, int, NoticeKind]] = {
    type(case[2]): case
    for case in (
        (
            SubjectKind.REQUEST,
            12,
            RequestSentBack(
                reasons=(
                    "No school administrator is among the administrators (5.4).",
                    "Say why the provided tools do not serve (2).",
                ),
                mend_by=DUE,
                closes_on=DUE + timedelta(days=50),
            ),
        ),
        (SubjectKind.REQUEST, 12, DecisionWanted(due_on=DUE)),
        (SubjectKind.REQUEST, 12, RequestApproved()),
        (SubjectKind.REQUEST, 12, RequestDeclined()),
        (SubjectKind.REQUEST, 12, RequestWithdrawn(by_id=1)),
        (SubjectKind.REQUEST, 12, RequestAbandoned(mend_by=DUE)),
        (SubjectKind.REQUEST, 13, NoApprovalNeeded()),
        (SubjectKind.REQUEST, 12, DecisionTakenBack(by_id=3, reason="It was the wrong school.")),
        (SubjectKind.PERSON, 1, DeputyLeft(until=DUE)),
        (SubjectKind.PERSON, 5, MissingFromRoster(ends_on=DUE)),
        (SubjectKind.PERSON, 5, StaysAfterAll(ended_on=DUE)),
        (
            SubjectKind.PERSON,
            1,
            OfficeEnded(
                by_id=3,
                office=RoleKind.SCHOOL_ADMINISTRATOR,
                school_id=2,
                reason="It was given by mistake.",
            ),
        ),
        (SubjectKind.PERSON, 1, OfficeEnds(by_id=3, reason="The project is over.", ends_on=DUE)),
        (SubjectKind.ACCESS, 7, GatesOpen(gates=_GATES, due_on=DUE)),
        (SubjectKind.ACCESS, 7, AdministratorToDecide(by_id=2, due_on=DUE)),
        (
            SubjectKind.ACCESS,
            7,
            AccessAtRisk(control="privacy-course", ask=ItemKind.COMPLETE_COURSE, due_on=DUE),
        ),
        (
            SubjectKind.ACCESS,
            7,
            TextsToRead(
                texts=(("Social Media Guidelines", "2026-1"), ("personal responsibility", "2026-1")),
                due_on=DUE,
            ),
        ),
        (SubjectKind.ACCESS, 7, AccessGranted()),
        (
            SubjectKind.ACCESS,
            7,
            AccessSuspended(control="privacy-course", ask=ItemKind.COMPLETE_COURSE, due_on=DUE),
        ),
        (SubjectKind.ACCESS, 7, AccessRevoked(control="compliance")),
        (SubjectKind.ACCOUNT, 5, CreateTheAccount(due_on=DUE)),
        (SubjectKind.ACCOUNT, 5, MendTheNotice(check_id=31, due_on=DUE)),
        (SubjectKind.ACCOUNT, 5, LookForTheNotice(check_id=31, due_on=DUE)),
        (SubjectKind.ACCOUNT, 5, AccountLive()),
        (SubjectKind.ACCOUNT, 5, AccountSuspended(control="daily-look", mend_by=DUE)),
        (SubjectKind.ACCOUNT, 5, AccountReinstated(suspension_id=51)),
        (SubjectKind.ACCOUNT, 5, AccountClosed(control="approval", because="abandoned")),
        (
            SubjectKind.ACCOUNT,
            5,
            SuspensionAhead(finding_ids=(41, 42), mend_by=DUE, of="account"),
        ),
        (
            SubjectKind.ACCOUNT,
            5,
            ReinstatementWanted(because="asked", due_on=DUE, by_id=1),
        ),
        (SubjectKind.ACCOUNT, 5, StopToConfirm(account_ids=(5,), suspension_id=52, due_on=DUE)),
        (SubjectKind.ACCOUNT, 5, NobodyReaches(due_on=DUE)),
        (SubjectKind.BRAKE, 71, BrakeAsks(due_on=DUE)),
        (SubjectKind.BRAKE, 71, AnsweredOtherwise(by_id=2, held_until=DUE)),
        (SubjectKind.ACCOUNT, 5, RotationDue(due_on=DUE, because="loss")),
        (
            SubjectKind.ACCOUNT,
            5,
            Rotated(rotated_on=date(2026, 10, 20), rotated_by_id=1, due_on=DUE),
        ),
        (
            SubjectKind.ACCOUNT,
            5,
            ListReviewDue(due_on=DUE, administrator_ids=(1, 2)),
        ),
        (
            SubjectKind.ACCOUNT,
            5,
            ListReviewed(reviewed_on=date(2026, 10, 20), by_id=2, removed=1),
        ),
        (
            SubjectKind.ACCESS,
            7,
            AccessEnds(ends_on=DUE, because=AccessEnd.REPLACED, by_id=3, change_id=61),
        ),
        (SubjectKind.PAGE, 97, PageToSettle(control="inventory", due_on=DUE)),
        (SubjectKind.SCHOOL, 1, ListToConfirm(due_on=DUE, account_ids=(5,), holders=((1, 2),))),
        (SubjectKind.ACCOUNT, 5, SchoolGone(due_on=DUE)),
        (
            SubjectKind.CORRECTION,
            91,
            CorrectionWanted(control="corrections", step="acknowledge", due_on=DUE),
        ),
        (SubjectKind.CORRECTION, 91, CorrectionNews(control="corrections", step="corrected")),
        (SubjectKind.CONTACT, 95, ContactShared(control="contact-reports", due_on=DUE)),
        (SubjectKind.ACCOUNT, 5, EnquiryWaits(enquiry_id=81, control="answers-in-time", due_on=DUE)),
        (
            SubjectKind.ACCOUNT,
            5,
            AdministratorMoved(due_on=DUE, administrator_ids=(2,), to_school_id=2),
        ),
        (
            SubjectKind.ACCOUNT,
            5,
            SuccessorWanted(due_on=DUE, administrator_ids=(2,), leaves_on=DUE + timedelta(days=1)),
        ),
        (SubjectKind.ACCOUNT, 5, SuccessorWantedNow(due_on=DUE)),
        (SubjectKind.ACCOUNT, 5, AccountCloses(closes_on=DUE, by_id=3, change_id=61)),
        (SubjectKind.ACCOUNT, 5, AccountChanged(what="renamed", by_id=3, change_id=61)),
        (
            SubjectKind.PERSON,
            1,
            RecordedForYou(
                what="absence",
                control="approval",
                by_id=2,
                recorded_on=date(2026, 10, 20),
                first=date(2026, 10, 21),
                last=DUE,
            ),
        ),
        (SubjectKind.PERSON, 2, MailRefusedFor(due_on=DUE)),
        (SubjectKind.INCIDENT, 97, ReportToTakeOn(due_on=DUE)),
        (SubjectKind.INCIDENT, 97, HeardOnReport(due_on=DUE)),
        (SubjectKind.INCIDENT, 97, ReportToDecide(due_on=DUE)),
        (SubjectKind.INCIDENT, 97, ReportDecided()),
        (SubjectKind.INCIDENT, 97, AppealToDecide(due_on=DUE)),
        (SubjectKind.INCIDENT, 97, ReportClosed()),
        (SubjectKind.INCIDENT, 97, ReportLookedAt(dismissed=True)),
        (SubjectKind.LEAVE, 91, LeaveWanted(due_on=DUE)),
        (SubjectKind.LEAVE, 91, LeaveDecided(verdict=LeaveVerdict.GRANT)),
        (SubjectKind.LEAVE, 91, LeaveEndsSoon(ends_on=DUE)),
        (SubjectKind.LEAVE, 91, LeaveEnded(decided=True)),
        (SubjectKind.LEAVE, 91, LeaveRevoked(by_id=2)),
        (SubjectKind.LEAVE, 91, LeaveWithdrawn()),
        (SubjectKind.ITEM, 21, ItemReminder(item_id=21)),
        (SubjectKind.ITEM, 21, ItemEscalated(item_id=21)),
        (SubjectKind.ITEM, 21, NoLongerAsked(item_id=21)),
        (SubjectKind.ACCOUNT, 5, Findings(finding_ids=(41, 42), more=3)),
        (
            SubjectKind.RULE,
            0,
            SweepTrouble(what="missing", on=date(2026, 10, 20)),
        ),
        (
            SubjectKind.PERSON,
            1,
            AdviceToRead(
                texts=(
                    ("direct messages", "2026-1", "direct-message-advice"),
                    ("pictures", "2026-1", "picture-advice"),
                ),
                asked=("direct messages",),
                answer_by=DUE,
            ),
        ),
        (SubjectKind.PERSON, 1, LookToday(on=date(2026, 10, 20), account_ids=(5,))),
        (SubjectKind.ACCOUNT, 5, LookMissed(since=date(2026, 10, 19), due_on=DUE)),
        (SubjectKind.ACCOUNT, 5, LookInstead(absence_ids=(61,), person_ids=(2,), through=DUE)),
        (SubjectKind.RULE, 0, CalendarEnds(on=date(2027, 8, 27))),
        (SubjectKind.PERSON, 3, RecordedInYourName(does="checks accounts in", recorded_on=DUE)),
        (
            SubjectKind.PERSON,
            3,
            OfficeChanged(
                by_id=2, change="given", office=RoleKind.SCHOOL_ADMINISTRATOR, school_id=2, first=DUE
            ),
        ),
        (
            SubjectKind.PERSON,
            3,
            RecordsMerged(
                by_id=2,
                person_ids=(1,),
                offices=(RoleKind.SUPERINTENDENT,),
                designated=True,
                requests=(12,),
                leaves=(3,),
                reports=(4,),
                reason="One badge.",
            ),
        ),
        (
            SubjectKind.RULE,
            0,
            ClockSetRight(by_id=2, entries=3, latest=DUE, reason="A new battery, and its first day."),
        ),
        (
            SubjectKind.IMPORT,
            3,
            OfficesByRoster(
                by_id=2,
                person_ids=(3,),
                offices=(RoleKind.SCHOOL_ADMINISTRATOR,),
                school_ids=(1,),
                changes=("given",),
                more=2,
            ),
        ),
        (
            SubjectKind.PERSON,
            5,
            EndedOfficeInRoster(office=RoleKind.SUPERINTENDENT, ended_on=date(2026, 10, 1)),
        ),
        (
            SubjectKind.PERSON,
            4,
            LeftByRoster(by_id=2, offices=(RoleKind.SUPERINTENDENT,), goes_to="ida@example.org"),
        ),
        (SubjectKind.PERSON, 3, AddressChanged(by_id=2, former="former@example.org")),
        (
            SubjectKind.PERSON,
            3,
            DeputyNamed(
                by_id=2,
                person_ids=(2,),
                offices=(RoleKind.SUPERINTENDENT,),
                change="named",
                first=DUE,
                last=DUE,
            ),
        ),
        (SubjectKind.RULE, 0, PeopleToForget(person_ids=(2, 3), on=FORGOTTEN)),
        (
            SubjectKind.POLICY,
            2,
            PolicyAdopted(
                by_id=3,
                version="2026-10",
                before="2026-09",
                differences=("courses[focus-on-privacy].valid_days: 365 → 400",),
            ),
        ),
        (
            SubjectKind.RULE,
            1,
            ControlSet(
                by_id=3,
                control="daily-look",
                mode=Mode.ENFORCE,
                from_on=DUE,
                found=12,
                reason="Everybody had the course on it.",
            ),
        ),
        (
            SubjectKind.RULE,
            1,
            ControlAhead(finding_ids=(41,), control="notice-on-page", from_on=DUE),
        ),
        (SubjectKind.RULE, 2, ControlCalledOff(control="notice-on-page", from_on=DUE)),
        (
            SubjectKind.RULE,
            0,
            SweepSummary(
                controls=(ControlTonight(control="school-administrators", violated=3, new=1, mended=2),),
                head=HEAD,
            ),
        ),
    )
}


def notice(kind: type[NoticeKind], number: int = 101, to: int = 1) -> Notice:
    """One realistic notice of a kind, as the outbox holds it."""
    subject_kind, subject_id, facts = CASES[kind]
    return Notice(
        id=number,
        key=f"{kind.kind}/{subject_kind}:{subject_id}/person:{to}",
        kind=kind.kind,
        urgency=kind.urgency,
        person_id=to,
        subject_kind=subject_kind,
        subject_id=subject_id,
        facts=facts.stored(),
        created_at=NOW,
        not_before=NOW,
        state=NoticeState.PENDING,
    )


def context(
    kind: type[NoticeKind], policy: Policy, rows: Rows | None = None, number: int = 101
) -> NoticeContext:
    """The same with everything that it looks up, on the day of the cases."""
    return NoticeContext(notice(kind, number), rows or division(), policy, NOW)
