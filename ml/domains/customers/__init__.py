"""Customers who may leave debts unpaid: their record, what a model reads of it, and its training."""
