"""A trace as files: JSON for programs, Parquet for analysts, one HTML page for people.

The same trace gives the same bytes. A trace of an account may be several, one per currency; they are one set of files
in which every amount bears its currency.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from flows.plugins import Shelf
from graphs.trace import Bound, Endpoint, Trace
from reports.blocks import Renderer
from reports.parquet import parquet_bytes
from reports.trace_page import Asked, trace_page

RENDERERS = Shelf("reports.renderers")


def trace_files(traces: Sequence[Trace], asked: Asked) -> dict[str, bytes]:
    """Give the files of a trace by name.

    Parameters
    ----------
    traces : sequence of Trace
        One per currency.
    asked : Asked
        What was asked, of which version of the ledger.

    Returns
    -------
    dict of str to bytes
        ``trace.html``, ``trace.json`` and ``trace.parquet`` as the outside contract names them.
    """
    html: Renderer = RENDERERS.load("html")()
    return {
        "trace.html": html.render(trace_page(traces, asked)),
        "trace.json": (json.dumps(as_json(traces, asked), indent=2, ensure_ascii=False) + "\n").encode(),
        "trace.parquet": parquet_bytes(pa.concat_tables([found.payments for found in traces])),
    }


def as_json(traces: Sequence[Trace], asked: Asked) -> dict[str, Any]:
    """Give a trace in the form of the outside contract; every amount also bears its currency."""
    rules: dict[str, Any] = {}
    for found in traces:
        for rule, ends in found.endpoints.items():
            rules.setdefault(rule, {"endpoints": []})["endpoints"] += [_endpoint(end, found.currency) for end in ends]
    reached = sorted({node for found in traces for node in found.reached})
    if "poison" in asked.rules:
        rules["poison"] = {"reached": reached, "payments": sum(found.reached_payments for found in traces)}
    return {
        "direction": asked.direction,
        "ledger_version": asked.ledger_version,
        "as_of": str(asked.as_of),
        "known_on": None if asked.known_on is None else str(asked.known_on),
        "seeds": [
            {"payment_id": seed.payment_id, "amount_minor": seed.amount_minor, "currency": seed.currency}
            for found in traces
            for seed in found.seeds
        ],
        "rules": rules,
        "bounds": [_bound(bound, found.currency) for found in traces for bound in found.bounds],
        "class_bounds": [_bound(bound, found.currency) for found in traces for bound in found.class_bounds],
        # A trace that loses money raises instead of being written (`graphs.trace_record.Record.check`).
        "conserved": True,
        "assumptions": list(dict.fromkeys(said for found in traces for said in found.assumptions)),
    }


def _endpoint(end: Endpoint, currency: str) -> dict[str, Any]:
    return {
        "node": end.node,
        "class": end.end_class,
        "amount_minor": end.amount_minor,
        "payments": list(end.payments),
        "currency": currency,
        "what": end.what,
        "least_minor": end.least_minor,
        "most_minor": end.most_minor,
    }


def _bound(bound: Bound, currency: str) -> dict[str, Any]:
    return {
        **({"node": bound.node} if bound.node else {}),
        "class": bound.end_class,
        "lo_minor": bound.lo_minor,
        "hi_minor": bound.hi_minor,
        "currency": currency,
    }
