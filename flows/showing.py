"""How things of the lower floors show themselves in a notebook: by whoever stands on the shelf of views.

What a ledger, a graph or a trace looks like is decided where pages are made, floors above the thing itself. As with
readers and engines, no import climbs: the thing names its view, and the shelf is asked when a notebook asks.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from flows.plugins import Shelf


class View(Protocol):
    """Shows one kind of thing."""

    def html(self, thing: object) -> str:
        """Give HTML that stands alone: it asks nothing of any network and changes nothing of the page it is put in."""


class Shown:
    """Something that shows itself in Jupyter and marimo.

    Attributes
    ----------
    shown_as : str
        Id of its view on the shelf ``reports.notebook``.
    """

    shown_as: ClassVar[str]

    def _repr_html_(self) -> str:
        view: View = Shelf("reports.notebook").load(self.shown_as)()
        return view.html(self)
