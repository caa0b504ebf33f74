"""The browsable documentation, in a browser, under the site's own Content-Security-Policy."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_docs_show_the_operations_and_load_nothing_from_elsewhere(browser, live_server, settings):
    settings.RATE_LIMIT_REQUESTS = 1_000
    page, faults, hosts = browser.new_page(), [], set()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(f"{live_server.url}/api/v1/docs/")
    page.click("#operations-tag-transactions", timeout=30_000)
    page.wait_for_selector("#operations-transactions-decide_transaction", timeout=30_000)
    assert page.locator(".opblock-tag-section").count() >= 20
    assert faults == []
    assert {host for host in hosts if host} == {live_server.url.removeprefix("http://")}
    page.close()
