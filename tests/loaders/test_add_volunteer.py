"""People who help get a log-in; the password is shown once and never stored readable."""

import json
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlmodel import select
from typer.testing import Result

from models.database import Database
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill
from scripts.add_volunteer import main
from tests.loaders.conftest import Command
from tests.loaders.sheets import Row, write_csv


@pytest.fixture
def add(cli: Command) -> Command:
    def run(*arguments: object, said: str = "") -> Result:
        return cli(*arguments, main=main, said=said)

    return run


def volunteer(database: Database, username: str) -> tuple[Volunteer, set[Skill]]:
    with database.transaction() as session:
        found = session.exec(select(Volunteer).where(Volunteer.username == username)).one()
        rows = session.exec(select(VolunteerSkill).where(VolunteerSkill.volunteer_id == found.id))
        return found, {row.skill for row in rows}


def test_a_new_volunteer_gets_a_password_that_works(add: Command, database: Database) -> None:
    result = add(
        *("zhang", "--name", "张云舒", "--display", "张律师", "--skill", "lawyer"),
        *("--skill", "staff", "--role", "supervisor", "--json"),
    )
    told = json.loads(result.stdout)
    stored, skills = volunteer(database, "zhang")

    assert PasswordHasher().verify(stored.password_hash, told["password"])
    assert (stored.name, stored.display_name, stored.role) == ("张云舒", "张律师", Role.SUPERVISOR)
    assert skills == {Skill.LAWYER, Skill.STAFF}
    assert (told["created"], told["skills"]) == (True, ["lawyer", "staff"])


def test_an_update_keeps_the_password_and_what_is_not_named(
    add: Command, database: Database
) -> None:
    before, _ = volunteer(database, "li")
    result = add("li", "--name", before.name, "--skill", "career")
    after, skills = volunteer(database, "li")

    assert result.exit_code == 0
    assert "密码" not in result.stdout
    assert (after.password_hash, after.display_name) == (before.password_hash, "李律师")
    assert skills == {Skill.CAREER}


def test_the_username_of_somebody_else_is_refused(add: Command, database: Database) -> None:
    refused = add("li", "--name", "别人")

    assert (refused.exit_code, "--update" in refused.stderr) == (1, True)
    assert volunteer(database, "li")[0].name == "李砚青"
    assert add("li", "--name", "李新名", "--update").exit_code == 0
    assert volunteer(database, "li")[0].name == "李新名"


def test_a_password_can_be_made_again(add: Command, database: Database) -> None:
    told = json.loads(add("li", "--name", "李砚青", "--reset-password", "--json").stdout)

    stored, _ = volunteer(database, "li")
    assert PasswordHasher().verify(stored.password_hash, told["password"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["zhang", "--name", "张", "--skill", "cook"],
        ["zhang", "--name", "张", "--role", "king"],
        ["zhang"],
        [],
    ],
    ids=" ".join,
)
def test_what_is_unknown_is_wrong_usage(add: Command, arguments: list[str]) -> None:
    assert add(*arguments).exit_code == 2


def test_a_password_is_read_from_standard_input(add: Command, database: Database) -> None:
    secret = "three-quiet-lamps"
    result = add("li", "--name", "李砚青", "--password-stdin", "--json", said=f"{secret}\n")

    assert result.exit_code == 0
    assert PasswordHasher().verify(volunteer(database, "li")[0].password_hash, secret)


@pytest.mark.parametrize(
    "secret", ["", "short1", "1234567890123", "aaaaaaaaaaaab", "li-quiet-lamps", "MyPassword-2026"]
)
def test_a_weak_password_is_refused(add: Command, database: Database, secret: str) -> None:
    before, _ = volunteer(database, "li")
    result = add("li", "--name", "李砚青", "--password-stdin", said=f"{secret}\n")

    assert (result.exit_code, "密码" in result.stderr) == (1, True)
    assert volunteer(database, "li")[0].password_hash == before.password_hash


@pytest.mark.parametrize("username", ["Zhang", "z", "张三", "z z", "z" * 33])
def test_a_username_is_plain(add: Command, username: str) -> None:
    assert add(username, "--name", "张云舒").exit_code == 1


def test_many_come_from_a_sheet(add: Command, database: Database, tmp_path: Path) -> None:
    good: Row = {
        "用户名": "zhao",
        "姓名": "赵一",
        "称呼": "赵老师",
        "角色": "督导",
        "技能": "心理、就业",
    }
    path = write_csv(tmp_path / "v.csv", good, good | {"用户名": "qian", "技能": "做饭"})
    result = add("--file", path, "--json")
    told = json.loads(result.stdout)

    assert result.exit_code == 1
    assert [one["username"] for one in told["saved"]] == ["zhao"]
    assert [(fault["line"], fault["field"]) for fault in told["rejected"]] == [(3, "技能")]
    assert volunteer(database, "zhao")[1] == {Skill.COUNSELOR, Skill.CAREER}
