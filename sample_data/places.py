"""Where money is spent, withdrawn and paid in: invented towns, cities abroad, merchants, machines, and hubs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sample_data import nodes
from sample_data.chance import share_of, stream
from sample_data.clock import HOME_ZONE, HOUR_NAMES
from sample_data.nodes import COUNTRIES, HOME, Nodes

# Invented towns with their place on the map in kilometres; the first are the largest.
TOWNS = {
    "Valmire": (0, 0), "Port-Aubin": (310, 40), "Étangville": (120, 260), "Montclerc-sur-Ore": (420, 330),
    "Aigrefont": (60, 480), "Rochebrume": (510, 120), "Villandre": (230, 150), "Chantebois": (350, 510),
    "Lormeaux": (140, 90), "Havre-Gris": (620, 300), "Saint-Orne": (40, 150), "Belcastel-le-Haut": (480, 450),
    "Tournelle": (200, 370), "Grandpré-Vaux": (90, 330), "Corbeville": (390, 200), "Ravine-les-Bains": (560, 520),
    "Ardoise": (270, 20), "Pontvieux": (170, 560), "Mirecœur": (330, 400), "Quai-Saint-Luc": (640, 60),
    "Brumont": (20, 60), "Clairvire": (450, 20), "Fontgrise": (280, 290), "Solignat": (530, 230),
}  # fmt: skip
# City, country, time zone, currency: where people travel to.
ABROAD = (
    ("London", "GB", 1, "GBP"), ("Manchester", "GB", 1, "GBP"), ("Athens", "GR", 2, "EUR"),
    ("Istanbul", "TR", 3, "TRY"), ("Casablanca", "MA", 4, "MAD"), ("New York", "US", 5, "USD"),
    ("Dubai", "AE", 6, "AED"), ("Bangkok", "TH", 7, "THB"), ("Manila", "PH", 8, "PHP"),
    ("Brussels", "BE", 0, "EUR"), ("Barcelona", "ES", 0, "EUR"), ("Lisbon", "PT", 1, "EUR"),
    ("Warsaw", "PL", 0, "PLN"), ("Bucharest", "RO", 2, "RON"), ("Berlin", "DE", 0, "EUR"), ("Milan", "IT", 0, "EUR"),
)  # fmt: skip
CITY_NAMES = (*TOWNS, *(row[0] for row in ABROAD))
TOWN_COUNT, CITY_COUNT = len(TOWNS), len(CITY_NAMES)
CITY_COUNTRY = np.array([HOME] * TOWN_COUNT + [COUNTRIES.index(row[1]) for row in ABROAD], dtype=np.int8)
CITY_ZONE = np.array([HOME_ZONE] * TOWN_COUNT + [row[2] for row in ABROAD], dtype=np.int8)
CURRENCIES = ("EUR", "GBP", "TRY", "MAD", "USD", "AED", "THB", "PHP", "PLN", "RON")
CITY_CURRENCY = np.array([0] * TOWN_COUNT + [CURRENCIES.index(row[3]) for row in ABROAD], dtype=np.int8)
# Units for one euro on day 0; they wander by about half a percent a day.
RATES = np.array([1.0, 0.86, 48.0, 10.7, 1.16, 4.26, 37.5, 68.0, 4.25, 5.08])
# Which currency an account in a country is kept in, where it is none of the euro's.
CURRENCY_OF_COUNTRY = np.zeros(len(COUNTRIES), dtype=np.int8)
for _row in ABROAD:
    CURRENCY_OF_COUNTRY[COUNTRIES.index(_row[1])] = CURRENCIES.index(_row[3])
# Rank-size rule with a flattened head: towns of a region. Ours.
TOWN_WEIGHTS = 1.0 / (np.arange(TOWN_COUNT) + 3.0)
TOWN_WEIGHTS /= TOWN_WEIGHTS.sum()
# Which city abroad people choose. Ours.
ABROAD_WEIGHTS = np.array([8, 2, 4, 3, 4, 2, 1.5, 1.5, 1, 6, 8, 6, 2, 2, 4, 6], dtype=float)
ABROAD_WEIGHTS /= ABROAD_WEIGHTS.sum()


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of merchant: its category code, what a purchase costs, how often and when people come."""

    mcc: str
    names: tuple[str, ...]
    median_euros: float
    spread: float
    hours: str
    monthly: float
    per_merchant: int = 350
    terminals: int = 1
    web: bool = False
    evening: bool = False
    age_old: float = 1.0


