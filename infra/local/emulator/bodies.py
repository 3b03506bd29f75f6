"""Reading request bodies, and values that no policy can match."""

import json

# Equals no key, tag or context value that a client can send: whatever is judged by it is refused.
NOTHING = "\0nothing"


def json_of(body):
    """The JSON object of a request; an empty one when it is not an object."""
    try:
        data = json.loads(body or b"{}")
    except (ValueError, TypeError):
        return {}
    return data if isinstance(data, dict) else {}


def dict_of(value):
    return value if isinstance(value, dict) else {}


def list_of(value):
    return value if isinstance(value, list) else []
