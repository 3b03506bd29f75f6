"""A trace for each invocation, as Lambda gives one whether or not tracing is on.

An HTTP event carries ``x-amzn-trace-id`` in its headers (the caller's, if it sent one), SDKs in
a function pass it on with every call, and an invoked function inherits it. Without it nobody
could tell which request caused which call.
"""

import contextvars
import random
import time

from bodies import dict_of

from ministack.services import lambda_svc

HEADER = "x-amzn-trace-id"
_inherited = contextvars.ContextVar("trace", default=None)


def _new():
    return f"Root=1-{int(time.time()):08x}-{random.getrandbits(96):024x};Parent={random.getrandbits(64):016x};Sampled=0"


def install():
    stock_depth = lambda_svc._inbound_invoke_depth
    stock_trace = lambda_svc._xray_trace_id_for_invocation
    stock_execute = lambda_svc._execute_function_with_config_scope

    def depth(headers):
        # The first that an invocation by an SDK looks at.
        _inherited.set(headers.get(HEADER))
        return stock_depth(headers)

    def trace(config, inbound_trace_header=None):
        return stock_trace(config, inbound_trace_header or _inherited.get()) or _new()

    def execute(func, event):
        if dict_of(dict_of(dict_of(event).get("requestContext")).get("http")):
            headers = event.setdefault("headers", {})
            headers.setdefault(HEADER, _new())
            _inherited.set(headers[HEADER])
        return stock_execute(func, event)

    lambda_svc._inbound_invoke_depth = depth
    lambda_svc._xray_trace_id_for_invocation = trace
    lambda_svc._execute_function_with_config_scope = execute
