"""How well passwords are told from prose: the figures of docs/secrets.md, from two lists beside this file.

`python -m tests.decisions.secret_figures` writes them.
"""

from pathlib import Path

from schemas.secrets import looks_like_a_secret
from schemas.settings import ROOT

LISTS = Path(__file__).parent / "secrets"
DOC, BEGIN, END = ROOT / "docs" / "secrets.md", "<!-- the figures: begin -->", "<!-- the figures: end -->"


def listed(name: str) -> tuple[str, ...]:
    """The texts of a list. Keys are cut by a sign, so that nobody takes them for real ones."""
    return tuple((LISTS / f"{name}.txt").read_text().replace("¦", "").splitlines())


def missed() -> tuple[str, ...]:
    """Secrets that pass."""
    return tuple(one for one in listed("secrets") if not looks_like_a_secret(one))


def wronged() -> tuple[str, ...]:
    """Ordinary texts that are refused."""
    return tuple(one for one in listed("ordinary") if looks_like_a_secret(one))


def _row(what: str, name: str, wrong: tuple[str, ...]) -> str:
    which = ", ".join(f"`{one}`" for one in wrong) or "none"
    return f"| {what} | {len(listed(name))} | {len(wrong)} | {which} |"


def written(text: str) -> str:
    """The document with its figures made anew."""
    before, _, rest = text.partition(BEGIN)
    figures = "\n".join(
        (
            "| texts | tried | judged wrongly | which |",
            "|---|---|---|---|",
            _row("secrets, which should be refused", "secrets", missed()),
            _row("ordinary texts, which should pass", "ordinary", wronged()),
        )
    )
    return f"{before}{BEGIN}\n\n{figures}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    DOC.write_text(written(DOC.read_text()))
