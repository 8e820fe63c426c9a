"""G-05: a group that was onboarded together, is paid together and cashes out at one machine one after another."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class ControlledCohort:
    """Workers with one address and one device, whose wages leave within two days of payday."""

    code = "G-05"
    typology = "T-06"
    variants = ("plain", "transfer")

    def plant(self, story: Story) -> None:
        """Write down weekly wages and the sweep, in notes at one machine or by transfer to one account."""
        rng, evading = story.rng, story.variant == "transfer"
        collector = story.person("collector", activity=0.9)
        opened = int(rng.integers(60, 420))
        workers = story.people("controlled_person", 7, young_days=(opened, opened + 5), activity=0.06)
        story.stop_ordinary_income(*workers)
        story.share_home(workers)
        device = workers[0].device
        for worker in workers:
            worker.town, worker.account.branch_id = workers[0].town, workers[0].account.branch_id
            worker.account.opening_device = f"V{device}"
            if rng.random() < 0.7:
                worker.device = device
        employer = story.population.outsider()
        net, machine = story.amount(310, 390), story.pick(story.places.cash_machines[workers[0].town])
        payday = int(rng.integers(2, 5))
        for day in story.clock.weekday_days(payday):
            turn = story.at(day, 17, 20.5)
            took_part = [worker for worker in workers if rng.random() < 0.93]
            for place_in_line, i in enumerate(rng.permutation(len(took_part))):
                worker = took_part[int(i)]
                story.wage(employer, worker, net + int(rng.integers(-8, 9)) * 250, day)
                if evading:
                    story.pass_on(
                        worker,
                        collector,
                        story.at(day, 12, 44),
                        story.pick(["p2p", "instant"]),
                        keep=eur(rng.integers(5, 40)),
                    )
                else:
                    moment = turn + place_in_line * int(rng.integers(60, 120))
                    story.withdraw(worker, moment, worker.town, place=machine, keep=eur(rng.integers(0, 12)))
            if evading:
                story.withdraw(collector, story.at(day + 2, 8, 22), collector.town, story.amount(200, 500, 50))
            else:
                for _ in range(2):
                    story.deposit(collector, story.amount(400, 1_000, 10), story.at(day + 1, 10, 22), collector.town)
        abroad = story.population.outsider("BG")
        for day in story.some_days(0.9, 8):
            story.pass_on(
                collector,
                abroad,
                story.at(day, 9, 18),
                "wire",
                most=story.amount(800, 3_200, 10),
                keep=eur(500),
            )
