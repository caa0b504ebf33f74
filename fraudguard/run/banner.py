"""What stands on the terminal once everything is up."""

import json
import secrets

SAMPLE = {
    "type": "transfer",
    "amount": 9500,
    "sender_id": "C-1001",
    "receiver_id": "C-2002",
    "sender_balance_before": 9500,
    "sender_balance_after": 0,
    "receiver_balance_before": 0,
    "receiver_balance_after": 9500,
}


def parse(output: str) -> dict:
    """`manage.py bootstrap` prints a JSON line: {"logins": [{email, password, role}], "api_key": "..."}."""
    for line in reversed(output.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    return {}


def text(url: str, facts: dict, exposed: str = "") -> str:
    """`exposed` is the address listened on when others than this machine reach it in the local profile."""
    lines = ["", f"FraudGuard is up: {url}"]
    if exposed:
        lines += [
            f"Warning: HOST={exposed} lets other machines in, and the local profile is not made for that"
            " (docs/SECURITY.md)."
        ]
    if facts.get("logins"):
        lines += ["", "Demo logins (change or remove them before others can reach this machine):"]
        lines += [_login(each) for each in facts["logins"]]
    if facts.get("api_key"):
        lines += ["", "An emptied account, decided (paste it):", curl(url, facts["api_key"])]
    return "\n".join(
        [*lines, "", f"API docs: {url}/api/v1/docs/    Logs: var/log/    Stop: Ctrl-C or make stop", ""]
    )


def curl(url: str, key: str) -> str:
    """One line, quoted for a shell; each start shows a new transaction_id."""
    body = json.dumps({"transaction_id": f"demo-{secrets.token_hex(4)}", **SAMPLE}, separators=(",", ":"))
    return (
        f"curl -sS -X POST {url}/api/v1/transactions/ -H 'X-API-Key: {key}'"
        f" -H 'Content-Type: application/json' -d '{body}'"
    )


def _login(entry: dict) -> str:
    return f"  {entry.get('role', ''):<8} {entry['email']}  {entry['password']}"
