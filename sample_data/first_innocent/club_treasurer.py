"""H-22: a treasurer collects equal sums for a trip and pays one supplier."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class ClubTreasurer:
    """Fan-in and pass-on, with a reason anybody in the club can tell."""

    code = "H-22"
    variants = ("plain", "plain")

    def plant(self, story: Story) -> None:
        """Write down two collections and the bills they pay."""
        rng = story.rng
        treasurer = story.person("treasurer")
        members = story.passers_by(16, 14)
        for first in sorted(rng.choice(range(5, story.clock.days - 16), 2, replace=False)):
            share, supplier, total = eur(story.pick([25, 35, 45, 60, 85])), story.population.outsider(), 0
            for member in members:
                if rng.random() < 0.9:
                    story.pay(
                        member,
                        treasurer,
                        share,
                        story.at(first + int(rng.integers(0, 9)), 8, 23),
                        story.pick(["p2p", "sct"]),
                        narrative="sortie club",
                    )
                    total += share
            story.pass_on(
                treasurer,
                supplier,
                story.at(first + 10, 9, 18),
                "sct",
                most=int(total * 0.97),
                keep=eur(100),
                narrative="autocar et gite",
            )
