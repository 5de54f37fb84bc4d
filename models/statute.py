"""The texts of the law that an operator has loaded, article by article."""

from collections.abc import Sequence

from sqlmodel import Field, Session, SQLModel, col, select

LAW_CONTENT = "laws"
"""The name under which changes of the texts are counted (see `models.faq.bump_version`)."""


class StatuteArticle(SQLModel, table=True):
    """One article; `statute` is the short name without 中华人民共和国 (劳动合同法)."""

    __tablename__ = "statute_article"

    statute: str = Field(primary_key=True, max_length=60)
    article: int = Field(primary_key=True)
    version: str = Field(max_length=120)
    source: str = Field(default="", max_length=200)
    text: str = Field(max_length=8000)


def list_statutes(session: Session) -> Sequence[str]:
    """Return the names of the statutes that are loaded."""
    return session.exec(
        select(StatuteArticle.statute).distinct().order_by(col(StatuteArticle.statute))
    ).all()
