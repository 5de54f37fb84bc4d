"""What XML cannot carry, and how text is wrapped so that it stays text."""

import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def strip_forbidden(text: str) -> str:
    """Drop the characters that XML forbids: WeChat passes on the ones that people send."""
    return _FORBIDDEN.sub("", text)


def split_cdata_end(text: str) -> str:
    """Split each `]]>`, which would end the CDATA section it stands in."""
    return text.replace("]]>", "]]]]><![CDATA[>")


def as_cdata(text: str) -> str:
    """Wrap a text in a CDATA section that nothing inside can end."""
    return f"<![CDATA[{split_cdata_end(text)}]]>"
