"""Somebody was named for an account by who does not approve it: the office that does is asked. Pure."""

from datetime import date

from policy.authority import approving, office_at, offices_deciding
from policy.model import Policy
from policy.notices.proposals import AdministratorToDecide
from schemas.facts import AccessFacts
from schemas.outcome import NOTHING, Ask, Outcome, Subject, Tell
from schemas.words import ItemKind, SubjectKind


def proposal_key(subject: Subject) -> str:
    """The item that asks whether somebody is to administer an account; one an access."""
    return f"{subject}/proposed"


def ask_decision(access: AccessFacts, policy: Policy, today: date) -> Outcome:
    """Ask the office that approves such accounts whether the person is to administer it; once."""
    subject = Subject(SubjectKind.ACCESS, access.id)
    key = proposal_key(subject)
    if key in access.asked:
        return NOTHING
    decider, _ = offices_deciding(policy, access.level)
    office, control = office_at(decider, access.school_id), approving(policy, access.level)
    kind = ItemKind.DECIDE_REQUEST
    due = policy.calendar.due_after(today, school_days=policy.terms(kind).due_school_days)
    told = AdministratorToDecide(by_id=access.proposed_by_id or 0, due_on=due)
    return Outcome(
        (
            Ask(key, kind, office, subject, control, due),
            Tell(told, office, f"{key}/{today}", subject, (access.person_id,)),
        ),
        "asked who is to administer it",
    )
