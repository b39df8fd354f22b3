"""The field's own words as closed lists. The values are what people read in forms, mails and reports."""

from enum import StrEnum

from schemas.language import later

#: What stands in the place of a school, of what belongs to no one school.
ALL_SCHOOLS = later("all schools")


class PersonKind(StrEnum):
    """Who the policy speaks of."""

    TRUSTEE = "trustee"
    STAFF = "staff"
    CONTRACTOR = "contractor"
    VOLUNTEER = "volunteer"
    STUDENT = "student"


class ChannelKind(StrEnum):
    """What it is. Decides which guidelines fit."""

    SOCIAL_MEDIA = "social media account"
    WEBSITE = "website"
    MESSAGING = "messaging channel"


class CustodyMode(StrEnum):
    """How its administrators get in."""

    SHARED_PASSWORD = "shared password"  # noqa: S105 - the name of a mode
    PERSONAL_ADMINISTRATORS = "personal administrators"
    SINGLE_SIGN_ON = "single sign-on"


class AccessRole(StrEnum):
    """What a person is on an account."""

    ADMINISTRATOR = "administrator"
    CUSTODIAN = "custodian"  # Communications or the principal, for 5.5 and 6.2


class AccessEnd(StrEnum):
    """Why somebody's access ends or has ended. It decides what can bring it back."""

    LEFT = "the person has left"  # a return brings it back
    TAKEN_OFF = "taken off the account"
    REPLACED = "replaced by somebody else"
    HANDED_OVER = "the account was handed over"
    DESIGNATION = "the designation has ended"
    ACCOUNT_CLOSED = "the account was closed"  # opening the account again brings it back


class ProposalVerdict(StrEnum):
    """What was decided on somebody who was named to administer an account."""

    APPROVE = "approve"
    DECLINE = "decline"


class Changed(StrEnum):
    """What of an account somebody changed."""

    HANDLE = "handle"
    ADDRESS = "address"
    PLATFORM_ID = "permanent id"
    SCHOOL = "school"
    ADMINISTRATOR = "administrator"
    LAST_DAY = "last day"
    EXEMPTION = "exemption from suspension"


class EnquiryEnd(StrEnum):
    """What became of a question of the public."""

    IN_PUBLIC = "answered in public"
    DIRECTLY = "answered directly"
    CLOSED = "closed without an answer"


class CorrectionEnd(StrEnum):
    """What became of something misleading that was reported."""

    CORRECTED = "corrected"
    NOT_NEEDED = "no correction needed"


class Verdict(StrEnum):
    """What was decided on a request."""

    APPROVE = "approve"
    DECLINE = "decline"
    SEND_BACK = "send back"


class LeaveVerdict(StrEnum):
    """What was decided on a leave."""

    GRANT = "grant"
    REFUSE = "refuse"


class IncidentVerdict(StrEnum):
    """What was decided on a report that somebody broke a policy or a law."""

    NO_VIOLATION = "no violation"
    WARN = "warn"
    TAKE_ACCESS = "take the access"
    SUSPEND = "suspend the account"
    CLOSE = "close the account"


class AppealVerdict(StrEnum):
    """What was decided on an appeal."""

    UPHOLD = "uphold"
    OVERTURN = "overturn"


class PageVerdict(StrEnum):
    """What a page shows of the notice. Only the first two are a pass; the last two are no fault."""

    EXACT = "exact"
    LINKED = "linked"
    ALTERED = "altered"
    MISSING = "missing"
    UNCLEAR = "unclear"  # it came, and only a browser or a person can say what its readers see
    UNREACHABLE = "unreachable"


class Via(StrEnum):
    """Through which door something was recorded."""

    COMMAND = "command line"
    PREFECT_FORM = "Prefect run form"
    IMPORT = "import"
    PORTAL = "web page"
    STEWARD = "Steward"


