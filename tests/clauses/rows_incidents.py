"""Rows of the clause on following policy and law: reports, hearings, sanctions and appeals."""

from tests.clauses.driving import acted, refused, row, said, states, told
from tests.support.stages import live
from tests.support.world import CO, SUPER, TEACHER, VICE, World, mail

WHY = "Nobody had asked the families."


@row("10", done="A colleague reports a picture; the teacher is heard, loses the access, and appeals in vain.")
async def _(world: World) -> str:
    await live(world)
    report = {"rule": "AP 170", "tells": "A picture shows names.", "person": mail(TEACHER), "account": 1}
    await acted(world, "report-what-was-broken", VICE, **report)
    await acted(world, "take-a-report-on", CO, incident=1)
    early = await refused(world, "decide-on-a-report", CO, incident=1, verdict="take the access", reason=WHY)
    await acted(world, "answer-a-report", TEACHER, incident=1, answer="They had agreed.")
    await acted(world, "decide-on-a-report", CO, incident=1, verdict="take the access", reason=WHY)
    await acted(world, "appeal-a-decision", TEACHER, incident=1, reason="One of them had.")
    no = await refused(world, "decide-an-appeal", CO, incident=1, verdict="uphold", reason=WHY)
    await acted(world, "decide-an-appeal", SUPER, incident=1, verdict="uphold", reason=WHY)
    (access,) = [one for one in await world.rows("access") if one["person_id"] == TEACHER]
    letters = await told(world, "heard_on_report", "report_decided", "access_ends", "report_closed")
    return said(early, no, f"the access ends on {access['ends_on']}", await states(world), letters)
