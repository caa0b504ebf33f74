"""Exchange rates by date, and replacing them."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from transactions.fx import NoRate, forget_cached_rates, rate_between
from transactions.models import FxRate

pytestmark = pytest.mark.django_db
GOOD = "day,currency,usd\n2026-01-10,USD,1\n2026-01-10,EUR,1.10\n2026-02-10,eur,1.20\n2026-01-10,GBP,1.25\n"


@pytest.fixture(autouse=True)
def fresh_rates():
    forget_cached_rates()
    yield
    forget_cached_rates()


@pytest.fixture
def load(tmp_path):
    def run(content: str | bytes) -> str:
        path = tmp_path / "rates.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out = io.StringIO()
        call_command("load_fx_rates", str(path), stdout=out)
        return out.getvalue()

    return run


def on(currency, day, reporting="USD"):
    return rate_between(currency, reporting, date.fromisoformat(day))


def test_the_rate_is_the_newest_on_or_before_the_day(load):
    assert load(GOOD) == "4 rates loaded; running processes use them within a minute\n"
    assert on("EUR", "2026-02-09") == Decimal("1.10")
    assert on("EUR", "2026-02-10") == on("EUR", "2030-01-01") == Decimal("1.20")


def test_before_the_first_day_the_first_rate_stands(load):
    load(GOOD)
    assert on("EUR", "1971-01-01") == Decimal("1.10")


def test_two_currencies_meet_through_the_dollar(load):
    load(GOOD)
    assert on("GBP", "2026-01-15", reporting="EUR") == Decimal("1.25") / Decimal("1.10")
    assert on("EUR", "2026-01-15", reporting="EUR") == 1


@pytest.mark.parametrize(("currency", "reporting"), [("XTS", "USD"), ("EUR", "XTS")])
def test_a_currency_without_a_rate_says_what_to_do(load, currency, reporting):
    load(GOOD)
    with pytest.raises(NoRate, match=r"no exchange rate for 'XTS'; load one with manage.py load_fx_rates"):
        on(currency, "2026-01-15", reporting)


def test_the_shipped_rates_stand_until_others_are_loaded(load):
    assert on("USD", "2026-01-15") == 1 and on("EUR", "2026-01-15") > 0
    load("day,currency,usd\n2026-01-10,USD,1\n")
    with pytest.raises(NoRate):
        on("EUR", "2026-01-15")


def test_a_byte_order_mark_and_other_column_orders_are_fine(load):
    assert load(b"\xef\xbb\xbfusd,note,currency,day\r\n1,x,USD,2026-01-10\r\n").startswith("1 rates")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1: column currency, day, usd missing"),
        ("day,currency\n2026-01-10,USD\n", "line 1: column usd missing"),
        ("day;currency;usd\n2026-01-10;USD;1\n", "line 1: column currency, day, usd missing"),
        ("day,currency,usd\n", "a row for USD itself"),
        (GOOD.replace("2026-02-10", "10.02.2026"), "line 4, day: '10.02.2026' is not a date"),
        (GOOD.replace("GBP", "POUND"), "line 5, currency: 'POUND'"),
        (GOOD.replace("GBP", "ÄÖÜ"), "line 5, currency: 'ÄÖÜ'"),
        (GOOD.replace("1.25", "-1.25"), "line 5, usd: '-1.25' is not a number from"),
        (GOOD.replace("1.25", "NaN"), "line 5, usd: 'NaN'"),
        (GOOD.replace("1.25", "Infinity"), "line 5, usd: 'Infinity'"),
        (GOOD.replace("1.25", "1e11"), "line 5, usd: '1e11'"),
        (GOOD.replace("1.25", "1e-11"), "line 5, usd: '1e-11'"),
        (GOOD.replace("1.25", "one"), "line 5, usd: 'one'"),
        (GOOD.replace(",1.25", ""), "line 5, usd"),
        (GOOD + "2026-01-10,EUR,1.3\n", "line 6: EUR has a rate for 2026-01-10 in line 3"),
        (GOOD.encode("utf-16"), "utf-8"),
        (GOOD + '"' + "x" * 2_000_000, "not CSV"),
    ],
)
def test_a_bad_file_is_refused_and_changes_nothing(load, content, message):
    load("day,currency,usd\n2026-01-01,USD,1\n2026-01-01,EUR,1.5\n")
    with pytest.raises(CommandError, match=message):
        load(content)
    assert FxRate.objects.count() == 2
    assert on("EUR", "2026-01-15") == Decimal("1.5")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"nothing\.csv"):
        call_command("load_fx_rates", str(tmp_path / "nothing.csv"))


@pytest.mark.parametrize(
    ("rows", "constraint"),
    [([("USD", 0)], "transactions_fxrate_positive"), ([("USD", 1), ("USD", 2)], "transactions_fxrate_day")],
)
def test_the_database_refuses_impossible_rates(rows, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        FxRate.objects.bulk_create(FxRate(day=date(2026, 1, 1), currency=name, usd=usd) for name, usd in rows)
    assert not FxRate.objects.exists()
