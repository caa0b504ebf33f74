"""How people come in and stay safe: our answers to the questions django-allauth asks.

Each room is one of its hooks (adapters, forms, login stages, signals), named in settings/accounts.
"""
