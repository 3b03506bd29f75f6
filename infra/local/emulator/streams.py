"""Streams of tables: restarts, and batches of which a part failed.

1. Positions of readers are kept over a restart and the records are not, so that a reader would wait for as many new
   records as it had read before. Here it begins anew with what comes.
2. A worker that answers ``batchItemFailures`` is taken for one that did everything. Here the batch comes again, up to
   the five tries of the template, and then goes to the queue of what failed.
"""

from ministack.services import lambda_svc

TRIES = 5
# Tries by the first record that failed.
_tries = {}


def install():
    _forget_positions()
    _deliver_again()


def _forget_positions():
    restore = lambda_svc._restore_esm_positions

    def restored(store, positions):
        if store is not lambda_svc._dynamodb_stream_positions:
            restore(store, positions)

    lambda_svc._restore_esm_positions = restored


def _deliver_again():
    execute = lambda_svc._execute_function

    def executed(function, event, *args, **kwargs):
        result = execute(function, event, *args, **kwargs)
        records = event.get("Records") if isinstance(event, dict) else None
        if not records or records[0].get("eventSource") != "aws:dynamodb" or result.get("error"):
            return result
        body = result.get("body")
        failures = body.get("batchItemFailures") if isinstance(body, dict) else None
        if not failures:
            return result
        first = failures[0]["itemIdentifier"]
        _tries[first] = _tries.get(first, 0) + 1
        if _tries[first] < TRIES:
            return {**result, "error": True}
        del _tries[first]
        _bury(function, records, result)
        return result

    lambda_svc._execute_function = executed


def _bury(function, records, result):
    arn = records[0]["eventSourceARN"]
    for _account, _region, esm in lambda_svc._iter_all_esms():
        if esm.get("EventSourceArn") == arn:
            lambda_svc._send_ddb_stream_failure_record(esm, function, records, arn, result, "RetryAttemptsExhausted")
            return
