"""How an error is told: one sentence on standard error, or one JSON object where `--json` was asked for."""

import json
import re
from typing import Any

from typer.exceptions import TyperException

from deployments.cli.text import echo, echo_data
from schemas.errors import BadRows, MovedMeanwhile, StewardError
from schemas.language import days_written


def tell(error: StewardError, *, as_json: bool) -> int:
    """Tell an error of ours; the exit code."""
    _tell(_kind(error), error.shown, as_json=as_json, **_facts(error))
    return error.exit_code


def tell_usage(error: TyperException, *, as_json: bool) -> int:
    """Tell that the words of the command can't be used; the exit code."""
    context = getattr(error, "ctx", None)
    said = " ".join(error.format_message().split()).replace("Value error, ", "")
    said = said if said.endswith((".", "?")) else f"{said}."
    hint = f" See `{context.command_path} --help`." if context is not None else ""
    _tell("bad_words", said + hint, as_json=as_json)
    return error.exit_code


def _tell(kind: str, message: str, *, as_json: bool, **facts: object) -> None:
    message = days_written(message)
    if as_json:
        said = {"error": {"kind": kind, "message": message, **facts}}
        echo_data(json.dumps(said, ensure_ascii=False), err=True)
    else:
        echo(f"steward: {message}", err=True)


def _kind(error: StewardError) -> str:
    """The error's class as a JSON word: BadFile is bad_file."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()


def _facts(error: StewardError) -> dict[str, Any]:
    """What a program wants to know beside the sentence."""
    if isinstance(error, MovedMeanwhile):
        return {"state": error.state.value}
    if isinstance(error, BadRows):
        return {"problems": [str(problem) for problem in error.problems]}
    return {}
