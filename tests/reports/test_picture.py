from __future__ import annotations

import random
import re
from itertools import combinations, pairwise

import pytest

from reports.blocks import Arrow, Network, Node
from reports.picture import BOX_HEIGHT, BOX_WIDTH, draw


def network(*pairs):
    arrows = tuple(Arrow(a, b, "1.00 EUR", "1 Jan", 1, 1.0, number) for number, (a, b) in enumerate(pairs))
    names = dict.fromkeys(name for pair in pairs for name in pair)
    return Network("", tuple(Node(name, name, "", "account") for name in names), arrows)


def places(drawing):
    return {box.node.name: (box.x, box.y) for box in drawing.boxes}


def test_money_flows_to_the_right():
    place = places(draw(network(("a", "m"), ("b", "m"), ("m", "z"))))
    assert place["a"][0] == place["b"][0] < place["m"][0] < place["z"][0]


def test_whoever_only_pays_stands_right_before_the_account_it_pays():
    place = places(draw(network(("a", "b"), ("b", "c"), ("late", "c"))))
    assert place["late"][0] == place["b"][0]


def test_a_circle_is_opened_at_its_latest_arrow():
    drawing = draw(network(("a", "b"), ("b", "c"), ("c", "a")))
    assert [line.back for line in drawing.lines] == [False, False, True]


def test_a_payment_to_oneself_is_drawn_as_a_loop():
    [line] = draw(network(("a", "a"))).lines
    assert line.back


def test_a_long_chain_goes_on_in_a_band_below():
    names = [f"n{number}" for number in range(9)]
    drawing = draw(network(*pairwise(names)))
    assert drawing.width < 1400
    assert len({round(y) for _, y in places(drawing).values()}) == 3


def test_an_arrow_over_several_columns_passes_no_box():
    drawing = draw(network(("a", "m"), ("m", "z"), ("a", "z")))
    place = places(drawing)
    middle = next(line for line in drawing.lines if (line.arrow.payer, line.arrow.payee) == ("a", "z"))
    assert not place["m"][1] - 1 < middle.y < place["m"][1] + BOX_HEIGHT + 1


def test_groups_apart_leave_no_empty_stripe_between_them():
    groups = [(f"{way}{payer}", f"{way}{payer % 2}z") for way in "abc" for payer in range(9)]
    heights = sorted(y for _, y in places(draw(network(*groups))).values())
    assert max(after - before for before, after in pairwise(heights)) <= 2 * BOX_HEIGHT


def test_no_payment_gives_an_empty_picture():
    assert draw(network()).boxes == ()


@pytest.mark.parametrize("seed", range(12))
def test_boxes_never_overlap_and_stay_in_the_picture(seed):
    rng = random.Random(seed)
    pairs = {(f"n{rng.randrange(14)}", f"n{rng.randrange(14)}") for _ in range(rng.randrange(1, 45))}
    drawing = draw(network(*sorted(pairs)))
    for one, other in combinations(drawing.boxes, 2):
        assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    for box in drawing.boxes:
        assert 0 <= box.x <= drawing.width - BOX_WIDTH
        assert 0 <= box.y <= drawing.height - BOX_HEIGHT
    for line in drawing.lines:
        heights = [float(y) for y in re.findall(r"[\d.]+,([\d.]+)", line.path)]
        assert max(heights) <= drawing.height
    assert draw(network(*sorted(pairs))) == drawing


def course(path):
    """Walk a path as a browser draws it: points some pixels apart."""
    points, number = [], r"-?[\d.]+"
    for letter, said in re.findall(rf"([MHVC])((?:{number}[, ]?)+)", path):
        values = [float(value) for value in re.findall(number, said)]
        if letter == "M":
            points.append(tuple(values))
            continue
        (x, y), parts = points[-1], [part / 40 for part in range(1, 41)]
        if letter == "C":
            x1, y1, x2, y2, x3, y3 = values
        else:
            x3, y3 = (values[0], y) if letter == "H" else (x, values[0])
            x1, y1, x2, y2 = x, y, x3, y3
        for t in parts:
            s = 1 - t
            weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
            points.append(
                tuple(sum(w * v for w, v in zip(weights, of, strict=True)) for of in ((x, x1, x2, x3), (y, y1, y2, y3)))
            )
    return points


def random_network(seed, nodes=16, most=45):
    rng = random.Random(seed)
    return sorted({(f"n{rng.randrange(nodes)}", f"n{rng.randrange(nodes)}") for _ in range(rng.randrange(1, most))})


@pytest.mark.parametrize("seed", range(25))
def test_no_arrow_crosses_a_box_and_each_begins_and_ends_at_its_own(seed):
    drawing = draw(network(*random_network(seed)))
    place = places(drawing)
    for line in drawing.lines:
        points = course(line.path)
        for x, y in place.values():
            inside = [p for p in points if x + 1 < p[0] < x + BOX_WIDTH - 1 and y + 1 < p[1] < y + BOX_HEIGHT - 1]
            assert inside == []
        for (x, y), end in ((points[0], line.arrow.payer), (points[-1], line.arrow.payee)):
            assert place[end][0] - 8 <= x <= place[end][0] + BOX_WIDTH + 0.1
            assert place[end][1] - 0.1 <= y <= place[end][1] + BOX_HEIGHT + 0.1
        assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in points)


def test_arrows_on_to_the_next_band_have_lanes_and_heights_of_their_own():
    chain = [("a", "b"), ("b", "c")]
    many = [("c", f"d{number}") for number in range(4)] + [(f"d{number}", "z") for number in range(4)]
    drawing = draw(network(*chain, *many))
    going_on = [line for line in drawing.lines if line.arrow.payee == "z"]
    lanes = [re.findall(r"[HV]([\d.]+)", line.path) for line in going_on]
    for corner in range(3):
        assert len({lane[corner] for lane in lanes}) == 4
    assert {line.number for line in going_on} == {None}


@pytest.mark.parametrize("seed", range(12))
def test_every_arrow_has_its_amount_or_a_number_of_the_legend(seed):
    drawing = draw(network(*random_network(seed)))
    boxes = places(drawing).values()
    assert [line.number for line in drawing.legend] == list(range(1, len(drawing.legend) + 1))
    for line in drawing.lines:
        left = line.x - {"start": 0, "middle": 10, "end": 20}[line.anchor]
        assert 0 <= left <= drawing.width - 20
        assert not any(x < left + 20 and left < x + BOX_WIDTH and y < line.y < y + BOX_HEIGHT for x, y in boxes)


def test_a_crowded_picture_puts_numbers_where_labels_have_no_room():
    drawing = draw(network(*[(f"p{a}", f"q{b}") for a in range(5) for b in range(5)]))
    assert 0 < len(drawing.legend) < 25
