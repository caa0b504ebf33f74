"""Replacing the exchange rates."""

import csv
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.db import transaction

from transactions.fx import forget_cached_rates
from transactions.models import FxRate

SMALLEST, LARGEST = Decimal("0.0000000001"), Decimal(9_999_999_999)  # what the column holds


class RatesRefused(ValueError):
    """A file of rates that cannot be used; the message names line and column."""


def replace_rates(path: Path) -> int:
    """Replace every rate by those of a CSV with day, currency and usd (price in US dollars)."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = {"day", "currency", "usd"} - set(reader.fieldnames or ())
        if missing:
            raise RatesRefused(f"line 1: column {', '.join(sorted(missing))} missing")
        rates = _read(reader)
    if not any(rate.currency == "USD" for rate in rates):
        raise RatesRefused("a row for USD itself (usd 1) is needed")
    with transaction.atomic():
        FxRate.objects.all().delete()
        FxRate.objects.bulk_create(rates)
    forget_cached_rates()
    return len(rates)


def _read(reader: csv.DictReader) -> list[FxRate]:
    line_of: dict[tuple[str, date], int] = {}
    rates = []
    try:
        for row in reader:
            rate = _rate(reader.line_num, row)
            first = line_of.setdefault((rate.currency, rate.day), reader.line_num)
            if first != reader.line_num:
                raise RatesRefused(
                    f"line {reader.line_num}: {rate.currency} has a rate for {rate.day} in line {first}"
                )
            rates.append(rate)
    except csv.Error as error:
        raise RatesRefused(f"line {reader.line_num}: not CSV ({error})") from error
    return rates


def _rate(line: int, row: dict[str, str]) -> FxRate:
    try:
        day = date.fromisoformat(row["day"] or "")
    except ValueError:
        raise RatesRefused(f"line {line}, day: '{row['day']}' is not a date like 2026-01-31") from None
    currency = (row["currency"] or "").strip().upper()
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise RatesRefused(f"line {line}, currency: '{currency}' is not a three-letter code")
    try:
        price = Decimal(row["usd"] or "")
    except InvalidOperation:
        price = Decimal(0)
    if not price.is_finite() or not SMALLEST <= price <= LARGEST:
        raise RatesRefused(
            f"line {line}, usd: '{row['usd']}' is not a number from {SMALLEST:f} to {LARGEST:,}"
        )
    return FxRate(day=day, currency=currency, usd=price)
