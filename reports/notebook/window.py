"""A window in a notebook: how much is in it, and its largest payments."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pyarrow.compute as pc

from flows import window
from flows.money import spoken
from reports.blocks import Cell, Column, Paragraph, Table, Tile, Tiles
from reports.frame import framed
from reports.wording import days

LARGEST = 20
"""Payments listed."""


class Window:
    """Show a window."""

    def html(self, thing: window.Window) -> str:
        """Give counts, sums per currency and the largest payments."""
        payments = thing.payments
        if not payments.num_rows:
            return framed("Window", (Paragraph("No payment is in this window."),), 60)
        accounts = len(pc.unique(pa.chunked_array([*payments["payer"].chunks, *payments["payee"].chunks])))
        at = window.times(payments)
        money: dict[str, int] = defaultdict(int)
        for row in payments.group_by("currency").aggregate([("amount_minor", "sum")]).to_pylist():
            money[row["currency"]] += row["amount_minor_sum"]
        tiles = (
            Tile("payments", f"{payments.num_rows:,}", days(int(at[0]), int(at[-1]))),
            Tile("accounts and other nodes", f"{accounts:,}"),
            Tile("serve the public", f"{len(thing.hubs):,}", "hubs: labels, not paths"),
            *(Tile(f"paid in {currency}", spoken(money[currency], currency)) for currency in sorted(money)),
        )
        largest = payments.take(
            pc.select_k_unstable(
                payments, LARGEST, [("amount_minor", "descending"), ("at", "ascending"), ("payment_id", "ascending")]
            )
        )
        rows = tuple(
            (
                Cell(f"{row['at']:%Y-%m-%d %H:%M}" if row["ts_quality"] != "date_only" else f"{row['at']:%Y-%m-%d}"),
                Cell(row["payer"]),
                Cell(row["payee"]),
                Cell(spoken(row["amount_minor"], row["currency"]), row["amount_minor"]),
                Cell(row["payment_id"]),
            )
            for row in largest.to_pylist()
        )
        columns = (
            Column("Time (UTC)", "time"),
            Column("Payer", "id"),
            Column("Payee", "id"),
            Column("Amount", "amount"),
            Column("Payment id", "id"),
        )
        note = (
            f"Showing {len(rows):,} of {payments.num_rows:,}, by amount in minor units."
            if len(rows) < payments.num_rows
            else ""
        )
        return framed("Window", (Tiles(tiles), Table("The largest payments", columns, rows, note)), 460)
