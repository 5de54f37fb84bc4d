"""The simulator's own signatures and cipher, checked against published vectors."""

import pytest

from bot.simulator.wire import (
    Account,
    WireError,
    decrypt,
    encrypt,
    open_sealed,
    read_xml,
    seal,
    sign,
)

ACCOUNT = Account("pamtest", "wxb11529c136998cb6", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
SEALED = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="


def test_the_signature_is_the_published_one() -> None:
    signature = sign("AAAAA", "1714036504", "1514711492")

    assert signature == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_encryption_gives_the_published_bytes() -> None:
    assert encrypt(ACCOUNT, "我是中文abcd123", prefix=b"aaaabbbbccccdddd") == SEALED


def test_decryption_reads_the_published_bytes() -> None:
    assert decrypt(ACCOUNT, SEALED) == "我是中文abcd123"


@pytest.mark.parametrize(
    ("account", "sealed"),
    [
        (ACCOUNT, "not base64!"),
        (ACCOUNT, "AAAA"),
        (ACCOUNT, SEALED[:-24] + "A" * 22 + "=="),
        (Account("pamtest", "wx-another", ACCOUNT.encoding_aes_key), SEALED),
        (Account("pamtest", ACCOUNT.app_id, "B" * 42 + "A"), SEALED),
    ],
)
def test_what_cannot_be_decrypted_is_an_error(account: Account, sealed: str) -> None:
    with pytest.raises(WireError):
        decrypt(account, sealed)


def test_a_sealed_answer_needs_the_right_signature() -> None:
    sealed = seal(ACCOUNT, "<xml></xml>", timestamp="1", nonce="2")
    body = (
        f"<xml><Encrypt>{sealed.encrypted}</Encrypt><MsgSignature>%s</MsgSignature>"
        "<TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>"
    )

    assert open_sealed(ACCOUNT, body % sealed.signature) == "<xml></xml>"
    with pytest.raises(WireError, match="signature"):
        open_sealed(ACCOUNT, body % ("0" * 40))


def test_a_plain_answer_is_refused_in_safe_mode() -> None:
    with pytest.raises(WireError, match="encrypted"):
        open_sealed(ACCOUNT, "<xml><Content>hi</Content></xml>")


@pytest.mark.parametrize("body", ["", "{}", "<xml>", "<other/>", "<xml>&a;</xml>"])
def test_what_is_not_wechats_xml_is_an_error(body: str) -> None:
    with pytest.raises(WireError):
        read_xml(body)
