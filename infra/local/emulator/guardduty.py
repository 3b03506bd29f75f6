"""GuardDuty Malware Protection for S3, which the package lacks: the plan of a template, and its scans.

A new object under a plan's prefixes is scanned by ClamAV with our own signatures, tagged, and its
verdict put on the default event bus in GuardDuty's shape. Nothing else is ever read. What was
uploaded while nobody scanned is scanned at the next start: it has no tag.
"""

import concurrent.futures
import contextvars
import json
import logging
import os
import subprocess
import uuid

from bodies import dict_of, list_of

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation, eventbridge, s3
from ministack.services.cloudformation import provisioners

TYPE = "AWS::GuardDuty::MalwareProtectionPlan"
TAG = "GuardDutyMalwareScanStatus"
SECONDS_MAX = 600
# Reads standard input. As much as the scanner can take at most; GuardDuty itself scans the largest document there can be.
# What it finds inside a file counts as scanned once more, so that a large one needs room for both.
COMMAND = (
    "clamscan", "--stdout", "--no-summary", "--max-filesize=2047M", "--max-scansize=4095M",
    "--alert-encrypted=yes", "--alert-exceeds-max=yes",
)

_log = logging.getLogger("guardduty")
_scans = concurrent.futures.ThreadPoolExecutor(max_workers=2, thread_name_prefix="scan")


def verdict(code, output):
    """The status of a scan and the names of the threats, from how ClamAV ended."""
    name = output.strip().rpartition("\n")[2].rpartition(": ")[2].removesuffix(" FOUND")
    if code == 0:
        return "NO_THREATS_FOUND", []
    if code == 1 and name.startswith(("Heuristics.Encrypted", "Heuristics.Limits")):
        return "UNSUPPORTED", []
    if code == 1:
        return "THREATS_FOUND", [name.removesuffix(".UNOFFICIAL")]
    return "FAILED", []


def _scan(body):
    signatures = os.environ.get("PORTICO_SIGNATURES") or os.path.join(os.path.dirname(__file__), "../clamav")
    try:
        done = subprocess.run([*COMMAND, f"--database={signatures}", "-"], input=body, capture_output=True,
                              timeout=SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired) as why:
        _log.error("no scan: %s", why)
        return "FAILED", []
    if done.returncode not in (0, 1):
        _log.error("no scan: %s", done.stderr.decode("utf-8", "replace").strip())
    return verdict(done.returncode, done.stdout.decode("utf-8", "replace"))


def _plan_for(bucket, key):
    """The id of the plan that protects this object, if one does."""
    for stack in list(cloudformation._stacks.values()):
        for resource in list(dict_of(stack.get("_resources")).values()):
            if resource.get("ResourceType") != TYPE:
                continue
            protected = dict_of(dict_of(resource["Properties"].get("ProtectedResource")).get("S3Bucket"))
            prefixes = list_of(protected.get("ObjectPrefixes")) or [""]
            if protected.get("BucketName") == bucket and key.startswith(tuple(prefixes)):
                return resource["PhysicalResourceId"]
    return None


def _event(plan, bucket, key, etag, version, status, threats):
    completed = status in ("NO_THREATS_FOUND", "THREATS_FOUND")
    return {
        "Source": "aws.guardduty",
        "DetailType": "GuardDuty Malware Protection Object Scan Result",
        "Resources": [f"arn:aws:guardduty:{get_region()}:{get_account_id()}:malware-protection-plan/{plan}"],
        "Detail": json.dumps({
            "schemaVersion": "1.0",
            "scanStatus": "COMPLETED" if completed else "FAILED" if status == "FAILED" else "SKIPPED",
            "resourceType": "S3_OBJECT",
            "s3ObjectDetails": {
                "bucketName": bucket,
                "objectKey": key,
                "eTag": etag.strip('"'),
                "versionId": version,
                "s3Throttled": False,
            },
            "scanResultDetails": {
                "scanResultStatus": status,
                "threats": [{"name": name} for name in threats] or None,
            },
        }),
    }


def _examine(plan, bucket, key, etag, version):
    body = s3._get_object_data(bucket, key, version)
    if body is None:
        return  # deleted since
    status, threats = _scan(body)
    tags = {**s3._object_tags.get((bucket, key, version), {}), TAG: status}
    s3._object_tags[(bucket, key, version)] = tags
    s3._persist_version_state(bucket, key, s3._buckets[bucket])
    # Sources that begin with `aws.` are for AWS alone, whose part is played here.
    eventbridge._put_events({"Entries": [_event(plan, bucket, key, etag, version, status, threats)]}, True)


def _later(bucket, key, etag, version):
    plan = _plan_for(bucket, key)
    if plan is None:
        return
    scan = _scans.submit(contextvars.copy_context().run, _examine, plan, bucket, key, etag, version)
    scan.add_done_callback(lambda done: done.exception() and _log.error("scan of an upload", exc_info=done.exception()))


def _left_behind():
    for bucket, held in list(s3._buckets.items()):
        for key, found in list(held["objects"].items()):
            version = found.get("version_id")
            if TAG not in s3._object_tags.get((bucket, key, version), {}):
                _later(bucket, key, found.get("etag", ""), version)


def install():
    stock_fire, stock_start = s3._fire_s3_event_async, eventbridge.start_scheduler

    def fire(bucket_name, key, event_name, *args, **kwargs):
        stock_fire(bucket_name, key, event_name, *args, **kwargs)
        if event_name.startswith("s3:ObjectCreated:"):
            held = dict_of(s3._buckets.get(bucket_name)).get("objects", {}).get(key) or {}
            _later(bucket_name, key, held.get("etag", ""), held.get("version_id"))

    def start():
        stock_start()
        _left_behind()  # the state of the last run is loaded by then

    s3._fire_s3_event_async = fire
    eventbridge.start_scheduler = start
    provisioners._RESOURCE_HANDLERS[TYPE] = {
        "create": lambda logical_id, props, stack_name: (uuid.uuid4().hex[:20], {}),
        "update": lambda physical_id, old_props, props, *rest: (physical_id, {}),
        "delete": lambda physical_id, props: None,
    }
