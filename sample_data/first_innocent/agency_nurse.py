"""H-07: an agency nurse sleeps in hotels in many towns and is paid for it."""

from __future__ import annotations

from sample_data.first.story import Story


class AgencyNurse:
    """Many rooms, many towns, odd hours: and a wage, per-diem credits and a home."""

    code = "H-07"
    variants = ("plain", "plain")

    def plant(self, story: Story) -> None:
        """Write down the postings: four or five nights in a town, meals, taxis and the per-diem."""
        rng = story.rng
        nurse = story.person("traveller", working=True)
        agency = story.population.outsider()
        nurse.employer = agency
        for week in range(story.clock.days // 7):
            if rng.random() < 0.2:
                continue
            town = story.towns(1, but=nurse.town)[0]
            nights = int(rng.integers(3, 6))
            for night in range(nights):
                story.shop(nurse, "hotel", story.at(7 * week + night, 17, 23), town)
                story.shop(nurse, "fast_food", story.at(7 * week + night, 18, 24), town)
                if rng.random() < 0.5:
                    story.shop(nurse, "taxi", story.at(7 * week + night, 21, 25), town)
            story.pay(
                agency,
                nurse,
                nights * story.amount(95, 110),
                story.at(7 * week + 6, 8, 12),
                narrative="indemnites",
            )
