"""Money as integers: hundredths, and their logarithm."""

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

MINOR = 100  # hundredths in a unit of money


def amount_ln(amount_minor: int) -> int | None:
    """ln of an amount in minor units, as an integer x 10,000; nothing for an amount of zero."""
    # np.log, not math.log: they differ in the last bit, and bulk code must agree with this.
    return int(np.rint(10_000 * np.log(amount_minor))) if amount_minor > 0 else None


def minor(hundredths: Decimal) -> int:
    """Hundredths as a whole number, half to even."""
    return int(hundredths.quantize(Decimal(1), ROUND_HALF_EVEN))
