"""The sources by engine."""

from fraud_detection.services.sources.credit import CREDIT
from fraud_detection.services.sources.insurance import INSURANCE
from fraud_detection.services.sources.market import MARKET
from fraud_detection.services.sources.source import Source

SOURCES: dict[str, Source] = {source.engine: source for source in (CREDIT, INSURANCE, MARKET)}
