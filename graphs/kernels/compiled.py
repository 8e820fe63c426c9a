"""How kernels are compiled, and where the machine code is kept.

Kernels are single-threaded numba loops that let go of the interpreter's lock; `graphs.kernels.blocks` runs them on
several threads. numba's own parallel loops are not used: they take three times as long to compile and do not survive
a fork. A kernel's cache on disk does not see changes in *other* files, so what a kernel calls lives in its own file.

numba's compiler is cut down to what kernels need (`graphs.kernels.lean`); they never subscript from an array's end.
Compiling takes by far the most time where arrays are cut, copied or filled as wholes, and then grows with the number of
subscripts: inside kernels there are loops over numbers, and what Python can do before or after is done there.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.extending import register_jitable
from numba.misc.appdirs import AppDirs

from graphs.kernels.lean import Kernel, Part

P = ParamSpec("P")
T = TypeVar("T")

OPTIONS: Any = {"nogil": True, "cache": True, "no_cfunc_wrapper": True}
"""The last leaves out what lets C call a kernel: a fifth of the time of compiling a short one, and nobody does."""


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a function on its first call, and keep the machine code for the next process.

    Parameters
    ----------
    function : callable
        Takes arrays and numbers, gives arrays and numbers; calls nothing compiled outside its own file.
    """
    return cast("Callable[P, T]", numba.njit(pipeline_class=Kernel, **OPTIONS)(function))


def inner(function: Callable[P, T]) -> Callable[P, T]:
    """Let the kernels of the same file call a function; it is compiled, and kept, as a part of them.

    What unpacks arguments from Python takes longer to compile than a short function, so it is left out: called from
    Python, the function stays plain Python.
    """
    return register_jitable(pipeline_class=Part, no_cfunc_wrapper=True)(function)


def find_a_place_for_the_cache(package: Path, home: Path, fallback: Path) -> Path | None:
    """Give the folder that numba must be told of, or None if it finds one by itself.

    numba writes beside the source, or else below the user's cache folder, and fails where neither can be written: an
    installed package on a machine without home folders. A folder of our own below the temporary one is the last
    resort; the cache is code that will be run, so it is used only if nobody else can write to it.

    Parameters
    ----------
    package : Path
        Folder of the kernels.
    home : Path
        The user's cache folder.
    fallback : Path
        Folder to make, readable by this user only.
    """
    if _can_write(package / "__pycache__") or _can_write(home):
        return None
    try:
        fallback.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = fallback.lstat()
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    except OSError:
        ours = False
    return fallback if ours else Path(tempfile.mkdtemp(prefix="moneytrail-"))


def told_place() -> str:
    """Give the folder that numba was told to keep machine code in; empty where it finds one by itself."""
    settings: Any = numba.config  # numba fills it in at run time
    place: str = settings.CACHE_DIR
    return place


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _settle_the_cache() -> None:
    settings: Any = numba.config  # numba fills it in at run time
    if settings.CACHE_DIR:
        return
    folders = AppDirs(appname="numba", appauthor=False)  # type: ignore[no-untyped-call]  # ships no types
    place = find_a_place_for_the_cache(
        Path(__file__).parent,
        Path(folders.user_cache_dir),
        Path(tempfile.gettempdir()) / f"moneytrail-{os.getuid()}",
    )
    if place is not None:
        settings.CACHE_DIR = str(place)


_settle_the_cache()
