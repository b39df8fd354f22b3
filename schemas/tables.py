"""Every table, imported once, so that `metadata` is whole for migrations and tests."""

from sqlmodel import SQLModel

from schemas.accounts import Access, Account, AccountChange, AccountRequest, Decision
from schemas.adoption import ControlMode, PolicyAdoption
from schemas.brakes import Brake
from schemas.contacts import ContactReport
from schemas.evidence import (
    CheckIn,
    ListReview,
    PageCheck,
    PrivacyReview,
    ProfileCheck,
    Rotation,
    RotationConfirmation,
)
from schemas.findings import Finding, Suspension
from schemas.gates import (
    Acceptance,
    AdviceReceipt,
    Completion,
    GuidelineReceipt,
    ImportRun,
    Remembered,
    UnmatchedRow,
)
from schemas.incidents import Incident
from schemas.inventory import ListConfirmation, UnapprovedPage
from schemas.leave import Leave
from schemas.machinery import ActionItem, AuditEntry, Event, HandedIn, LeftHead, Notice, Wake
from schemas.people import Absence, AlsoKnown, Designation, Person, Role, SamePerson, School, TerminalUser
from schemas.public import Correction, Enquiry, Removal
from schemas.sign_in import KeptPage, LinkedIdentity, PortalSession, SignInAttempt

metadata = SQLModel.metadata

__all__ = [
    "Absence",
    "Acceptance",
    "Access",
    "Account",
    "AccountChange",
    "AccountRequest",
    "ActionItem",
    "AdviceReceipt",
    "AlsoKnown",
    "AuditEntry",
    "Brake",
    "CheckIn",
    "Completion",
    "ContactReport",
    "ControlMode",
    "Correction",
    "Decision",
    "Designation",
    "Enquiry",
    "Event",
    "Finding",
    "GuidelineReceipt",
    "HandedIn",
    "ImportRun",
    "Incident",
    "KeptPage",
    "Leave",
    "LeftHead",
    "LinkedIdentity",
    "ListConfirmation",
    "ListReview",
    "Notice",
    "PageCheck",
    "Person",
    "PolicyAdoption",
    "PortalSession",
    "PrivacyReview",
    "ProfileCheck",
    "Remembered",
    "Removal",
    "Role",
    "Rotation",
    "RotationConfirmation",
    "SamePerson",
    "School",
    "SignInAttempt",
    "Suspension",
    "TerminalUser",
    "UnapprovedPage",
    "UnmatchedRow",
    "Wake",
    "metadata",
]
