# syntax=docker/dockerfile:1
# The bot in a small image: Python, the locked packages, our folders; no compiler, no secrets.
# What it remembers is in the volume /app/data, or in the database that DATABASE_URL names.

FROM python:3.11.14-slim-bookworm AS base

FROM base AS packages

WORKDIR /app
COPY requirements.txt ./
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --no-input --disable-pip-version-check \
        --no-deps --require-hashes -r requirements.txt \
    && .venv/bin/python -m pip uninstall --yes --quiet pip setuptools

FROM base

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/app/.venv/bin:$PATH \
    ENVIRONMENT=production \
    HOST=0.0.0.0 \
    PORT=8000

WORKDIR /app
RUN groupadd --gid 10001 kuangyou \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin kuangyou \
    && install --directory --owner=kuangyou --group=kuangyou --mode=0700 data
COPY --from=packages /app/.venv .venv
COPY LICENSE ./
COPY models models
COPY knowledge knowledge
COPY handlers handlers
COPY bot bot
COPY scripts scripts

USER 10001:10001
VOLUME /app/data
EXPOSE 8000
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]

# The shell hands its place over to the server, so that `docker stop` reaches the server itself.
ENTRYPOINT ["/bin/sh", "-c", "python -m scripts.migrate && exec python -m bot"]
