"""Which part each account has in the findings of motifs, as features of it (`graphs.participation`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyarrow as pa

from detectors.finding import Finding
from flows.plugins import Shelf
from graphs.feature_columns import COLUMNS, Column, Family, motif_columns
from graphs.features import Features
from graphs.participation import PARTS, with_parts


def families() -> tuple[Family, ...]:
    """List the motifs of the shelf, whether the settings enable them or not: a table has the same columns always.

    An institution's own patterns are none of them, or what was learnt with one could not be used once it is changed.
    """
    shelf = Shelf("detectors.motifs")
    about = {id_: shelf.load(id_).about for id_ in shelf.ids()}
    return tuple(Family(id_, one.title, one.shuffled) for id_, one in about.items())


def every_column() -> tuple[Column, ...]:
    """List the columns of a table `with_motifs`."""
    return (*COLUMNS, *motif_columns(families()))


def with_motifs(
    features: Features, findings: Iterable[Finding], *, searched: Collection[str], hubs: Collection[str] = ()
) -> Features:
    """Put the part that each account has in motifs behind its other features.

    Parameters
    ----------
    features : Features
        What payments alone tell.
    findings : iterable of Finding
        Found in the payments the features were measured on, with their surprise where it was measured.
    searched : collection of str
        Ids of the motifs that were run to the end.
    hubs : collection of str
        Accounts that serve the public.
    """
    return with_parts(features, parts_of(findings), families(), searched=searched, hubs=hubs)


def parts_of(findings: Iterable[Finding]) -> pa.Table:
    """Give a row for each account of each finding."""
    rows = [
        {
            "family": finding.detector,
            "account": account,
            "last_at": finding.last_at,
            "strength": finding.strength,
            "surprise": finding.surprise,
        }
        for finding in findings
        for account in finding.accounts
    ]
    return pa.Table.from_pylist(rows, schema=PARTS)
