"""H-05: an honest hair and nail salon with a price list, daytime customers, suppliers and wages."""

from __future__ import annotations

from sample_data.first.story import Story, eur

PRICE_LIST = (25, 32, 38, 45, 45, 60, 75, 90)


class Salon:
    """The look-alike of the massage front: same prices, other hours, real costs."""

    code = "H-05"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Write down sales in the day, cash, supplies, rent and taxed wages."""
        rng = story.rng
        salon = story.firm("shop", "S96", headcount=4, turnover=165_000)
        salon.opening_hours = "09:00-19:00"
        staff = story.people(None, 2, working=True, town=salon.town)
        story.stop_ordinary_income(*staff)
        guests = story.passers_by(60, 60)
        supplier, landlord = story.population.outsider(), story.population.outsider()
        for day in story.some_days(5.8):
            for _ in range(rng.poisson(2.6)):
                story.pay(
                    story.pick(guests),
                    salon,
                    eur(story.pick(PRICE_LIST)),
                    story.at(day, 9, 19),
                    story.pick(["p2p", "instant"]),
                )
        for day in story.some_days(2.4):
            story.deposit(salon, story.amount(250, 950, 5), story.at(day, 17, 20), salon.town)
        for day in story.some_days(0.9):
            story.pay(salon, supplier, story.amount(180, 420), story.at(day, 8, 18), narrative="produits")
        for day in story.clock.month_days(26):
            for worker in staff:
                story.wage(salon, worker, story.amount(1_450, 1_600), story.clock.working_day(day))
            story.pay(
                salon,
                "gov:social",
                story.amount(880, 960),
                story.clock.moment(day, 5),
                "direct_debit",
                purpose="SSBE",
                ts_quality="batch",
            )
            story.pay(salon, landlord, eur(1_150), story.at(day, 8, 9), purpose="RENT")
