"""H-18: a charity lives from many small donors and pays its projects."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class Charity:
    """Monthly gifts from hundreds, now and then a transfer to partners abroad."""

    code = "H-18"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Write down gifts, project payments and costs."""
        charity = story.firm("charity", "S94", headcount=2, turnover=60_000, kind="npo")
        partners = [story.population.outsider(country) for country in ("SN", "BE")]
        for donor in story.passers_by(90, 50):
            minor, month_day = (
                eur(story.pick([5, 10, 10, 15, 20, 25, 30, 50])),
                int(story.rng.integers(1, 28)),
            )
            for day in story.clock.month_days(month_day):
                if story.rng.random() < 0.75:
                    story.pay(donor, charity, minor, story.at(day, 6, 22), "sct", narrative="don")
        for day in story.some_days(0.35, 14):
            story.pass_on(
                charity,
                story.pick(partners),
                story.at(day, 9, 16),
                "wire",
                most=story.amount(900, 2_800, 10),
                keep=eur(1_500),
                narrative="projet",
            )
        for day in story.clock.month_days(5):
            story.pay(
                charity,
                story.places.utilities[0],
                story.amount(80, 130),
                story.clock.moment(day, 5),
                "direct_debit",
                ts_quality="batch",
            )
