"""What everybody is asked, where one account cannot be judged by its own payments alone.

An indicator that holds an account against its peers, or counts the customers behind a device, needs one small thing of
everybody and no more of them. It says so as a `Survey` and asks for the answers (`detectors.sight.Sight.everybody`).
Where all payments lie in one window they are there at once. Where accounts are looked at in portions the first such
question ends the measuring (`Unanswered`), each portion answers for its own accounts, and with all answers together the
indicator is asked again (`detectors.indicating`). It never sees the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from detectors.sight import Sight


@dataclass(frozen=True)
class Survey:
    """One question to everybody.

    Parameters
    ----------
    name : str
        Unlike that of every other survey whose answers differ: parameters that they depend on belong into it.
    answered : callable
        Gives the answers that can be read from a sight, one a row, with whose each is (a node) in the column ``of``: a
        function of a module or a method of an indicator, since it travels. Those of accounts of other windows are left
        to them, and outside accounts are not asked. What is made of all answers must not depend on their order.
    concluded : callable, optional
        Makes of all answers, once, the little that is asked for: where they are many.
    """

    name: str
    answered: Callable[[Sight], pa.Table]
    concluded: Callable[[pa.Table], pa.Table] | None = None

    def together(self, answers: Iterable[pa.Table]) -> pa.Table:
        """Put all answers together."""
        table = pa.concat_tables(answers)
        return table if self.concluded is None else self.concluded(table)


class Unanswered(Exception):  # noqa: N818 - nothing went wrong: the answers of others have to be waited for
    """Not all answers of a survey are there yet."""

    def __init__(self, survey: Survey) -> None:
        super().__init__(survey.name)
        self.survey = survey
