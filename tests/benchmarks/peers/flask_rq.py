"""The plain Python contender: Flask, and one RQ job for each webhook under the webhook's id.

A repeat is refused by RQ while its job is known; 200 after Valkey has taken the job. Served by
Granian, the fastest server of WSGI apps we found.
"""

import base64
import hashlib
import hmac
import os
from contextlib import suppress

from flask import Flask, Response, request
from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError

SECRET = os.environ["SHOPIFY_API_SECRET"].encode()

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024
queue = Queue("webhooks", connection=Redis.from_url(os.environ["REDIS_URL"]))


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.post("/webhooks/shopify")
def receive() -> Response:
    body = request.get_data(cache=False)
    proof = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(proof, request.headers.get("X-Shopify-Hmac-Sha256", "")):
        return Response(status=401)
    shop, topic = request.headers["X-Shopify-Shop-Domain"], request.headers["X-Shopify-Topic"]
    key = f"{shop}-{request.headers['X-Shopify-Webhook-Id']}".replace(".", "_")
    with suppress(DuplicateJobError):  # The platform repeats itself: it is kept already.
        queue.enqueue_call("jobs.process", args=(shop, topic, body), job_id=key, unique=True)
    return Response(status=200)
