"""Generic laundering: money goes round through three to five accounts and is back within two days."""

from __future__ import annotations

from sample_data.first.story import Story


class RoundTrip:
    """A ring of accounts; what returns is a little less than what set out."""

    code = "L-01"
    typology = "FUN-08"
    variants = ("plain", "five_accounts", "uneven")

    def plant(self, story: Story) -> None:
        """Write down the sum that arrives and its rounds; the uneven variant splits and mixes sums on the way."""
        rng = story.rng
        ring = story.people("layer", 5 if story.variant == "five_accounts" else int(rng.integers(3, 5)), activity=0.9)
        story.roles[ring[0].node] = "originator"
        source = story.population.outsider()
        rounds = sorted(rng.choice(range(8, story.clock.days - 6), 3, replace=False))
        for day in rounds:
            amount = story.amount(1_700, 6_400)
            moment = story.at(day, 8, 13)
            story.pay(source, ring[0], int(amount * rng.uniform(1.0, 1.1)), moment, "sct")
            longest = 44 / len(ring)
            for payer, payee in zip(ring, [*ring[1:], ring[0]], strict=True):
                moment = story.later(moment, 0.5, longest)
                if story.variant == "uneven":
                    part = int(amount * rng.uniform(0.4, 0.6))
                    story.pay(payer, payee, part, moment, "instant")
                    story.pay(payer, payee, amount - part, story.later(moment, 0.1, 0.4), "sct")
                    moment += 1_500
                else:
                    story.pay(payer, payee, amount, moment, story.pick(["instant", "sct"]))
                amount = int(amount * rng.uniform(0.965, 0.995))
            story.pay(ring[0], story.population.outsider(), int(amount * 0.9), story.later(moment, 6, 60), "sct")
