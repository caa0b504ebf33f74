"""Believable traffic with planted schemes, sent at a rate as client systems send, and what was caught of it.

scenarios  what is sent, from the generators of the domains
pacing     a token bucket that holds the rate
sending    to the API, Valkey streams or Kafka
catching   what the engines found of what was planted
"""
