"""Nested stacks: the package expands the SAM transform of a root stack only, and forgets what it knew.

A resource that an update of its nested stack leaves as it is loses its attributes there, so that
every ``GetAtt`` of it fails.
"""

import contextvars
import functools

from bodies import dict_of

from ministack.services import cloudformation
from ministack.services.cloudformation import engine, provisioners

_nested = contextvars.ContextVar("nested", default=False)


def install():
    stock_parse, stock_update = engine._parse_template, provisioners._update_resource
    handlers = provisioners._RESOURCE_HANDLERS["AWS::CloudFormation::Stack"]

    def parse(body):
        template = stock_parse(body)
        # Expanding a template that declares no transform changes nothing.
        return engine._apply_transforms(template) if _nested.get() else template

    def update(resource_type, physical_id, old, new, stack_name, logical_id=None, attributes=None):
        if attributes is None:
            resources = dict_of(dict_of(cloudformation._stacks.get(stack_name)).get("_resources"))
            attributes = dict_of(resources.get(logical_id)).get("Attributes")
        return stock_update(resource_type, physical_id, old, new, stack_name, logical_id, attributes)

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
    provisioners._update_resource = update
    for verb in ("create", "update"):
        handlers[verb] = within(handlers[verb])
