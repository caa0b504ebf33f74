"""The registry's pages: what they show with and without a report, and stages changed with four eyes."""

import pytest

from fraud_detection.models import EngineState, ModelVersion
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.model_registry import promote_first
from fraud_detection.services.model_stages import start_shadow
from tests.model_report import REPORT

pytestmark = pytest.mark.django_db
ANA = "ana@example.com"


@pytest.fixture
def champion(registered):
    version = registered()
    assert promote_first(version, created_by=ANA)
    return version


@pytest.fixture
def candidate(champion, registered):
    return registered(report=REPORT)


def text_of(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def stages() -> list[str]:
    return list(ModelVersion.objects.order_by("number").values_list("stage", flat=True))


def test_the_list_shows_every_engine_with_its_models(signed_in, candidate):
    page = text_of(signed_in("auditor").get("/models/"))
    assert "payments-1" in page and "payments-2" in page and 'id="payments"' in page
    assert "0.913" in page and "0.910" in page  # of the report, and of the card where there is none
    assert "?do=promote" not in page
    page = text_of(signed_in("admin").get("/models/"))
    assert f"/models/{candidate.pk}/?do=promote" in page
    assert "?do=roll_back" not in page  # no champion was before the first


def test_without_an_engine_the_page_says_what_to_run(signed_in):
    assert "manage.py bootstrap" in text_of(signed_in().get("/models/"))


def test_a_report_is_shown_whole(signed_in, candidate):
    page = text_of(signed_in("analyst").get(f"/models/{candidate.pk}/"))
    for canvas in ("c-roc", "c-pr", "c-cal", "c-cost", "c-imp", "c-dep-0", "c-dep-2"):
        assert f'id="{canvas}"' in page, canvas
    for table in ("metrics", "comparison", "thresholds", "at_k", "per_day", "segments", "importance",
                  "candidates", "calibration", "data", "leaks", "excluded"):  # fmt: skip
        assert f'id="t-{table}"' in page, table
    for said in (
        *("0.913", "95%: 0.901 to 0.925", "0.970 (0.950 to 0.990)", "random split", "chargeback_id"),
        *("0.964 (SD 0.006, 5 folds)", "threshold 0.040, alerts 410, precision 0.830, recall 0.910"),
        *("Card precision at 100, 60 days", "num leaves 31", "abc123", "Rules alone: precision"),
        candidate.sha256,
    ):
        assert said in page, said
    assert "?do=" not in page


@pytest.mark.parametrize("report", [{}, {"schema": 1, "metrics": None, "roc": [], "segments": "none"}])
def test_without_a_report_the_card_speaks(signed_in, champion, registered, report):
    version = registered(report=report)
    page = text_of(signed_in("analyst").get(f"/models/{version.pk}/"))
    assert "0.910" in page and "<canvas" not in page  # the card's own ROC AUC


def test_nothing_measured_is_said(signed_in, champion, registered):
    version = registered(metrics={})
    assert "No report" in text_of(signed_in().get(f"/models/{version.pk}/"))


def test_a_model_whose_card_is_empty_has_a_page(signed_in, payments_engine):
    version = ModelVersion.objects.create(engine="payments", number=1, path="x", sha256="0" * 64, card={})
    for path in ("", "card/", "report/"):
        assert signed_in("admin").get(f"/models/{version.pk}/{path}").status_code == 200


def test_the_report_is_downloaded_as_json_and_markdown(signed_in, candidate):
    browser = signed_in("auditor")
    found = browser.get(f"/models/{candidate.pk}/report/").json()
    assert found["model"] == "payments-2" and found["report"]["metrics"] == REPORT["metrics"]
    markdown = browser.get(f"/models/{candidate.pk}/card/")
    assert markdown["Content-Disposition"] == 'attachment; filename="payments-2.md"'
    text = markdown.content.decode()
    assert "## Segments" in text and "| channel: web | 7,000 | 175 | 0.970 (0.950 to 0.990) | 0.870 |" in text


def test_a_name_from_a_file_stays_text(signed_in, champion, registered):
    nasty = "</script><img src=x onerror=alert(1)>"
    report = {"importance": [{"feature": nasty, "share": 0.5}], "leaks": [{"column": nasty, "auc": 1.0}]}
    page = text_of(signed_in().get(f"/models/{registered(report=report).pk}/"))
    assert "<img" not in page and "&lt;img" in page


class TestStages:
    def test_a_promotion_is_confirmed_and_follows(self, signed_in, candidate):
        browser = signed_in("admin")
        page = text_of(browser.get(f"/models/{candidate.pk}/?do=promote"))
        assert "Promote payments-2?" in page and "payments-1 is retired" in page
        answer = browser.post(f"/models/{candidate.pk}/promote/", {"version": 1}, follow=True)
        assert "payments-2 is champion now" in answer.content.decode()
        assert stages() == ["retired", "champion"]
        back = browser.post(f"/models/{candidate.pk}/rollback/", {"version": 2}, follow=True)
        assert "payments-1 is champion now" in back.content.decode()
        assert stages() == ["champion", "retired"]

    def test_shadow_and_retire(self, signed_in, candidate):
        browser = signed_in("admin")
        browser.post(f"/models/{candidate.pk}/shadow/", {"version": 1})
        assert stages() == ["champion", "shadow"]
        browser.post(f"/models/{candidate.pk}/retire/", {"version": 2})
        assert stages() == ["champion", "retired"]

    def test_its_maker_is_told_and_refused(self, signed_in, champion, registered):
        browser = signed_in("admin")
        mine = registered(created_by=browser.person.email.upper())
        page = text_of(browser.get(f"/models/{mine.pk}/?do=promote"))
        assert "You made this model: somebody else must approve it." in page and " disabled>" in page
        answer = browser.post(f"/models/{mine.pk}/promote/", {"version": 1})
        assert answer.status_code == 403 and "somebody else must approve it" in answer.content.decode()
        assert stages() == ["champion", "candidate"]

    @pytest.mark.parametrize("seen", ["2", "", "x", "9" * 30])
    def test_a_stale_page_is_refused(self, signed_in, candidate, seen):
        answer = signed_in("admin").post(f"/models/{candidate.pk}/promote/", {"version": seen})
        assert answer.status_code == 409 and "Nothing was changed" in answer.content.decode()
        assert stages() == ["champion", "candidate"]

    def test_columns_of_a_history_are_named(self, signed_in, champion, registered):
        version = registered(features=("amount", "column:V1"))
        browser = signed_in("admin")
        assert "live events do not carry: column:V1" in text_of(
            browser.get(f"/models/{version.pk}/?do=promote")
        )
        answer = browser.post(f"/models/{version.pk}/promote/", {"version": 1})
        assert answer.status_code == 422 and "column:V1" in answer.content.decode()
        assert stages() == ["champion", "candidate"]

    def test_others_cannot(self, signed_in, candidate):
        for role in ("analyst", "auditor"):
            for what in ("promote", "shadow", "retire", "rollback"):
                answer = signed_in(role).post(f"/models/{candidate.pk}/{what}/", {"version": 1})
                assert answer.status_code == 403
        assert stages() == ["champion", "candidate"]
        assert str(EngineState.objects.get(engine="payments").model) == "payments-1"


def test_a_shadow_is_shown_against_the_champion(signed_in, candidate, payment, client_system):
    start_shadow(candidate, acted_by=ANA)
    serving.forget()
    browser = signed_in()
    assert "It scores from the next decision on" in text_of(browser.get(f"/models/{candidate.pk}/"))
    decide_payment(payment(), client=client_system)
    page = text_of(browser.get(f"/models/{candidate.pk}/"))
    assert "Both scored 1 decision and agree on 100%" in page and "no labels yet" in page
