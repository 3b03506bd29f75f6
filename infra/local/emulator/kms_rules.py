"""KMS: the encryption context as condition keys, and a wrong explicit key on Decrypt.

The package sets neither ``kms:EncryptionContext:<key>`` nor ``kms:EncryptionContextKeys``, so
that conditions on them refuse everything, and decrypts to garbage when the named key is not
the one that encrypted.
"""

import base64
import binascii

from bodies import dict_of, json_of

from ministack.core import iam_actions
from ministack.services import kms

_KEY_ID_BYTES = 36  # a symmetric ciphertext of the package begins with the id of its key


def _context(body):
    pairs = dict_of(json_of(body).get("EncryptionContext"))
    if not pairs:
        return {}
    keys = {f"kms:EncryptionContext:{name}": value for name, value in pairs.items()}
    return {"kms:EncryptionContextKeys": list(pairs), **keys}


def _encrypted_by(blob):
    try:
        raw = base64.b64decode(blob) if isinstance(blob, str) else bytes(blob)
    except (binascii.Error, TypeError, ValueError):
        return None
    return raw[:_KEY_ID_BYTES].decode("utf-8", "ignore") if len(raw) > _KEY_ID_BYTES else None


def install():
    stock_tags, stock_decrypt = iam_actions.request_tag_context, kms._decrypt

    def request_context(service, iam_action, body, params):
        context = stock_tags(service, iam_action, body, params)
        return {**context, **_context(body)} if service == "kms" else context

    def decrypt(data):
        record = kms._resolve_key(data["KeyId"]) if data.get("KeyId") else None
        by = _encrypted_by(data.get("CiphertextBlob", ""))
        if record and "_symmetric_key" in record and by not in (None, record["KeyId"]):
            return kms.error_response_json("IncorrectKeyException", "Another key encrypted this ciphertext.", 400)
        return stock_decrypt(data)

    iam_actions.request_tag_context = request_context
    kms._decrypt = decrypt
