"""What is found can be kept as text and read back exactly as it was."""

from datetime import timedelta

import numpy as np
import pytest

from detectors.finding import Finding, Reason
from detectors.keeping import read, written
from detectors.notes import Note


def finding(measured):
    reason = Reason(
        "{measured} in {within}.", measured, 0.5, "share", (("within", timedelta(hours=3)), ("n", (3, "EUR")))
    )
    return Finding("d", 1, "a", ("a", "b"), ("p1", "p2"), 1, 2, 0.75, (reason,), (("a", "collects"),), 2.5)


@pytest.mark.parametrize("measured", [3, 3.0, np.float64(1 / 3), float("inf")])
def test_what_was_written_is_read_back_the_same(measured):
    given = [finding(measured)], [Note("capped", "{count} cut", "{count} cut", 4, "d", (("most", "3"),))]
    back = read(written(*given))
    assert back == [list(part) for part in given]
    assert back[0][0].reasons[0].sentence == given[0][0].reasons[0].sentence
    assert type(back[0][0].payments) is tuple


def test_what_would_read_back_as_something_else_is_not_written():
    assert written([finding(np.int64(3))]) is None
    assert written([[1, 2]]) is None
