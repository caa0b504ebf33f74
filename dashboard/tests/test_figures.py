"""How numbers and times are written, shares with intervals, and periods."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import timezone

from dashboard.selectors.alert import usual_of
from dashboard.selectors.period import period_of
from dashboard.selectors.precision import share
from dashboard.templatetags import figures, marks


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (figures.money(848900), "8,489.00"),
        (figures.money(-5), "-0.05"),
        (figures.money(None), ""),
        (figures.whole_money(4831049), "48,310"),
        (figures.short_money(999_999_999), "10,000,000"),
        (figures.short_money(1_000_000_000), "10.0\u00a0M"),
        (figures.short_money(260_532_409_000), "2,605.3\u00a0M"),
        (figures.instant("2026-11-20T11:27:04Z"), "20 Nov 2026 11:27:04"),
        (figures.instant("long ago"), "long ago"),
        (marks.without(["model", "rule X"]), "the model, rule X"),
        (figures.amount(Decimal("12.3400")), "12.34"),
        (figures.amount(Decimal("1E+3")), "1,000.00"),
        (figures.amount(Decimal("0.0125")), "0.0125"),
        (figures.percent(0.0035), "0.35%"),
        (figures.percent(0.243), "24.3%"),
        (figures.percent(1), "100%"),
        (figures.signed(0.072), "+7.2%"),
        (figures.signed(-0.5), "−50.0%"),
        (figures.signed(34.0), "×35"),
        (figures.signed(None), "–"),
        (figures.milliseconds(3140), "3.1 ms"),
        (figures.in_unit(1600.0, "money"), "1,600.00"),
        (figures.in_unit(None, "money"), "–"),
        (figures.plain(0.25), "0.25"),
        (figures.plain(9100.0), "9,100"),
        (figures.plain(None), "missing"),
        (figures.plain(True), "yes"),
        (figures.plain(["a", 2]), "a, 2"),
    ],
)
def test_numbers(given, written):
    assert given == written


@pytest.mark.parametrize(
    ("minutes", "written"),
    [(45, "45 min"), (189, "3 h 09"), (-12, "12 min over"), (60 * 24 * 3, "3 d"), (0, "0 min")],
)
def test_time_left(minutes, written):
    now = timezone.now()
    assert figures.due(now + timedelta(minutes=minutes), now) == written


def test_evidence_names_limits_after_values():
    metadata = {"thresholds": {"b": 2, "a": 1}, "count": 9}
    assert figures.evidence(metadata) == [("count", 9), ("limit a", 1), ("limit b", 2)]


def test_times_stand_in_the_zone_that_is_named(settings):
    settings.TIME_ZONE = "Asia/Kolkata"
    with timezone.override("Asia/Kolkata"):
        assert figures.moment(datetime(2026, 1, 2, 20, 0, tzinfo=UTC)) == "3 Jan 2026 01:30:00"
        assert figures.zone() == "Asia/Kolkata (UTC+5:30)"


def test_wilson_interval():
    found = share(41, 169)
    assert (round(found.value, 1), round(found.low, 1), round(found.high, 1)) == (24.3, 18.4, 31.2)
    assert not share(3, 7).enough


def test_usual_is_nearest_rank():
    found = usual_of(list(range(1, 21)))
    assert (found.count, found.median, found.p95) == (20, 10, 19)


def test_periods_begin_at_local_midnight_and_compare_like_with_like():
    now = datetime(2026, 11, 20, 11, 42, tzinfo=UTC)
    today, week = period_of("today", now), period_of("7", now)
    assert (today.start, today.compared_start) == (
        datetime(2026, 11, 20, tzinfo=UTC),
        datetime(2026, 11, 13, tzinfo=UTC),
    )
    assert (week.start, week.compared_start) == (
        datetime(2026, 11, 14, tzinfo=UTC),
        datetime(2026, 11, 7, tzinfo=UTC),
    )
    assert (len(today.buckets()), len(week.buckets())) == (12, 7)


def test_days_stay_days_when_the_clocks_change():
    with timezone.override("Europe/Paris"):
        buckets = period_of("7", datetime(2026, 10, 28, 12, tzinfo=UTC)).buckets()
    assert [at.hour for at in buckets] == [0] * 7
    assert len({at.date() for at in buckets}) == 7


def test_only_known_shapes_are_drawn():
    page = Template("{% load marks %}{% severity level %}").render(Context({"level": "high"}))
    assert "sev-high" in page
    with pytest.raises(KeyError):
        marks.icon("<script>")


def test_a_line_of_one_point_is_not_drawn():
    assert marks.spark([1.0]) == ""
    assert marks.spark([0, 0]).count("<path") == 1
    assert marks.spark([0, 1], [0, 2]).count("<path") == 2
