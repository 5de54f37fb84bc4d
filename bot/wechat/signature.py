"""WeChat's signature: SHA-1 over the sorted parts, compared in constant time.

wechatpy compares with `!=`, which tells an attacker by its timing how far a guess was right.
"""

import hashlib
import hmac


def sign(*parts: str) -> str:
    """Return WeChat's signature of the parts: the token, the timestamp, the nonce, the cipher."""
    joined = b"".join(sorted(part.encode() for part in parts))
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def verify(signature: str, *parts: str) -> bool:
    """Tell whether the signature is that of the parts."""
    return hmac.compare_digest(sign(*parts).encode(), signature.encode())
