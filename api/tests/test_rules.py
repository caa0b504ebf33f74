"""Rules over HTTP: drafting with stale views, stages with four eyes, diff and watch as documented."""

import pytest

from fraud_detection.models import EngineState, Rule, RuleDraft, RuleStanding, RuleVersion
from fraud_detection.tests.rule_life import CODE, definition

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
URL = "/api/v1/rules/"


@pytest.fixture
def ana(as_person):
    return as_person("analyst")


@pytest.fixture
def boss(as_person):
    return as_person("admin")


@pytest.fixture
def made(ana):
    """The answer to making a rule, by ana."""
    answer = ana.post(URL, {"engine": "payments", "definition": definition()}, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def post(client, rule, what, **body):
    return client.post(f"{URL}{rule['id']}/{what}/", body, format="json")


def test_a_rule_is_made_and_listed_as_documented(document, ana, made, as_key):
    reader = as_key("read")
    page = document.check(reader.get(f"{URL}?limit=2&engine=payments")).json()
    assert page["results"][0]["code"] == CODE and page["results"][0]["stage"] == "draft"
    assert page["next_cursor"] and len(page["results"]) == 2
    shown = document.check(reader.get(f"{URL}{made['id']}/")).json()
    assert (shown["versions"], shown["draft"]["version"], shown["current"]) == ([], 1, None)
    shipped = Rule.objects.get(code="ACCOUNT_DRAIN")
    shown = document.check(reader.get(f"{URL}{shipped.pk}/")).json()
    assert (shown["stage"], shown["current"]["number"], shown["current"]["author"]) == ("active", 1, "pack")
    assert shown["versions"][0]["definition"]["code"] == "ACCOUNT_DRAIN"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stage=draft", True),
        ("stage=active", False),
        ("family=test_family", True),
        ("family=other", False),
        ("author=pack", False),
        ("text=large payment", True),
        ("text=p.least", True),
        ("flagged=false", True),
        ("flagged=true", False),
        ("engine=aml", False),
    ],
)
def test_the_list_is_narrowed(ana, made, query, found):
    codes = [one["code"] for one in ana.get(f"{URL}?limit=200&{query}").json()["results"]]
    assert (CODE in codes) is found


def test_unknown_filters_are_refused(ana):
    assert ana.get(f"{URL}?colour=red").status_code == 422


def test_a_stale_save_is_a_409_naming_who_and_what(document, ana, made, as_person):
    address = f"{URL}{made['id']}/draft/"
    ben = as_person("analyst")
    body = {"definition": definition(severity="low"), "version": 1}
    saved = document.check(ben.put(address, body, format="json")).json()
    assert (saved["version"], saved["saved_by"]) == (2, ben.person.email)
    refused = document.check(
        ana.put(address, {"definition": definition(reason="x"), "version": 1}, format="json")
    )
    assert refused.status_code == 409
    assert f"{ben.person.email} saved severity at " in refused.json()["detail"]
    assert RuleDraft.objects.get().definition["severity"] == "low"
    assert ana.delete(f"{address}?version=1").status_code == 409
    assert document.check(ana.delete(f"{address}?version=2")).status_code == 204
    assert ana.get(address).status_code == 404 and not Rule.objects.filter(code=CODE).exists()


@pytest.mark.parametrize(
    "body",
    [
        {"definition": {"condition": "x" * 100_000}, "version": 1},
        {"definition": [], "version": 1},
        {"definition": {"condition": "a\u0000"}, "version": 1},
        {"definition": {"params": {"x": 1e301}}, "version": 1},
        {"definition": definition(), "version": "1"},
        {"definition": definition()},
        {"definition": {"nope": 1}, "version": 1},
    ],
)
def test_bad_drafts_are_a_422(ana, made, body):
    assert ana.put(f"{URL}{made['id']}/draft/", body, format="json").status_code == 422
    assert RuleDraft.objects.get().revision == 1


