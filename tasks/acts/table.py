"""Every act by its name: its command, its line in lists, and where its function is.

Nothing is imported to read this, so that `steward --help` answers at once. A test holds that every act
declared anywhere in tasks/ stands here, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasks.acts.act import Act


@dataclass(frozen=True)
class Entry:
    """Where an act is found. `command` are the words after `steward`, `target` is "module:function".

    An act that takes a file in has no run form: its file is on the user's machine.
    """

    command: str
    target: str
    line: str
    takes_file: bool = False

    def load(self) -> "Act[Any]":
        """The act itself. Its module is imported now."""
        module, name = self.target.split(":")
        found: Act[Any] = getattr(import_module(module), name)
        return found


#: The name is the run form's in Prefect.
ACTS: Mapping[str, Entry] = {
    "ask-for-an-account": Entry(
        "request new", "tasks.requests.hand_in:submit_request", "Ask for an account."
    ),
    "withdraw-a-request": Entry(
        "request withdraw", "tasks.requests.hand_in:withdraw_request", "Take a request back."
    ),
    "decide-a-request": Entry("decide", "tasks.requests.decide:record_decision", "Decide a request."),
    "record-a-completion": Entry(
        "complete", "tasks.training.completions:record_completion", "Somebody completed a course."
    ),
    "void-a-completion": Entry(
        "completion void", "tasks.training.completions:void_completion", "It does not count after all."
    ),
    "restore-a-completion": Entry(
        "completion restore", "tasks.training.completions:restore_completion", "It counts again."
    ),
}
