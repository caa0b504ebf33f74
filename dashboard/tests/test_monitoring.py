"""The section that tells how a model fares."""

import pytest
from django.template.loader import render_to_string

from dashboard.selectors.monitoring import watched
from fraud_detection.services.monitoring import watch
from fraud_detection.tests.watched_decisions import AS_OF, decide, label, watched_model

pytestmark = pytest.mark.django_db
HALF = [0.0] * 100 + [1.0] * 100


@pytest.fixture
def model():
    model = watched_model()
    decided = decide(200, days=2, a=1.0, b=HALF, probability=HALF, with_events=True)
    label(decided[150:], "fraud", days=1)
    label(decide(20, days=2, decision="decline", released=False, with_events=True)[:4], "fraud", days=1)
    decide(10, days=0.2, a=1.0)
    watch("payments", AS_OF)
    return model


def test_what_the_section_holds(model):
    found = watched(model)
    assert [(window.kind, window.n) for window in found.windows] == [
        ("drift_1d", 10),
        ("drift_7d", 230),
        ("drift_30d", 230),
    ]
    score, first, second = found.rows
    assert (score.name, score.indexes[0], score.level) == ("Score", "too few", "low")
    assert (first.name, first.level, first.missing) == ("a", "high", (0.0, 0.0))
    assert 25 < first.bar <= 100
    assert second.name == "b"
    assert found.ticks == (10.0, 25.0)
    (age,) = found.ages
    assert (age.figures["n"], age.figures["labelled"]) == (214, 54)
    assert age.predicted == 100.0 and age.interval.low < age.interval.value < age.interval.high < 100
    (week,) = found.weeks
    assert week.figures["precision"]["n"] == 4 and week.precision.value == 100.0
    assert [alarm.kind for alarm in found.alarms] == ["model.feature_drift"]


def test_the_section_is_shown(model):
    page = render_to_string("dashboard/models/_watch.html", {"watch": watched(model)})
    for text in ("Last 7 days", "too few", "0 to 30 days ago", "so far", "2026-06-15", "Feature drift."):
        assert text in page
    assert "Fraud of released" not in page
    decide(3, days=1, released=True, with_events=True)
    label(decide(2, days=1, released=True, with_events=True), "fraud", days=0.5)
    watch("payments", AS_OF, anew=True)
    assert "2 of 2" in render_to_string("dashboard/models/_watch.html", {"watch": watched(model)})


def test_nothing_yet_says_what_will_come():
    page = render_to_string("dashboard/models/_watch.html", {"watch": watched(watched_model())})
    assert "Not watched yet" in page and "Outcomes by week" not in page


def test_a_mark_is_drawn_inside_the_line():
    from dashboard.templatetags.marks import interval_bar

    assert 'class="m" x="98.5"' in interval_bar(10, 20, 30, 100)
    assert 'class="m"' not in interval_bar(10, 20, 30)
