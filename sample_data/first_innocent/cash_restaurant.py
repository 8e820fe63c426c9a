"""H-23: a restaurant pays in its notes after closing, pays wages, tax and suppliers."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class CashRestaurant:
    """Night-time deposits of similar size, because evenings are of similar size."""

    code = "H-23"
    variants = ("plain", "plain")

    def plant(self, story: Story) -> None:
        """Write down deposits, card takings, wages and costs."""
        kitchen = story.firm("shop", "I56", headcount=5, turnover=390_000)
        kitchen.opening_hours = "11:00-24:00"
        staff = story.people(None, 3, working=True, town=None)
        story.stop_ordinary_income(*staff)
        supplier, landlord = story.population.outsider(), story.population.outsider()
        for day in story.some_days(3.6):
            story.deposit(kitchen, story.amount(300, 1_050, 5), story.at(day, 22.5, 25), kitchen.town)
        for day in story.some_days(4.6):
            story.pay(
                story.places.acquirer,
                kitchen,
                story.amount(420, 1_150),
                story.clock.moment(day, 4),
                "sct",
                ts_quality="batch",
                narrative="REMISE CARTES",
            )
        for day in story.some_days(1.4):
            story.pay(kitchen, supplier, story.amount(380, 900), story.at(day, 7, 12), narrative="denrees")
        for day in story.clock.month_days(27):
            for worker in staff:
                story.wage(kitchen, worker, story.amount(1_500, 1_850), story.clock.working_day(day))
            story.pay(
                kitchen,
                "gov:social",
                story.amount(1_500, 1_750),
                story.clock.moment(day, 5),
                "direct_debit",
                purpose="SSBE",
                ts_quality="batch",
            )
            story.pay(
                kitchen,
                "gov:tax",
                story.amount(900, 1_500),
                story.clock.moment(day, 5.5),
                "direct_debit",
                purpose="VATX",
                ts_quality="batch",
            )
            story.pay(kitchen, landlord, eur(2_100), story.at(day, 8, 9), purpose="RENT")
