"""`moneytrail learn`: learn from what people made of alerts which to read first."""

from __future__ import annotations

from pathlib import Path

import click

from moneytrail.judging import naming


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the ranker and its model card.")
@click.option("--ledger", type=click.Path(path_type=Path), help="A ledger whose labels are known outcomes, too.")
@click.option("--complete", is_flag=True, help="The labels name every case: an alert about none was not useful.")
@naming
def learn(
    out: Path, ledger: Path | None, complete: bool, store: str | None, settings: Path | None, as_json: bool
) -> None:
    """Learn the order of alerts inside their tier from judgements, and say whether it is better.

    Learnt from the earlier 60 % of the judged alerts, reported on the last 20 %. Only a ranker that is better in the
    whole 95 % interval is adopted; a scan uses it by [scan] ranker and refuses any other.
    """
    from dataclasses import asdict

    from flows.ledger import Ledger
    from moneytrail.alert_store import named_store
    from moneytrail.judging import answer
    from moneytrail.ranker import learnt

    labels = None if ledger is None else Ledger.open(ledger).side("labels")
    with named_store(store, settings) as opened:
        ranker = learnt(opened, [] if labels is None else [labels], complete=complete)
    ranker.save(out)
    card = ranker.card
    verdict = (
        "Adopted: it ranks better. Scans use it by [scan] ranker, a path seen from the settings file."
        if card.adopted
        else "Not adopted: that it ranks better is not shown. Scans refuse it."
    )
    words = (
        f"Learnt from {sum(card.rows.values()):,} judged alerts, {sum(card.useful.values()):,} of them useful.\n"
        f"Average precision on the last part: {card.average_precision}, before {card.before}; gain {card.gain}\n"
        f"{verdict}\nModel card: {(out / 'card.md').resolve()}"
    )
    answer(as_json, asdict(card), words)
