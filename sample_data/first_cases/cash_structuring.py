"""Generic laundering: notes paid in so that pieces or months stay just under the 10,000 euro reporting level."""

from __future__ import annotations

from sample_data.first.story import Story, eur

LEVEL = 10_000


class CashStructuring:
    """One account, several branches and machines, sums that stop short of the monthly level."""

    code = "L-02"
    typology = "FUN-02"
    variants = ("plain", "small_pieces")

    def plant(self, story: Story) -> None:
        """Write down each month's pieces and the transfer that follows."""
        rng, small = story.rng, story.variant == "small_pieces"
        holder = story.person("collector", activity=1.0)
        helper = story.person("feeder", activity=0.8)
        towns = [holder.town, *story.towns(3, but=holder.town)]
        supplier = story.population.outsider("BE")
        for month, day in enumerate(story.clock.month_days(4)):
            left = story.amount(LEVEL * 0.91, LEVEL * 0.985, 10)
            pieces = int(rng.integers(9, 14)) if small else int(rng.integers(3, 6))
            days = sorted(rng.integers(day, day + 20, pieces))
            for turn, piece_day in enumerate(days):
                share = (
                    left if turn == pieces - 1 else int(left / (pieces - turn) * rng.uniform(0.7, 1.3) // 1_000 * 1_000)
                )
                left -= share
                by = helper if rng.random() < 0.4 else holder
                story.deposit(
                    holder,
                    share,
                    story.at(piece_day, 9, 21 if small else 17),
                    story.pick(towns),
                    machine=small or share < eur(1_500),
                    by=by,
                )
            story.pass_on(
                holder,
                supplier,
                story.at(min(days[-1] + 2, story.clock.days - 1), 9, 16),
                "wire",
                most=story.amount(7_000, 9_200, 10),
                keep=eur(600 + 50 * month),
            )
