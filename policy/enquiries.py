"""Who is asked to answer a question of the public. Pure.

Whoever administers the account today, one item each; where nobody does, who keeps the policy. Those who
administer it no longer are not asked any more. One answer ends it for all.
"""

from policy.authority import policy_office
from policy.controls import Mode
from policy.controls.answer_within import AnswerWithin
from policy.model import Policy
from policy.notices.public import EnquiryWaits
from schemas.facts import EnquiryFacts
from schemas.outcome import NOTHING, Ask, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.words import ItemKind, SubjectKind


def begin_of_keys(enquiry: int) -> str:
    """How the keys of a question's items begin."""
    return f"enquiry:{enquiry}/answer/"


def enquiry_of(key: str) -> int | None:
    """The number of the question that an item's key is about; None for a key of anything else."""
    begin, number = key.partition("/answer/")[0].partition(":")[::2]
    return int(number) if begin == "enquiry" and number.isdecimal() else None


def decide_enquiry(facts: EnquiryFacts, policy: Policy) -> Outcome:
    """Ask who is to answer and is not asked; settle the items of who is not to, or of what has ended."""
    control = policy.first(AnswerWithin, level=facts.level)
    asks = control is not None and control.mode is Mode.ENFORCE and facts.in_use and not facts.ended
    to: tuple[int | RoleAt, ...] = (facts.administrators or (policy_office(policy),)) if asks else ()
    begin = begin_of_keys(facts.id)
    wanted = {f"{begin}{f'person:{one}' if isinstance(one, int) else one.role}": one for one in to}
    over = tuple(key for key in facts.asked if key not in wanted)
    steps: list[Step] = [Settle(over, done=facts.ended)] if over else []
    about = Subject(SubjectKind.ACCOUNT, facts.account_id)
    for key, one in wanted.items():
        if key not in facts.asked and control is not None:
            steps.append(Ask(key, ItemKind.ANSWER_PUBLIC, one, about, control.name, facts.due_on))
            told = EnquiryWaits(enquiry_id=facts.id, control=control.name, due_on=facts.due_on)
            steps.append(Tell(told, one, key, about))
    return Outcome(tuple(steps), "asked for an answer" if wanted else "settled") if steps else NOTHING
