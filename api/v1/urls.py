"""Every route of version 1; each answers with and without its trailing slash."""

from collections.abc import Callable, Iterator

from django.urls import URLPattern, path, register_converter
from django.urls.converters import IntConverter

from api.v1 import (
    alerts,
    aml,
    analytics,
    credit,
    customer_predictions,
    customers,
    docs,
    health,
    insurance,
    labels,
    market,
    metrics,
    models,
    monitoring,
    predict,
    predictions,
    score,
    statistics,
    tokens,
    transactions,
)


class IdConverter(IntConverter):
    """A row's id: what does not fit a bigint is no row."""

    regex = "[0-9]{1,18}"


register_converter(IdConverter, "id")

ROUTES: dict[str, Callable] = {
    "transactions": transactions.Transactions,
    "transactions/<path:transaction_id>": transactions.OneTransaction,
    "score": score.Score,
    "predict": predict.Predict,
    "aml/detect": aml.AmlDetect,
    "credit/assess": credit.CreditAssess,
    "insurance/detect": insurance.InsuranceDetect,
    "market/detect": market.MarketDetect,
    "labels": labels.Labels,
    "predictions": predictions.Predictions,
    "predictions/<id:prediction_id>": predictions.OnePrediction,
    "alerts": alerts.Alerts,
    "alerts/<id:alert_id>": alerts.OneAlert,
    "alerts/<id:alert_id>/resolve": alerts.ResolveAlert,
    "alerts/<id:alert_id>/assign": alerts.AssignAlert,
    "customers": customers.Customers,
    "customers/predict": customer_predictions.PredictCustomer,
    "customers/predictions/export": customer_predictions.ExportPredictions,
    "customers/<path:customer_id>": customers.OneCustomer,
    "statistics": statistics.Statistics,
    "analytics/fraud-trends": analytics.FraudTrends,
    "analytics/transaction-patterns": analytics.TransactionPatterns,
    "analytics/risk-distribution": analytics.RiskDistribution,
    "analytics/model-performance": analytics.ModelPerformance,
    "analytics/rule-performance": analytics.RulePerformance,
    "models": models.Models,
    "models/<str:model_id>": models.OneModel,
    "models/<str:model_id>/card": models.ModelCard,
    "models/<str:model_id>/drift": monitoring.ModelDrift,
    "models/<str:model_id>/comparison": models.ModelComparison,
    "models/<str:model_id>/promote": models.PromoteModel,
    "models/<str:model_id>/shadow": models.ShadowModel,
    "models/<str:model_id>/retire": models.RetireModel,
    "models/<str:model_id>/rollback": models.RollBackModel,
    "token": tokens.ObtainToken,
    "token/refresh": tokens.RefreshTokenView,
    "token/revoke": tokens.RevokeToken,
    "health": health.Health,
    "ready": health.Ready,
    "services/status": health.Services,
    "metrics": metrics.Metrics,
    "prometheus": metrics.Prometheus,
    "schema": docs.Schema,
    "docs": docs.Docs,
}


def both_forms(routes: dict[str, Callable]) -> Iterator[URLPattern]:
    """A redirect to the other form would lose a POST, so both are routes."""
    for route, view in routes.items():
        yield path(f"{route}/", view.as_view())
        yield path(route, view.as_view())


urlpatterns = list(both_forms(ROUTES))
