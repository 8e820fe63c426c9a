"""H-01: an employer pays many wages on one day a month and the taxes that go with them."""

from __future__ import annotations

from sample_data.first.story import Story


class PayrollEmployer:
    """The bank's largest employer of its own customers; ordinary life writes its payments."""

    code = "H-01"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Move more people into the firm that already employs most."""
        working = [person for person in story.population.people if person.income == "wage" and person.story is None]
        firms = [firm for firm in story.population.firms if firm.story is None]
        employer = max(firms, key=lambda firm: (sum(person.employer is firm for person in working), -firm.index))
        employer.story, story.roles[employer.node] = story.name, "employer"
        for i in story.rng.permutation(len(working))[:30]:
            working[int(i)].employer, working[int(i)].payday = employer, 22 + employer.index % 6
            working[int(i)].weekly = False
        employer.headcount = 6 + sum(person.employer is employer for person in working)
        employer.declared_turnover = employer.headcount * 82_000
