"""Shares of what was found right, with their uncertainty."""

from alerts.selectors.shares import ENOUGH, Z95, Share, share

__all__ = ["ENOUGH", "Z95", "Share", "share"]
