"""Signing in and out."""

import pytest

from tests.fixtures import PASSWORD


def sign_in(client, email, password=PASSWORD, **fields):
    return client.post("/login/", {"username": email, "password": password} | fields)


def sign_in_from(client, address, email, password=PASSWORD):
    form = {"username": email, "password": password}
    return client.post("/login/", form, headers={"X-Forwarded-For": address})


def test_signing_in_leads_to_the_page_asked_for(client, analyst):
    answer = sign_in(client, analyst.email.upper(), next="/alerts/")
    assert (answer.status_code, answer["Location"]) == (302, "/alerts/")


def test_a_foreign_address_is_not_followed(client, analyst):
    assert sign_in(client, analyst.email, next="https://evil.example/")["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_address(client, analyst):
    answer = sign_in(client, analyst.email, "wrong")
    assert answer.status_code == 200
    assert b"do not match" in answer.content
    assert analyst.email.encode() in answer.content


def test_too_many_failures_lock_even_the_right_password(client, analyst, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(3):
        sign_in(client, analyst.email, "wrong")
    answer = sign_in(client, analyst.email)
    assert answer.status_code == 429
    assert b"Too many failed attempts" in answer.content
    assert client.get("/").status_code == 302


def test_another_spelling_of_an_address_begins_no_new_count(client, analyst, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for spelling in (analyst.email, analyst.email.upper(), analyst.email.title()):
        sign_in(client, spelling, "wrong")
    assert sign_in(client, analyst.email).status_code == 429


def test_behind_our_proxy_a_lock_holds_for_one_address(client, analyst, settings):
    settings.AXES_FAILURE_LIMIT = 3
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for _ in range(3):
        sign_in_from(client, "203.0.113.7", analyst.email, "wrong")
    assert sign_in_from(client, "203.0.113.7", analyst.email).status_code == 429
    assert sign_in_from(client, "198.51.100.9", analyst.email).status_code == 302


def test_without_a_proxy_of_ours_nobody_chooses_an_address(client, analyst, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for last in range(3):
        sign_in_from(client, f"203.0.113.{last}", analyst.email, "wrong")
    assert sign_in_from(client, "198.51.100.9", analyst.email).status_code == 429


def test_a_proxy_that_names_no_address_leaves_the_count_to_the_email(client, analyst, settings):
    settings.AXES_FAILURE_LIMIT = 3
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for _ in range(3):
        sign_in_from(client, "unknown", analyst.email, "wrong")
    assert sign_in_from(client, "unknown", analyst.email).status_code == 429


@pytest.mark.parametrize(("method", "status"), [("post", 302), ("get", 405)])
def test_signing_out_takes_a_post(signed_in, method, status):
    client = signed_in("analyst")
    assert getattr(client, method)("/logout/").status_code == status
    assert client.get("/customers/").status_code == (302 if method == "post" else 200)


def test_the_sign_in_page_tells_no_secret(client, analyst):
    page = client.get("/login/").content.decode()
    assert analyst.email not in page
    assert "demo" not in page
