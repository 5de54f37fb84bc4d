"""Who helps: added, changed, kept out; what nobody may read is on no page."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from models.audit import AuditEntry
from models.database import OpenSession
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill
from tests.bot.admin.conftest import PEOPLE, Desk, OpenDesk
from tests.support.console import Console

NEW = {
    "username": "zhaolin",
    "name": "赵林秘",
    "display": "赵律师",
    "role": "志愿者",
    "skill": "律师、职业顾问",
}


def find(open_session: OpenSession, username: str) -> Volunteer:
    with open_session() as session:
        return session.exec(select(Volunteer).where(Volunteer.username == username)).one()


def test_a_new_volunteer_gets_a_password_that_is_shown_once(
    admin: Desk, client: TestClient, open_session: OpenSession
) -> None:
    admin.fills_in("/volunteer/create", **NEW)
    found = re.search(r'class="code">([^<]+)<', admin.page)

    assert found is not None
    assert "no-store" in admin.headers["cache-control"]
    zhao = find(open_session, "zhaolin")
    assert (zhao.name, zhao.display_name, zhao.role) == ("赵林秘", "赵律师", Role.VOLUNTEER)
    with open_session() as session:
        skills = session.exec(
            select(VolunteerSkill.skill).where(VolunteerSkill.volunteer_id == zhao.id)
        ).all()
        assert set(skills) == {Skill.LAWYER, Skill.CAREER}
    console = Console.beside(client)
    assert "先换" in console.logs_in("zhaolin", found[1]) or zhao.must_change_password
    assert found[1] not in admin.opens(f"/volunteer/details/{zhao.id}")


def test_a_change_without_a_name_keeps_the_name(admin: Desk, open_session: OpenSession) -> None:
    li = find(open_session, "li")

    admin.fills_in(f"/volunteer/edit/{li.id}", display="李大律师", role="督导")

    changed = find(open_session, "li")
    assert (changed.name, changed.display_name) == (li.name, "李大律师")
    assert changed.role is Role.SUPERVISOR
    assert changed.password_hash == li.password_hash


@pytest.mark.parametrize("username", ["li", "song", "zhou", "guo"])
def test_opening_and_saving_keeps_everybody_as_they_are(
    admin: Desk, open_session: OpenSession, username: str
) -> None:
    before = find(open_session, username)
    skills = admin.opens(f"/volunteer/details/{before.id}")

    assert "存好了" in admin.fills_in(f"/volunteer/edit/{before.id}")

    assert find(open_session, username) == before
    assert admin.opens(f"/volunteer/details/{before.id}") == skills


def test_a_username_that_is_taken_is_refused(admin: Desk, open_session: OpenSession) -> None:
    assert "已经有人用了" in admin.fills_in("/volunteer/create", **NEW | {"username": "li"})
    assert admin.status == 422
    assert find(open_session, "li").display_name == "李律师"


def test_who_is_kept_out_is_out_at_once_and_may_come_back(
    admin: Desk, client: TestClient, open_session: OpenSession
) -> None:
    li = find(open_session, "li")
    console = Console.beside(client)
    console.logs_in("li")

    admin.presses(f"/volunteer/activity/{li.id}")

    console.opens("/queue")
    assert console.place == "/login"
    admin.presses(f"/volunteer/activity/{li.id}")
    console.logs_in("li")
    assert console.place == "/queue"
    with open_session() as session:
        acts = session.exec(select(AuditEntry.action)).all()
    assert acts[-3:] == ["volunteer_off", "volunteer_on", "log_in"]


def test_the_last_admin_stays_one(admin: Desk, open_session: OpenSession) -> None:
    chef = find(open_session, PEOPLE[Role.ADMIN])

    assert "最后一个" in admin.presses(f"/volunteer/activity/{chef.id}")
    assert "最后一个" in admin.fills_in(f"/volunteer/edit/{chef.id}", role="志愿者")
    assert find(open_session, chef.username).role is Role.ADMIN
    assert find(open_session, chef.username).is_active


def test_a_new_password_ends_every_log_in(
    admin: Desk, open_desk: OpenDesk, open_session: OpenSession
) -> None:
    other = open_desk("qin")
    qin = find(open_session, "qin")

    said = admin.presses(f"/volunteer/password/{qin.id}")

    assert "只显示这一次" in said
    other.opens("/")
    assert other.place == "/console/login"
    assert find(open_session, "qin").password_hash != qin.password_hash


@pytest.mark.parametrize("what", ["list", "list?search=赵林秘", "details/1", "edit/1"])
def test_no_page_shows_a_name_a_hash_or_a_wechat_account(
    admin: Desk, open_session: OpenSession, what: str
) -> None:
    with open_session() as session:
        li = session.get_one(Volunteer, 1)
        li.name, li.openid = "赵林秘", "oSECRET0000000000000000001"
        secrets = ("赵林秘", li.openid, li.password_hash)

    admin.opens(f"/volunteer/{what}")

    shown = admin.page.replace('value="赵林秘" placeholder', "").replace("没有找到“赵林秘”", "")
    assert admin.status == 200
    assert [secret for secret in secrets if secret in shown] == []
