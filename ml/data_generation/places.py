"""Cities where generated customers live and travel, and points scattered around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# name, country, latitude, longitude, hours east of UTC (standard time), weight as a home
_CITIES = (
    ("New York", "US", 40.713, -74.006, -5, 8),
    ("Chicago", "US", 41.878, -87.630, -6, 5),
    ("Los Angeles", "US", 34.052, -118.244, -8, 6),
    ("London", "GB", 51.507, -0.128, 0, 8),
    ("Manchester", "GB", 53.481, -2.242, 0, 3),
    ("Berlin", "DE", 52.520, 13.405, 1, 5),
    ("Munich", "DE", 48.135, 11.582, 1, 4),
    ("Paris", "FR", 48.857, 2.352, 1, 5),
    ("Madrid", "ES", 40.417, -3.703, 1, 4),
    ("Barcelona", "ES", 41.385, 2.173, 1, 3),
    ("Milan", "IT", 45.464, 9.190, 1, 4),
    ("Rome", "IT", 41.903, 12.496, 1, 3),
    ("Amsterdam", "NL", 52.368, 4.904, 1, 3),
    ("Warsaw", "PL", 52.230, 21.012, 1, 3),
    ("Istanbul", "TR", 41.008, 28.978, 3, 2),
    ("Dubai", "AE", 25.205, 55.271, 4, 1),
    ("Mumbai", "IN", 19.076, 72.878, 5, 3),
    ("Bangkok", "TH", 13.756, 100.502, 7, 1),
    ("Singapore", "SG", 1.352, 103.820, 8, 2),
    ("Tokyo", "JP", 35.676, 139.650, 9, 3),
    ("Sydney", "AU", -33.869, 151.209, 10, 2),
    ("Sao Paulo", "BR", -23.551, -46.633, -3, 3),
    ("Lagos", "NG", 6.524, 3.379, 1, 2),
    ("Bucharest", "RO", 44.427, 26.103, 2, 2),
)


@dataclass(frozen=True)
class Cities:
    """Columns over the cities; an index into them stands for the city everywhere else."""

    name: np.ndarray
    country: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    offset_hours: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.name)


def _cities() -> Cities:
    name, country, latitude, longitude, offset, weight = zip(*_CITIES, strict=True)
    weights = np.array(weight, dtype=float)
    return Cities(
        name=np.array(name, dtype=object),
        country=np.array(country, dtype=object),
        latitude=np.array(latitude),
        longitude=np.array(longitude),
        offset_hours=np.array(offset, dtype=np.int64),
        weight=weights / weights.sum(),
    )


CITIES = _cities()


def homes(rng: np.random.Generator, count: int) -> np.ndarray:
    """City index of `count` customers, by weight."""
    return rng.choice(len(CITIES), size=count, p=CITIES.weight)


def elsewhere(rng: np.random.Generator, home: np.ndarray) -> np.ndarray:
    """A city in another country for each home city."""
    away = rng.integers(0, len(CITIES), size=len(home))
    while (same := CITIES.country[away] == CITIES.country[home]).any():
        away[same] = rng.integers(0, len(CITIES), size=int(same.sum()))
    return away


def scatter(rng: np.random.Generator, city: np.ndarray, km: float) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude in degrees, about `km` around the city's centre."""
    north = rng.normal(0.0, km / 111.0, size=len(city))
    east = rng.normal(0.0, km / 111.0, size=len(city)) / np.cos(np.radians(CITIES.latitude[city]))
    latitude = np.round(CITIES.latitude[city] + north, 6)
    return latitude, np.round(CITIES.longitude[city] + east, 6)
