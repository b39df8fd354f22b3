"""What a step is about: what somebody asked, reported or sent, in the words of whoever did."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from policy.enquiries import enquiry_of
from policy.model import Text
from portal.asking import ground, person
from schemas.language import on_day, t
from schemas.words import ItemKind
from tasks.brakes.listing import questions
from tasks.guidance.listing import advice_of
from tasks.items.step import Step
from tasks.public.correction_listing import corrections
from tasks.public.enquiry_listing import enquiries
from tasks.training.unmatched import unmatched_rows

#: So many rows of a file are shown at once; those that are settled make room.
_AT_MOST = 40


@dataclass(frozen=True)
class Matter:
    """A title, its words, and where more of it is; `label` and `link` do what is to be done with it alone."""

    title: str
    text: str = ""
    address: str = ""
    label: str = ""
    link: str = ""


async def matters(request: Request, step: Step, back: str = "") -> Sequence[Matter]:
    """What is to be read before one step is done; empty where the step says it all.

    `back`: the page to go on from.
    """
    here = ground(request)
    policy, today = await here.policy(), await here.today()
    match ItemKind(step.owed.kind):
        case ItemKind.ANSWER_PUBLIC:
            async with here.store.read() as session:
                waiting = await enquiries(session, here.now(), None, account=str(step.account))
            wanted = enquiry_of(step.key)
            return [
                Matter(
                    t("Asked on {day}", day=on_day(one.asked_at.astimezone(policy.zone).date())),
                    one.asks,
                    one.address,
                )
                for one in waiting.rows
                if one.enquiry == wanted
            ]
        case ItemKind.CORRECT:
            async with here.store.read() as session:
                reported = await corrections(session, today, None)
            return [
                Matter(
                    t("Reported on {day}", day=on_day(one.reported_at.astimezone(policy.zone).date())),
                    one.says,
                )
                for one in reported.rows
                if one.correction == step.owed.subject
            ]
        case ItemKind.READ_ADVICE:
            me = await person(request)
            async with here.store.read() as session:
                found = await advice_of(session, policy, me.person)
            asked = {one.text for one in found if one.asked and not one.answered}
            return [_advice(one) for one in policy.texts if one.id in asked]
        case ItemKind.ANSWER_BRAKE:
            open_ = await questions(here.store, policy)
            return [
                Matter(t("What waits"), f"{one.what}. {one.because[:1].upper()}{one.because[1:]}.")
                for one in open_
                if one.question == step.owed.subject
            ]
        case ItemKind.SETTLE_ROW:
            return await _rows(request, back or f"/steps/{step.owed.item}")
        case _:
            return ()


def _advice(text: Text) -> Matter:
    points = [f"– {one.text} ({one.clause})" for one in text.points]  # noqa: RUF001
    replies = [f"{one.when}: “{one.text}”" for one in text.replies]
    ready = [t("Ready to copy:"), *replies] if replies else []
    words = "\n\n".join(part for part in (text.text or "", *points, *ready) if part)
    return Matter(text.id[:1].upper() + text.id[1:], words, str(text.address or ""))


async def _rows(request: Request, back: str) -> Sequence[Matter]:
    return [
        Matter(
            f"{one.name}, {one.email}" if one.email else one.name,
            t("Completed on {day}; line {line} of its file.", day=on_day(one.completed_on), line=one.line),
            label=t("Say whose it is"),
            link=f"/acts/settle-a-row?{urlencode({'row': one.row, 'back': back})}",
        )
        for one in (await unmatched_rows(ground(request).store))[:_AT_MOST]
    ]
