"""Events by streams: consumed at least once, decided exactly once, in the order of each key.

names      what streams are called, and which shard a key belongs to
envelope   a message becomes an event of an engine and a client system
source     the seam between the loop and a broker; valkey/ and kafka.py stand behind it
consuming  the loop: poll, decide, bury what cannot be, commit
"""
