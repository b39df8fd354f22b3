"""The oracle of `described`: the same answer, slowly, in plain Python."""

from policy.model import Policy
from tasks.store import Store
from tests.factories.division import an_account, put
from tests.rules.one_account import TODAY, a_school_account

PURPOSES = ("", "News.", "x" * 19, "x" * 20, "News of the school for its families.")


async def test_it_finds_what_the_oracle_finds(store: Store, policy: Policy) -> None:
    control = policy.control("account-is-described")
    accounts = [an_account(number, purpose=said) for number, said in enumerate(PURPOSES, start=1)]
    division = a_school_account(TODAY)
    division.accounts[:] = accounts
    async with store.write() as session:
        await put(session, *division.rows())
        found = await session.rows(control.violators(policy, TODAY))
    assert [row.account_id for row in found] == [
        account.id for account in accounts if len(account.purpose) < 20
    ]
