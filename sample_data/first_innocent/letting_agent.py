"""H-28: a licensed letting agent's client account: rents in, owners paid out within days."""

from __future__ import annotations

from sample_data.first.story import Story


class LettingAgent:
    """Gather and scatter by profession, under a licence the bank knows of."""

    code = "H-28"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Turn people into tenants and write down what the owners get."""
        agent = story.firm("licensed_agent", "L68", headcount=3, turnover=310_000)
        agent.account.kind, agent.account.licensed = "client", True
        owners = story.passers_by(6, 12)
        tenants = [person for person in story.population.people if person.rent_to and person.story is None]
        rents = 0
        for i in story.rng.permutation(len(tenants))[:26]:
            tenants[int(i)].rent_to = agent.node
            rents += tenants[int(i)].rent_minor
        for tenant in story.passers_by(0, 16):
            minor = story.amount(420, 900, 10)
            rents += minor
            for day in story.clock.month_days(2):
                story.pay(
                    tenant,
                    agent,
                    minor,
                    story.at(day + int(story.rng.integers(0, 5)), 7, 18),
                    "sct",
                    purpose="RENT",
                )
        for month_day in (6, 12, 28):
            for day in story.clock.month_days(month_day):
                for owner in owners:
                    story.pass_on(agent, owner, story.at(day, 9, 15), "sct", most=int(rents * 0.92 / len(owners) / 3))
