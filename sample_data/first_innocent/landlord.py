"""H-04: a landlord with many tenants, a mortgage and repairs."""

from __future__ import annotations

from sample_data.first.story import Story


class Landlord:
    """Fixed monthly rents from people who have nothing else to do with each other."""

    code = "H-04"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Turn fourteen people into tenants and write down the mortgage and the repairs."""
        landlord = story.person("landlord", activity=1.1)
        for tenant in story.people(None, 14):
            tenant.rent_to = landlord.node
            tenant.rent_minor = tenant.rent_minor or story.amount(380, 620, 10)
        bank, builder = story.population.outsider(), story.population.outsider()
        for day in story.clock.month_days(8):
            story.pay(
                landlord,
                bank,
                story.amount(4_100, 4_150),
                story.clock.moment(day, 5),
                "direct_debit",
                ts_quality="batch",
            )
        for day in story.some_days(0.4):
            story.pay(landlord, builder, story.amount(120, 900), story.at(day, 9, 18))
