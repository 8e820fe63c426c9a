"""No sum is too small for the indicators of online exploitation of children; catalogue, section 0, rule 4."""

import dataclasses

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from flows.plugins import Shelf
from tests.detectors.indicators.conftest import indicator_cases

AMOUNTS = ("amount_minor", "payer_balance_after_minor", "payee_balance_after_minor")
CHI = [id_ for id_ in Shelf("detectors.indicators").ids() if id_.startswith("chi-")]


def hundredth(payments):
    """Give the same payments with a hundredth of every sum, a cent at least."""
    for column in AMOUNTS:
        place = payments.schema.get_field_index(column)
        small = pc.max_element_wise(pc.divide(payments[column], 100), pa.scalar(1, pa.int64()), skip_nulls=False)
        payments = payments.set_column(place, payments.schema.field(place), small)
    return payments


@pytest.mark.parametrize("chi", CHI)
def test_a_hundredth_of_every_sum_scores_the_same(chi):
    for case in indicator_cases(chi):
        small = dataclasses.replace(case, payments=hundredth(case.payments)).measured().scores
        expected = {score.centre: score.score for score in case.measured().scores}
        assert {score.centre: score.score for score in small} == pytest.approx(expected, abs=0.02), case.name
