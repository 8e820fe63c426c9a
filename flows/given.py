"""What a person types in a notebook, looked at where it comes in: an error in words is better than one of Python's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from flows.errors import InputError


def day_given(value: date | None, name: str) -> None:
    """Refuse what is no day, such as a text.

    Parameters
    ----------
    value : datetime.date or None
        As it was given.
    name : str
        Of the parameter.

    Raises
    ------
    InputError
        If it is neither a date nor nothing; a moment is no day.

    Examples
    --------
    >>> day_given("2026-03-03", "as_of")
    Traceback (most recent call last):
    ...
    flows.errors.InputError: InputError: as_of is not a day but a str
      where: as_of
      try:   give a datetime.date, such as date(2026, 3, 3)
    """
    if value is not None and (isinstance(value, datetime) or not isinstance(value, date)):
        raise InputError(
            f"{name} is not a day but a {type(value).__name__}",
            where=name,
            try_="give a datetime.date, such as date(2026, 3, 3)",
        )


def ids_given(value: Iterable[str], name: str) -> None:
    """Refuse one text where a list of ids belongs, which would be read letter by letter.

    Raises
    ------
    InputError
        If it is a text.

    Examples
    --------
    >>> ids_given("P1", "payments")
    Traceback (most recent call last):
    ...
    flows.errors.InputError: InputError: payments is one text, not a list of ids
      where: payments
      try:   put it into brackets: payments=["..."]
    """
    if isinstance(value, str):
        raise InputError(
            f"{name} is one text, not a list of ids", where=name, try_=f'put it into brackets: {name}=["..."]'
        )
