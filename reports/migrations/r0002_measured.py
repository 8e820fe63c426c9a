"""What was measured of the account an alert is about, beside each version of the alert."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; of versions told before nothing is known."""
    op.add_column("alert_versions", sa.Column("measured", sa.Text(), nullable=False, server_default="{}"))
