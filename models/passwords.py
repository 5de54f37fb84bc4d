"""What makes a password too weak for somebody who reads what people confide."""

import re
from typing import Final

SHORTEST_PASSWORD: Final = 10
_FEWEST_DIFFERENT: Final = 6
_COMMON: Final = re.compile(r"password|passw0rd|qwerty|abc123|123456|iloveyou|admin|kuangyou", re.I)


def find_weakness(password: str, *, username: str, name: str) -> str | None:
    """Return what is wrong with a password, or None."""
    if len(password) < SHORTEST_PASSWORD:
        return f"密码太短，至少 {SHORTEST_PASSWORD} 位"
    if len(set(password)) < _FEWEST_DIFFERENT or password.isdecimal():
        return "密码太简单，请用字母和数字混在一起"
    if username in password.lower() or name in password or _COMMON.search(password):
        return "密码里不要有用户名、姓名或常见的词"
    return None
