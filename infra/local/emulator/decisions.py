"""Condition keys of one decision.

The gateway makes one ARN for each decision of a request and hands it to the evaluator, so what
only holds for that decision travels on its ARN.
"""

from ministack.core import iam_evaluator


class Decision(str):
    """A resource ARN with condition keys."""

    context = None


def decision(arn, context):
    made = Decision(arn)
    made.context = context
    return made


def install():
    stock = iam_evaluator.enforce

    def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        own = getattr(resource_arn, "context", None)
        context = {**(service_context or {}), **own} if own else service_context
        return stock(access_key_id, iam_action, service, region, resource_arn, context)

    iam_evaluator.enforce = enforce
