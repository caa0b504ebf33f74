"""Loading daily bars of symbols from a file: validated row by row, stored once however often it is loaded."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction
from psycopg2.extras import execute_values

from fraud_detection.services.csv_files import DELIMITERS, UNREADABLE, FileRefused, opened, unreadable
from logs.services import record
from ml.domains.market.schema import LARGEST_PRICE, LARGEST_VOLUME, PRICE, VOLUME, steps
from ml.features.keys import entity_key

CHUNK = 2_000
PRICES = ("open", "high", "low", "close")
COLUMNS = ("symbol", "date", *PRICES, "volume")
ALIASES = {"name": "symbol", "ticker": "symbol"}
_UPSERT = """
    insert into transactions_marketbar as b
        (symbol, symbol_key, date, loaded, open_e8, high_e8, low_e8, close_e8, volume_e6)
    values %s
    on conflict (symbol_key, date, loaded) do update set open_e8 = excluded.open_e8,
        high_e8 = excluded.high_e8, low_e8 = excluded.low_e8, close_e8 = excluded.close_e8,
        volume_e6 = excluded.volume_e6
    where (b.open_e8, b.high_e8, b.low_e8, b.close_e8, b.volume_e6)
        is distinct from
        (excluded.open_e8, excluded.high_e8, excluded.low_e8, excluded.close_e8, excluded.volume_e6)
    returning (xmax = 0)
"""


class BadRow(NamedTuple):
    """A row that was left out; `column` is empty when the row as a whole is wrong."""

    line: int
    column: str
    reason: str


@dataclass
class LoadedBars:
    """Counts over the data rows of a file."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)


class _Bar(NamedTuple):
    symbol: str
    day: date
    prices: tuple[int, int, int, int]
    volume: int


def load_bars(path: Path, *, symbol: str | None, acting: str) -> LoadedBars:
    """Store the good rows of a CSV of daily bars; bad ones are named and left out.

    Symbols that never traded here are taken too: bars are reference data. `symbol` stands in for a file
    without such a column. Raises FileRefused for a file that cannot be read.
    """
    loaded = LoadedBars()
    with transaction.atomic():
        bars = _good_rows(path, symbol, loaded)
        while chunk := list(islice(bars, CHUNK)):
            _store(chunk, loaded)
        if loaded.rows == 0:
            raise FileRefused("line 2: there are no data rows")
        record(
            "market_data.loaded",
            actor_kind="system",
            actor=acting,
            subject_kind="file",
            subject=path.name,
            after={"rows": loaded.rows, "new": loaded.new, "changed": loaded.changed, "bad": len(loaded.bad)},
        )
    return loaded


def _store(bars: list[_Bar], loaded: LoadedBars) -> None:
    rows = [
        (bar.symbol, entity_key("symbol", bar.symbol), bar.day, True, *bar.prices, bar.volume) for bar in bars
    ]
    with connection.cursor() as cursor:
        stored = execute_values(cursor.cursor, _UPSERT, rows, page_size=CHUNK, fetch=True)
    new = sum(is_new for (is_new,) in stored)
    loaded.new += new
    loaded.changed += len(stored) - new
    loaded.unchanged += len(bars) - len(stored)


def _good_rows(path: Path, symbol: str | None, loaded: LoadedBars) -> Iterator[_Bar]:
    seen: dict[tuple[str, date], tuple[int, int]] = {}
    line = 1
    with opened(path) as text:
        try:
            delimiter, columns = _layout(text.readline(1 << 20), symbol)
            reader, line = csv.reader(text, delimiter=delimiter), 2
            for values in reader:
                if values:
                    bar = _row(line, values, columns, symbol, loaded, seen)
                    if bar is not None:
                        yield bar
                line = reader.line_num + 2
        except UNREADABLE as error:
            raise FileRefused(unreadable(error, line)) from error


def _layout(header: str, symbol: str | None) -> tuple[str, dict[str, int]]:
    """The delimiter, and where each column stands; names in any case, others are passed over."""

    def places(delimiter: str) -> dict[str, int]:
        names = next(csv.reader([header], delimiter=delimiter), [])
        named = [name.strip().lower() for name in names]
        return {ALIASES.get(name, name): place for place, name in enumerate(named)}

    delimiter = max(DELIMITERS, key=lambda mark: len(places(mark).keys() & set(COLUMNS)))
    columns = places(delimiter)
    missing = [name for name in COLUMNS if name not in columns and not (name == "symbol" and symbol)]
    if missing:
        hint = "; --symbol names it for the whole file" if missing == ["symbol"] else ""
        raise FileRefused(f"line 1: column {', '.join(missing)} missing{hint}")
    return delimiter, columns


def _row(
    line: int,
    values: list[str],
    columns: Mapping[str, int],
    symbol: str | None,
    loaded: LoadedBars,
    seen: dict[tuple[str, date], tuple[int, int]],
) -> _Bar | None:
    loaded.rows += 1
    bar = _parsed(line, values, columns, symbol)
    if isinstance(bar, _Bar):
        first, content = seen.setdefault((bar.symbol, bar.day), (line, hash(bar)))
        if first == line:
            return bar
        if content == hash(bar):
            loaded.unchanged += 1
            return None
        bar = BadRow(line, "date", f"{bar.symbol} has another bar of {bar.day} in line {first}")
    loaded.bad.append(bar)
    return None


def _parsed(line: int, values: list[str], columns: Mapping[str, int], symbol: str | None) -> _Bar | BadRow:
    if len(values) <= max(columns.values()):
        return BadRow(
            line, "", f"has {len(values)} values where the header names {max(columns.values()) + 1}"
        )
    given = {name: values[columns[name]].strip() for name in COLUMNS if name in columns}
    name = given.get("symbol") or symbol or ""
    if not name or len(name) > 64 or not name.isprintable():
        return BadRow(line, "symbol", "must be a name of 1 to 64 characters")
    day = _day(given["date"])
    if day is None:
        return BadRow(line, "date", f"'{given['date'][:40]}' is not a past day like 2026-01-31")
    prices = [_number(given[column], 1 / PRICE, LARGEST_PRICE) for column in PRICES]
    for column, price in zip(PRICES, prices, strict=True):
        if price is None:
            return BadRow(line, column, f"'{given[column][:40]}' is not a price above 0")
    volume = _number(given["volume"], 0, LARGEST_VOLUME)
    if volume is None:
        return BadRow(line, "volume", f"'{given['volume'][:40]}' is not a quantity of 0 or more")
    opens, high, low, close = prices
    if low > min(opens, high, close):
        return BadRow(line, "low", f"{given['low']} is above another price of the day")
    if high < max(opens, close):
        return BadRow(line, "high", f"{given['high']} is below another price of the day")
    return _Bar(name, day, tuple(steps(price, PRICE) for price in prices), steps(volume, VOLUME))


def _day(text: str) -> date | None:
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        return None
    return day if date(1900, 1, 1) <= day <= datetime.now().date() else None


def _number(text: str, least: float, most: float) -> Decimal | None:
    try:
        number = Decimal(text) if len(text) <= 64 and "_" not in text else None
    except InvalidOperation:
        return None
    if number is None or not number.is_finite() or not least <= number <= Decimal(most):
        return None
    return number
