"""Writes the draft of an answer, in the form that `load_faq` takes."""

from itertools import accumulate
from pathlib import Path
from typing import Final

import yaml

from bot.asking.gather import AskedGroup
from models.conceal import LONGEST_WORDING, without_marks
from models.faq_version import Asked, EntryWords

_MOST: Final = 100  # what `load_faq` takes
_IN_FORM: Final = 3000  # characters that a form of the console brings back with the rest
_HEAD: Final = """\
# {people} 个人问了 {times} 次。下面是大家的原话，装入以前请看一遍：
#   1. question 改成一句好懂的问法；similar 里问的不是一回事的删掉，带姓名、住址的改掉。
#   2. answer 写在“|”下面，每行前面空四格；最后写下一步怎么办。
#   3. citations 写依据的法条，如 [劳动合同法47]；没有就空着。
# 填好以后先试再装：python -m scripts.load_faq 文件名 --dry-run
"""


def draft_id(group: AskedGroup) -> str:
    """Return the id that the entry of this group gets."""
    return f"asked-{group.id}"


def write_draft(group: AskedGroup, path: Path) -> None:
    """Write a new file; raises FileExistsError rather than lose what somebody filled in."""
    with path.open("x", encoding="utf-8") as file:
        file.write(draft(group))


def draft_entry(group: AskedGroup) -> dict[str, object]:
    """Return the entry with these wordings; its answer is still to be written."""
    similar = _wordings(group)
    return {
        "id": draft_id(group),
        "question": similar[0],
        "similar": similar,
        "topic": "",
        "citations": [],
        "valid_until": None,
    }


def draft(group: AskedGroup) -> str:
    """Return the entry with these wordings and an empty answer, as YAML."""
    head = _HEAD.format(people=group.people, times=len(group.asked))
    entry = draft_entry(group)
    written = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=1000)
    return f"{head}{written}  answer: |\n"


def asked_in_vain(group: AskedGroup) -> Asked:
    """Return the entry with these wordings and no answer yet, as the console's drafts begin."""
    similar = _wordings(group)
    lengths = accumulate(map(len, similar))
    fitting = [words for words, so_far in zip(similar, lengths, strict=True) if so_far <= _IN_FORM]
    return Asked(EntryWords(question=similar[0], similar=fitting), people=group.people)


def _wordings(group: AskedGroup) -> list[str]:
    wordings = list(dict.fromkeys(without_marks(words) for words in group.wordings))
    fitting = [words for words in wordings if len(words) <= LONGEST_WORDING][:_MOST]
    return fitting or [wordings[0][:LONGEST_WORDING]]