# Medians, spreads and purchases a month of somebody of activity 1 are ours: a month's basket fits the wages.
# `per_merchant` is how many customers of a town there are to each merchant; `age_old` scales for those over 65.
TRADES = {
    "grocery": Trade("5411", ("Marché Bleu {}", "Halles de {}", "Primeur Vif {}"), 27, 0.75, "shop", 5.2, 250, 3),
    "bakery": Trade("5462", ("Fournil de {}", "Aux Trois Épis {}"), 6, 0.5, "meal", 1.6, 200),
    "restaurant": Trade("5812", ("Chez Odile {}", "Table du Pont {}"), 33, 0.55, "meal", 1.3, 150, evening=True),
    "fast_food": Trade("5814", ("Bol Rapide {}", "Sur le Pouce {}"), 11, 0.4, "meal", 1.5, 250, age_old=0.3),
    "bar": Trade("5813", ("Le Phare {}", "Comptoir {}"), 15, 0.6, "night", 0.8, 250, evening=True, age_old=0.3),
    "pharmacy": Trade("5912", ("Pharmacie de {}",), 16, 0.7, "shop", 0.9, 300, age_old=2.2),
    "cosmetics": Trade("5977", ("Teint Clair {}",), 24, 0.5, "shop", 0.25, 600),
    "fuel": Trade("5541", ("Station Nord {}",), 51, 0.35, "commute", 1.3, 400, 2),
    "parking": Trade("7523", ("Parc Central {}",), 5, 0.6, "shop", 0.5, 800, 2),
    "transit": Trade("4111", ("Lignes de {}",), 9, 0.9, "commute", 0.9, 3000, 6, age_old=0.5),
    "clothes": Trade("5651", ("Atelier Fil {}", "Laine & Lin {}"), 44, 0.6, "shop", 0.7, 300),
    "household": Trade("5200", ("Maison Utile {}",), 38, 0.9, "shop", 0.6, 500, 2),
    "hair": Trade("7230", ("Ciseaux {}",), 34, 0.45, "shop", 0.35, 300),
    "massage": Trade("7297", ("Bien-Être {}",), 62, 0.3, "closing", 0.03, 1200),
    "doctor": Trade("8011", ("Cabinet {}",), 30, 0.4, "office", 0.3, 300, age_old=2.5),
    "hospital": Trade("8062", ("Clinique {}",), 120, 1.1, "office", 0.03, 5000, age_old=3),
    "laboratory": Trade("8071", ("Laboratoire de {}",), 38, 0.5, "morning", 0.08, 1500, age_old=1.8),
    "sport": Trade("7997", ("Club Forme {}",), 32, 0.4, "closing", 0.25, 700),
    "leisure": Trade("7832", ("Grand Écran {}",), 17, 0.5, "closing", 0.4, 900, 2, evening=True),
    "hotel": Trade("7011", ("Hôtel du Quai {}", "Relais {}"), 88, 0.3, "closing", 0.03, 700),
    "taxi": Trade("4121", ("Cabri Taxi {}",), 14, 0.5, "night", 0.35, 700, 4, evening=True),
    "garage": Trade("7538", ("Garage {}",), 210, 0.8, "office", 0.1, 700),
    "school": Trade("8299", ("Cours {}",), 45, 0.6, "office", 0.15, 1500),
    "wholesale": Trade("5199", ("Gros & Compagnie {}",), 240, 0.6, "morning", 0.04, 2000),
    "post": Trade("9402", ("Colis Relais {}",), 8, 0.5, "shop", 0.25, 800, age_old=1.5),
    "gift_cards": Trade("5947", ("Papier Cadeau {}",), 25, 0.4, "shop", 0.12, 1500),
    "web_shop": Trade(
        "5964", ("Tout-en-Boîte", "Papillon Web", "Kiosque 24", "Lune & Co"), 31, 0.85, "web", 1.7, web=True
    ),
    "second_hand": Trade("5931", ("Deuxième Main",), 18, 0.7, "web", 0.35, web=True),
    "delivery": Trade("5814", ("Plats en Selle",), 24, 0.35, "night", 0.5, web=True, evening=True, age_old=0.2),
    "games": Trade("5816", ("Pixel Forge", "Arcade Infinie"), 13, 0.7, "night", 0.35, web=True, age_old=0.1),
    "gambling": Trade("7995", ("Grille Gagnante",), 15, 0.9, "night", 0.2, web=True),
    "travel": Trade("4511", ("Air Sarcelle", "Rail Ouest"), 118, 0.7, "web", 0.2, web=True),
    "adverts": Trade("7311", ("Annonces Rapides", "La Colonne"), 24, 0.6, "web", 0.03, web=True),
    "dating": Trade("7273", ("Cœurs en Ligne", "Rencontres du Soir"), 22, 0.4, "night", 0.08, web=True, age_old=0.3),
    "digital": Trade("5817", ("Nuage Sept", "Applis & Co"), 6, 0.7, "web", 0.6, web=True, age_old=0.4),
    "telecom_shop": Trade("4814", ("Recharge {}",), 15, 0.4, "shop", 0.15, 1500),
    "cash_machine": Trade("6011", ("",), 60, 0.0, "cash", 0.0, 450),
    "deposit_machine": Trade("6010", ("",), 100, 0.0, "closing", 0.0, 1800),
    "branch": Trade("6010", ("",), 100, 0.0, "office", 0.0, 4000),
}
TRADE_NAMES = tuple(TRADES)
CASH_TRADES = ("cash_machine", "deposit_machine", "branch")


