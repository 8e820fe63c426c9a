"""H-21: a rotating savings club: equal contributions every two weeks, and one member takes the pot."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class SavingsClub:
    """Money goes round among friends, by rule; everybody gets the pot once."""

    code = "H-21"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Write down contributions to the member whose turn it is."""
        members = story.people("member", 9, working=True)
        share = eur(story.pick([80, 100, 120]))
        for turn, day in enumerate(range(6, story.clock.days - 2, 13)):
            receiver = members[turn % len(members)]
            for member in members:
                if member is not receiver:
                    story.pay(
                        member,
                        receiver,
                        share,
                        story.at(day + int(story.rng.integers(0, 2)), 8, 22),
                        "p2p",
                        narrative="tontine",
                    )
