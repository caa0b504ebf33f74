"""Short ways to write features of the common kinds."""

from ml.features.spec import Feature

MINOR = 100.0  # minor units in a unit of money
LN = 10_000.0  # amount_ln is stored as an integer of ten-thousandths


def number(name, unit, meaning, op, *operands, by=()):
    return Feature(name, "number", unit, meaning, op, operands, tuple(by))


def flag(name, meaning, op, *operands, by=()):
    return Feature(name, "bool", "flag", meaning, op, operands, tuple(by))


def money(name, meaning, operand):
    return number(name, "money", meaning, "scaled", operand, by=(MINOR,))


def count(name, meaning, operand):
    return number(name, "count", meaning, "scaled", operand, by=(1.0,))
