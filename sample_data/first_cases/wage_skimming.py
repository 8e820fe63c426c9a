"""G-04: a labour provider pays wages that flow back to its ring leader a few days later."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class WageSkimming:
    """A broker firm, its client firms, workers opened in batches, and the person who collects the kick-back."""

    code = "G-04"
    typology = "T-05"
    variants = ("plain", "cash")

    def plant(self, story: Story) -> None:
        """Write down invoices, weekly wages, kick-backs by transfer or in notes, house rents and the broker's draws."""
        rng, evading = story.rng, story.variant == "cash"
        broker = story.firm("broker", "N78", headcount=4, turnover=260_000)
        collector = story.person("collector", activity=1.0)
        workers = []
        for batch in range(2):
            opened = int(rng.integers(30, 500)) + 40 * batch
            workers += story.people("controlled_person", 5, young_days=(opened, opened + 6), activity=0.3)
        story.stop_ordinary_income(*workers)
        for worker in workers:
            worker.account.introducer = collector.token
        for house in (workers[:5], workers[5:]):
            story.share_home(house)
        clients = story.passers_by(0, 4)
        for day in story.some_days(1.6):
            story.pay(
                story.pick(clients),
                broker,
                story.amount(2_900, 5_200),
                story.at(day, 8, 17),
                "sct",
                narrative=f"FACTURE {rng.integers(1_000, 9_999)}",
            )
        net = story.amount(290, 360)
        own = {worker.node: float(rng.uniform(0.3, 0.58)) for worker in workers}
        for friday in story.clock.weekday_days(4):
            for worker in workers:
                if rng.random() < 0.06:
                    continue
                paid = story.wage(broker, worker, net + int(rng.integers(0, 3)) * eur(5), friday)
                back = eur(round(net / 100 * own[worker.node] / 5) * 5)
                if evading:
                    story.withdraw(worker, story.later(paid.at, 10, 40), worker.town, most=back + eur(40), keep=eur(30))
                else:
                    story.pass_on(
                        worker,
                        collector,
                        story.later(paid.at, 5, 66),
                        story.pick(["p2p", "instant", "sct"]),
                        most=back,
                        keep=eur(15),
                    )
            if evading:
                for _ in range(2):
                    story.deposit(collector, story.amount(300, 740, 10), story.at(friday + 1, 9, 22), collector.town)
        for day in story.clock.month_days(4):
            for worker in workers:
                story.pass_on(
                    worker, collector, story.at(day, 8, 21), "p2p", most=eur(180), least=eur(90), narrative="chambre"
                )
            story.pay(
                broker,
                "gov:social",
                story.amount(120, 260),
                story.clock.moment(day, 5),
                "direct_debit",
                ts_quality="batch",
            )
        abroad = story.population.outsider("PL")
        for day in story.some_days(1.4, 6):
            story.pass_on(
                broker,
                collector,
                story.at(day, 9, 16),
                "sct",
                most=story.amount(1_200, 3_200, 10),
                keep=eur(3_400),
            )
            story.pass_on(
                collector, abroad, story.at(day + 1, 9, 18), "wire", most=story.amount(1_200, 4_600, 10), keep=eur(700)
            )
