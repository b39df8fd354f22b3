"""Who will decide what somebody is about to ask for, and what is left of what they asked for."""

from collections.abc import Mapping, Sequence
from datetime import date

from starlette.requests import Request

from portal.asking import ground, person
from schemas.errors import BadInput
from tasks.ahead import Ahead, ahead_of_request, who_decides
from tasks.requests.facts import Wanted
from tasks.store import lookup

_LONGEST_NUMBER = 9


async def decided_by(request: Request, typed: Mapping[str, Sequence[str]]) -> tuple[str, date] | None:
    """Who decides what a form for an account asks for, and by when; None where nobody does, or can yet."""
    here, me = ground(request), await person(request)
    policy = await here.policy()
    level, school = ("".join(typed.get(one, ())) for one in ("level", "school"))
    if level not in {one.id for one in policy.levels}:
        return None
    async with here.store.read() as session:
        try:
            at = (await lookup.school(session, school)).id if school else None
        except BadInput:
            return None
        return await who_decides(session, Wanted(0, level, at, me.person), policy, here.now())


async def ahead_of_own(request: Request, number: str) -> Ahead | None:
    """What lies ahead of a request of who is signed in; None of somebody else's, and where nothing does."""
    if not (number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER):
        return None
    here, me = ground(request), await person(request)
    policy = await here.policy()
    async with here.store.read() as session:
        return await ahead_of_request(session, policy, int(number), here.now(), of=me.person)
