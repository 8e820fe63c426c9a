"""H-26: somebody puts a little of each wage into crypto assets, week by week."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class CryptoHobbyist:
    """Paid from a wage, of even size, and some of it comes back."""

    code = "H-26"
    variants = ("plain", "plain")

    def plant(self, story: Story) -> None:
        """Write down weekly purchases and a few sales."""
        hobbyist = story.person("saver", working=True)
        exchange, minor = story.pick(story.places.exchanges), eur(story.pick([25, 50, 75]))
        for day in story.some_days(1.1):
            story.pay(hobbyist, exchange, minor, story.at(day, 8, 25), "crypto")
        for day in story.some_days(0.1):
            story.pay(exchange, hobbyist, story.amount(60, 400), story.at(day, 8, 25), "crypto")
