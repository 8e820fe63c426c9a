"""Every indicator says the same of a simulated bank, whether all payments lie in one window or accounts in portions."""

from __future__ import annotations

import pytest

from detectors.indicating import measure
from detectors.run import search
from flows.engines.local import Local
from flows.ingest import ingest
from flows.ledger import Ledger
from flows.plugins import Shelf
from flows.population import Population
from graphs.hubs import hubs_in
from sample_data.simulation import simulate

AT_MOST = 9_000


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder / "bank", customers=450, days=45, seed=3)
    tables = {
        name: sorted((folder / "bank").glob(f"{name}*")) for name in ("payments", "accounts", "customers", "links")
    }
    ingest(folder / "ledger", tables)
    return Ledger.open(folder / "ledger")


def population(ledger, at_most):
    whole = Population(ledger, at_most=at_most)
    with whole.asking() as opened:
        whole.labelled(hubs_in(opened)["account"].to_pylist())
    return whole


def test_every_indicator_says_the_same_of_a_bank_in_portions_as_of_the_whole(ledger):
    held, left = population(ledger, 10**6), population(ledger, 0)
    motifs = {id_: Shelf("detectors.motifs").load(id_)() for id_ in Shelf("detectors.motifs").ids()}
    findings = search(Local(), held.source, motifs).findings
    indicators = [Shelf("detectors.indicators").load(id_)() for id_ in Shelf("detectors.indicators").ids()]

    def measured(engine, whole):
        return measure(
            engine,
            whole.specimen,
            indicators,
            source=whole.source,
            findings=findings,
            motifs=motifs,
            named=whole.named_each,
            at_once=2_000,  # what concerns an indicator is read in several goes
        )

    at_once, in_portions = measured(Local(), held), measured(Local(AT_MOST), left)
    assert not at_once.failures
    assert len({score.indicator for score in at_once.scores}) > 30
    assert max(one.payments for one in in_portions.spent) < ledger.count()
    assert in_portions == at_once
