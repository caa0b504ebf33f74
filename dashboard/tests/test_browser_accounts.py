"""Accounts in Chromium: a passkey is added and signs in, an app is set up; pages fit, nothing is inline."""

import os

import pytest

from logs.models import AuditEvent
from tests.fixtures import PASSWORD
from tests.second_factor import shown_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("ACCOUNT_SHOTS")


@pytest.fixture
def page(browser, live_server, settings):
    settings.LIVE_SAME_ORIGIN = True
    settings.ACCOUNT_RATE_LIMITS = False
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
    yield opened
    context.close()
    assert problems == []


@pytest.fixture
def authenticator(page):
    """A fingerprint reader that exists in the browser only."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    return session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def sign_in(page, user):
    page.goto("/login/")
    page.fill("[name=username]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/")


def prove(page):
    page.fill("[name=password]", PASSWORD)
    page.click("text=Go on")


def fits(page, name):
    """No page scrolls sideways on a phone; pictures of both widths and themes where they are asked for."""
    themes = ("light", "dark") if SHOTS else ("light",)
    for theme in themes:
        page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/{name}-{width}-{theme}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_passkey_is_added_and_signs_in_by_itself(page, authenticator, analyst):
    page.goto("/login/")
    fits(page, "login")
    sign_in(page, analyst)
    page.goto("/account/")
    fits(page, "account")
    page.goto("/account/two-factor/passkeys/add/")
    page.wait_for_selector("text=Is it you?")
    fits(page, "reauthenticate")
    prove(page)
    page.wait_for_selector("#passkey-add")
    fits(page, "passkey-add")
    page.fill("[name=name]", "My laptop")
    page.click("#passkey-add")
    page.wait_for_url("**/recovery-codes/")
    fits(page, "recovery-codes")
    page.goto("/account/two-factor/")
    page.wait_for_selector("text=My laptop")
    fits(page, "two-factor")
    page.goto("/account/sessions/")
    fits(page, "sessions")

    page.context.clear_cookies()
    page.goto("/login/?next=/account/sessions/")
    page.click("#passkey-sign-in")
    page.wait_for_selector("text=Where you are signed in")
    told = AuditEvent.objects.filter(action__in=("user.signed_in", "passkey.added")).order_by("pk")
    assert [(each.action, each.after.get("by")) for each in told] == [
        ("user.signed_in", "password"),
        ("passkey.added", None),
        ("user.signed_in", "webauthn"),
    ]


def test_every_other_page_fits(page, analyst, settings):
    settings.REGISTRATION = "open"
    entrance = ("register/", "password/reset/", "password/reset/sent/", "password/reset/done/")
    entrance += (
        "confirm-email/",
        "confirm-email/x/",
        "invitation/x/",
        "inactive/",
        "sso/refused/",
        "sso/error/",
    )
    for address in (*entrance, "password/reset/key/a-b/"):
        page.goto(f"/account/{address}")
        fits(page, address.strip("/").replace("/", "-"))
    page.goto("/login/")
    page.fill("[name=username]", analyst.email)
    page.fill("[name=password]", "wrong")
    page.click("button[type=submit]")
    page.wait_for_selector(".note.err:not([hidden])")
    fits(page, "login-wrong")
    sign_in(page, analyst)
    for address in ("password/", "sso/"):
        page.goto(f"/account/{address}")
        fits(page, address.strip("/"))


def test_a_passkey_that_fails_says_so(page, authenticator, analyst):
    page.goto("/login/")
    page.click("#passkey-sign-in")  # this device holds none
    page.wait_for_selector("#passkey-problem:not([hidden])")
    assert page.context.cookies() == [] or page.url.endswith("/login/")


def test_an_app_is_set_up_before_anything_else_where_the_role_needs_it(page, analyst, settings):
    settings.TWO_FACTOR_ROLES = ["analyst"]
    page.goto("/login/")
    page.fill("[name=username]", analyst.email)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("text=Set up a second factor")
    fits(page, "required")
    page.click("text=Set up >> nth=-1")
    prove(page)
    page.wait_for_selector("text=Secret")
    fits(page, "app")
    secret = page.input_value("input[readonly]")
    page.fill("[name=code]", shown_code(secret))
    page.click("text=Switch it on")
    page.wait_for_url("**/recovery-codes/")

    page.context.clear_cookies()
    page.goto("/login/")
    page.fill("[name=username]", analyst.email)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("text=Second step")
    fits(page, "second-step")
    page.fill("[name=code]", shown_code(secret, later=1))
    page.click("button.pri")
    page.wait_for_selector("#live")
    assert page.url.endswith("/")
