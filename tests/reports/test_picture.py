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
