"""H-03: a farm houses its seasonal workers lawfully; same address, nearly the same pay, opened in the same week."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class SeasonalFarm:
    """Looks like a cohort until one sees that the workers keep and spend their money."""

    code = "H-03"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Write down wages, the regulated housing charge, and what workers send home and withdraw."""
        rng = story.rng
        farm = story.firm("employer", "A01", headcount=12, turnover=480_000)
        opened = int(rng.integers(20, 60))
        workers = story.people("worker", 9, young_days=(opened, opened + 6), activity=0.6)
        story.stop_ordinary_income(*workers)
        story.share_home(workers)
        buyer, agency = story.population.outsider(), story.pick(story.places.remitters)
        for friday in story.clock.weekday_days(4):
            story.pay(buyer, farm, story.amount(3_900, 5_600), story.at(friday - 1, 8, 15), narrative="RECOLTE")
            for worker in workers:
                paid = story.wage(farm, worker, eur(352.40), friday)
                if rng.random() < 0.4:
                    story.withdraw(worker, story.later(paid.at, 6, 90), worker.town, story.amount(50, 180, 10))
                if rng.random() < 0.25:
                    story.pay(worker, agency, story.amount(80, 260, 10), story.later(paid.at, 8, 120), "msb")
        for day in story.clock.month_days(6):
            for worker in workers:
                story.pay(worker, farm, eur(150), story.at(day, 8, 20), "sct", narrative="logement saisonnier")
            story.pay(
                farm,
                "gov:social",
                story.amount(3_300, 3_900),
                story.clock.moment(day, 5),
                "direct_debit",
                purpose="SSBE",
                ts_quality="batch",
            )
