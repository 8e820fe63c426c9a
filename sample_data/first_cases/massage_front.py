"""G-03: a massage parlour with takings at closed hours, adverts and flats, and hardly any payroll tax or supplies."""

from __future__ import annotations

from sample_data.first.story import Story, eur

TICKETS = (60, 60, 70, 80, 80, 100)


class MassageFront:
    """A firm, its sister firm, the owner and the workers who live in the owner's flat."""

    code = "G-03"
    typology = "T-04"
    variants = ("plain",)

    def plant(self, story: Story) -> None:
        """Write down sales, cash, adverts, rents, the owner's draws and the wages on paper."""
        rng = story.rng
        front = story.firm("front_firm", "S96", headcount=2, turnover=90_000)
        sister = story.firm("front_firm", "S96", headcount=1, turnover=40_000)
        front.opening_hours, sister.opening_hours = "10:00-19:00", "10:00-19:00"
        owner = story.person("controller", town=None, activity=1.2)
        workers = story.people("controlled_person", 4, young_days=(10, 400), activity=0.2)
        story.stop_ordinary_income(*workers)
        story.share_home(workers)
        flats = [story.population.outsider() for _ in range(2)]
        guests = story.passers_by(40, 70)
        for day in story.some_days(6.3):
            for _ in range(rng.poisson(2.2)):
                late = rng.random() < 0.42
                moment, guest = story.at(day, 20, 25) if late else story.at(day, 10.5, 20), story.pick(guests)
                story.pay(guest, front, eur(story.pick(TICKETS)), moment, "instant")
                if rng.random() < (0.6 if late else 0.15):
                    story.pay(guest, front, story.amount(100, 240, 10), story.later(moment, 0.5, 1.2), "instant")
        for day in story.some_days(2.2):
            story.deposit(
                front,
                story.amount(500, 2_600, 10),
                story.at(day, 9, 23),
                story.pick([front.town, owner.town]),
            )
        for day in story.some_days(1.0):
            story.shop(front, "adverts", story.at(day, 11, 22), front.town, story.amount(25, 90))
            story.shop(front, "grocery", story.at(day, 9, 20), front.town, story.amount(60, 140))
        for day in story.clock.month_days(3):
            for flat in flats:
                story.pay(front, flat, story.amount(800, 1_050, 50), story.at(day, 8, 11), purpose="RENT")
            story.pay(
                front,
                "gov:social",
                story.amount(60, 140),
                story.at(day, 5, 6),
                "direct_debit",
                ts_quality="batch",
            )
        for day in story.some_days(0.5):
            story.shop(front, "travel", story.at(day, 9, 22), front.town)
        for day in story.some_days(1.3, 5):
            story.pass_on(front, owner, story.at(day, 9, 18), "sct", most=story.amount(600, 2_400, 50), keep=eur(1_500))
        for day in story.some_days(0.6, 9):
            story.pass_on(
                front, sister, story.at(day, 9, 18), "sct", most=story.amount(800, 3_000, 50), keep=eur(1_200)
            )
            story.pass_on(
                sister,
                owner,
                story.at(day + 2, 9, 18),
                "sct",
                most=story.amount(700, 2_800, 50),
                keep=eur(900),
            )
        for day in story.clock.month_days(27):
            for worker in workers:
                paid = story.wage(front, worker, eur(1_100), story.clock.working_day(day))
                # The wage exists on paper: most of it goes back to the owner before the week is out.
                story.pass_on(worker, owner, story.later(paid.at, 8, 60), "p2p", most=eur(850), keep=eur(90))
        for day in story.some_days(0.8, 12):
            abroad = story.population.outsider("RO")
            story.pass_on(
                owner,
                abroad,
                story.at(day, 9, 17),
                "wire",
                most=story.amount(700, 3_800, 10),
                keep=eur(1_000),
            )
