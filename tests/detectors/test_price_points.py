"""Price points against the definition, read aloud over networkx multigraphs."""

from collections import Counter
from datetime import timedelta

import numpy as np

from detectors.motifs.price_points import PricePoints
from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs.views import payment_graph


def random_window(rng):
    lines = []
    for _ in range(int(rng.integers(1, 40))):
        day = int(rng.choice([0, 1, 2, 3, 26, 27, 30, 31, 33, 36, 60]))
        amount = rng.choice(["10", "15", "20", "20.50", "7"])
        currency = "EUR" if rng.random() < 0.8 else "SEK"
        lines.append(f"day {day}  p{rng.integers(0, 6)} -> {rng.choice(['p0', 'shop'])}  {amount} {currency}")
    return whole(payments_from_arrows("\n".join(lines)))


def plain_price_points(window, rule):
    graph = payment_graph(window)
    found = set()
    for node in graph:
        place = {name: k for k, name in enumerate(window.payments["payment_id"].to_pylist())}
        rows = [
            (data["at"], place[key], payer, data) for payer, _, key, data in graph.in_edges(node, keys=True, data=True)
        ]
        rows = sorted((row for row in rows if row[2] != node), key=lambda row: row[:2])
        count = {at: len({p for then, _, p, _ in rows if at <= then < at + rule.within}) for at, *_ in rows}
        for at, parties in count.items():
            before = [n for then, n in count.items() if at - rule.within < then < at]
            after = [n for then, n in count.items() if at < then < at + rule.within]
            crowd = [row for row in rows if at <= row[0] < at + rule.within]
            if parties < rule.min_payers or len(crowd) < rule.min_payments:
                continue
            if any(n >= parties for n in before) or any(n > parties for n in after):
                continue
            price = Counter((d["currency"], d["amount_minor"]) for *_, d in crowd if d["amount_minor"] % 500 == 0)
            first = {pair: k for k, pair in reversed(list(enumerate(price)))}
            points = sorted(price, key=lambda pair: (-price[pair], pair[1], first[pair]))[: rule.prices]
            shown = [
                row
                for row in crowd
                if (row[3]["currency"], row[3]["amount_minor"]) in points
                and not any(
                    other[2] == row[2]
                    and (other[3]["currency"], other[3]["amount_minor"]) == (row[3]["currency"], row[3]["amount_minor"])
                    and timedelta(days=25) <= row[0] - other[0] <= timedelta(days=35)
                    for other in rows
                )
            ]
            if shown and len(shown) / len(crowd) >= rule.min_share:
                found.add((node, frozenset(row[1] for row in shown)))
    return found


def test_price_points_are_those_of_the_definition():
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        window = random_window(rng)
        rule = PricePoints(
            min_payers=int(rng.integers(2, 4)),
            min_payments=int(rng.integers(2, 5)),
            min_share=float(rng.choice([0.2, 0.5, 0.8])),
            prices=int(rng.integers(1, 4)),
            within=timedelta(days=int(rng.choice([1, 3, 30]))),
        )
        place = {name: k for k, name in enumerate(window.payments["payment_id"].to_pylist())}
        found = {(each.centre, frozenset(map(place.get, each.payments))) for each in rule.find(window)}
        expected = plain_price_points(window, rule)
        assert found == expected
        hits += len(expected)
    assert hits > 200, "the random windows must hold enough findings to mean anything"
