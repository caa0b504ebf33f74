"""HighRiskGeographyRule: lists of the policy in force, home, sums, and replays under older lists."""

import pytest
from django.utils import timezone

from fraud_detection.models import Assessment, PolicyVersion
from fraud_detection.services import serving
from fraud_detection.services.policies import PolicyRefused, activate_policy, draft_policy
from fraud_detection.services.replaying import replay
from fraud_detection.tests.aml_history import decided, hits_of, moved
from users.models import Customer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
RULE = "HighRiskGeographyRule"
PLACES = ("country", "sender_country", "receiver_country", "ip_country")


@pytest.mark.parametrize("place", PLACES)
def test_a_black_country_counts_at_any_amount_wherever_it_stands(place):
    hit = hits_of([moved(0, 0.01, **{place: "kp"})])[RULE]
    assert hit["severity"] == "high"
    metadata = hit["metadata"]
    assert metadata["countries"] == [{"place": place, "country": "KP", "list": "black"}]
    assert (metadata["list"]["version"], metadata["list"]["date"]) == (1, "2025-10-24")
    assert metadata["list"]["source"].startswith("FATF")


@pytest.mark.parametrize(("amount", "fires"), [(1_000, True), (999.99, False)])
@pytest.mark.parametrize("place", PLACES[2:])
def test_a_grey_country_counts_from_a_thousand(place, amount, fires):
    assert (RULE in hits_of([moved(0, amount, country="US", **{place: "VN"})])) is fires


def test_five_thousand_in_a_month_with_grey_countries_count_together():
    month = [moved(29, 900, country="US", receiver_country="VN"), moved(20, 9_000, country="US")]
    month += [moved(n, 900, country="US", ip_country="LA") for n in (4, 3, 2, 1)]
    assert RULE not in hits_of([*month, moved(0, 499.99, country="US", receiver_country="KE")])
    metadata = hits_of([moved(-0.01, 0.01, country="US", receiver_country="KE")])[RULE]["metadata"]
    assert (metadata["watched_sum_30d"], metadata["watched_countries"]) == (5_000, 1)
    old = [moved(30.1, 4_900, "S2", country="US", receiver_country="VN")]
    assert RULE not in hits_of([*old, moved(0, 500, "S2", country="US", receiver_country="VN")])


def test_the_customers_home_is_not_grey_but_may_be_black():
    assert RULE not in hits_of([moved(0, 9_000, sender_country="VN", country="VN")])
    assert RULE in hits_of([moved(0, 1, "S2", sender_country="IR", country="IR")])


def test_where_a_customer_is_first_seen_is_its_home_only_afterwards():
    first, second = decided([moved(1, 1_000, country="VN"), moved(0, 1_000, country="VN")])
    assert [[hit["rule"] for hit in body["alerts"]] for body in (first, second)] == [[RULE], []]
    Customer.objects.create(external_id="S2", home_country="VN", created_at=timezone.now())
    assert RULE not in hits_of([moved(0, 1_000, "S2", country="VN")])
    assert all(replay(one).equal for one in Assessment.objects.all())


def test_other_countries_do_not_count_and_without_any_it_is_not_evaluable():
    assert RULE not in hits_of([moved(0, 9_000, country="US", ip_country="DE", receiver_country="FR")])
    body = decided([moved(0, 9_000, "S2")])[0]
    assert RULE in Assessment.objects.get(pk=body["id"]).not_evaluable


LISTS = {"version": 2, "source": "The board", "date": "2026-04-01", "black": ["DE"], "grey": ["FR"]}


def put_in_force(lists):
    version = draft_policy("aml", author="ana@bank", reason="new lists", settings={"countries": lists})
    activate_policy(version, approved_by="bo@bank")
    serving.forget()
    return version


def test_new_lists_are_a_policy_version_and_older_decisions_keep_theirs():
    before = decided([moved(0, 5, country="KP")])[0]
    put_in_force(LISTS)
    after = decided([moved(0, 5, country="KP"), moved(-0.01, 5, country="DE")])

    assert [hit["rule"] for hit in before["alerts"]] == [RULE]
    assert [[hit["rule"] for hit in body["alerts"]] for body in after] == [[], [RULE]]
    assert after[1]["alerts"][0]["metadata"]["list"] == {
        "version": 2,
        "source": "The board",
        "date": "2026-04-01",
    }
    assert [replay(one).equal for one in Assessment.objects.order_by("id")] == [True] * 3
    assert [body["policy_version"] for body in (before, *after)] == [
        "aml-policy-1",
        "aml-policy-2",
        "aml-policy-2",
    ]


def test_another_draft_keeps_the_lists():
    version = put_in_force(LISTS)
    other = draft_policy("aml", author="ana@bank", reason="a threshold", review_from=50)
    assert other.settings["countries"] == version.settings["countries"] == LISTS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"black": ["Iran"]}, "countries: black: 'Iran' is no country code of two capitals"),
        ({"grey": "FR"}, "countries: grey must be a list"),
        ({"source": ""}, "countries: source is needed"),
        ({"date": "yesterday"}, "countries: date must be an ISO date"),
        ({"white": []}, "countries: has no 'white'"),
        ({"version": "new"}, "countries: version must be a whole number"),
        ({"black": ["FR"]}, "countries: FR stands on both lists"),
    ],
)
def test_lists_that_cannot_be_used_are_refused_and_nothing_is_drafted(change, said):
    with pytest.raises(PolicyRefused, match=said):
        draft_policy("aml", author="ana@bank", reason="", settings={"countries": LISTS | change})
    assert PolicyVersion.objects.filter(engine="aml").count() == 1
