"""The deployments of the acts' run forms in prefect.yaml, made from the table of acts.

Run `python -m deployments.run_forms` after adding an act; a test compares.
"""

import json
from pathlib import Path

from flows.acts import flow_name
from schemas.settings import ROOT
from tasks.acts.act import described
from tasks.acts.table import ACTS

FILE = ROOT / "prefect.yaml"
_MARK = "`python -m deployments.run_forms` writes what stands below this line.\n"


def deployments() -> str:
    """The part of prefect.yaml that is made."""
    return "".join(
        f"\n  - name: {name}\n"
        f"    entrypoint: flows.acts.{flow_name(name)}\n"
        f"    description: {json.dumps(described(entry.load()))}\n"
        "    tags: [form]\n"
        "    work_pool: *decisions\n"
        for name, entry in sorted(ACTS.items())
        if entry.has_run_form
    )


def written(text: str) -> str:
    """The file with its part made anew."""
    kept, mark, _ = text.partition(_MARK)
    return f"{kept}{mark}{deployments().removeprefix(chr(10))}"


def main(file: Path = FILE) -> None:
    """Write the file."""
    file.write_text(written(file.read_text()))


if __name__ == "__main__":
    main()
