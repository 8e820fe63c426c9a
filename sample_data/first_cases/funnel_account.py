"""G-01: night-time credits and cash from several towns meet on one account and are handed to one person."""

from __future__ import annotations

from sample_data.first.story import Story, eur

PRICES = (80, 100, 100, 120, 150, 150, 200, 250)


class FunnelAccount:
    """One funnel account fed by depositors, emptied towards a controller within hours."""

    code = "G-01"
    typology = "T-01"
    variants = ("plain", "daytime")

    def plant(self, story: Story) -> None:
        """Write down the nights, the cash, the adverts and the hand-overs."""
        rng, evading = story.rng, story.variant == "daytime"
        funnel = story.person("funnel", young_days=(20, 300) if not evading else (300, 1_500), activity=0.35)
        feeders = story.people("feeder", 3, activity=0.5)
        controller = story.person("controller", activity=1.1)
        funnel.device = controller.device
        circuit = story.towns(5, but=funnel.town)
        payers = story.passers_by(28, 45)
        early, late = (10, 18) if evading else (20, 28.5)
        first = int(rng.integers(0, 20))
        for day in story.some_days(4.6, first):
            latest = 0
            for _ in range(1 + rng.poisson(1.1)):
                moment = story.at(day, early, late)
                latest = max(latest, moment)
                story.pay(
                    story.pick(payers),
                    funnel,
                    eur(story.pick(PRICES)),
                    moment,
                    story.pick(["p2p", "instant"]),
                )
            # The hand-over follows the evening, not the clock.
            story.pass_on(
                funnel,
                controller,
                story.later(latest, 1, 9),
                story.pick(["instant", "p2p", "sct"]),
                keep=eur(rng.integers(15, 90)),
            )
        for week in range(first // 7, story.clock.days // 7):
            town = story.pick(circuit)
            for day in rng.integers(0, 7, rng.integers(2, 5)):
                feeder, at_night = story.pick(feeders), rng.random() < (0.1 if evading else 0.6)
                moment = story.at(7 * week + int(day), 20, 29) if at_night else story.at(7 * week + int(day), 9, 19)
                where = town if rng.random() < 0.7 else story.pick(circuit)
                story.deposit(funnel, story.amount(180, 900, 10), moment, where, by=feeder)
                cash_out = story.later(moment, 3, 20)
                if rng.random() < 0.3:
                    story.withdraw(funnel, cash_out, funnel.town, most=eur(600), least=eur(40))
                else:
                    story.pass_on(funnel, controller, cash_out, "p2p", keep=eur(rng.integers(15, 90)))
            story.shop(funnel, "adverts", story.at(7 * week, 14, 23), town, story.amount(12, 58))
            for night in range(int(rng.integers(1, 4))):
                story.shop(story.pick(feeders), "hotel", story.at(7 * week + night, 17, 22), town)
        for feeder in feeders:
            for day in story.some_days(1.5, first):
                story.pay(story.pick(payers), feeder, eur(story.pick(PRICES)), story.at(day, early, late), "p2p")
                story.pass_on(
                    feeder,
                    funnel,
                    story.at(day + 1, 9, 16),
                    "p2p",
                    most=eur(400),
                    keep=eur(150),
                    least=eur(50),
                )
        abroad = story.population.outsider("ES")
        for day in story.some_days(1.6, first + 10):
            story.pass_on(
                controller,
                abroad,
                story.at(day, 9, 17),
                "wire",
                most=story.amount(900, 4_500, 50),
                keep=eur(400),
            )
