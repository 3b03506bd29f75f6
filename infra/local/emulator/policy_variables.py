"""Policy variables such as ``${aws:PrincipalTag/t}``, which the package leaves as they stand.

A variable without a usable value makes an Allow statement match nothing; in a Deny statement
it becomes a value that equals nothing, so that a negated condition still denies. A value with
``*`` or ``?`` is not usable: AWS refuses those in a session tag, and here they would act as
wildcards.
"""

import dataclasses
import re

from bodies import NOTHING

from ministack.core import iam_evaluator

_VARIABLE = re.compile(r"\$\{([^}]+)\}")


class Unusable(Exception):
    """An Allow statement names a variable that has no usable value."""


def _value(expression, ctx, effect):
    name, _, default = expression.partition(",")
    name = name.strip()
    if name == "$":
        return "$"
    if name in ("*", "?") and effect == "Deny":
        return name  # meant literally; matching more can only deny more
    found = None if name in ("*", "?") else iam_evaluator._resolve_condition_key(name, ctx)
    if found is None and default:
        found = default.strip(" '")
    if found is not None and not isinstance(found, (list, dict)) and not set("*?") & set(str(found)):
        return str(found)
    if effect == "Allow":
        raise Unusable
    return NOTHING


def _filled(node, ctx, effect):
    if isinstance(node, dict):
        return {key: _filled(value, ctx, effect) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, ctx, effect) for value in node]
    if isinstance(node, str) and "${" in node:
        return _VARIABLE.sub(lambda match: _value(match.group(1), ctx, effect), node)
    return node


def install():
    stock = iam_evaluator._first_match

    def first_match(ctx, statements, effect):
        for statement in statements:
            if statement.effect != effect:
                continue
            parts = ("resources", "not_resources", "conditions")
            try:
                filled = {part: _filled(getattr(statement, part), ctx, effect) for part in parts}
            except Unusable:
                continue
            if stock(ctx, [dataclasses.replace(statement, **filled)], effect):
                return statement
        return None

    iam_evaluator._first_match = first_match
