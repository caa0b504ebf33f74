"""Money that comes back: which cycles count, how far a decision looks, and what a worker finds later."""

import random
from datetime import datetime, timedelta

import pytest

from alerts.models import Alert
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, DeepSearch, RuleHit
from fraud_detection.services.deep_searches import search_deeper
from fraud_detection.services.recording import unpacked
from fraud_detection.services.replaying import replay
from fraud_detection.tasks import search_deeper_for_round_trips
from fraud_detection.tests.aml_history import NOW, decided, hits_of, metadata_of, moved, spares
from logs.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
RULE = "RoundTripRule"


def trip(accounts="ABC", amounts=None, days=None):
    """From the first account over the others and back to it; a tenth stays behind at every hop."""
    hops = len(accounts)
    amounts = amounts or [round(1_000 * 0.9**n, 2) for n in range(hops)]
    days = days or [(hops - 1 - n) / 2 for n in range(hops)]
    ends = [*accounts, accounts[0]]
    return [moved(days[n], amounts[n], ends[n], ends[n + 1]) for n in range(hops)]


def fires(records) -> bool:
    return RULE in hits_of(records)


@pytest.mark.parametrize(
    ("accounts", "lowest"), [("ABC", 0.9), ("ABCD", 0.9), ("ABCDE", 0.9), ("ABCDEF", 0.9)]
)
def test_three_to_six_hops_back_are_a_round_trip(accounts, lowest):
    records = trip(accounts)
    hit = hits_of(records)[RULE]
    metadata = hit["metadata"]
    assert (metadata["round_trip_hops"], metadata["round_trip_start"]) == (len(accounts), 1_000)
    assert metadata["round_trip_lowest_share"] == pytest.approx(lowest, abs=1e-4)
    assert metadata["round_trip_days"] == (len(accounts) - 1) / 2
    assert metadata["events"] == [record["transaction_id"] for record in records]
    assert [(hop["from"], hop["to"]) for hop in metadata["path"]] == list(
        zip(accounts, accounts[1:] + accounts[0], strict=True)
    )
    assert hit["severity"] == "high"


def test_other_paths_are_not():
    spares(
        RULE,
        trip("AB"),
        trip("ABCDEFG"),
        trip(amounts=[999.99, 990, 980]),
        trip(amounts=[1_000, 799.99, 790]),  # a hop keeps more than a fifth
        trip(amounts=[1_000, 900, 900.01]),  # a hop adds money
        trip(days=[7, 2, 0]),  # a week has passed
        trip(days=[1, 2, 0]),  # not in order of time
        trip()[:-1],  # does not come back
        trip()[1:],  # never left
    )


def test_each_hop_may_keep_exactly_a_fifth_and_may_keep_nothing():
    assert fires(trip(amounts=[1_000, 800, 640]))
    assert fires(trip("UVW", amounts=[1_000, 1_000, 1_000], days=[6.999, 3, 0]))


def test_the_same_account_twice_is_no_cycle():
    spares(RULE, *(trip(accounts) for accounts in ["ABCBD", "ABAC", "ABCAD", "AABC"]))


def test_a_cycle_begins_where_it_comes_back_to_not_where_the_money_came_from():
    into = moved(2, 1_200, "K", "L")
    metadata = metadata_of(RULE, [into, *trip("LMN", amounts=[1_100, 1_050, 1_000])])
    assert [hop["from"] for hop in metadata["path"]] == ["L", "M", "N"]


def test_cash_and_money_to_oneself_close_nothing():
    assert not fires([*trip()[:-1], trip()[-1] | {"type": "cash_in"}])
    assert not fires([moved(2, 1_000, "A", "A"), moved(1, 1_000, "A", "A"), moved(0, 1_000, "A", "A")])


def test_moments_that_are_equal_follow_in_the_order_of_arrival():
    assert fires(trip(days=[1, 1, 1]))
    backwards = trip("XYZ", days=[1, 1, 1])
    assert not fires([backwards[1], backwards[0], backwards[2]])


def test_of_several_the_shortest_is_told():
    long = trip("ABCD", days=[3, 2, 1, 0.5])[:-1]
    metadata = hits_of([*long, moved(0.6, 850, "B", "D"), moved(0, 700, "D", "A")])[RULE]["metadata"]
    assert metadata["round_trip_hops"] == 3 and metadata["path"][1]["to"] == "D"


# ---- what a decision is too short for

NOISE = 11


def crowded(closing_days=0.0):
    """The way back leads through an account whose newest fitting credits are all others'."""
    first, second, last = trip(days=[3, 2, closing_days])
    noise = [moved(1.5 - n / 100, 905, f"N{n}", "C") for n in range(NOISE)]
    return [first, second, *noise, last]


