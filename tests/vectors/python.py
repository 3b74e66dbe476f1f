"""Signature headers with what Stripe's own Python library says of them, one JSON object a line."""

import hashlib
import hmac
import json
import secrets
import time

import stripe

SECRET = "whsec_" + secrets.token_hex(24)
OTHER = "whsec_" + secrets.token_hex(24)
PAYLOADS = [
    '{"id":"evt_1","object":"event"}',
    "{}",
    '{"text":"größer als 東京"}',
    '{"a":1}\n',
]


def sign(payload, at, by):
    return hmac.new(by.encode(), f"{at}.{payload}".encode(), hashlib.sha256).hexdigest()


def headers(payload, now):
    good = sign(payload, now, SECRET)
    foreign = sign(payload, now, OTHER)
    # The library reads the clock itself: times near the edge of its tolerance would be a race.
    for offset in [0, -1, -290, -310, -3600, 1, 30]:
        yield f"t={now + offset},v1={sign(payload, now + offset, SECRET)}"
    yield f"t={now},v1={foreign}"
    yield f"t={now},v1={foreign},v1={good}"
    yield f"t={now},v1={good},v1={foreign}"
    yield f"t={now},v0={good}"
    yield f"t={now},v1={good},v0={'0' * 64}"
    yield f"v1={good},t={now}"
    yield f"t={now - 1},v1={good}"
    yield f"t={now},v1={good.upper()}"
    yield f"t={now},v1={good[1:]}"
    yield f"t={now},v1={good}0"
    yield f"t={now},v1="
    yield f"t={now}"
    yield f"v1={good}"
    yield ""
    yield "garbage"
    yield f"t=,v1={good}"
    yield f"t={now};v1={good}"
    yield f"t={now},v2={good}"


for payload in PAYLOADS:
    now = int(time.time())
    for header in headers(payload, now):
        try:
            verifies = stripe.WebhookSignature.verify_header(payload, header, SECRET, tolerance=300) is True
        except Exception:  # whatever the library does not take
            verifies = False
        vector = {"library": "python", "header": header, "payload": payload, "secret": SECRET, "now": now}
        print(json.dumps({**vector, "verifies": verifies}))
