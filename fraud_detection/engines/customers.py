"""The unpaid-debt engine: a model and a threshold over customers, without events and without rules.

It decides nothing: it has a state in the registry, so that its models are promoted and rolled back like
all others, and its policy's `review_from` is the probability, in per cent, from which a customer counts
as likely to leave debts unpaid. 20 is the cost rule p* = C / (C + L) where a debt left unpaid (L) costs
four times what it costs to look at an honest customer (C).
"""

from fraud_detection.engines.engine import Engine
from ml.domains.customers.features import CUSTOMERS

UNPAID_DEBT = Engine("customers", CUSTOMERS, (), review_from=20.0, decline_from=100.0)
