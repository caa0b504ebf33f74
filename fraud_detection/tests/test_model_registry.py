"""The registry's own keeping: names, reports, cards, and stages changed by command and in the admin site."""

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from fraud_detection.models import ModelVersion
from fraud_detection.services.model_registry import NoSuchModel, register, version_named
from ml.artifacts import Card

pytestmark = pytest.mark.django_db
ANA = "ana@example.com"


def stages() -> list[str]:
    return list(ModelVersion.objects.order_by("number").values_list("stage", flat=True))


def test_a_model_is_found_by_name_and_the_known_are_named(champion):
    assert version_named("payments-1") == version_named(str(champion.pk)) == champion
    for name in ("payments-9", "aml-1", "", "payments-x", "payments-99999999999999999999"):
        with pytest.raises(NoSuchModel, match="the newest are payments-1"):
            version_named(name)


def test_a_report_is_stored_as_json_can_hold_it(champion, small_model):
    given = {"metrics": {"a": np.float64(0.5), "b": float("nan")}, "roc": np.array([[0, 1], [1, 1]])}
    stored = register(small_model, created_by=ANA, report=given)
    stored.refresh_from_db()
    assert stored.report == {"metrics": {"a": 0.5, "b": None}, "roc": [[0, 1], [1, 1]]}


def test_the_card_says_what_it_said(champion):
    assert Card.from_json(champion.card).prediction_hash == champion.card["prediction_hash"] != ""


class TestPromoteModel:
    def test_an_admin_approves_by_command(self, another, person, capsys):
        another()
        call_command("promote_model", "payments-2", approver=person("admin", email="boss@example.com").email)
        assert "payments-2 is champion" in capsys.readouterr().out
        assert stages() == ["retired", "champion"]

    def test_others_and_the_maker_do_not(self, another, person):
        another()
        person("analyst", email="analyst@example.com")
        person("admin", email="gone@example.com", is_active=False)
        person("admin", email=ANA)
        for approver in ("analyst@example.com", "gone@example.com", "nobody@example.com"):
            with pytest.raises(CommandError, match="nobody who may approve a model"):
                call_command("promote_model", "payments-2", approver=approver)
        with pytest.raises(CommandError, match="somebody else must approve it"):
            call_command("promote_model", "payments-2", approver="Ana@example.com")
        with pytest.raises(CommandError, match="there is no model 'payments-9'"):
            call_command("promote_model", "payments-9", approver=ANA)
        assert stages() == ["champion", "candidate"]


def test_the_admin_site_offers_every_change_of_stage(another, client, person):
    second = another()
    client.force_login(person("admin"), backend="django.contrib.auth.backends.ModelBackend")
    for action, expected in (
        ("shadow", ["champion", "shadow"]),
        ("retire", ["champion", "retired"]),
        ("make_champion", ["retired", "champion"]),
        ("roll_back", ["champion", "retired"]),
    ):
        act = {"action": action, "_selected_action": [second.pk]}
        answer = client.post("/admin/fraud_detection/modelversion/", act, follow=True)
        assert "in every process within 5 seconds" in answer.content.decode(), action
        assert stages() == expected
    client.force_login(person("auditor"), backend="django.contrib.auth.backends.ModelBackend")
    client.post("/admin/fraud_detection/modelversion/", {"action": "shadow", "_selected_action": [second.pk]})
    assert stages() == ["champion", "retired"]
