"""The missing value: one object whose every use raises, so that compiled rules need no checks.

A missing value makes what needs it not evaluable. It is absent, never zero, empty or false.
"""

from typing import NoReturn


class MissingValue(Exception):
    """A rule needed a value that is absent."""


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


def _raise(*_: object) -> NoReturn:
    raise MissingValue


_OPERATIONS = (
    "eq ne lt le gt ge hash bool add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv "
    "mod rmod neg abs contains getattr iter len float int index"
)
for _operation in _OPERATIONS.split():
    setattr(_Missing, f"__{_operation}__", _raise)

MISSING = _Missing()

# What makes an expression not evaluable: a missing value, or a division by zero.
NOT_EVALUABLE_ERRORS = (MissingValue, ZeroDivisionError)