def test_the_whole_life_over_http(document, ana, boss, made):
    watching = document.check(post(ana, made, "shadow", version=1)).json()
    assert (watching["number"], watching["stage"]) == (1, "shadow")
    pending = document.check(post(ana, made, "submit", number=1, version=watching["version"])).json()
    seen = {"number": 1, "version": pending["version"]}
    assert post(ana, made, "approve", **seen).status_code == 403
    assert document.check(post(boss, made, "approve", number=1, version=1)).status_code == 409
    before = EngineState.objects.get(engine="payments").revision
    live = document.check(post(boss, made, "approve", **seen, rollout=40)).json()
    assert (live["stage"], live["rollout"], live["approved_by"]) == ("active", 40, boss.person.email)
    assert EngineState.objects.get(engine="payments").revision == before + 1
    step = document.check(post(boss, made, "rollout", number=1, version=live["version"], percent=100)).json()
    step = document.check(post(boss, made, "pause", number=1, version=step["version"])).json()
    step = document.check(post(boss, made, "resume", number=1, version=step["version"])).json()
    assert step["stage"] == "active"
    again = {"definition": definition(severity="low"), "version": 0}
    draft = ana.put(f"{URL}{made['id']}/draft/", again, format="json").json()
    second = document.check(post(ana, made, "submit", version=draft["version"], note="softer")).json()
    assert (second["number"], second["note"]) == (2, "softer")
    refused = document.check(
        post(boss, made, "reject", number=2, version=second["version"], reason="no")
    ).json()
    assert refused["note"] == "Rejected: no"
    draft = ana.get(f"{URL}{made['id']}/draft/").json()
    third = post(ana, made, "submit", version=draft["version"]).json()
    third = post(boss, made, "approve", number=3, version=third["version"]).json()
    back = document.check(post(boss, made, "rollback", number=3, version=third["version"], to=1)).json()
    assert (back["number"], back["stage"], back["definition"]["severity"]) == (4, "active", "high")
    gone = document.check(post(boss, made, "retire", number=4, version=back["version"])).json()
    assert gone["stage"] == "retired"
    diff = document.check(boss.get(f"{URL}{made['id']}/diff/?from=1&to=2")).json()
    assert [one["field"] for one in diff["differences"]] == ["severity"]
    assert diff["differences"][0]["lines"] == [
        {"mark": "-", "text": "high"},
        {"mark": "+", "text": "low"},
    ]


def test_four_eyes_hold_for_an_admin_too(boss, as_person):
    made = boss.post(URL, {"engine": "payments", "definition": definition()}, format="json").json()
    pending = post(boss, made, "submit", version=1).json()
    refused = post(boss, made, "approve", number=1, version=pending["version"])
    assert refused.status_code == 403 and "somebody else must approve it" in refused.json()["detail"]
    assert RuleStanding.objects.get(version__rule__code=CODE).stage == "pending"


def test_a_key_may_not_whatever_its_scope(as_key, made):
    key = as_key("admin")
    assert post(key, made, "shadow", version=1).status_code == 403
    assert key.post(URL, {"engine": "payments", "definition": definition()}, format="json").status_code == 403
    assert not RuleVersion.objects.filter(rule__code=CODE).exists()


def test_what_does_not_compile_is_a_422_with_its_place(ana, made):
    bad = definition(condition="amount >\n bogus")
    draft = ana.put(f"{URL}{made['id']}/draft/", {"definition": bad, "version": 1}, format="json").json()
    refused = post(ana, made, "submit", version=draft["version"])
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/condition"
    assert "line 2, column 2" in refused.json()["errors"][0]["detail"]


def test_an_analyst_withdraws_but_retires_nothing_that_decides(ana, boss, made):
    pending = post(ana, made, "submit", version=1).json()
    seen = {"number": 1, "version": pending["version"]}
    live = post(boss, made, "approve", **seen).json()
    assert post(ana, made, "retire", number=1, version=live["version"]).status_code == 403
    assert RuleStanding.objects.get(version__rule__code=CODE).stage == "active"


def test_the_watch_is_as_documented(document, ana, made):
    body = document.check(ana.get(f"{URL}{made['id']}/watch/?days=7")).json()
    assert len(body["days"]) == 7 and body["precision"]["n"] == 0 and body["shadow"] is None
    post(ana, made, "shadow", version=1)
    body = document.check(ana.get(f"{URL}{made['id']}/watch/")).json()
    assert body["shadow"]["number"] == 1 and body["shadow"]["hits"] == 0
    assert ana.get(f"{URL}{made['id']}/watch/?days=x").status_code == 422
    assert ana.get(f"{URL}{made['id']}/diff/?from=1&to=x").status_code == 422
    assert ana.get(f"{URL}999999/watch/").status_code == 404
