"""What grows with a run, or is done anew for each request, and decides nothing.

Every request of a function goes through one thread of this program. Policies are the template's and
change when it is deployed, yet the package reads their JSON three times for each request; a
statement about other actions is passed over before its variables are filled in. The list of all
mails is walked whenever somebody waits for one: in a run of all tests that is thousands of mails,
hundreds of times. And what was kept is looked through for garbage: a second in which nothing is
answered, when a run is an hour old.
"""

import asyncio
import functools
import gc

import uvloop

from ministack.core import iam_evaluator
from ministack.services import ses

_POLICIES_MAX = 4096
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
    gc.set_threshold(*_GARBAGE)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
