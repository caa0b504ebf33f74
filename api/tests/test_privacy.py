"""Review requests, exports and erasures through the API."""

import pytest

from fraud_detection.models import Assessment, ErasureRequest, ReviewRequest
from fraud_detection.services.decisions import decide_payment
from users.models import Customer
from users.services import client_system

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


@pytest.fixture
def decided(approving_engine, client_system, drain):
    decide_payment(drain(), client=client_system)
    return Assessment.objects.get()


def test_a_client_asks_for_a_review_and_a_person_settles_it(decided, as_key, as_person, document):
    shop, ana = as_key("labels", "read"), as_person("analyst")
    path = f"{V1}/predictions/{decided.pk}/review-request/"
    first = document.check(shop.post(path, {"reason": "The customer says it was her"}, format="json"))
    again = shop.post(path, {"reason": "said twice"}, format="json")
    assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
    assert first.json()["asked_kind"] == "client"
    listed = document.check(shop.get(f"{V1}/review-requests/", {"state": "open"})).json()["results"]
    assert [one["prediction_id"] for one in listed] == [decided.pk]
    settle = f"{V1}/review-requests/{first.json()['id']}/resolve/"
    assert shop.post(settle, {"outcome": "upheld", "note": "x"}, format="json").status_code == 403
    assert ana.post(settle, {"outcome": "maybe", "note": "x"}, format="json").status_code == 422
    assert ReviewRequest.objects.get().state == "open"
    done = document.check(
        ana.post(settle, {"outcome": "upheld", "note": "The pattern is plain"}, format="json")
    )
    assert (done.json()["state"], done.json()["resolved_by"]) == ("upheld", ana.person.email)
    assert ana.post(settle, {"outcome": "overturned", "note": "x"}, format="json").status_code == 409
    assert shop.post(path, {"reason": "a new wish"}, format="json").status_code == 201


def test_a_client_asks_about_its_own_decisions_only(decided, as_key):
    client_system(name="other")
    other = as_key("labels", name="other")
    answer = other.post(f"{V1}/predictions/{decided.pk}/review-request/", {"reason": "x"}, format="json")
    assert answer.status_code == 404 and not ReviewRequest.objects.exists()


def test_erasure_needs_two_people_and_export_an_admin(decided, as_person, as_key, document):
    path = f"{V1}/customers/{Customer.objects.get().external_id}"
    ana, bob = as_person("admin"), as_person("admin")
    archive = document.check(ana.get(f"{path}/export/"))
    assert archive["Content-Type"] == "application/zip" and b"".join(archive.streaming_content)[:2] == b"PK"
    assert as_person("analyst").get(f"{path}/export/").status_code == 403
    assert as_key("admin").post(f"{path}/erase/", {"reason": "x"}, format="json").status_code == 403
    asked = document.check(ana.post(f"{path}/erase/", {"reason": "By letter"}, format="json"))
    assert asked.status_code == 201
    assert ana.post(f"{path}/erase/", {"reason": "By letter"}, format="json").status_code == 409
    carry = f"{V1}/erasures/{asked.json()['id']}/carry-out/"
    assert ana.post(carry).status_code == 403
    assert ErasureRequest.objects.get().state == "asked"
    assert document.check(bob.post(carry)).status_code == 202
    assert bob.post(f"{V1}/erasures/{asked.json()['id']}/withdraw/").status_code == 409
    assert document.check(bob.get(f"{V1}/erasures/")).json()["results"][0]["state"] == "running"
