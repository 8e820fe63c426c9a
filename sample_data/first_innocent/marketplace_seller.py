"""H-14: somebody who sells second-hand things: odd sums by day and night, and postage."""

from __future__ import annotations

from sample_data.first.story import Story


class MarketplaceSeller:
    """Many strangers pay once each; the money stays and is spent."""

    code = "H-14"
    variants = ("plain", "plain")

    def plant(self, story: Story) -> None:
        """Write down sales and parcels."""
        seller = story.person("seller")
        for day in story.some_days(4.5):
            for _ in range(1 + story.rng.poisson(0.5)):
                buyer = story.passers_by(1, 0)[0] if story.rng.random() < 0.35 else story.population.outsider()
                story.pay(buyer, seller, story.amount(4, 85), story.at(day, 8, 26), story.pick(["p2p", "instant"]))
            if story.rng.random() < 0.7:
                story.shop(seller, "post", story.at(day + 1, 10, 18), seller.town)
