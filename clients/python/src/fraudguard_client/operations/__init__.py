"""Every operation of the API as a method; written by generate.py."""

from fraudguard_client.operations.alerts import AlertsOperations
from fraudguard_client.operations.aml import AmlOperations
from fraudguard_client.operations.analytics import AnalyticsOperations
from fraudguard_client.operations.audit import AuditOperations
from fraudguard_client.operations.backtests import BacktestsOperations
from fraudguard_client.operations.cases import CasesOperations
from fraudguard_client.operations.credit import CreditOperations
from fraudguard_client.operations.customers import CustomersOperations
from fraudguard_client.operations.erasures import ErasuresOperations
from fraudguard_client.operations.event_fields import EventFieldsOperations
from fraudguard_client.operations.features import FeaturesOperations
from fraudguard_client.operations.health import HealthOperations
from fraudguard_client.operations.insurance import InsuranceOperations
from fraudguard_client.operations.jobs import JobsOperations
from fraudguard_client.operations.keys import KeysOperations
from fraudguard_client.operations.labels import LabelsOperations
from fraudguard_client.operations.links import LinksOperations
from fraudguard_client.operations.lists import ListsOperations
from fraudguard_client.operations.logs import LogsOperations
from fraudguard_client.operations.market import MarketOperations
from fraudguard_client.operations.metrics import MetricsOperations
from fraudguard_client.operations.models import ModelsOperations
from fraudguard_client.operations.notifications import NotificationsOperations
from fraudguard_client.operations.people import PeopleOperations
from fraudguard_client.operations.predict import PredictOperations
from fraudguard_client.operations.predictions import PredictionsOperations
from fraudguard_client.operations.prometheus import PrometheusOperations
from fraudguard_client.operations.queues import QueuesOperations
from fraudguard_client.operations.ready import ReadyOperations
from fraudguard_client.operations.review_requests import ReviewRequestsOperations
from fraudguard_client.operations.rule_snoozes import RuleSnoozesOperations
from fraudguard_client.operations.rules import RulesOperations
from fraudguard_client.operations.schedules import SchedulesOperations
from fraudguard_client.operations.score import ScoreOperations
from fraudguard_client.operations.services import ServicesOperations
from fraudguard_client.operations.statistics import StatisticsOperations
from fraudguard_client.operations.streams import StreamsOperations
from fraudguard_client.operations.system import SystemOperations
from fraudguard_client.operations.token import TokenOperations
from fraudguard_client.operations.transactions import TransactionsOperations
from fraudguard_client.operations.webhooks import WebhooksOperations


class Operations(
    AlertsOperations,
    AmlOperations,
    AnalyticsOperations,
    AuditOperations,
    BacktestsOperations,
    CasesOperations,
    CreditOperations,
    CustomersOperations,
    ErasuresOperations,
    EventFieldsOperations,
    FeaturesOperations,
    HealthOperations,
    InsuranceOperations,
    JobsOperations,
    KeysOperations,
    LabelsOperations,
    LinksOperations,
    ListsOperations,
    LogsOperations,
    MarketOperations,
    MetricsOperations,
    ModelsOperations,
    NotificationsOperations,
    PeopleOperations,
    PredictOperations,
    PredictionsOperations,
    PrometheusOperations,
    QueuesOperations,
    ReadyOperations,
    ReviewRequestsOperations,
    RuleSnoozesOperations,
    RulesOperations,
    SchedulesOperations,
    ScoreOperations,
    ServicesOperations,
    StatisticsOperations,
    StreamsOperations,
    SystemOperations,
    TokenOperations,
    TransactionsOperations,
    WebhooksOperations,
):
    """All of them."""


__all__ = ["Operations"]
