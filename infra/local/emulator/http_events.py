"""HTTP API events as AWS sends them: the caller's address, and cookies in their own list.

The package says ``127.0.0.1`` for everybody, so that limits by address would count all tests
as one person; the front door names the caller in ``x-forwarded-for``. It leaves cookies in the
headers, where AWS does not have them.
"""

from bodies import dict_of

from ministack.services import lambda_svc


def _as_aws_sends_it(event):
    http = dict_of(dict_of(dict_of(event).get("requestContext")).get("http"))
    if not http or event.get("version") != "2.0":
        return event
    headers = dict(event.get("headers") or {})
    caller = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    if caller:
        http["sourceIp"] = caller
    cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
    if cookies:
        event["cookies"] = cookies
    event["headers"] = headers
    return event


def install():
    stock = lambda_svc._execute_function_with_config_scope

    def execute(func, event):
        return stock(func, _as_aws_sends_it(event))

    lambda_svc._execute_function_with_config_scope = execute