def trade(name: str) -> int:
    """Give the number of a trade."""
    return TRADE_NAMES.index(name)


TRADE_HOURS = np.array([HOUR_NAMES.index(TRADES[name].hours) for name in TRADE_NAMES], dtype=np.int64)
TRADE_MEDIAN = np.array([TRADES[name].median_euros for name in TRADE_NAMES])
TRADE_SPREAD = np.array([TRADES[name].spread for name in TRADE_NAMES])
TRADE_WEB = np.array([TRADES[name].web for name in TRADE_NAMES])


class Places:
    """All terminals by trade and city, and the hubs that everybody's money meets.

    A *place* is one terminal, machine or counter: a row with the merchant's node, name, category and city.

    Parameters
    ----------
    customers : int
        How many the bank has: larger towns have more shops.
    seed : int
        Decides sizes and names of hubs.
    graph : Nodes
        Where merchants and hubs become ends of payments.
    """

    def __init__(self, customers: int, seed: int, graph: Nodes) -> None:
        self._seed = seed
        columns: dict[str, list[np.ndarray]] = {"node": [], "city": [], "trade": []}
        names: list[str] = []
        # Block of merchants of a trade in a city: where it begins and how many; and the terminals of each merchant.
        self.first = np.zeros((len(TRADES), CITY_COUNT), dtype=np.int64)
        self.count = np.zeros((len(TRADES), CITY_COUNT), dtype=np.int64)
        firsts, terminals = [], []
        merchants = places = 0
        for row, (name, known) in enumerate(TRADES.items()):
            kind = nodes.CASH if name in CASH_TRADES else nodes.MER
            shared = max(len(known.names), int(np.sqrt(customers / 100)))
            if known.web:
                block = graph.add(kind, shared)
            for city in range(CITY_COUNT):
                if known.web:
                    # One web shop stands in every city's block: people buy there from wherever they are.
                    wanted, owners = shared, block
                    if city:
                        self.first[row, city], self.count[row, city] = self.first[row, 0], shared
                        continue
                else:
                    at_home = city < TOWN_COUNT
                    share = TOWN_WEIGHTS[city] if at_home else 0.02
                    # Two at least: nobody is given away by the only machine of the town.
                    wanted = max(2, round(customers * share / known.per_merchant))
                    owners = graph.add(kind, wanted, CITY_COUNTRY[city])
                self.first[row, city], self.count[row, city] = merchants, wanted
                firsts.append(places + np.arange(wanted) * known.terminals)
                terminals.append(np.full(wanted, known.terminals))
                columns["node"].append(np.repeat(owners, known.terminals))
                columns["city"].append(np.full(wanted * known.terminals, -1 if known.web else city))
                columns["trade"].append(np.full(wanted * known.terminals, row))
                names += [_name(known, k, city) for k in range(wanted) for _ in range(known.terminals)]
                merchants += wanted
                places += wanted * known.terminals
        self._first_place, self._terminals = np.concatenate(firsts), np.concatenate(terminals)
        self.node, self.city, self.trade = (np.concatenate(columns[name]) for name in ("node", "city", "trade"))
        self.names = pa.array([name or None for name in names], pa.string())
        self.hubs = self._hubs(customers, graph)

    def _hubs(self, customers: int, graph: Nodes) -> dict[str, np.ndarray]:
        """Add acquirers, power companies, exchanges: few, and each with a large share of everybody."""
        few = max(1, int(np.log10(max(customers, 10))) - 1)
        sizes = {"acquirer": 2, "power": 4, "telecom": 4, "insurer": 5, "lender": 4, "housing": 3, "platform": 3}
        hubs = {name: graph.add(nodes.EXT, size + few) for name, size in sizes.items()}
        hubs["remitter"] = graph.add(nodes.MSB, 3 + few)
        hubs["exchange"] = graph.add(nodes.VASP, 2 + few)
        for name in ("tax", "social", "pension", "family", "health", "work"):
            hubs[name] = np.array([graph.named(nodes.GOV, name)])
        for name in ("account", "wire", "exchange-of-money", "overdraft"):
            hubs[f"fee {name}"] = np.array([graph.named(nodes.FEE, name)])
        return hubs

    def hub(self, name: str, by: np.ndarray) -> np.ndarray:
        """Give everybody's own hub of a kind: the large ones are more people's."""
        options = self.hubs[name]
        draw = share_of(self._seed, by, np.full(np.shape(by), len(name) * 31 + ord(name[0])))
        return options[(len(options) * draw**1.7).astype(np.int64)]

    def found(
        self, rng: np.random.Generator, trades: np.ndarray, cities: np.ndarray, people: np.ndarray, loyal: float = 0.6
    ) -> np.ndarray:
        """Choose a terminal for each purchase: one's usual shop of the trade in that town, else one by its size.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of the draws.
        trades, cities, people : numpy.ndarray of int
            What is bought, where, by whom.
        loyal : float
            Share of purchases made at the usual shop.

        Returns
        -------
        numpy.ndarray of int
            Rows of places.
        """
        count = self.count[trades, cities]
        usual = share_of(self._seed + 1, people, trades, cities)
        draws = np.where(rng.random(len(trades)) < loyal, usual, rng.random(len(trades)))
        # Log-uniform ranks: the sizes of shops fall as one over their rank.
        rank = np.minimum(((count + 1.0) ** draws).astype(np.int64) - 1, count - 1)
        merchant = self.first[trades, cities] + rank
        terminal = (rng.random(len(trades)) * self._terminals[merchant]).astype(np.int64)
        found: np.ndarray = self._first_place[merchant] + terminal
        return found

    def in_city(self, trade_name: str, city: int) -> np.ndarray:
        """Give all terminals of a trade in a city."""
        row = trade(trade_name)
        merchants = self.first[row, city] + np.arange(self.count[row, city])
        return np.concatenate([self._first_place[m] + np.arange(self._terminals[m]) for m in merchants])


