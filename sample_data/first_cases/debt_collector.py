"""G-11: people of several towns send the same fixed sum to one collector after each payday; it leaves in bulk."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class DebtCollector:
    """A corridor of instalments into one account and large sums out of it."""

    code = "G-11"
    typology = "T-12"
    variants = ("plain", "cash")

    def plant(self, story: Story) -> None:
        """Write down the monthly instalments, by transfer or in notes, and the bulk payments abroad."""
        rng, evading = story.rng, story.variant == "cash"
        collector = story.person("collector", young_days=(60, 600), activity=0.8)
        payers = story.people(
            "controlled_person", 7 if evading else 10, working=True, young_days=(40, 720), activity=0.55
        )
        trader = story.population.outsider("TR")
        for payer in payers:
            instalment = story.amount(150, 430, 10)
            for day in story.clock.month_days(payer.payday):
                moment = story.at(story.clock.working_day(day) + int(rng.integers(0, 3)), 8, 23)
                if evading:
                    story.withdraw(payer, moment, payer.town, instalment)
                    if rng.random() < 0.9:
                        story.deposit(collector, instalment, story.later(moment, 4, 40), payer.town)
                else:
                    story.pay(payer, collector, instalment, moment, story.pick(["p2p", "instant", "sct"]))
        if not evading:
            for day in story.some_days(0.6):
                story.deposit(collector, story.amount(150, 450, 10), story.at(day, 9, 21), story.pick(payers).town)
        for month_day in (6, 17):
            for day in story.clock.month_days(month_day):
                story.pass_on(
                    collector,
                    trader,
                    story.at(day + int(rng.integers(0, 4)), 9, 17),
                    "wire",
                    most=story.amount(1_800, 4_800, 10),
                    keep=eur(350),
                    least=eur(500),
                )
