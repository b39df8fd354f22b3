"""The notices of the night's brake: what would begin for many at once; and that somebody else answered."""

from collections.abc import Mapping
from datetime import date

from policy.model import Policy
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import channel, who
from schemas.brakes import Brake
from schemas.language import later, t
from schemas.notices import Urgency
from schemas.words import BrakeAnswer, BrakeOf, ItemKind, SubjectKind

#: What would happen, and because of what. `course` and `text` are their titles, `figure` days or a version.
_WORDS: Mapping[BrakeOf, tuple[str, str]] = {
    BrakeOf.ASK_COURSE: (
        later("would be asked tonight to complete {course}, and would lose access if they did not"),
        later("no completion of theirs counts: the policy file says that one counts for {figure} days"),
    ),
    BrakeOf.RENEW_COURSE: (
        later("would be asked tonight to renew {course}, and would lose access if they did not"),
        later("what they completed lapses soon: the policy file says that it counts for {figure} days"),
    ),
    BrakeOf.SEND_TEXT: (
        later("would be sent {text} tonight, and asked to read it"),
        later("the policy file gives it the version {figure}, and they were not sent that one"),
    ),
    BrakeOf.ANNOUNCE_ACCESS: (
        later("would be told tonight that they lose access"),
        later("they do not hold to “{title}”"),
    ),
    BrakeOf.ANNOUNCE_ACCOUNT: (
        later("would be announced tonight for suspension"),
        later("they do not hold to “{title}”"),
    ),
    BrakeOf.TAKE_FOR_COURSE: (
        later("would lose access tonight"),
        later(
            "their last day to complete {course} is over; "
            "the policy file says that it counts for {figure} days"
        ),
    ),
    BrakeOf.SUSPEND_ACCESS: (
        later("would lose access tonight"),
        later("what was found about “{title}” was not mended by the day that was announced"),
    ),
    BrakeOf.SUSPEND_ACCOUNT: (
        later("would be suspended tonight"),
        later("what was found about “{title}” was not mended by the day that was announced"),
    ),
    BrakeOf.COUNT_AS_LEFT: (
        later("would count as left tonight, and lose their access and their offices"),
        later("a roster did not have them, and the {figure} school days that the policy file gives are over"),
    ),
}


def says(brake: Brake, policy: Policy) -> tuple[str, str]:
    """What waits, as one sentence without its stop, and why, as another."""
    happens, why = _WORDS[brake.of]
    titles = {one.id: t("“{title}”", title=one.title) for one in policy.courses}
    named = {
        "course": titles.get(brake.what, t("the course {what}", what=brake.what)),
        "text": t("“{what}”", what=brake.what),
        "figure": brake.figure or t("no end of"),
        "title": policy.title_of(brake.control),
    }
    whom = t("live accounts") if brake.of.counts_accounts else t("people with access")
    about = t("{found} of {out_of} {whom}", found=brake.found, out_of=brake.out_of, whom=whom)
    return f"{about} {t(happens, **named)}", t(why, **named)


class BrakeAsks(NoticeKind):
    """To who keeps the policy: what one night would begin for many waits. Hold it, or let it happen."""

    urgency = Urgency.URGENT
    about = frozenset({SubjectKind.BRAKE})
    asks = ItemKind.ANSWER_BRAKE

    due_on: date
    beside: tuple[str, ...] = ()

    def view(self, context: NoticeContext) -> View:
        """How many, of how many, the reason, what else the night would begin, and some accounts."""
        brake, policy = context.rows.brakes[context.subject_id], context.policy
        happens, because = says(brake, policy)
        accounts = [
            channel(one, policy) for number in brake.examples if (one := context.rows.accounts.get(number))
        ]
        return View(
            why=context.why(brake.control),
            actions=(
                Action(
                    t("Let it happen"),
                    t("Question {number}: let it happen", number=context.subject_id),
                    t("Reason: "),
                ),
                Action(
                    t("Hold it"),
                    t("Question {number}: hold it", number=context.subject_id),
                    t("Until which day: \nReason: "),
                ),
            ),
            due=due(self.asks, SubjectKind.BRAKE, context.subject_id, t("Hold or let happen"), self.due_on),
            words={
                "happens": happens,
                "because": because,
                "found": brake.found,
                "out_of": brake.out_of,
                "examples": accounts,
                "beside": self.beside,
                "number": context.subject_id,
            },
        )


class AnsweredOtherwise(NoticeKind):
    """To who held what waits, until `held_until`: somebody else has answered the question since."""

    urgency = Urgency.URGENT  # what was let happen begins with the next run
    about = frozenset({SubjectKind.BRAKE})

    by_id: int
    held_until: date

    def stale(self, context: NoticeContext) -> str | None:
        """The reader has answered it again since."""
        answered_by = context.rows.brakes[context.subject_id].answered_by_id
        return "answered again" if answered_by == context.notice.person_id else None

    def view(self, context: NoticeContext) -> View:
        """What was held, what becomes of it now, who says so and why."""
        brake, rows = context.rows.brakes[context.subject_id], context.rows
        happens, _ = says(brake, context.policy)
        # whose answer stands: a third one may have answered before this left
        by = rows.people.get(brake.answered_by_id or 0) or rows.people[self.by_id]
        return View(
            why=context.why(brake.control),
            words={
                "happens": happens,
                "released": brake.answer is BrakeAnswer.RELEASE,
                "held_until": self.held_until,
                "until": brake.held_until,
                "by": who(by, rows, context.policy),
                "address": by.email,
                "reason": brake.reason,
            },
        )