def test_what_the_decision_leaves_out_a_worker_finds_and_alerts():
    body = decided(crowded())[-1]
    assert RULE not in [hit["rule"] for hit in body["alerts"]]
    assessment = Assessment.objects.get(pk=body["id"])
    assert DeepSearch.objects.get().event_id == assessment.transaction_id
    assert not Alert.objects.filter(rule=RULE).exists()

    assert search_deeper(NOW) == 1

    hit = RuleHit.objects.get(rule=RULE)
    assert (hit.assessment, hit.late, hit.rule_version, hit.subject) == (assessment, True, 1, "C")
    assert [hop["from"] for hop in hit.metadata["path"]] == ["A", "B", "C"]
    assert hit.alert == Alert.objects.get(rule=RULE)
    assert (hit.alert.severity, hit.alert.risk_score, hit.alert.family) == ("high", 60.0, "flow")
    assert AuditEvent.objects.get(action="alert.found_later").subject == str(hit.alert_id)
    assert not DeepSearch.objects.exists()


def test_it_is_found_once_however_often_a_worker_looks():
    body = decided(crowded())[-1]
    event = Assessment.objects.get(pk=body["id"]).transaction
    search_deeper(NOW)
    DeepSearch.objects.create(event=event)
    assert search_deeper(NOW) == 1 and search_deeper(NOW) == 0
    assert RuleHit.objects.filter(rule=RULE).count() == 1
    assert Alert.objects.get(rule=RULE).hit_count == 1


def test_the_decision_and_its_answer_stay_as_they_were():
    record = crowded()[-1]
    records = [*crowded()[:-1], record]
    body = decided(records)[-1]
    search_deeper(NOW)
    assert decided([record])[0] == body
    assert replay(Assessment.objects.get(pk=body["id"])).equal


def test_a_worker_that_finds_nothing_only_forgets_the_search():
    noise = [moved(1.5 - n / 100, 905, f"N{n}", "C") for n in range(NOISE)]
    decided([moved(3, 1_000, "A", "B"), *noise, moved(0, 900, "C", "A")])
    assert DeepSearch.objects.count() == 1 and search_deeper(NOW) == 1
    assert not RuleHit.objects.filter(rule=RULE).exists() and not DeepSearch.objects.exists()


def test_nothing_is_left_to_a_worker_where_nothing_can_come_back():
    decided([*(moved(1.5 - n / 100, 905, f"N{n}", "C") for n in range(NOISE)), moved(0, 900, "C", "NOBODY")])
    assert not DeepSearch.objects.exists()


# ---- against a search that tries everything


def tangled(seed):
    """Seventy transfers of similar amounts among eight accounts within nine days, in order of time."""
    rng = random.Random(seed)
    moments = sorted((round(9 * rng.random(), rng.choice([0, 3])) for _ in range(70)), reverse=True)
    amounts = [1_100, 1_050, 1_000, 990, 960, 900, 880, 700]
    names = [f"{seed}{number}" for number in range(8)]
    return [moved(days, rng.choice(amounts), rng.choice(names), rng.choice(names)) for days in moments]


def fewest_hops(records, place):
    """Of the cycles that this record closes, by trying every path; 0 when there is none."""
    closing = records[place]
    since = datetime.fromisoformat(closing["occurred_at"]) - timedelta(days=7)
    numbered = [
        (number, record)
        for number, record in enumerate(records[:place])
        if datetime.fromisoformat(record["occurred_at"]) > since
    ]

    def ways(first, path):
        accounts = {record["sender_id"] for record in path}
        if len(accounts) < len(path):
            return []
        if path[0]["sender_id"] == closing["receiver_id"]:
            return [len(path)] if len(path) >= 3 and path[0]["amount"] >= 1_000 else []
        after = path[0]
        fit = [
            (number, record)
            for number, record in numbered
            if number < first
            and record["receiver_id"] == after["sender_id"]
            and 4 * record["amount"] <= 5 * after["amount"] <= 5 * record["amount"]
        ]
        return [hops for number, record in fit if len(path) < 6 for hops in ways(number, [record, *path])]

    loops = closing["sender_id"] == closing["receiver_id"]
    return 0 if loops else min(ways(place, [closing]), default=0)


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_what_trying_every_path_finds(seed):
    records = tangled(seed)
    decided(records)
    names = ENGINES["aml"].feature_set.numbers
    hops, cut = names.index("round_trip_hops"), names.index("round_trip_search_cut")
    found = {a.external_id: unpacked(a.features) for a in Assessment.objects.all()}
    vectors = [found[record["transaction_id"]] for record in records]
    expected = [fewest_hops(records, place) for place in range(len(records))]
    assert sum(map(bool, expected)) >= 3
    for vector, wanted in zip(vectors, expected, strict=True):
        assert vector[hops] == wanted or (vector[hops] == 0 and vector[cut] == 1)


def test_the_worker_is_asked_every_few_seconds(settings):
    asked = settings.CELERY_BEAT_SCHEDULE["search-deeper"]["task"]
    assert asked == search_deeper_for_round_trips.name
    decided(crowded())
    assert search_deeper_for_round_trips() == 1
    assert RuleHit.objects.get(rule=RULE).late
