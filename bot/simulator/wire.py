"""WeChat's side of the wire: signatures and the sealed envelope of safe mode.

Written apart from the product's own code on purpose: a mistake in one of them shows in the other.
"""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

import xmltodict
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK: Final = 32
"""WeChat pads to 32 bytes, although the AES block has 16."""


class WireError(Exception):
    """An answer that WeChat could not read; the message says why."""


@dataclass(frozen=True, slots=True)
class Account:
    """The official account as WeChat's console knows it; an empty key means plain mode."""

    token: str
    app_id: str
    encoding_aes_key: str = ""
    original_id: str = "gh_5a2d7c1e9b40"
    name: str = "矿友互助"

    @property
    def is_sealed(self) -> bool:
        """Tell whether bodies are encrypted (safe mode)."""
        return bool(self.encoding_aes_key)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted text and the signature over it."""

    encrypted: str
    signature: str


def sign(*parts: str) -> str:
    """Return WeChat's signature over the parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def seal(account: Account, text: str, *, timestamp: str, nonce: str) -> Sealed:
    """Encrypt and sign a body as safe mode wants it."""
    encrypted = encrypt(account, text, prefix=secrets.token_hex(8).encode())
    return Sealed(encrypted, sign(account.token, timestamp, nonce, encrypted))


def encrypt(account: Account, text: str, *, prefix: bytes) -> str:
    """Encrypt a text after 16 random bytes."""
    message = text.encode()
    plain = prefix + len(message).to_bytes(4, "big") + message + account.app_id.encode()
    fill = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(account).encryptor()
    sealed = encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(account: Account, encrypted: str) -> str:
    """Return the text inside, or raise WireError."""
    try:
        sealed = base64.b64decode(encrypted, validate=True)
        decryptor = _cipher(account).decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
    except (binascii.Error, ValueError) as error:
        msg = "the answer cannot be decrypted"
        raise WireError(msg) from error
    return _unwrap(padded, account)


def open_sealed(account: Account, body: str) -> str:
    """Check and decrypt a sealed answer, or raise WireError."""
    fields = read_xml(body)
    parts = [fields.get(name, "") for name in ("TimeStamp", "Nonce", "Encrypt")]
    if not all(parts):
        msg = "the answer must be encrypted in safe mode"
        raise WireError(msg)
    if sign(account.token, *parts) != fields.get("MsgSignature"):
        msg = "the answer's signature is wrong"
        raise WireError(msg)
    return decrypt(account, parts[2])


def read_xml(body: str) -> dict[str, str]:
    """Return the flat text fields of `<xml>…</xml>`; nested fields are left out."""
    return {name: value for name, value in read_tree(body).items() if isinstance(value, str)}


def read_tree(body: str) -> dict[str, object]:
    """Return everything below `<xml>`, or raise WireError."""
    try:
        root = xmltodict.parse(body, strip_whitespace=False)
    except Exception as error:
        msg = "the answer is not XML"
        raise WireError(msg) from error
    tree = root.get("xml")
    if not isinstance(tree, dict):
        msg = "the answer has no <xml>"
        raise WireError(msg)
    return {name: "" if value is None else value for name, value in tree.items()}


def _unwrap(padded: bytes, account: Account) -> str:
    fill = padded[-1] if padded else 0
    if not 1 <= fill <= BLOCK or padded[-fill:] != bytes([fill]) * fill:
        msg = "the answer's padding is wrong"
        raise WireError(msg)
    plain = padded[:-fill]
    end = 20 + int.from_bytes(plain[16:20], "big")
    if plain[end:] != account.app_id.encode():
        msg = "the answer names another AppID"
        raise WireError(msg)
    try:
        return plain[20:end].decode()
    except UnicodeDecodeError as error:
        msg = "the answer is not UTF-8"
        raise WireError(msg) from error


def _cipher(account: Account) -> "Cipher[modes.CBC]":
    key = base64.b64decode(account.encoding_aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
