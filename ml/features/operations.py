"""The arithmetic that features are made of.

Every operation takes its operands as float64 arrays [k, n] (k features, n events), missing being NaN, and
its parameters as float64 arrays [k, 1], and returns [k, n]. Only element-wise numpy is used, so that one
event and a million give the same bits. Division by zero gives missing. No operation may raise a floating
point warning: silencing them with np.errstate would double the time of one event.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from ml.features.durations import DAY, HOUR

EARTH_RADIUS_KM = 6371.0088
CASH_IN, REFUND = 3, 6
_CYCLES = {
    period: np.array([[math.sin(2 * math.pi * i / period), math.cos(2 * math.pi * i / period)]
                      for i in range(period)])
    for period in (7, 24)
}  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """operands: how many; parameters: how many, None when any number, then one group per value."""

    function: Callable[..., ndarray]
    operands: int
    parameters: int | None = 0


def _divide(a: ndarray, b: ndarray) -> ndarray:
    return a / np.where(b == 0, np.nan, b)


def _flag(condition: ndarray, *operands: ndarray) -> ndarray:
    """Return 0.0 or 1.0, missing where an operand is."""
    missing = np.isnan(operands[0])
    for operand in operands[1:]:
        missing |= np.isnan(operand)
    return np.where(missing, np.nan, condition)


def _scaled(a, divisor):
    return a / divisor


def _ratio(a, b, divisor):
    return _divide(a, b * divisor)


def _burden(a, b, divisor, most):
    """The ratio, at most `most`, which is also what anything over nothing is."""
    nothing = np.where(a > 0, most, np.nan)
    return np.where(b == 0, nothing, np.minimum(_divide(a, b * divisor), most))


def _growth(a, b):
    return _divide(a - b, b)


def _over_mean(a, total, count):
    """a over total / count, rounded once: five times a mean is 5, not the number below."""
    return _divide(a * count, total)


def _mean_over(total, count, b):
    """total / count over b, rounded once."""
    return _divide(total, count * b)


def _retraced(high, now, low):
    """How much of the way from low to high is gone again."""
    return _divide(high - now, high - low)


def _ratio_to_next(a, b):
    """a over b + 1: defined where b is 0, and close to the ratio where it is not small."""
    return a / (b + 1.0)


def _total(a, b, divisor):
    return (a + b) / divisor


def _difference(a, b, divisor):
    return (a - b) / divisor


def _complement(a):
    return 1.0 - a


def _shortfall(a, limit, divisor):
    """By how much it stays below a limit."""
    return (limit - a) / divisor


def _excess(a, limit, divisor):
    """By how much it goes beyond a limit."""
    return (a - limit) / divisor


def _least(a, b, divisor):
    """The smaller of two, or the one that is there."""
    return np.fmin(a, b) / divisor


def _positive(a, divisor):
    """Missing unless it is more than nothing."""
    return np.where(a / divisor > 0, a, np.nan) / divisor


def _not_negative(a, divisor):
    return np.where(a / divisor >= 0, a, np.nan) / divisor


def _age_of_earliest(now, a, b, divisor):
    """Time since the earlier of two, or since the one that is there."""
    return (now - np.fmin(a, b)) / divisor


def _gap(a, b, c, d, divisor):
    """Time from the later of c and d to the earlier of a and b."""
    return (np.fmin(a, b) - np.fmax(c, d)) / divisor


def _whole(a: ndarray) -> ndarray:
    return np.where(np.isnan(a), 0, a).astype(np.int64)


def _deviation(count, total, squares, divisor):
    """Sample standard deviation from integer sums; in integers, or equal values would not give zero."""
    missing = ~(count + total + squares > 0) | (count < 2)
    n, s, q = (np.where(missing, 2, a).astype(np.int64) for a in (count, total, squares))
    variance = (n * q - s * s) / (n * (n - 1))
    return np.where(missing, np.nan, np.sqrt(np.maximum(variance, 0.0)) / divisor)


def _standardised(value, mean, deviation):
    return _divide(value - mean, deviation)


def _covered(now: ndarray, horizon: ndarray, window: ndarray) -> ndarray:
    """How much of the window before `now` the bounded history reaches back; missing when none."""
    reach = np.fmin(now - horizon, window)
    return np.where(reach > 0, reach, np.nan)


def _pace(total, horizon, now, window, until, period, divisor):
    """Mean per period over (now - window, now - until], or over the part the bounded history reaches."""
    periods = _covered(now - until, horizon, window - until) / period
    return total / (periods * divisor)


def _label_rate(frauds, frauds_horizon, events, events_horizon, now, window, delay):
    """Frauds over events, each brought to the whole window where the bound cut its history short."""
    frauds = frauds * (window / _covered(now, frauds_horizon, window))
    events = events * (window / _covered(now - delay, events_horizon, window))
    return np.minimum(np.maximum(_divide(frauds, events), 0.0), 1.0)


def _shrunk(frauds, known, usual, strength):
    """A rate of few observations drawn towards the usual one, as if it had been observed `strength` times."""
    return (frauds + strength * usual) / (known + strength)


def _remainder(a, divisor):
    return a % divisor


def _equal(a, b):
    return _flag(a == b, a, b)


def _later_than_earliest(time, a, b):
    earliest = np.fmin(a, b)
    return _flag(time > earliest, time, earliest)


def _member(a, *values):
    result = a == values[0]
    for value in values[1:]:
        result |= a == value
    return _flag(result, a)


def _both(a, b):
    """Kleene and: false when either is false."""
    return np.where((a == 0) | (b == 0), 0.0, a * b)


def _cyclic(part: int) -> Callable[..., ndarray]:
    def look_up(a: ndarray, period: ndarray) -> ndarray:
        table = _CYCLES[int(period[0, 0])][:, part]
        return np.where(np.isnan(a), np.nan, table[_whole(a) % len(table)])

    return look_up


def _weekday(occurred_at, local_hour):
    """0 is Monday. The local day is the UTC day, or the one beside it when the hours lie half a day apart."""
    utc_hour = occurred_at // HOUR % 24
    ahead = local_hour - utc_hour
    shift = np.where(ahead > 12, -1, np.where(ahead < -12, 1, 0))
    weekday = (occurred_at // DAY + shift + 3) % 7
    return np.where(np.isnan(local_hour), np.nan, weekday)


def _distance(latitude, longitude, other_latitude, other_longitude):
    """Great-circle kilometres between points in microdegrees (haversine)."""
    radians = math.pi / 180e6
    y, other_y = latitude * radians, other_latitude * radians
    half_y, half_x = np.sin((other_y - y) / 2), np.sin((other_longitude - longitude) * radians / 2)
    h = half_y * half_y + np.cos(y) * np.cos(other_y) * half_x * half_x
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(h, 1.0)))


def _speed(kilometres, seconds):
    """km/h; less than a second counts as one, or two places at one instant would have no speed."""
    return kilometres / (np.maximum(seconds, 1.0) / 3600.0)


def _mismatch(before, after, amount, event_type, direction):
    """abs(before + change - after) / amount; cash in turns the direction round; a refund has none."""
    change = np.where(event_type == CASH_IN, -amount, amount) * direction
    return np.where(event_type == REFUND, np.nan, _divide(np.abs(before + change - after), amount))


OPERATIONS = {
    "scaled": Operation(_scaled, 1, 1),  # a / divisor
    "ratio": Operation(_ratio, 2, 1),  # a / (b * divisor)
    "burden": Operation(_burden, 2, 2),  # a / (b * divisor), at most most
    "growth": Operation(_growth, 2),  # (a - b) / b
    "over_mean": Operation(_over_mean, 3),  # a * count / total
    "mean_over": Operation(_mean_over, 3),  # total / (count * b)
    "retraced": Operation(_retraced, 3),  # (high - now) / (high - low)
    "ratio_to_next": Operation(_ratio_to_next, 2),
    "total": Operation(_total, 2, 1),  # (a + b) / divisor
    "difference": Operation(_difference, 2, 1),  # (a - b) / divisor
    "complement": Operation(_complement, 1),
    "shortfall": Operation(_shortfall, 1, 2),  # limit, divisor
    "excess": Operation(_excess, 1, 2),  # limit, divisor
    "least": Operation(_least, 2, 1),  # divisor
    "positive": Operation(_positive, 1, 1),  # divisor
    "not_negative": Operation(_not_negative, 1, 1),  # divisor
    "age_of_earliest": Operation(_age_of_earliest, 3, 1),  # divisor
    "gap": Operation(_gap, 4, 1),  # divisor
    "deviation": Operation(_deviation, 3, 1),
    "standardised": Operation(_standardised, 3),
    "pace": Operation(_pace, 3, 4),  # window, until, period, divisor
    "label_rate": Operation(_label_rate, 5, 2),  # window, delay
    "shrunk": Operation(_shrunk, 3, 1),  # strength
    "remainder": Operation(_remainder, 1, 1),  # divisor
    "equal": Operation(_equal, 2),
    "later_than_earliest": Operation(_later_than_earliest, 3),
    "member": Operation(_member, 1, None),
    "both": Operation(_both, 2),
    "cycle_sin": Operation(_cyclic(0), 1, None),
    "cycle_cos": Operation(_cyclic(1), 1, None),
    "weekday": Operation(_weekday, 2),
    "distance": Operation(_distance, 4),
    "speed": Operation(_speed, 2),
    "mismatch": Operation(_mismatch, 4, 1),  # -1 where the amount leaves, 1 where it arrives
}

# Texts never enter the float vector: "text" looks the integer up in `choices`, "country" decodes it.
TEXT_OPERATIONS = ("text", "country")
