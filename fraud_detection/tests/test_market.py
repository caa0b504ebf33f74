"""Market events: what is counted beside them, no look-ahead, and training that sees what service sees."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from django.db import transaction

from fraud_detection.models import Assessment, PolicyVersion
from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.market_data import load_bars
from fraud_detection.services.policies import PolicyRefused, draft_policy
from fraud_detection.services.recording import unpacked
from fraud_detection.tests.market_events import Tape, bars, hit
from ml.domains.market.features import MARKET, MODEL_FEATURES
from ml.domains.market.generator import generate_week
from ml.domains.market.replay import vectors
from ml.domains.market.schema import parse
from ml.domains.market.settings import SETTINGS
from transactions.models import MarketAccountDay, MarketBar, MarketEvent, MarketMinute

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture
def tape(payments_engine, client_system):
    return Tape(client_system)


def features(answer):
    numbers = unpacked(Assessment.objects.get(pk=answer["id"]).features)
    return dict(zip(MARKET.numbers, numbers.tolist(), strict=True))


def test_minutes_days_and_owners_are_counted(tape):
    tape.buy(10, "A", 10.0, 100)
    tape.sell(50, "A", 12.0, 50)
    tape.send(5, "B", 9.0, 30)  # late: earlier than what is stored
    tape.order(60, "A", 10.0, 70, "o1")
    minute = MarketMinute.objects.get()
    assert (minute.volume_e6, minute.trades, minute.close_e8) == (180_000_000, 3, 12 * 10**8)
    assert minute.traded == (10 * 100 + 12 * 50 + 9 * 30) * 10**14
    day = MarketBar.objects.get()
    prices = [price // 10**8 for price in (day.open_e8, day.high_e8, day.low_e8, day.close_e8)]
    assert (prices, day.date, day.loaded) == ([9, 12, 9, 12], date(2025, 3, 3), False)
    own = MarketAccountDay.objects.get(orders=1)
    assert (own.trades, own.bought_e6, own.sold_e6) == (2, 100_000_000, 50_000_000)


def test_a_window_leaves_out_its_first_instant(tape):
    tape.send(0, "A", 10.0, 100)
    tape.send(0.000001, "A", 10.0, 20)
    tape.send(30, "A", 10.0, 3)
    assert features(tape.send(24 * HOUR, "B", 10.0, 5))["volume_24h"] == 28.0
    assert features(tape.send(24 * HOUR - 1, "B", 10.0, 5))["volume_24h"] == 128.0  # late, so without the 5


def test_a_day_that_was_loaded_counts_before_what_was_built(tape):
    tape.send(-24 * HOUR, "A", 50.0, 100)
    bars(1)
    assert features(tape.send(0, "B", 100.0, 1))["previous_close"] == 100.0


def busy_history(tape):
    bars(25)
    tape.buy(-2 * HOUR, "M", 100.0, 500, owner_group="G")
    for n in range(6):
        tape.order(10 * n, "M", 100.0, 50, f"o{n}", side_depth=400, owner_group="G")
    for n in range(5):
        tape.buy(100 + n, "M", 101.0 + n / 2, 90, owner_group="G", counterparty_id="C")
    tape.cancel(110, "M", 100.0, 50, "o1", owner_group="G")


def decided(tape, *sends):
    """The features of the last of these events; nothing stays stored."""
    with transaction.atomic():
        for send in sends:
            answer = send()
        found = Assessment.objects.get(pk=answer["id"])
        result = (
            bytes(found.features),
            found.texts,
            found.not_evaluable,
            [each["rule"] for each in answer["alerts"]],
        )
        transaction.set_rollback(True)
    return result


@pytest.mark.parametrize("kind", ["trade", "order", "cancel"])
def test_what_happens_later_changes_nothing(tape, kind):
    busy_history(tape)
    later = [
        lambda: tape.sell(301, "M", 140.0, 9_000, owner_group="G", counterparty_id="D"),
        lambda: tape.sell(302, "D", 80.0, 9_000, counterparty_id="C"),
        lambda: tape.order(303, "M", 100.0, 5_000, "late", side_depth=6_000, owner_group="G"),
        lambda: tape.cancel(304, "M", 100.0, 50, "o2", owner_group="G"),
        lambda: tape.buy(26 * HOUR, "M", 200.0, 50_000, owner_group="G"),
    ]
    asked = {
        "trade": lambda: tape.sell(300, "M", 103.0, 300, owner_group="G", counterparty_id="C"),
        "order": lambda: tape.order(300, "M", 103.0, 300, "new", side_depth=900, owner_group="G"),
        "cancel": lambda: tape.cancel(300, "M", 100.0, 50, "o3", owner_group="G"),
    }[kind]
    assert decided(tape, asked) == decided(tape, *later, asked)


def test_training_sees_what_service_sees(payments_engine, client_system):
    events = [event.record for event in generate_week(seed=5, scale=0.1)]
    symbol = events[0]["symbol"]
    records = [record for record in events if record["symbol"] == symbol][:90]
    tape = Tape(client_system)
    from fraud_detection.services.sources import decide_event

    answers = [decide_event("market", record, client=tape.client).answer for record in records]
    served = np.array([[features(answer)[name] for name in MODEL_FEATURES] for answer in answers])
    parsed = [parse(record, now=datetime(2100, 1, 1, tzinfo=UTC)) for record in records]
    replayed = vectors(parsed, SETTINGS)[:, [MARKET.numbers.index(name) for name in MODEL_FEATURES]]
    np.testing.assert_array_equal(served, replayed)
    assert np.isnan(served).sum(axis=0).max() < 30  # they say something


def test_a_cancel_of_an_unknown_order_is_stored_and_said(tape):
    answer = tape.cancel(0, "A", 10.0, 100, "nowhere")
    assert answer["notes"] == ["order nowhere of A in ACME is not stored: nothing could be compared with it"]
    assert "Layering" in answer["not_evaluable"] and "Spoofing" in answer["insufficient_data"]
    assert MarketEvent.objects.count() == 1
    tape.order(1, "A", 10.0, 100, "here")
    assert tape.cancel(2, "A", 10.0, 100, "here")["notes"] == []


def test_an_early_close_moves_the_last_minutes(tape):
    tape.start = datetime(2025, 7, 3, 16, 50, tzinfo=UTC)  # ten minutes before 13:00 in New York
    tape.send(-600, "crowd", 100.0, 1_000)
    assert hit(tape.buy(60, "M", 101.0, 1_000), "Marking The Close")
    tape.start = datetime(2025, 7, 4, 19, 50, tzinfo=UTC)  # a holiday
    tape.send(-600, "crowd", 100.0, 1_000)
    assert hit(tape.buy(60, "M", 101.0, 1_000), "Marking The Close") is None


def test_another_venue_keeps_its_own_hours(tape):
    london = {"time_zone": "Europe/London", "opens": "08:00", "closes": "16:30"}
    venues = SETTINGS["calendars"]["venues"] | {"XLON": london}
    policy = draft_policy(
        "market",
        author="a@example.com",
        reason="London",
        settings={"calendars": {**SETTINGS["calendars"], "venues": venues}},
    )
    from fraud_detection.services import serving
    from fraud_detection.services.policies import activate_policy

    activate_policy(policy, approved_by="b@example.com")
    serving.forget()
    tape.start = datetime(2025, 3, 3, 16, 20, tzinfo=UTC)
    tape.send(-600, "crowd", 100.0, 1_000, venue="XLON")
    assert hit(tape.buy(60, "M", 101.0, 1_000, venue="XLON"), "Marking The Close")
    assert hit(tape.buy(61, "M", 101.0, 1_000), "Marking The Close") is None


@pytest.mark.parametrize(
    ("calendars", "said"),
    [
        ({"default": "nowhere"}, "default must name"),
        ({"source": ""}, "source must say"),
        ({"venues": {"XNYS": {"time_zone": "Mars/Olympus", "opens": "09:00", "closes": "10:00"}}}, "XNYS"),
        (
            {"venues": {"XNYS": {"time_zone": "UTC", "opens": "09:00", "closes": "09:00"}}},
            "not after it opens",
        ),
    ],
)
def test_trading_hours_that_do_not_hold_are_refused(payments_engine, calendars, said):
    settings = {"calendars": SETTINGS["calendars"] | calendars}
    with pytest.raises(PolicyRefused, match=said):
        draft_policy("market", author="a@example.com", reason="test", settings=settings)
    assert PolicyVersion.objects.filter(engine="market").count() == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"wash": {"seconds": 60}}, "wash must hold seconds, volume_share, price_share"),
        ({"loop": {"accounts": 0, "uneven": 0.2}}, "loop.accounts must be a number above 0"),
    ],
)
def test_pieces_of_schemes_keep_every_limit(payments_engine, settings, said):
    with pytest.raises(PolicyRefused, match=said):
        draft_policy("market", author="a@example.com", reason="test", settings=settings)


HEADER = "symbol,date,open,high,low,close,volume\n"
GOOD = "ACME,2025-01-02,10,12,9,11,1000\nACME,2025-01-03,11,11,11,11,0\n"


def test_bars_are_loaded_once(tmp_path, db):
    path = tmp_path / "bars.csv"
    path.write_text(HEADER + GOOD)
    first, again = (load_bars(path, symbol=None, acting="tests") for _ in range(2))
    assert (first.rows, first.new, again.new, again.changed, again.unchanged) == (2, 2, 0, 0, 2)
    path.write_text(HEADER + GOOD.replace("1000", "1001"))
    changed = load_bars(path, symbol=None, acting="tests")
    assert (changed.new, changed.changed, changed.unchanged) == (0, 1, 1)
    bar = MarketBar.objects.get(date=date(2025, 1, 2))
    assert (bar.open_e8, bar.high_e8, bar.low_e8, bar.close_e8) == (10**9, 12 * 10**8, 9 * 10**8, 11 * 10**8)
    assert (bar.volume_e6, bar.loaded, bar.last_at) == (1_001_000_000, True, None)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",2025-01-05,1,1,1,1,1", "symbol"),
        ("ACME,05/01/2025,1,1,1,1,1", "date"),
        ("ACME,2999-01-05,1,1,1,1,1", "date"),
        ("ACME,2025-01-05,0,1,1,1,1", "open"),
        ("ACME,2025-01-05,1,-1,1,1,1", "high"),
        ("ACME,2025-01-05,1,1,x,1,1", "low"),
        ("ACME,2025-01-05,1,1,1,,1", "close"),
        ("ACME,2025-01-05,1,1,1,1,-1", "volume"),
        ("ACME,2025-01-05,1,2,1.5,1,1", "low"),
        ("ACME,2025-01-05,1,2,1,3,1", "high"),
        ("ACME,2025-01-02,1,1,1,1,1", "date"),
        ("ACME,2025-01-05,1,1", ""),
    ],
)
def test_a_bad_row_is_named_and_left_out(tmp_path, db, row, column):
    path = tmp_path / "bars.csv"
    path.write_text(HEADER + GOOD + row + "\n")
    loaded = load_bars(path, symbol=None, acting="tests")
    assert [(bad.line, bad.column) for bad in loaded.bad] == [(4, column)]
    assert MarketBar.objects.count() == loaded.new == 2


def test_files_of_one_symbol_in_other_words(tmp_path, db):
    path = tmp_path / "bars.csv"
    path.write_text("Date;Open;High;Low;Close;Adj Close;Volume\n2025-01-02;10;12;9;11;10.5;1000\n")
    assert load_bars(path, symbol="XYZ", acting="tests").new == 1
    assert MarketBar.objects.get().symbol == "XYZ"


def test_what_is_no_text_is_refused_not_raised(tmp_path, db):
    path = tmp_path / "bars.csv"
    path.write_bytes(b"\xe9\x00PNG")
    with pytest.raises(FileRefused, match="line 1 or soon after: not UTF-8 text"):
        load_bars(path, symbol=None, acting="tests")


def test_sums_beyond_all_bounds_are_cut_off_not_lost(tape):
    for n in range(12):
        tape.buy(n, "A", 999.0, 10**12)
    answer = tape.sell(20, "A", 999.0, 10**12)
    assert answer["degraded_parts"] == ["model"]  # none is in force here
    assert hit(answer, "Wash Trade")


def test_a_symbol_of_many_trades_stays_bounded(tape, django_assert_max_num_queries):
    busy_history(tape)
    with django_assert_max_num_queries(45):
        tape.sell(300, "M", 103.0, 300, owner_group="G", counterparty_id="C")
