"""Privacy pages: reviews are asked for and settled, exports and erasures are the admins'."""

import pytest

from fraud_detection.models import Assessment, ErasureRequest, ReviewRequest
from fraud_detection.services.decisions import decide_payment
from transactions.models import Label
from users.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(approving_engine, client_system, drain):
    decide_payment(drain(), client=client_system)
    return Assessment.objects.get()


def signed(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_review_is_asked_for_once_and_settled_by_a_person(client, decided, analyst):
    browser = signed(client, analyst)
    for _ in range(2):
        asked = browser.post(f"/decisions/{decided.pk}/review/", {"reason": "It was me"}, follow=True)
        assert asked.status_code == 200
    review = ReviewRequest.objects.get()
    assert (review.reason, review.asked_by, review.alert.family) == (
        "It was me",
        analyst.email,
        "human_review",
    )
    assert "It was me" in browser.get("/privacy/").content.decode()
    assert browser.get(f"/alerts/{review.alert_id}/").status_code == 200
    refused = browser.post(f"/privacy/reviews/{review.pk}/settle/", {"outcome": "overturned"}, follow=True)
    assert "note: is required" in refused.content.decode()
    assert ReviewRequest.objects.get().state == "open"
    form = {"outcome": "overturned", "note": "She showed the receipt."}
    browser.post(f"/privacy/reviews/{review.pk}/settle/", form)
    again = browser.post(f"/privacy/reviews/{review.pk}/settle/", form, follow=True)
    assert "settled it as overturned" in again.content.decode()
    review.refresh_from_db()
    assert (review.state, review.resolved_by) == ("overturned", analyst)
    assert Label.objects.get().verdict == "legitimate"
    assert "She showed the receipt." in browser.get("/privacy/?state=overturned").content.decode()


def test_erasure_and_export_are_offered_to_admins_and_need_two(client, decided, admin, analyst, person):
    customer = Customer.objects.get()
    page = signed(client, analyst).get("/privacy/").content.decode()
    assert "Erasures" not in page and "Retention" not in page
    assert client.post(f"/customers/{customer.pk}/erase/", {"reason": "x"}).status_code == 403
    browser = signed(client, admin)
    exported = browser.get(f"/customers/{customer.pk}/export/")
    assert exported["Content-Type"] == "application/zip"
    assert b"".join(exported.streaming_content)[:2] == b"PK"
    browser.post(f"/customers/{customer.pk}/erase/", {"reason": "By letter"})
    erasure = ErasureRequest.objects.get()
    refused = browser.post(f"/privacy/erasures/{erasure.pk}/carry-out/", follow=True)
    assert "somebody else" in refused.content.decode()
    assert "RETENTION_EVENTS_DAYS" in browser.get("/privacy/").content.decode()
    signed(client, person("admin")).post(f"/privacy/erasures/{erasure.pk}/carry-out/")
    erasure.refresh_from_db()
    assert erasure.state == "running"
    customer.refresh_from_db()
    assert customer.external_id.startswith("erased-")


def test_what_is_asked_for_once_is_not_offered_again(client, decided, admin, analyst, person):
    """Whoever opens the page sees how far a wish is; the forms lie in the flow, never in a clipped box."""
    customer = Customer.objects.get()
    pages = f"/transactions/{decided.transaction_id}/", f"/customers/{customer.pk}/"
    forms = f"/decisions/{decided.pk}/review/", f"/customers/{customer.pk}/erase/"
    browser = signed(client, admin)
    for page, form in zip(pages, forms, strict=True):
        assert f'action="{form}"' in browser.get(page).content.decode()
        told = browser.post(form, {"reason": "By letter of 3 November"}, follow=True).content.decode()
        assert f'action="{form}"' not in browser.get(page).content.decode()
        assert admin.email in told
    assert "waits for a second person" in browser.get(pages[1]).content.decode()
    shown = browser.get("/privacy/").content.decode()
    assert "You asked for it, so somebody else carries it out." in shown and "carry-out" not in shown
    shown = signed(client, person("admin")).get("/privacy/").content.decode()
    assert "/carry-out/" in shown and "You asked for it" not in shown
    assert 'class="menu"' not in shown.partition("<main")[2]
