"""Customers and their risk of leaving debts unpaid: loading, predicting, exporting."""