def _name(known: Trade, rank: int, city: int) -> str:
    """Name a merchant; the second round of the same name gets a number."""
    name = known.names[rank % len(known.names)].format(CITY_NAMES[city])
    again = rank // len(known.names)
    return f"{name} {again + 1}" if again and name else name


def prices(rng: np.random.Generator, trades: np.ndarray, scale: np.ndarray | float = 1.0) -> np.ndarray:
    """Draw what purchases cost, in cents: some end on a whole euro, some on 90 or 99 cents, most on anything."""
    minor = np.rint(TRADE_MEDIAN[trades] * 100 * scale * np.exp(rng.normal(0, 1, len(trades)) * TRADE_SPREAD[trades]))
    minor = np.maximum(minor.astype(np.int64), 100)
    kind = rng.random(len(trades))
    whole = minor // 100 * 100
    return np.select([kind < 0.2, kind < 0.28, kind < 0.36], [whole, whole + 99, whole + 90], minor)


def exchange_rates(seed: int, first: int, days: int) -> np.ndarray:
    """Give foreign units for a euro, a row for each day: a slow random walk around `RATES`."""
    steps = stream(seed, "rates").normal(0, 0.004, (days + 400, len(RATES)))
    steps[:, 0] = 0
    rates: np.ndarray = RATES * np.exp(np.cumsum(steps, axis=0) * 0.5)
    return rates[first : first + days]
