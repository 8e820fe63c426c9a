"""A frame for notebooks: a whole small page inside an output, so that neither it nor the notebook can touch the other.

The page in the frame keeps the policy of a report: it loads nothing and sends nothing. The frame may run the page's own
scripts and save a picture the reader asks for, nothing else.
"""

from __future__ import annotations

from html import escape

from flows.plugins import Shelf
from reports.blocks import Block

RENDERERS = Shelf("reports.renderers")


def framed(title: str, blocks: tuple[Block, ...], height: int) -> str:
    """Put blocks into a frame.

    Parameters
    ----------
    title : str
        What a screen reader calls it.
    blocks : tuple of Block
        What is shown.
    height : int
        Pixels; a reader can pull the frame longer.
    """
    page: str = RENDERERS.load("html")().piece(title, blocks)
    # The facts of a picture are full of double quotes; between single ones they stay one sign each.
    inside = escape(page, quote=False).replace("'", "&#39;")
    return (
        f'<iframe title="{escape(title)}" sandbox="allow-scripts allow-downloads" '
        f'style="width:100%;height:{height}px;border:0;resize:vertical;overflow:auto" '
        f"srcdoc='{inside}'></iframe>"
    )
