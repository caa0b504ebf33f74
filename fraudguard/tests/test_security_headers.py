"""What every answer says to browsers."""

import pytest
from django.urls import reverse

from tests.fixtures import PASSWORD

pytestmark = pytest.mark.django_db


def directives(answer) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))


@pytest.mark.parametrize(
    "path", ["/login/", "/health", "/api/v1/health/", "/api/v1/docs/", "/admin/login/", "/nowhere/"]
)
def test_no_address_allows_inline_scripts_or_frames(client, path):
    said = directives(client.get(path))
    assert said["default-src"] == "'self'"
    assert said["frame-ancestors"] == said["object-src"] == "'none'"
    assert said["base-uri"] == "'self'"
    assert "'unsafe-inline'" not in said.get("script-src", said["default-src"])


def test_styles_are_loosened_only_where_vendored_pages_need_it(client):
    assert "style-src" not in directives(client.get("/login/"))
    assert "style-src" not in directives(client.get("/api/v1/health/"))
    assert directives(client.get("/api/v1/docs/"))["style-src"] == "'self' 'unsafe-inline'"
    assert directives(client.get("/admin/login/"))["script-src"] == "'self' 'unsafe-eval'"


@pytest.mark.parametrize("path", ["/login/", "/api/v1/health/", "/nowhere/"])
def test_every_answer_forbids_guessing_types_framing_and_leaking_addresses(client, path):
    answer = client.get(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


def test_over_tls_the_browser_is_told_to_stay_there(client, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    assert (
        client.get("/login/", secure=True)["Strict-Transport-Security"]
        == "max-age=31536000; includeSubDomains"
    )
    assert "Strict-Transport-Security" not in client.get("/login/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_admin_site_works_under_its_policy(browser, live_server, admin):
    page, faults = browser.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/login/?next=/admin/")
    page.fill("[name=username]", admin.email)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    for model in ("users_user", "users_apikey", "logs_auditevent"):
        app, name = model.split("_")
        page.goto(live_server.url + reverse(f"admin:{app}_{name}_changelist"))
    page.goto(live_server.url + reverse("admin:users_user_change", args=(admin.pk,)))
    assert page.locator("[x-cloak]").count() == 0  # Alpine ran
    assert faults == []
    page.close()
