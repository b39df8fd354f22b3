"""The typed, frozen model of a policy file, and the door through which it is read."""

from policy.model.clauses import Clause, Law
from policy.model.difference import Difference, differences, reworded
from policy.model.lists import (
    CheckItem,
    Checklist,
    Course,
    Custody,
    CustodyEvidence,
    Notice,
    Point,
    Text,
    Tool,
)
from policy.model.modes import SetMode, counting
from policy.model.pages import Pages, Politeness
from policy.model.process import Changes, Climb, ItemTerms, Mail, Roster, Secrets
from policy.model.reading import PolicyWarning, load, parse, refused, text_of, warnings, warnings_of
from policy.model.whole import Document, Policy
from policy.organization import (
    AtWork,
    DayOff,
    Duties,
    Level,
    Office,
    Organization,
    Platform,
    Weekday,
    WorkingHours,
)

__all__ = [
    "AtWork",
    "Changes",
    "CheckItem",
    "Checklist",
    "Clause",
    "Climb",
    "Course",
    "Custody",
    "CustodyEvidence",
    "DayOff",
    "Difference",
    "Document",
    "Duties",
    "ItemTerms",
    "Law",
    "Level",
    "Mail",
    "Notice",
    "Office",
    "Organization",
    "Pages",
    "Platform",
    "Point",
    "Policy",
    "PolicyWarning",
    "Politeness",
    "Roster",
    "Secrets",
    "SetMode",
    "Text",
    "Tool",
    "Weekday",
    "WorkingHours",
    "counting",
    "differences",
    "load",
    "parse",
    "refused",
    "reworded",
    "text_of",
    "warnings",
    "warnings_of",
]
