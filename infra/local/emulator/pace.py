"""What grows with a run, or is done anew for each request, and decides nothing.

Every request of a function goes through one thread of this program. Policies are the template's and
change when it is deployed, yet the package reads their JSON three times for each request, and gathers
whose they are as often; a statement about other actions is passed over before its variables are
filled in. Each request to a function has its address compared with every route, twice, by expressions
made anew. The list of all mails is walked whenever somebody waits for one: in a run of all tests that
is thousands of mails, hundreds of times. And what was kept is looked through for garbage: a second
in which nothing is answered, when a run is an hour old.
"""

import asyncio
import functools
import gc
import random
import re
import time
import uuid

import uvloop

from ministack.core import iam_evaluator
from ministack.services import apigateway, iam, ses

_POLICIES_MAX = 4096
_ROUTES_MAX = 4096
# How long it is remembered whose a key is and what its policies say. A request's signature, token and end are checked
# each time, before it.
_PRINCIPAL_SECONDS = 1
_PRINCIPALS_MAX = 4096
_NEWEST = 50
# Objects made, rounds among the young, rounds among the middle-aged before all are looked through.
_GARBAGE = (50_000, 20, 100)


class Inboxes:
    """Mails by recipient, in the order in which they were sent."""

    def __init__(self):
        self._list, self._known, self._by = None, 0, {}

    def of(self, address):
        sent, wanted = ses._sent_emails_list(), address.lower()
        if sent is not self._list or len(sent) < self._known:
            self._list, self._known, self._by = sent, 0, {}
        # The recipients of a raw mail are put right after it was added, so the newest are looked at anew.
        while self._known < len(sent) - _NEWEST:
            record = sent[self._known]
            for one in _recipients(record):
                self._by.setdefault(one, []).append(record)
            self._known += 1
        newest = [record for record in sent[self._known:] if wanted in _recipients(record)]
        return self._by.get(wanted, []) + newest


def _recipients(record):
    return {one.lower() for name in ("To", "CC", "BCC") for one in record.get(name) or ()}


class Principals:
    """Whose a key is, with the policies, for a moment: each request asks three times or more."""

    def __init__(self, resolve):
        self._resolve, self._known = resolve, {}

    def forget(self):
        self._known.clear()

    def of(self, access_key_id, account_id, credential=None):
        asked, now = (access_key_id, account_id), time.monotonic()
        known = self._known.get(asked)
        if known and known[0] > now:
            return known[1]
        found = self._resolve(access_key_id, account_id, credential)
        if not isinstance(found, iam_evaluator.AuthError):
            if len(self._known) >= _PRINCIPALS_MAX:
                self._known.clear()
            self._known[asked] = (now + _PRINCIPAL_SECONDS, found)
        return found


@functools.lru_cache(_ROUTES_MAX)
def _route(path):
    """The expression of a route's path, and the names of its parameters."""
    parts = re.split(r"\{([^}]+)\}", path)
    names = parts[1::2]
    fields = ["(.+)" if name.endswith("+") else "([^/]+)" for name in names]
    fixed = [re.escape(part) for part in parts[::2]]
    whole = "".join(part for pair in zip(fixed, [*fields, ""]) for part in pair)
    return re.compile(whole), tuple(name.removesuffix("+") for name in names)


def _path_params(route_path, request_path):
    expression, names = _route(route_path)
    match = expression.fullmatch(request_path)
    return dict(zip(names, match.groups())) if match else None


def _uuid():
    # Nobody guesses numbers of requests here, and asking the kernel for each gives every waiting thread its turn.
    return uuid.UUID(int=random.getrandbits(128), version=4)


def _forgetting(principals, handle):
    async def handled(*args, **kwargs):
        principals.forget()
        try:
            return await handle(*args, **kwargs)
        finally:
            principals.forget()

    return handled


def install():
    parse, first_match = iam_evaluator.parse_policy_document, iam_evaluator._first_match
    known = functools.lru_cache(_POLICIES_MAX)(parse)

    def parsed(doc):
        return known(doc) if isinstance(doc, str) else parse(doc)

    def of_this_action(ctx, statements, effect):
        about = [statement for statement in statements if statement.effect == effect
                 and iam_evaluator._action_matches(ctx.action, statement.actions, statement.not_actions)]
        return first_match(ctx, about, effect) if about else None

    iam_evaluator.parse_policy_document = parsed
    iam_evaluator._first_match = of_this_action
    principals = Principals(iam_evaluator.resolve_principal)
    iam_evaluator.resolve_principal = principals.of
    iam.handle_request = _forgetting(principals, iam.handle_request)
    apigateway._extract_path_params = _path_params
    uuid.uuid4 = _uuid
    gc.set_threshold(*_GARBAGE)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
