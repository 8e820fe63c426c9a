"""Generic laundering across banks: a chain leaves for an account elsewhere and comes back to another customer."""

from __future__ import annotations

from sample_data.first.story import Story


class CrossBankTrail:
    """Cash and a transfer in, two hops here, an unseen stretch at another bank, and the return."""

    code = "L-04"
    typology = "FUN-09"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Write down three trails that meet at the same account elsewhere."""
        rng = story.rng
        origin = story.person("originator", activity=0.8)
        relay = story.person("layer", young_days=(15, 300), activity=0.5)
        returned = story.person("layer", activity=0.8)
        last = story.person("collector", activity=1.0)
        out_there, back_from = story.population.outsider("DE"), story.population.outsider("DE")
        source = story.population.outsider()
        for day in sorted(rng.choice(range(12, story.clock.days - 8), 3, replace=False)):
            amount, moment = story.amount(3_200, 8_600), story.at(day, 8, 11)
            story.pay(source, origin, int(amount * 0.8), moment, "sct")
            story.deposit(origin, story.amount(600, 1_900, 10), story.later(moment, 0.5, 2), origin.town)
            amount = int(amount * 0.8)
            for payer, payee in (
                (origin, relay),
                (relay, out_there),
                (back_from, returned),
                (returned, last),
            ):
                wait = (20, 40) if payer is back_from else (2.2, 5.5)
                moment, amount = story.later(moment, *wait), int(amount * rng.uniform(0.96, 0.99))
                story.pay(payer, payee, amount, moment, "instant")
            story.pay(
                last,
                story.pick(story.places.exchanges),
                int(amount * 0.9),
                story.later(moment, 1, 6),
                "crypto",
            )
