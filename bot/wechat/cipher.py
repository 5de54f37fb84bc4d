"""Safe mode: WeChat's AES envelope around a message, with the key before the current one.

The block cipher and the padding come from wechatpy; what it does not do is done here: it accepts
any padding, draws its random bytes from a guessable source, checks keys with `assert`, and fails
on bad data with whatever exception happens to come up first.
"""

import base64
import binascii
import hmac
import re
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from wechatpy.crypto.base import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder

from bot.wechat.markup import as_cdata
from bot.wechat.signature import sign, verify

RANDOM_BYTES = 16
BLOCK = 32  # WeChat pads to 32 bytes, twice the block of AES
_LENGTH = struct.Struct(">I")
_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class UndecryptableError(Exception):
    """No key of ours opens this, or what is inside has not WeChat's shape."""


class WrongAppIdError(Exception):
    """The message was encrypted for another account."""


class Decrypted(NamedTuple):
    """A message and the key that opened it, which its answer has to be encrypted with."""

    xml: bytes
    key: "AesKey"


@dataclass(frozen=True, slots=True, eq=False)
class AesKey:
    """One EncodingAESKey, ready for use."""

    cipher: WeChatCipher = field(repr=False)

    @classmethod
    def parse(cls, encoded: str, *, setting: str) -> "AesKey":
        """Read the 43 characters of the console; raise ValueError naming the setting."""
        if not _KEY.fullmatch(encoded):
            msg = (
                f"{setting} is not an EncodingAESKey: set it to the 43 letters and digits that the "
                f"account console shows under 基本配置 (this value has {len(encoded)} characters)"
            )
            raise ValueError(msg)
        return cls(WeChatCipher(base64.b64decode(encoded + "=")))

    def open(self, encrypted: str) -> bytes:
        """Return the bytes inside without their padding; raise UndecryptableError."""
        try:
            sealed = base64.b64decode(encrypted.encode(), validate=True)
        except binascii.Error as error:
            msg = "not base64"
            raise UndecryptableError(msg) from error
        if not sealed or len(sealed) % BLOCK:
            msg = "not a whole number of blocks"
            raise UndecryptableError(msg)
        return _without_padding(self.cipher.decrypt(sealed))

    def seal(self, content: bytes) -> str:
        """Return the bytes padded, encrypted and in base64."""
        sealed: bytes = self.cipher.encrypt(PKCS7Encoder.encode(content))
        return base64.b64encode(sealed).decode()


class MessageCipher:
    """Checks, opens and seals the messages of one account.

    Raises ValueError for a key that cannot be one. `random` is replaced in tests only.
    """

    def __init__(
        self,
        token: str,
        app_id: str,
        encoding_aes_key: str,
        previous_key: str = "",
        *,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._token = token
        self._app_id = app_id.encode()
        self._random = random
        self._keys = [AesKey.parse(encoding_aes_key, setting="WECHAT_ENCODING_AES_KEY")]
        if previous_key:
            setting = "WECHAT_PREVIOUS_ENCODING_AES_KEY"
            self._keys.append(AesKey.parse(previous_key, setting=setting))

    def verify(self, encrypted: str, *, signature: str, timestamp: str, nonce: str) -> bool:
        """Tell whether `signature` is WeChat's `msg_signature` of this cipher."""
        return verify(signature, self._token, timestamp, nonce, encrypted)

    def decrypt(self, encrypted: str) -> Decrypted:
        """Open a cipher with the current key, else with the previous one.

        Raises WrongAppIdError or UndecryptableError. Verify the signature first.
        """
        failure: UndecryptableError | WrongAppIdError = UndecryptableError("no key opens it")
        for key in self._keys:
            try:
                return Decrypted(self._content_of(key.open(encrypted)), key)
            except WrongAppIdError as error:
                failure = error  # a right key says so; a wrong one that follows must not hide it
            except UndecryptableError:
                continue
        raise failure

    def encrypt(self, text: str, *, key: AesKey, timestamp: str, nonce: str) -> str:
        """Return the XML envelope that carries a reply."""
        encrypted = self.seal(text, key=key)
        signature = sign(self._token, timestamp, nonce, encrypted)
        return (
            f"<xml><Encrypt>{as_cdata(encrypted)}</Encrypt>"
            f"<MsgSignature>{as_cdata(signature)}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{as_cdata(nonce)}</Nonce></xml>"
        )

    def seal(self, text: str, *, key: AesKey | None = None) -> str:
        """Return the cipher of a text, by the current key where none is named."""
        content = text.encode()
        parts = (self._random(RANDOM_BYTES), _LENGTH.pack(len(content)), content, self._app_id)
        return (key or self._keys[0]).seal(b"".join(parts))

    def _content_of(self, opened: bytes) -> bytes:
        start = RANDOM_BYTES + _LENGTH.size
        if len(opened) < start:
            msg = "too short"
            raise UndecryptableError(msg)
        (length,) = _LENGTH.unpack_from(opened, RANDOM_BYTES)
        if length > len(opened) - start:
            msg = "shorter than it says"
            raise UndecryptableError(msg)
        if not hmac.compare_digest(opened[start + length :], self._app_id):
            raise WrongAppIdError
        return opened[start : start + length]


def _without_padding(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= BLOCK or padded[-count:] != bytes([count]) * count:
        msg = "bad padding"
        raise UndecryptableError(msg)
    return padded[:-count]
