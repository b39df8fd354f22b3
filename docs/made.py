"""What a script writes into a document between its two markers, and the check that it is current."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class MadePart:
    """The part of a document that a script writes. `made`: the text of today, without the markers."""

    script: str
    document: str
    made: Callable[[], str]

    def current(self, text: str) -> str:
        """The document with the part of today."""
        begin, end = (f"<!-- made by {self.script}: {word} -->" for word in ("begin", "end"))
        head, rest = text.split(begin, 1)
        return f"{head}{begin}\n\n{self.made()}\n\n{end}" + rest.split(end, 1)[1]

    def main(self) -> int:
        """Write it; with --check only look, and answer 1 where the document is not current."""
        document = ROOT / self.document
        text = document.read_text()
        current = self.current(text)
        if "--check" not in sys.argv:
            document.write_text(current)
            return 0
        if current == text:
            return 0
        sys.stderr.write(f"{self.document} is not current: run python {self.script}\n")
        return 1
