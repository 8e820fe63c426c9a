"""H-11: somebody who keeps a family abroad, month after month, and lives here as well."""

from __future__ import annotations

from sample_data.first.story import Story


class RemittanceSender:
    """One to three stable relatives, after payday, from a life with rent and groceries."""

    code = "H-11"
    variants = ("plain", "plain", "plain")

    def plant(self, story: Story) -> None:
        """Write down a steady sum per relative and month, by agency or by transfer abroad."""
        sender = story.person("sender", working=True, young_days=(60, 700))
        sender.sends_home = False
        relatives = [story.pick(story.places.remitters)]
        relatives += [story.population.outsider(country) for country in ("MA", "PT")[: int(story.rng.integers(0, 3))]]
        for relative in relatives:
            minor = story.amount(100, 280, 10)
            for day in story.clock.month_days(min(28, sender.payday + 1)):
                channel = "msb" if relative.startswith("msb:") else "sct"
                story.pay(sender, relative, minor, story.at(day, 9, 21), channel, narrative="famille")
