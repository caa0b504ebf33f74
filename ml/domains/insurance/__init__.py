"""Claims on insurance: how likely a claim is not what it says."""
