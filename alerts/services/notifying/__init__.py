"""People are told: who hears of what, when, in which words, by which way, and what became of it."""
