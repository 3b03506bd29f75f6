"""SAM templates as nested stacks: the package expands the transform of a root stack only."""

import contextvars
import functools

from ministack.services.cloudformation import engine, provisioners

_nested = contextvars.ContextVar("nested", default=False)


def install():
    stock_parse = engine._parse_template
    handlers = provisioners._RESOURCE_HANDLERS["AWS::CloudFormation::Stack"]

    def parse(body):
        template = stock_parse(body)
        # Expanding a template that declares no transform changes nothing.
        return engine._apply_transforms(template) if _nested.get() else template

    def within(stock):
        @functools.wraps(stock)
        def deploy(*args, **kwargs):
            before = _nested.set(True)
            try:
                return stock(*args, **kwargs)
            finally:
                _nested.reset(before)

        return deploy

    engine._parse_template = parse
    for verb in ("create", "update"):
        handlers[verb] = within(handlers[verb])
