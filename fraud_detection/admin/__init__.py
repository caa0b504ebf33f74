"""The admin site of detection, by noun; Django finds its pages by importing this."""

from fraud_detection.admin import decisions, histories, lists, policies, registry, rulebook, rules

__all__ = ["decisions", "histories", "lists", "policies", "registry", "rulebook", "rules"]
