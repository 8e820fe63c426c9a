"""Where money is spent, withdrawn and paid in: invented towns with shops, machines and branches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

COUNTRY = "FR"
TOWNS = (
    "Valmire",
    "Port-Aubin",
    "Étangville",
    "Montclerc-sur-Ore",
    "Aigrefont",
    "Rochebrume",
    "Villandre",
    "Chantebois",
    "Lormeaux",
    "Havre-Gris",
)
# Share of the population per town: two larger towns, a tail of small ones. Ours.
TOWN_WEIGHTS = np.array([0.22, 0.17, 0.12, 0.10, 0.09, 0.08, 0.07, 0.06, 0.05, 0.04])


@dataclass(frozen=True, slots=True)
class Place:
    """One terminal, machine, counter or web shop where a payment takes place."""

    node: str
    name: str | None
    mcc: str | None
    terminal: str | None
    city: str | None
    country: str = COUNTRY


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of merchant: its category code, what a purchase costs and when people come."""

    mcc: str
    names: tuple[str, ...]
    median_euros: float
    spread: float
    hours: tuple[float, ...]
    terminals: int = 1
    local: bool = True


# Medians and spreads are ours, set so that a month's basket fits the wages of population.py.
TRADES = {
    "grocery": Trade("5411", ("Marché Bleu {}", "Halles de {}", "Primeur Vif {}"), 31, 0.7, (10, 12, 17, 18, 19), 3),
    "bakery": Trade("5462", ("Fournil de {}",), 6, 0.5, (8, 9, 12, 17)),
    "restaurant": Trade("5812", ("Chez Odile {}", "Table du Pont {}"), 34, 0.5, (12.5, 13, 19.5, 20.5)),
    "fast_food": Trade("5814", ("Bol Rapide {}",), 12, 0.4, (12, 13, 19, 21, 22.5)),
    "bar": Trade("5813", ("Le Phare {}",), 17, 0.6, (20, 21.5, 22.5, 23.5)),
    "pharmacy": Trade("5912", ("Pharmacie de {}",), 17, 0.6, (10, 11, 16, 18)),
    "fuel": Trade("5541", ("Station Nord {}",), 52, 0.3, (7.5, 12, 17.5, 19)),
    "clothes": Trade("5651", ("Atelier Fil {}",), 48, 0.6, (11, 14, 16, 17.5)),
    "hair": Trade("7230", ("Ciseaux {}",), 36, 0.4, (10, 11.5, 15, 17)),
    "hotel": Trade("7011", ("Hôtel du Quai {}", "Relais {}"), 84, 0.2, (17, 19, 21, 22)),
    "taxi": Trade("4121", ("Cabri Taxi {}",), 15, 0.4, (1, 8, 18, 22.5)),
    "wholesale": Trade("5199", ("Gros & Compagnie {}",), 240, 0.5, (7, 8.5, 10)),
    "web_shop": Trade("5964", ("Tout-en-Boîte", "Papillon Web", "Kiosque 24"), 33, 0.8, (10, 14, 20, 21, 22), 1, False),
    "streaming": Trade("4899", ("Ciné Salon", "Ondes Plus"), 11, 0.2, (3, 4), 1, False),
    "games": Trade("5816", ("Pixel Forge",), 14, 0.7, (16, 20, 22, 23.5), 1, False),
    "travel": Trade("4511", ("Air Sarcelle", "Rail Ouest"), 128, 0.6, (10, 14, 20, 21), 1, False),
    "adverts": Trade("7311", ("Annonces Rapides",), 28, 0.5, (11, 15, 19, 22), 1, False),
    "post": Trade("9402", ("Colis Relais {}",), 8, 0.4, (10, 12, 16)),
}


class Places:
    """All places of the bank, by trade and town."""

    def __init__(self, rng: np.random.Generator) -> None:
        numbers = iter(rng.permutation(90_000) + 10_000)
        self._by_trade: dict[tuple[str, str | None], list[Place]] = {}
        for trade_name, trade in TRADES.items():
            for town in TOWNS if trade.local else (None,):
                for pattern in trade.names:
                    node, name = f"mer:{next(numbers)}", pattern.format(town)
                    for _ in range(trade.terminals):
                        terminal = f"T{next(numbers)}" if trade.local else None
                        place = Place(node, name, trade.mcc, terminal, town)
                        self._by_trade.setdefault((trade_name, town), []).append(place)
        self.branches = {town: Place(f"cash:br{next(numbers)}", None, None, None, town) for town in TOWNS}
        self.deposit_machines = {
            town: [Place(f"cash:dm{n}", None, "6010", f"T{n}", town) for n in (next(numbers),)] for town in TOWNS
        }
        self.cash_machines = {
            town: [Place(f"cash:wd{n}", None, "6011", f"T{n}", town) for n in (next(numbers), next(numbers))]
            for town in TOWNS
        }
        # The acquirers, tax offices, exchanges and agencies that everybody's money meets.
        self.acquirer = f"ext:{next(numbers)}"
        self.utilities = [f"ext:{next(numbers)}" for _ in range(4)]
        self.telecoms = [f"ext:{next(numbers)}" for _ in range(3)]
        self.insurers = [f"ext:{next(numbers)}" for _ in range(3)]
        self.remitters = [f"msb:{next(numbers)}" for _ in range(3)]
        self.exchanges = [f"vasp:{next(numbers)}" for _ in range(2)]

    def shops(self, trade: str, town: str) -> list[Place]:
        """Give the terminals of a trade that somebody of this town would use."""
        return self._by_trade[trade, town if TRADES[trade].local else None]


def price_minor(trade: str, rng: np.random.Generator, count: int, scale: float = 1.0) -> np.ndarray:
    """Draw what `count` purchases of a trade cost, in cents; some end on a whole euro."""
    known = TRADES[trade]
    euros = known.median_euros * scale * np.exp(rng.normal(0, known.spread, count))
    minor = np.maximum(100, np.rint(euros * 100)).astype(np.int64)
    whole = rng.random(count) < 0.18
    return np.where(whole, np.maximum(100, minor // 100 * 100), minor)


def purchase_hour(trade: str, rng: np.random.Generator) -> float:
    """Draw a local hour at which people come to a trade."""
    hours = TRADES[trade].hours
    return float(hours[rng.integers(len(hours))] + rng.normal(0, 0.6)) % 24
