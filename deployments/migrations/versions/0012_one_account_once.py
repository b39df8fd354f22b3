"""one account once.

Accounts get keys of their page and of their platform's own id, and no two of those that have not ended share
one. Where two share one already, the older has it and the later has none: nothing is lost, and a list that
is taken in names both. The words of `policy.identity` as they are today are written out here.
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPEN = sa.text("state NOT IN ('closed', 'withdrawn')")
DOMAINS = {"twitter.com": "x.com", "fb.com": "facebook.com", "youtu.be": "youtube.com"}
ADDRESS = re.compile(r"(?:https?://)?(?P<host>[\w-]+(?:\.[\w-]+)+)\.?(?P<path>/[^?#]*)?(?:[?#].*)?", re.IGNORECASE)

account = sa.table(
    "account",
    *map(
        sa.column,
        ("id", "platform", "channel", "handle", "handle_key", "address", "platform_id", "page_key", "platform_key", "state"),
    ),
)


def upgrade() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("page_key", sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column("platform_key", sa.String(length=200), nullable=True))
    _fill()
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(
            "uq_account_page_in_use",
            ["platform", "page_key"],
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )
        batch_op.create_index(
            "uq_account_platform_id_in_use",
            ["platform", "platform_key"],
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )


def downgrade() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index("uq_account_platform_id_in_use")
        batch_op.drop_index("uq_account_page_in_use")
        batch_op.drop_column("platform_key")
        batch_op.drop_column("page_key")


def _fill() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(account).order_by(account.c.id)).all()
    taken: dict[str, set[tuple[str, str]]] = {
        "handle_key": {(row.platform, row.handle_key) for row in rows if _open(row.state)},
        "page_key": set(),
        "platform_key": set(),
    }
    for row in rows:
        values = {}
        for column, key in (
            ("handle_key", _plain(row.handle).lstrip("@").rstrip("/.")),
            ("page_key", None if row.channel == "messaging channel" else _page(row.address)),
            ("platform_key", _plain(row.platform_id or "") or None),
        ):
            if key is None or key == getattr(row, column):
                continue
            if _open(row.state):
                if (row.platform, key) in taken[column]:
                    continue
                taken[column].add((row.platform, key))
            values[column] = key
        if values:
            connection.execute(sa.update(account).where(account.c.id == row.id).values(**values))


def _open(state: str) -> bool:
    return state not in {"closed", "withdrawn"}


def _plain(value: str) -> str:
    said = "".join(one for one in unicodedata.normalize("NFKC", value) if unicodedata.category(one) != "Cf")
    return " ".join(said.split()).casefold()


def _page(address: str | None) -> str | None:
    found = ADDRESS.fullmatch((address or "").strip())
    if found is None or "?" in (address or ""):  # which parts of a query count is for the next import
        return None
    host = re.sub(r"^(www|m|mobile|touch|web|mbasic)\.(?=.*\.)", "", found["host"].casefold())
    segments = [_plain(one).lstrip("@").rstrip(".") for one in (found["path"] or "").split("/")]
    path = "/".join(one for one in segments if one)
    return f"{DOMAINS.get(host, host)}/{path}" if path else host
