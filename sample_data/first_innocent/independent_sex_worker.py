"""H-16: an independent sex worker acting lawfully: keeps the money, spends it on a life of their own, pays tax."""

from __future__ import annotations

from sample_data.first.story import Story, eur

PRICES = (100, 120, 150, 150, 200, 250, 300)


class IndependentSexWorker:
    """Revenue like a funnel account; no controller, no sweep, no depositors. Must never reach a typology's gate."""

    code = "H-16"
    variants = ("plain", "touring")

    def plant(self, story: Story) -> None:
        """Write down credits, adverts, some hotels and the tax."""
        rng, touring = story.rng, story.variant == "touring"
        worker = story.person("self_employed", activity=1.3)
        worker.kind, worker.sector, worker.declared_turnover = "sole_trader", "S96", 41_000
        worker.income = "none"
        guests = story.passers_by(25, 40)
        for day in story.some_days(4.0):
            for _ in range(1 + int(rng.random() < 0.5)):
                story.pay(
                    story.pick(guests),
                    worker,
                    eur(story.pick(PRICES)),
                    story.at(day, 17, 27),
                    story.pick(["p2p", "instant"]),
                )
        for day in story.some_days(1.0):
            story.shop(worker, "adverts", story.at(day, 10, 23), worker.town, story.amount(15, 55))
        for day in story.some_days(1.2 if touring else 0.3):
            town = story.pick(story.towns(3, but=worker.town))
            story.shop(worker, "hotel", story.at(day, 16, 22), town)
        for day in story.clock.month_days(15):
            story.pay(
                worker,
                "gov:tax",
                story.amount(420, 520),
                story.clock.moment(day, 5),
                "direct_debit",
                purpose="TAXS",
                ts_quality="batch",
            )
        if worker.savings is not None:
            for day in story.clock.month_days(18):
                story.pay(worker, worker.savings.account_id, eur(350), story.at(day, 9, 20), "internal")
