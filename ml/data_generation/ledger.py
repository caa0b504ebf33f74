"""Account balances that add up: every balance follows from an opening and the flows before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.data_generation.traffic import CASH_IN


@dataclass(frozen=True)
class Ledger:
    """The flows of the accounts 0..n-1, sorted by account and then by time; money in minor units."""

    opening: np.ndarray
    account: np.ndarray
    at: np.ndarray
    event: np.ndarray
    is_sender: np.ndarray
    delta: np.ndarray
    after: np.ndarray

    def balance_at(self, account: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Balance of each account just before each time."""
        span = int(max(self.at.max(initial=0), at.max(initial=0))) + 1
        origin = int(min(self.at.min(initial=span), at.min(initial=span)))
        span -= origin
        keys = self.account * span + (self.at - origin)
        found = np.searchsorted(keys, account * span + (at - origin), side="left") - 1
        known = (found >= 0) & (self.account[found] == account)
        return np.where(known, self.after[found], self.opening[account])


def post(events: pd.DataFrame, accounts: int, buffer: np.ndarray) -> Ledger:
    """Post events sorted by time. No account goes below zero: `buffer` is the least opening of each."""
    sender, receiver = events["sender"].to_numpy(), events["receiver"].to_numpy()
    amount = events["amount"].to_numpy()
    pays = np.flatnonzero(sender < accounts)
    takes = np.flatnonzero(receiver < accounts)
    account = np.concatenate([sender[pays], receiver[takes]])
    event = np.concatenate([pays, takes])
    is_sender = np.repeat([True, False], [len(pays), len(takes)])
    sign = np.where(is_sender & (events["type"].to_numpy()[event] != CASH_IN), -1, 1)
    order = np.lexsort((event, account))
    account, event, is_sender = account[order], event[order], is_sender[order]
    delta = (sign * amount[np.concatenate([pays, takes])])[order]
    flow, lowest = _running(account, delta, accounts)
    opening = np.maximum(buffer, -lowest)
    at = events["at"].to_numpy()[event]
    return Ledger(opening, account, at, event, is_sender, delta, opening[account] + flow)


def _running(account: np.ndarray, delta: np.ndarray, accounts: int) -> tuple[np.ndarray, np.ndarray]:
    """Running sum of delta inside each account, and its lowest value for every account."""
    total = np.cumsum(delta)
    starts = np.flatnonzero(np.diff(account, prepend=-1))
    lengths = np.diff(np.append(starts, len(account)))
    flow = total - np.repeat(total[starts] - delta[starts], lengths)
    lowest = np.zeros(accounts, dtype=np.int64)
    np.minimum.at(lowest, account, flow)
    return flow, lowest


def balances(ledger: Ledger, count: int) -> dict[str, np.ndarray]:
    """sender_before, sender_after, receiver_before, receiver_after in major units, NaN outside the ledger."""
    columns = {}
    for side, chosen in (("sender", ledger.is_sender), ("receiver", ~ledger.is_sender)):
        after = np.full(count, np.nan)
        before = np.full(count, np.nan)
        after[ledger.event[chosen]] = ledger.after[chosen] / 100.0
        before[ledger.event[chosen]] = (ledger.after[chosen] - ledger.delta[chosen]) / 100.0
        columns[f"{side}_before"], columns[f"{side}_after"] = before, after
    return columns
