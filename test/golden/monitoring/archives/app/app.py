"""Placeholder application of cloudops: two pages, and the metrics that the alerts and dashboards use."""

import os
import socket
import time

os.environ.setdefault("PROMETHEUS_DISABLE_CREATED_SERIES", "True")

from flask import Flask, Response, g, jsonify, request  # noqa: E402
from prometheus_client import REGISTRY, Counter, Histogram, generate_latest  # noqa: E402

METRICS_PATH = os.environ.get("METRICS_PATH", "/metrics")

# Prometheus 3 refuses a scrape without this exact type.
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# The alert compares with 1.0, so that bound must be there, and finite ones above it.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0)

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

REQUESTS = Counter("flask_requests", "Requests answered.", ("method", "endpoint"))
DURATION = Histogram(
    "flask_request_duration_seconds", "Time to answer a request.", ("method", "endpoint"), buckets=BUCKETS
)

app = Flask(__name__)
started = time.time()


def labels():
    """The route's template, never the raw path: a scanner must not make a series of each address it tries."""
    endpoint = request.url_rule.rule if request.url_rule is not None else "unmatched"
    return (request.method if request.method in METHODS else "OTHER", endpoint)


@app.before_request
def begin():
    g.began = time.perf_counter()


@app.after_request
def measure(response):
    if "began" in g:
        DURATION.labels(*labels()).observe(time.perf_counter() - g.began)
    REQUESTS.labels(*labels()).inc()
    return response


@app.get("/")
def index():
    return Response(f"The placeholder application of cloudops on {socket.gethostname()}.\n", mimetype="text/plain")


@app.get("/status")
def status():
    return jsonify(status="ok", host=socket.gethostname(), uptimeSeconds=round(time.time() - started, 1))


@app.get(METRICS_PATH)
def metrics():
    response = Response(generate_latest(REGISTRY))
    response.headers["Content-Type"] = METRICS_TYPE
    return response


# Series that exist from the start: a rate over them is 0, not nothing.
for rule in ("/", "/status", METRICS_PATH):
    REQUESTS.labels("GET", rule)
    DURATION.labels("GET", rule)
