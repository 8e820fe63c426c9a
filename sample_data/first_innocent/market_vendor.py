"""H-13: a night-market stall takes many small sums in a few evenings and buys from a wholesaler."""

from __future__ import annotations

from sample_data.first.story import Story


class MarketVendor:
    """Dozens of night-time credits from strangers, of five to twenty-five euros."""

    code = "H-13"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Write down three evenings a month, the notes paid in after them, and the purchases."""
        rng = story.rng
        vendor = story.person("vendor", activity=0.9)
        vendor.kind, vendor.sector, vendor.declared_turnover = "sole_trader", "I56", 38_000
        guests = story.passers_by(70, 120)
        for day in story.some_days(0.75):
            town = story.pick([vendor.town, *story.towns(2, but=vendor.town)])
            for _ in range(int(rng.integers(26, 48))):
                minor = story.amount(5, 25, 0.5 if rng.random() < 0.5 else 1)
                story.pay(story.pick(guests), vendor, minor, story.at(day, 18.5, 25), "p2p")
            story.deposit(vendor, story.amount(150, 600, 10), story.at(day + 1, 0.5, 12), town)
            story.shop(vendor, "wholesale", story.at(day - 1, 7, 12), vendor.town)
