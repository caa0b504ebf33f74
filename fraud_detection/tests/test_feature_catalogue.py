from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.feature_catalogue import feature_page, readers


def test_the_page_is_in_step_with_the_definitions(pytestconfig):
    written = (pytestconfig.rootpath / "docs" / "FEATURES.md").read_text()
    assert written == feature_page(), "run: manage.py feature_catalogue > docs/FEATURES.md"


def test_readers_are_the_rules_that_name_a_feature_and_the_model():
    found = readers(ENGINES["payments"])
    assert found["drained_share"] == ["ACCOUNT_DRAIN", "model"]
    assert found["card_count_1h"] == ["VELOCITY_COUNT", "model"]
    assert "model" not in found["type"]
