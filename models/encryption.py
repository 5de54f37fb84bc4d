"""Encryption at rest for what people confide: names, phone numbers, remarks, messages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_NO_KEY_FITS = "no key of DATA_ENCRYPTION_KEY fits: was an old key removed before re-encryption?"


class DecryptionError(Exception):
    """A stored value was written with a key that is not in `DATA_ENCRYPTION_KEY`."""


class Cipher:
    """Encrypts with the first of its keys, decrypts with any of them: keys can be rotated."""

    def __init__(self, keys: str) -> None:
        """Take comma-separated Fernet keys; raise ValueError with what to set when one is bad."""
        parts = [key.strip() for key in keys.split(",") if key.strip()]
        if not parts:
            msg = "DATA_ENCRYPTION_KEY is empty: set a key made by `Fernet.generate_key()`"
            raise ValueError(msg)
        try:
            self._fernet = MultiFernet([Fernet(part) for part in parts])
        except ValueError as error:
            msg = (
                "DATA_ENCRYPTION_KEY must hold keys of 32 bytes in URL-safe base64, "
                "separated by commas"
            )
            raise ValueError(msg) from error

    @staticmethod
    def generate_key() -> str:
        """Return a new random key for `DATA_ENCRYPTION_KEY`."""
        return Fernet.generate_key().decode()

    def encrypt(self, text: str) -> str:
        """Return `text` encrypted with the first key, as printable ASCII."""
        return self._fernet.encrypt(text.encode()).decode()

    def seal(self, content: bytes) -> bytes:
        """Return bytes encrypted with the first key, a third shorter than as printable text."""
        return urlsafe_b64decode(self._fernet.encrypt(content))

    def unseal(self, sealed: bytes) -> bytes:
        """Return the bytes that were sealed; raise DecryptionError where no key fits."""
        try:
            return self._fernet.decrypt(urlsafe_b64encode(sealed))
        except InvalidToken as error:
            raise DecryptionError(_NO_KEY_FITS) from error

    def decrypt(self, token: str) -> str:
        """Return the text behind `token`; raise DecryptionError where no key fits."""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise DecryptionError(_NO_KEY_FITS) from error
