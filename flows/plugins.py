"""Shelves: folders whose files are plug-ins.

The id of a plug-in is its file name with dashes, its class is the id in CamelCase, and that is the whole
registration: `detectors/motifs/fan_in.py` holds `FanIn` and is loaded by
``Shelf("detectors.motifs").load("fan-in")``. Listing a shelf imports none of its members, so a member that needs
a heavy library costs nothing until it is asked for. Other distributions add members through entry points of the
group ``moneytrail.<folder>``, e.g. ``moneytrail.motifs``.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from flows.errors import PluginError


def function_name(plugin_id: str) -> str:
    """Give the function name that a plug-in id stands for.

    Examples
    --------
    >>> function_name("round-trip")
    'round_trip'
    """
    return plugin_id.replace("-", "_")


def class_name(plugin_id: str) -> str:
    """Give the class name that a plug-in id stands for.

    Examples
    --------
    >>> class_name("round-trip")
    'RoundTrip'
    """
    return "".join(part.capitalize() for part in plugin_id.split("-"))


class Shelf:
    """The plug-ins of one folder and of the entry points that add to it.

    Parameters
    ----------
    package : str
        Dotted name of the folder, e.g. ``"flows.readers"``.
    name_of : callable
        Gives the name in the file that an id stands for; the class name unless told otherwise (commands are functions).

    Examples
    --------
    >>> Shelf("flows.readers").load("no-such-format")
    Traceback (most recent call last):
    ...
    flows.errors.PluginError: PluginError: there is no 'no-such-format' on the shelf flows.readers
      where: flows/readers
      try:   one of: ...
    """

    def __init__(self, package: str, name_of: Callable[[str], str] = class_name) -> None:
        self.package = package
        self.name_of = name_of
        self.folder = package.replace(".", "/")
        self.group = "moneytrail." + package.rpartition(".")[2]

    def ids(self) -> tuple[str, ...]:
        """List the ids of the shelf in alphabetical order, importing no member.

        Raises
        ------
        PluginError
            If an outside distribution adds an id that is already taken.
        """
        own = self._own
        outside = self._outside
        taken = own & outside.keys()
        if taken:
            name = min(taken)
            raise PluginError(
                f"two plug-ins call themselves {name!r}",
                where=f"{self.folder} and the entry point {outside[name].value}",
                try_="rename or uninstall the outside plug-in",
            )
        return tuple(sorted(own | outside.keys()))

    def load(self, plugin_id: str) -> Any:
        """Import one member and give its class (or function).

        Raises
        ------
        PluginError
            If no member has this id (the nearest one is named), or if its file lacks the class.
        """
        plugin_id = plugin_id.replace("_", "-")
        if plugin_id in self._own:
            module = importlib.import_module(f"{self.package}.{plugin_id.replace('-', '_')}")
            wanted = self.name_of(plugin_id)
            if not hasattr(module, wanted):
                raise PluginError(
                    f"the plug-in {plugin_id!r} has no {wanted}",
                    where=f"{self.folder}/{plugin_id.replace('-', '_')}.py",
                    try_=f"name it {wanted}",
                )
            return getattr(module, wanted)
        outside = self._outside
        if plugin_id in outside:
            return outside[plugin_id].load()
        known = self.ids()
        near = difflib.get_close_matches(plugin_id, known, n=1)
        raise PluginError(
            f"there is no {plugin_id!r} on the shelf {self.package}",
            where=self.folder,
            try_=f"did you mean {near[0]!r}?" if near else "one of: " + ", ".join(known),
        )

    # Listed once for each shelf that is made: a night loads some hundred members, each by its id.
    @cached_property
    def _own(self) -> set[str]:
        package = importlib.import_module(self.package)
        return {entry.name.replace("_", "-") for entry in pkgutil.iter_modules(package.__path__) if not entry.ispkg}

    @cached_property
    def _outside(self) -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in _installed(entry_points, self.group)}


@cache
def _installed(asked: Callable[..., Iterable[EntryPoint]], group: str) -> tuple[EntryPoint, ...]:
    """Ask once what is installed: that reads a file of every distribution there is."""
    return tuple(asked(group=group))
