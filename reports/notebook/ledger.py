"""A ledger in a notebook: what is in it, without reading a payment."""

from __future__ import annotations

from flows import ledger
from reports.blocks import Cell, Column, Paragraph, Table, Tile, Tiles
from reports.frame import framed
from reports.wording import day


class Ledger:
    """Show a ledger."""

    def html(self, thing: ledger.Ledger) -> str:
        """Give how much is in, of which days, and the files it came from."""
        days = thing.days()
        span = f"{day(min(days))} – {day(max(days))}" if days else "nothing yet"
        tiles = (
            Tile("payments", f"{sum(days.values()):,}", "rows, booked or not"),
            Tile("booking days", f"{len(days):,}", span),
            Tile("version", str(thing.version), "of this ledger; older ones can be opened"),
            Tile("rejected rows", f"{sum(thing.rejected().values()):,}", "kept aside, with the reason"),
        )
        rows = tuple(
            (
                Cell(row["file_name"]),
                Cell(row["table"]),
                Cell(row["format"]),
                *(Cell(f"{row[name]:,}", row[name]) for name in ("rows", "kept", "duplicates", "rejected")),
            )
            for row in thing.sources().to_pylist()
        )
        columns = (
            Column("File"),
            Column("Table"),
            Column("Format"),
            *(Column(title, "number") for title in ("Rows", "Kept", "Duplicates", "Rejected")),
        )
        return framed("Ledger", (Tiles(tiles), _files(columns, rows)), 330)


def _files(columns: tuple[Column, ...], rows: tuple[tuple[Cell, ...], ...]) -> Table | Paragraph:
    return Table("Files taken in", columns, rows) if rows else Paragraph("No file was taken in yet.")
