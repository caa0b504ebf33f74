"""A customer's wish that a person looks at a decision: written down, and settled by a person."""

from fraud_detection.services.reviews.asking import request_review
from fraud_detection.services.reviews.errors import ReviewConflict, ReviewRefused
from fraud_detection.services.reviews.resolving import resolve_review

__all__ = ["ReviewConflict", "ReviewRefused", "request_review", "resolve_review"]
