"""Lambda's Runtime API from inside: asks for an event, hands it to the handler, sends what comes back."""

import http.client
import json
import os
import traceback

BASE = "/2018-06-01/runtime/invocation"


def serve(handler):
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        api.request("GET", f"{BASE}/next")
        given = api.getresponse()
        event = json.loads(given.read())
        path = f"{BASE}/{given.headers['Lambda-Runtime-Aws-Request-Id']}"
        try:
            body, path = json.dumps(handler(event)), f"{path}/response"
        except Exception:
            body, path = json.dumps({"errorMessage": traceback.format_exc()}), f"{path}/error"
        api.request("POST", path, body)
        api.getresponse().read()