class SignInWay(StrEnum):
    """How somebody showed on the web pages who they are."""

    PROVIDER = "single sign-on"
    MAIL = "code by mail"
    SAMPLE = "sample person"


class ItemKind(StrEnum):
    """What a person is asked to do. One action item is one wait for a person."""

    MEND_REQUEST = "mend the request"
    DECIDE_REQUEST = "decide the request"
    COMPLETE_COURSE = "complete the course"
    ACKNOWLEDGE_GUIDELINES = "acknowledge the guidelines"
    ACCEPT_RESPONSIBILITY = "accept responsibility"
    CREATE_ACCOUNT = "create the account and report it"
    MEND_NOTICE = "put the notice on the page"
    MEND_FINDING = "mend a finding"
    TAKE_HOLD = "take hold of the account"
    DECIDE_REINSTATEMENT = "decide the reinstatement"
    SETTLE_ROW = "settle an unmatched row"
    ROTATE_CREDENTIALS = "change the password"
    CONFIRM_ROTATION = "confirm the new password"
    SETTLE_MOVE = "say what a move changes"
    NAME_SUCCESSOR = "name a successor"
    REVIEW_ADMINISTRATORS = "review the administrator list"
    ANSWER_BRAKE = "hold or let happen"
    CONFIRM_LIST = "confirm the list of a school"
    SETTLE_PAGE = "adopt or shut a page"
    READ_ADVICE = "read the advice"
    ANSWER_PUBLIC = "answer the public"
    DECIDE_LEAVE = "decide on the leave"
    DECIDE_REPORT = "decide on the report"
    ANSWER_REPORT = "answer the report"
    CORRECT = "put right what is misleading"
    SEE_CONTACT = "look at a contact report"
    LOOK_AGAIN = "look at the account"
    MEND_MAILBOX = "see that mail reaches somebody"


class ItemState(StrEnum):
    """Where an action item is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"  # its reason went away before it was done


class SubjectKind(StrEnum):
    """What an audit entry, an event, an item or a notice is about."""

    REQUEST = "request"
    ACCOUNT = "account"
    ACCESS = "access"
    PERSON = "person"
    SCHOOL = "school"
    FINDING = "finding"
    IMPORT = "import"
    RULE = "rule"
    ITEM = "item"
    POLICY = "policy"  # an adopted one, by its number
    BRAKE = "brake"
    PAGE = "page"  # one that nobody approved
    ENQUIRY = "enquiry"
    LEAVE = "leave"
    INCIDENT = "incident"
    REMOVAL = "removal"
    CORRECTION = "correction"
    CONTACT = "contact report"


class PageEnd(StrEnum):
    """What became of a page that nobody approved."""

    ADOPTED = "adopted"
    SHUT = "shut"
    NOT_OURS = "not ours"


class Mode(StrEnum):
    """How far a control goes."""

    ENFORCE = "enforce"
    OBSERVE = "observe"  # finds and reports; asks, tells and suspends nobody
    OFF = "off"  # as if it were not there


class BrakeOf(StrEnum):
    """What a night would begin for many people or accounts at once, as it follows "would be"."""

    ASK_COURSE = "asked for a course"
    RENEW_COURSE = "asked to renew a course"
    SEND_TEXT = "sent a text"
    ANNOUNCE_ACCESS = "told of an end of access"
    ANNOUNCE_ACCOUNT = "announced for suspension"
    TAKE_FOR_COURSE = "cut off for a course"
    SUSPEND_ACCESS = "cut off for a finding"
    SUSPEND_ACCOUNT = "suspended for a finding"
    COUNT_AS_LEFT = "counted as left"

    @property
    def counts_accounts(self) -> bool:
        """Whether its figures count accounts; the others count people."""
        return self in {BrakeOf.ANNOUNCE_ACCOUNT, BrakeOf.SUSPEND_ACCOUNT}


class BrakeAnswer(StrEnum):
    """What becomes of what waits."""

    HOLD = "hold"
    RELEASE = "let happen"
