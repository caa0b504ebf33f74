# Two stages: packages are built where a compiler may be, and run where none is.
FROM python:3.12-slim-bookworm AS packages
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /tmp/requirements.txt

FROM python:3.12-slim-bookworm
# libgomp1: OpenMP runtime of LightGBM
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /app fraudguard
COPY --from=packages /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 \
    MALLOC_ARENA_MAX=2 FRAUDGUARD_ENV=production \
    PROMETHEUS_MULTIPROC_DIR=/app/var/counters
WORKDIR /app
COPY . .
# collectstatic needs valid settings but no secret: these live for this one command only
RUN mkdir -p var/models var/histories var/case-files var/counters && SECRET_KEY=only-while-the-image-is-built-0123456789-abcdefghijklmnopqrstuvwxyz \
    DJANGO_ALLOWED_HOSTS=build.invalid DATABASE_URL=postgresql://build@build.invalid/build \
    REDIS_URL=redis://build.invalid python manage.py collectstatic --no-input && chown -R fraudguard var
USER fraudguard
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["python", "-m", "fraudguard.run.draining", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers", "2", \
     "--blocking-threads", "16", "--blocking-threads-idle-timeout", "600", "--http", "1", "--respawn-failed-workers", \
     "--workers-kill-timeout", "20", \
     "fraudguard.wsgi:application"]
