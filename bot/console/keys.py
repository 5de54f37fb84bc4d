"""What the console hands out and believes when it comes back: cookies and the mark of its forms."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

COOKIE = "kuangyou_console"
"""Who is logged in."""

VISITOR = "kuangyou_visitor"
"""Who is not yet: it ties the log-in form to the browser that was shown it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Signs with a key that never leaves the server."""

    secret: str = field(repr=False)

    def hash(self, token: str) -> str:
        """Return what is stored of a token."""
        return self._sign("token", token)

    def mark(self, token: str) -> str:
        """Return what each form carries, so that no other site can send it."""
        return self._sign("form", token)

    def is_mark(self, mark: str, token: str) -> bool:
        """Tell whether a form was ours and made for the holder of this cookie."""
        return bool(token) and hmac.compare_digest(mark.encode(), self.mark(token).encode())

    def _sign(self, purpose: str, token: str) -> str:
        message = f"{purpose}:{token}".encode()
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(32)
