"""H-12: somebody who takes the whole wage in notes on payday and lives from them."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class CashLivingWorker:
    """Alone it cannot be told from a controlled worker; there is no group, no shared machine, no collector."""

    code = "H-12"
    variants = ("plain", "plain", "plain", "plain")

    def plant(self, story: Story) -> None:
        """Write down the withdrawals after each wage."""
        worker = story.person("worker", working=True, activity=0.12)
        employer = story.population.outsider()
        story.stop_ordinary_income(worker)
        net = story.amount(310, 420)
        payday = int(story.rng.integers(2, 5))
        for day in story.clock.weekday_days(payday):
            story.wage(employer, worker, net + int(story.rng.integers(-2_000, 2_000)), day)
            story.withdraw(worker, story.at(day, 11, 34), worker.town, keep=eur(story.rng.integers(0, 30)))
