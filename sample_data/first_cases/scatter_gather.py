"""Generic laundering: one sum is split over several accounts and comes together again on another."""

from __future__ import annotations

from sample_data.first.story import Story


class ScatterGather:
    """An originator, four to six middle accounts and the account where the parts meet."""

    code = "L-03"
    typology = "FUN-07"
    variants = ("plain", "slow")

    def plant(self, story: Story) -> None:
        """Write down two rounds; the slow variant takes days at the middle accounts instead of hours."""
        rng = story.rng
        origin, gatherer = story.person("originator", activity=0.9), story.person("collector", activity=0.9)
        middles = story.people("layer", int(rng.integers(4, 7)), activity=0.7)
        source, goal = story.population.outsider(), story.population.outsider("LU")
        rest = (40, 130) if story.variant == "slow" else (3, 40)
        for day in sorted(rng.choice(range(10, story.clock.days - 14), 2, replace=False)):
            parts = [story.amount(900, 2_600) for _ in middles]
            arrived = story.at(day, 8, 11)
            story.pay(source, origin, int(sum(parts) * 1.02), arrived, "wire")
            latest = arrived
            for middle, part in zip(middles, parts, strict=True):
                sent = story.later(arrived, 0.3, 20)
                story.pay(origin, middle, part, sent, story.pick(["instant", "sct"]))
                joined = story.later(sent, *rest)
                latest = max(latest, joined)
                story.pay(
                    middle,
                    gatherer,
                    int(part * rng.uniform(0.93, 0.99)),
                    joined,
                    story.pick(["instant", "sct"]),
                )
            story.pay(gatherer, goal, int(sum(parts) * 0.92), story.later(latest, 2, 30), "wire")
