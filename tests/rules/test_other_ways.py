"""The benchmark's other ways to hold the rules do the same work: else it would compare nothing."""

from benchmarks.beside.orm_loop import loop
from benchmarks.division import NOW, TODAY
from benchmarks.filling import fill
from benchmarks.sweep import tables_of
from benchmarks.sweep_otherwise import benchmark_policy, forget, found, narrowed
from policy.model import Policy
from tasks.findings.evaluation import evaluate
from tasks.store import Store

ACCOUNTS, FEW = 60, 12


async def test_a_loop_over_objects_and_rules_for_one_account_find_what_the_sets_find(store: Store) -> None:
    policy = benchmark_policy()
    await fill(store, ACCOUNTS, policy)
    for rule in policy.rules():  # of this policy: a control has its own parameters
        async with store.write() as session:
            await evaluate(session, rule, policy, TODAY, NOW)
    right, of_few = await found(store), await found(store, range(1, FEW + 1))
    assert of_few
    await forget(store)
    await loop(store, range(1, ACCOUNTS + 1), policy, TODAY, NOW)
    assert await found(store) == right
    await forget(store)
    for account in range(1, FEW + 1):
        await narrowed(store, account, policy)
    assert await found(store) == of_few


def test_each_rule_is_measured_against_the_tables_that_it_reads(policy: Policy) -> None:
    read = {rule.name: tables_of(rule, policy) for rule in policy.rules()}
    assert {name for name, tables in read.items() if "account" not in tables} == set()
    assert "enquiry" in read["answers-in-time"]
