"""Clients of the emulator, for the steps beside this file.

The key pair ``test`` is root there: it passes every policy, so it may prepare and never prove.
"""

import os

import boto3
from botocore.config import Config

_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)


def client(service, credentials=None):
    """A client as root, or with the credentials of an `AssumeRole`."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    if credentials:
        keys = {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }
    endpoint, region = os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_DEFAULT_REGION"]
    return boto3.client(service, endpoint_url=endpoint, region_name=region, config=_CONFIG, **keys)
