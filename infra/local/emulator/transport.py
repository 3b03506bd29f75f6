"""``aws:SecureTransport`` is true here.

Nothing on this machine has TLS, so the TLS-only policies of the buckets would refuse every role.
They are asserted on the template.
"""

from ministack.core import iam_evaluator


def install():
    stock = iam_evaluator._resolve_condition_key

    def resolve(key, ctx):
        return "true" if key.lower() == "aws:securetransport" else stock(key, ctx)

    iam_evaluator._resolve_condition_key = resolve
