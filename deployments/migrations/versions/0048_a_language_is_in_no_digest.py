"""a language is in no digest.

People who had chosen one, and were changed after that, have it in their digest: people are sealed anew.
"""

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

SEALS = ("person",)


def upgrade() -> None:
    """No table changes."""


def downgrade() -> None:
    """No table changes."""
