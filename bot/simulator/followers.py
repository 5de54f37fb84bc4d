"""The people in the simulator, all invented."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who may follow the account; `id` decides the openid."""

    id: str
    name: str
    about: str


FOLLOWERS: Final = (
    Follower("lao-zhang", "老张", "52 岁，下过三十年井"),
    Follower("wang-dajie", "王大姐", "48 岁，灯房下岗，要接孩子"),
    Follower("xiao-li", "小李", "29 岁，机电工，想考证"),
)


def find_follower(name: str) -> Follower:
    """Return the follower with this name or id; an unknown name is somebody new."""
    known = (person for person in FOLLOWERS if name in (person.name, person.id))
    return next(known, Follower(name, name, "新朋友"))
