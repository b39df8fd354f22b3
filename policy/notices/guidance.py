"""Notices that bring advice."""

from datetime import date
from typing import Any

from pydantic import Field

from policy.model import Policy
from policy.model.lists import Text
from policy.notices.base import Action, NoticeContext, NoticeKind, View
from schemas.language import t
from schemas.notices import Urgency
from schemas.words import ItemKind, SubjectKind


def as_sent(policy: Policy, text: str, version: str) -> Text | None:
    """The text, where the policy still has it in that version."""
    return next((one for one in policy.texts if (one.id, one.version) == (text, version)), None)


class AdviceToRead(NoticeKind):
    """To whom it concerns: advice, all that is due in one letter, to be answered where that is asked.

    `texts`: each text with its version and the control that brings it; `asked`: those to be answered.
    """

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.PERSON})

    texts: tuple[tuple[str, str, str], ...] = Field(min_length=1)
    asked: tuple[str, ...] = ()
    answer_by: date | None = None  # no calendar has it: who answers is sent no second letter

    def wanted(self) -> tuple[ItemKind, ...]:
        """An answer, where one is asked for."""
        return (ItemKind.READ_ADVICE,) if self.asked else ()

    def stale(self, context: NoticeContext) -> str | None:
        """Each of its texts has another version now, or all of it is answered."""
        if not any(as_sent(context.policy, text, version) for text, version, _ in self.texts):
            return "other versions"
        return super().stale(context)

    def view(self, context: NoticeContext) -> View:
        """Each text with its points, the clauses beside them, and the answers ready to be copied."""
        policy = context.policy
        found = [(as_sent(policy, text, version), control) for text, version, control in self.texts]
        shown = [(text, control) for text, control in found if text is not None]
        asked = [text for text, _ in shown if text.id in self.asked]
        lines = "\n".join(
            t("I have read “{text}”, version {version}.", text=text.id, version=text.version)
            for text in asked
        )
        return View(
            why=policy.why(shown[0][1]),
            actions=(Action(t("I have read it"), t("Advice read"), lines),) if asked else (),
            words={
                "advice": [_shown(text, control, policy) for text, control in shown],
                "by": self.answer_by if asked else None,
            },
        )


def _shown(text: Text, control: str, policy: Policy) -> dict[str, Any]:
    return {
        "title": text.id[0].upper() + text.id[1:],
        "text": text.text or "",
        "address": text.address,
        "clause": policy.number_of(control),
        "points": [(point.clause, point.text) for point in text.points],
        "replies": [(reply.when, reply.text) for reply in text.replies],
    }
