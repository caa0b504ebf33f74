"""The integers that stand for texts of a stored movement of money, and groups of them."""

PAYMENT, TRANSFER, CASH_IN, CASH_OUT, DEBIT, REFUND = 1, 2, 3, 4, 5, 6
TYPES = ((1, "payment"), (2, "transfer"), (3, "cash_in"), (4, "cash_out"), (5, "debit"), (6, "refund"))
OUTGOING = (PAYMENT, TRANSFER, CASH_OUT, DEBIT)
CASH = (CASH_IN, CASH_OUT)

CHANNELS = ((1, "web"), (2, "mobile"), (3, "pos"), (4, "atm"), (5, "branch"), (6, "api"))
CARD_PRESENT = (3, 4, 5)  # pos, atm, branch
