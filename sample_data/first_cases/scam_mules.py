"""G-09: defrauded people's transfers hop through young accounts within the hour towards a crypto exchange."""

from __future__ import annotations

from sample_data.first.story import Story, eur


class ScamMules:
    """Payers from many banks, a first layer of mules, a second layer, and the exchange."""

    code = "G-09"
    typology = "T-10"
    variants = ("plain", "slow")

    def plant(self, story: Story) -> None:
        """Write down the bursts, hop by hop; each mule keeps a few per cent."""
        rng, slow = story.rng, story.variant == "slow"
        mules = [
            story.person("mule", young_days=(-30, 90) if rng.random() < 0.6 else (500, 2_500), activity=0.5)
            for _ in range(5 if slow else 6)
        ]
        layer = story.people("layer", 3, young_days=(20, 500), activity=0.5)
        if not slow:
            mules[1].device = mules[0].device
            layer[1].device = layer[0].device
        exchange = story.pick(story.places.exchanges)
        deceived = story.passers_by(12, 60)
        wait = (18, 60) if slow else (0.1, 1.5)
        for burst in sorted(rng.choice(range(34, story.clock.days - 4), 7, replace=False)):
            for mule in [mules[int(i)] for i in rng.permutation(len(mules))[:3]]:
                latest, arrived = 0, 0
                for _ in range(int(rng.integers(2, 6))):
                    amount = story.amount(300, 2_900) if rng.random() < 0.6 else story.amount(500, 4_000, 100)
                    moment, payer = story.at(burst, 9, 20), story.pick(deceived)
                    if payer.startswith("ext:"):
                        arrived += amount
                        latest = max(latest, moment)
                    story.pay(payer, mule, amount, moment, "instant")
                if not arrived:
                    continue
                passed = int(arrived * rng.uniform(0.94, 0.985))
                receivers = [layer[int(i)] for i in rng.permutation(3)[: 1 + int(rng.random() < 0.5)]]
                for receiver in receivers:
                    hop = story.later(latest, *wait)
                    part = passed // len(receivers)
                    story.pay(mule, receiver, part, hop, "instant")
                    self._leave(
                        story,
                        receiver,
                        int(part * rng.uniform(0.94, 0.98)),
                        story.later(hop, *wait),
                        exchange,
                    )

    def _leave(self, story: Story, receiver, amount_minor: int, at: int, exchange: str) -> None:
        """Move the money out: mostly to the exchange, some of it in notes."""
        notes = min(eur(500), amount_minor // 4_000 * 1_000)
        if story.rng.random() < 0.3 and notes:
            story.withdraw(receiver, story.later(at, 0.1, 2), receiver.town, notes)
            amount_minor -= notes
        story.pay(receiver, exchange, amount_minor, at, "crypto")
