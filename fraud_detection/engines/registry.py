"""The engines by name."""

from fraud_detection.engines import aml, credit, insurance, market, payments
from fraud_detection.engines.customers import UNPAID_DEBT
from fraud_detection.engines.engine import Engine
from ml.domains.credit.features import CREDIT
from ml.domains.insurance.features import INSURANCE
from ml.domains.market.features import MARKET
from ml.domains.payments.features import PAYMENTS

_ALL = (
    Engine("payments", PAYMENTS, payments.RULES, payments.CONTEXT),
    Engine(
        "aml",
        aml.FEATURES,
        aml.RULES,
        aml.CONTEXT,
        settings=aml.SETTINGS,
        check_settings=aml.check_settings,
        respond=aml.respond,
    ),
    Engine(
        "credit",
        CREDIT,
        credit.RULES,
        settings=credit.SETTINGS,
        check_settings=credit.check_settings,
        judge=credit.judge,
        respond=credit.respond,
        own_rule=("SCORECARD", "scorecard"),
        link="application_id",
        id_field="application_id",
    ),
    Engine(
        "insurance",
        INSURANCE,
        insurance.RULES,
        insurance.CONTEXT,
        review_from=insurance.REVIEW_FROM,
        decline_from=insurance.INVESTIGATE_FROM,
        judge=insurance.judge,
        respond=insurance.respond,
        link="claim_id",
        id_field="claim_id",
        one_alert=True,
    ),
    Engine(
        "market",
        MARKET,
        market.RULES,
        settings=market.SETTINGS,
        check_settings=market.check_settings,
        respond=market.respond,
        link="market_event_id",
        id_field="event_id",
    ),
)
ENGINES: dict[str, Engine] = {engine.name: engine for engine in _ALL}
# Whatever has models in the registry: the engines that decide, and what only predicts.
MODELLED: dict[str, Engine] = ENGINES | {UNPAID_DEBT.name: UNPAID_DEBT}

__all__ = ["ENGINES", "MODELLED", "Engine"]
