import hashlib
from typing import Any

import pytest

from bot.wechat.signature import sign, verify
from tests.bot.wechat.door import shared_cases

SIGNATURES = ("signature", "msg_signature")
SIGNED = shared_cases(
    "wechat_vectors.json",
    "vectors",
    # The rest is encryption alone, or the signature of web pages, which the webhook never sees.
    which=lambda case: case["kind"] != "jssdk" and not case.keys().isdisjoint(SIGNATURES),
)


def test_parts_are_sorted_before_they_are_signed() -> None:
    expected = hashlib.sha1(b"17954874007302188tok", usedforsecurity=False).hexdigest()

    assert sign("tok", "1795487400", "7302188") == expected
    assert sign("7302188", "1795487400", "tok") == expected


def test_signature_of_the_same_parts_is_good() -> None:
    assert verify(sign("a", "b", "c"), "c", "b", "a")


@pytest.mark.parametrize("wrong", ["", "0" * 40, "签名", sign("a", "b").upper()])
def test_any_other_signature_is_not(wrong: str) -> None:
    assert not verify(wrong, "a", "b")


@pytest.mark.parametrize("case", SIGNED)
def test_published_signatures_come_out(case: dict[str, Any]) -> None:
    names = ("token", "timestamp", "nonce", "encrypt")
    parts = case.get("parts") or [case[name] for name in names if name in case]

    assert verify(case.get("msg_signature") or case["signature"], *parts)
