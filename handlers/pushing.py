"""Whether the account may write first, and how to say so honestly."""

from handlers.base import Context
from models.account_state import find_limits


def may_push(ctx: Context) -> bool:
    """Tell whether this account may send by itself, as far as is known."""
    if not ctx.sender:
        return False
    limits = find_limits(ctx.session.connection(), app_id=ctx.sender)
    return limits.may_send(ctx.now)
