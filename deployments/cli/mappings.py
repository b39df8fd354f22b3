"""What `steward import mappings` says of columns that are read as ours."""

from deployments.cli.output import Json, local, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from tasks.acts.columns import Mapping, mappings
from tasks.runtime import Runtime


def import_mappings(as_json: Json = False) -> None:
    """The columns of files that somebody said are ours under another name."""

    async def work(runtime: Runtime) -> tuple[tuple[Mapping, ...], Runtime]:
        return await mappings(runtime.store), runtime

    found, runtime = run(work)
    if as_json:
        say_json(found)
        return
    if not found:
        echo("No column has another name: say so with --map when a file is imported.")
        return
    table(
        (
            "number",
            "file",
            Column("their header", wraps=True),
            "our column",
            Column("said by", drop=2),
            "said at",
        ),
        [
            (one.number, one.file, one.theirs, one.ours, one.said_by, local(one.said_at, runtime.policy.zone))
            for one in found
        ],
    )
    echo("\nTake one back: steward import unmap NUMBER")
