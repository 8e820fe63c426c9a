"""H-02: an honest agency gathers invoices weekly and scatters wages, with social charges paid."""

from __future__ import annotations

from sample_data.first.story import Story


class TempAgency:
    """Weekly pay, onboarding in batches, nothing flows back."""

    code = "H-02"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Write down invoices, wages, charges and rent; the workers live on what they earn."""
        rng = story.rng
        agency = story.firm("employer", "N78", headcount=18, turnover=620_000)
        workers = []
        for batch in range(2):
            opened = int(rng.integers(30, 420)) + 30 * batch
            workers += story.people(None, 7, young_days=(opened, opened + 6), activity=0.85)
        for worker in workers:
            worker.income, worker.account.introducer = "none", agency.token
        clients = story.passers_by(0, 6)
        for day in story.some_days(2.2):
            story.pay(
                story.pick(clients),
                agency,
                story.amount(2_700, 4_600),
                story.at(day, 8, 17),
                narrative=f"FACTURE {rng.integers(1_000, 9_999)}",
            )
        hourly = {worker.node: rng.uniform(9.4, 11.5) for worker in workers}
        for friday in story.clock.weekday_days(4):
            for worker in workers:
                if rng.random() < 0.92:
                    story.wage(agency, worker, int(hourly[worker.node] * rng.integers(28, 41) * 100), friday)
        for day in story.clock.month_days(20):
            story.pay(
                agency,
                "gov:social",
                story.amount(6_400, 7_400),
                story.clock.moment(day, 5),
                "direct_debit",
                purpose="SSBE",
                ts_quality="batch",
            )
            story.pay(
                agency,
                "gov:tax",
                story.amount(1_500, 2_300),
                story.clock.moment(day, 5.5),
                "direct_debit",
                purpose="VATX",
                ts_quality="batch",
            )
            story.pay(agency, clients[0], story.amount(1_100, 1_200), story.at(day, 8, 10), purpose="RENT")
