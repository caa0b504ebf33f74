#!/bin/sh
# What `make check` looks at; every part runs, the exit code tells whether all passed.
status=0
part() {
  title=$1; shift
  if output=$("$@" 2>&1); then echo "ok    $title"; else echo "FAIL  $title"; echo "$output"; status=1; fi
}
deploy() {
  env FRAUDGUARD_ENV=production DEBUG=false DJANGO_ALLOWED_HOSTS=fraud.example.com \
    SECRET_KEY=c2FtcGxlLW9ubHktZm9yLXRoZS1jaGVjay1ub3QtYS1yZWFsLXNlY3JldC0wMTIzNDU2Nzg5 \
    DATABASE_URL=postgresql://fraudguard:sample@db.example.com/fraudguard REDIS_URL=redis://redis.example.com:6379/0 \
    "$PY" manage.py check --deploy --fail-level WARNING
}

part "ruff" "$PY" -m ruff check .
part "format" "$PY" -m ruff format --check .
part "import contracts" "$(dirname "$PY")/lint-imports"
part "insecure patterns" "$PY" -m bandit --quiet --recursive --configfile pyproject.toml -ll -ii \
  fraudguard api dashboard fraud_detection alerts transactions users logs ml clients
part "migrations" "$PY" manage.py makemigrations --check --dry-run
part "deploy check" deploy
exit $status
