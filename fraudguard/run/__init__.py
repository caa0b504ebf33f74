"""`make run`: one supervisor that starts, watches and stops everything on this machine."""
