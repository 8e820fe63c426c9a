"""H-30: a household on a low income that lives to zero, with an overdraft."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class LowIncomeHousehold:
    """The wage is gone in a week: on rent, food and bills."""

    code = "H-30"
    variants = ("plain", "plain", "plain")

    def plant(self, story: Story) -> None:
        """Lower the income and the start, and write down the shopping of the first days of the month."""
        earner = story.person("earner", working=True)
        earner.wage_minor = min(earner.wage_minor, eur(1_250))
        earner.account.opening_minor, earner.account.overdraft_minor = eur(20), eur(300)
        earner.savings = None
        for day in story.clock.month_days(earner.payday):
            for step in range(5):
                story.shop(earner, "grocery", story.at(day + 1 + step, 9, 20), earner.town)
            story.withdraw(earner, story.at(day + 1, 8, 20), earner.town, eur(150))
