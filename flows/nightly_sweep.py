"""The nightly sweep: move what should have moved and did not, then hold every live account to the rules."""

from typing import Any

import structlog
from prefect import flow
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.client.schemas import State

from flows.drain import Tally, failed, move_all, run_id, verdict
from flows.naming import at, name_run
from flows.running import running
from flows.sweep_report import publish
from flows.waiting_room import refresh_waiting_room
from schemas.errors import StewardError
from tasks import clock
from tasks.findings.evaluation import RuleOutcome
from tasks.lifecycles import Turn, swept
from tasks.prefect import run_tasks

log = structlog.get_logger(__name__)


@flow(name="nightly sweep", flow_run_name="nightly sweep")
async def nightly_sweep() -> State[Any]:
    """Moves whatever should have moved and did not, then holds every live account to the policy's rules.

    Its report and the waiting room are among the run's artifacts. Run twice, it changes nothing the second
    time. What it writes has the moment at which it is written: it may last for long, and others write too.
    """
    run, now, tally = run_id(), clock.now(), Tally()
    reconciled = [one for one in swept() if one.turn is not Turn.SANCTIONS]
    following = [one for one in swept() if one.turn is Turn.SANCTIONS]
    try:
        async with running() as runtime:
            moment = at(now, runtime.policy.zone)
            await name_run("nightly sweep", moment)
            progress = await acreate_progress_artifact(0.0, key="sweep-progress", description="The sweep")
            await run_tasks.revive(now)
            await move_all(reconciled, now, tally)
            await run_tasks.count_anew()
            outcomes: list[RuleOutcome] = []
            rules = runtime.policy.rules()
            for done, rule in enumerate(rules, start=1):
                title = f"{runtime.policy.number_of(rule.name)} · {runtime.policy.title_of(rule.name)}"
                outcomes.append(
                    await run_tasks.evaluate_rule.with_options(task_run_name=title)(rule.name, clock.now())
                )
                await aupdate_progress_artifact(progress, 100.0 * done / len(rules))
            let_go = await run_tasks.let_go(clock.now())
            await move_all(following, clock.now(), tally)
            await run_tasks.tell_of_findings(clock.now())
            for wrong in await run_tasks.let_head_leave(clock.now()):
                log.warning("head.stayed", why=wrong)
                tally.failed.append("the head of the audit chain")
            await publish(outcomes, runtime.policy, tally, now, moment)
            await refresh_waiting_room(now, runtime.policy.zone, anew=True)
            delivered = await run_tasks.deliver(run)
            await run_tasks.relay(clock.now())
    except StewardError as error:
        return await failed(error, "nightly sweep")
    violated = sum(one.violated for one in outcomes)
    opened_now = sum(one.opened for one in outcomes)
    resolved = sum(one.resolved for one in outcomes)
    found = f"{violated} violations: {opened_now} new, {resolved} mended"
    if let_go:
        found += f", {let_go} no longer asked"
    return await verdict(
        tally,
        delivered,
        found=found,
        is_news=bool(opened_now or resolved or let_go),
        idle="Nothing had to be moved",
    )
