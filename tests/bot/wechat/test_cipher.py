import base64
from typing import Any

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.cipher import AesKey, MessageCipher, UndecryptableError, WrongAppIdError
from bot.wechat.signature import verify
from tests.bot.wechat.door import (
    APP_ID,
    FOREIGN_KEY,
    KEY,
    NONCE,
    OLD_KEY,
    STAMP,
    TOKEN,
    sealed_cipher,
    shared_cases,
)

SENT = shared_cases("wechat_vectors.json", "vectors", which=lambda case: case["kind"] == "decrypt")
SEALED = shared_cases("wechat_vectors.json", "vectors", which=lambda case: "random_hex" in case)
REPLIES = shared_cases(
    "wechat_vectors.json",
    "vectors",
    which=lambda case: case["kind"] == "encrypt" and "nonce" in case,
)


def key_of(encoded: str) -> AesKey:
    return AesKey.parse(encoded, setting="KEY")


def framed(text: bytes, app_id: bytes = APP_ID.encode()) -> bytes:
    return b"r" * 16 + len(text).to_bytes(4, "big") + text + app_id


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_can_be_opened(text: str) -> None:
    cipher = sealed_cipher()

    assert cipher.decrypt(cipher.seal(text)).xml == text.encode()


def test_two_seals_of_one_text_differ() -> None:
    cipher = sealed_cipher()

    assert cipher.seal("您好") != cipher.seal("您好")


def test_previous_key_still_opens_and_seals_the_answer() -> None:
    cipher = MessageCipher(TOKEN, APP_ID, KEY, OLD_KEY)

    opened = cipher.decrypt(sealed_cipher(OLD_KEY).seal("旧的"))

    assert opened.xml == "旧的".encode()
    assert sealed_cipher(OLD_KEY).decrypt(cipher.seal("答", key=opened.key)).xml == "答".encode()


def test_a_key_before_the_previous_one_opens_nothing() -> None:
    cipher = MessageCipher(TOKEN, APP_ID, KEY, OLD_KEY)

    with pytest.raises(UndecryptableError):
        cipher.decrypt(sealed_cipher(FOREIGN_KEY).seal("别人的"))


def test_message_for_another_account_is_refused_under_either_key() -> None:
    cipher = MessageCipher(TOKEN, APP_ID, KEY, OLD_KEY)

    for key in (KEY, OLD_KEY):
        with pytest.raises(WrongAppIdError):
            cipher.decrypt(sealed_cipher(key, app_id="wx0000000000000000").seal("x"))


@pytest.mark.parametrize("longer", ["wx0123456789abcdefg", "wx0123456789abcde", ""])
def test_app_id_has_to_match_to_the_letter(longer: str) -> None:
    with pytest.raises(WrongAppIdError):
        sealed_cipher().decrypt(sealed_cipher(app_id=longer).seal("x"))


@pytest.mark.parametrize(
    "encrypted",
    ["", "AAAA", "not base64!", "密文", "A" * 43, base64.b64encode(b"0" * 48).decode()],
)
def test_what_is_no_cipher_raises_one_error(encrypted: str) -> None:
    with pytest.raises(UndecryptableError):
        sealed_cipher().decrypt(encrypted)


@pytest.mark.parametrize(
    "inside",
    [
        b"x" * 5,
        b"r" * 16 + b"\xff\xff\xff\xff" + b"short",
        b"r" * 16 + (17).to_bytes(4, "big") + APP_ID.encode()[:16],
    ],
    ids=["too short", "length of four gigabytes", "length one too long"],
)
def test_a_frame_that_does_not_add_up_raises_one_error(inside: bytes) -> None:
    with pytest.raises(UndecryptableError):
        sealed_cipher().decrypt(key_of(KEY).seal(inside))


@pytest.mark.parametrize(
    "padding",
    [b"\x00" * 32, b"\x21" * 33, b"\x01" * 30 + b"\x05\x02", b"a" * 32],
    ids=["zero", "more than a block", "not all alike", "none"],
)
def test_padding_is_checked_to_the_last_byte(padding: bytes) -> None:
    content = framed(b"hello")
    padded = content + b"-" * (-(len(content) + len(padding)) % 32) + padding
    encrypted = base64.b64encode(key_of(KEY).cipher.encrypt(padded)).decode()

    with pytest.raises(UndecryptableError):
        sealed_cipher().decrypt(encrypted)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise_anything_else(sealed: bytes) -> None:
    cipher = MessageCipher(TOKEN, APP_ID, KEY, OLD_KEY)

    with pytest.raises((UndecryptableError, WrongAppIdError)):
        cipher.decrypt(base64.b64encode(sealed).decode())


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "密" * 43, "-" * 43, KEY + "\n"])
def test_bad_key_is_refused_with_a_sentence_that_names_the_setting(key: str) -> None:
    with pytest.raises(ValueError, match=r"WECHAT_ENCODING_AES_KEY .*43"):
        MessageCipher(TOKEN, APP_ID, key)


def test_bad_previous_key_is_named_too() -> None:
    with pytest.raises(ValueError, match="WECHAT_PREVIOUS_ENCODING_AES_KEY"):
        MessageCipher(TOKEN, APP_ID, KEY, "short")


def test_key_is_not_shown_by_repr() -> None:
    assert KEY not in repr(key_of(KEY))


def test_envelope_carries_signature_time_and_nonce() -> None:
    cipher = sealed_cipher()

    xml = cipher.encrypt("您好", key=key_of(KEY), timestamp=STAMP, nonce=NONCE)

    fields = xmltodict.parse(xml)["xml"]
    assert (fields["TimeStamp"], fields["Nonce"]) == (STAMP, NONCE)
    assert verify(fields["MsgSignature"], TOKEN, STAMP, NONCE, fields["Encrypt"])
    assert cipher.decrypt(fields["Encrypt"]).xml == "您好".encode()


def test_nonce_cannot_break_out_of_the_envelope() -> None:
    nonce = "1]]></Nonce><Encrypt>x</Encrypt>"

    xml = sealed_cipher().encrypt("x", key=key_of(KEY), timestamp=STAMP, nonce=nonce)

    fields = xmltodict.parse(xml)["xml"]
    assert fields["Nonce"] == nonce
    assert isinstance(fields["Encrypt"], str)


@pytest.mark.parametrize("case", SENT)
def test_published_cipher_opens(case: dict[str, Any]) -> None:
    cipher = MessageCipher(case["token"], case["appid"], case["encoding_aes_key"])

    assert cipher.decrypt(case["encrypt"]).xml.decode() == case["plaintext"]


@pytest.mark.parametrize("case", SEALED)
def test_published_cipher_comes_out_of_its_random_bytes(case: dict[str, Any]) -> None:
    cipher = MessageCipher(
        case["token"],
        case["appid"],
        case["encoding_aes_key"],
        random=lambda _: bytes.fromhex(case["random_hex"]),
    )

    assert cipher.seal(case["plaintext"]) == case["encrypt"]


@pytest.mark.parametrize("case", REPLIES)
def test_published_reply_comes_out_with_its_signature(case: dict[str, Any]) -> None:
    cipher = MessageCipher(
        case["token"],
        case["appid"],
        case["encoding_aes_key"],
        random=lambda _: bytes.fromhex(case["random_hex"]),
    )

    xml = cipher.encrypt(
        case["plaintext"],
        key=key_of(case["encoding_aes_key"]),
        timestamp=case["timestamp"],
        nonce=case["nonce"],
    )

    fields = xmltodict.parse(xml)["xml"]
    assert fields["Encrypt"] == case["encrypt"]
    assert fields["MsgSignature"] == case["msg_signature"]
