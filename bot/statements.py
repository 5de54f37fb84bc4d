"""The statements that every message needs, built once: building one costs more than running it."""

import sqlalchemy as sa

from models.block import is_blocked
from models.columns import UtcDateTime
from models.contact import Contact
from models.conversation import StoredConversation
from models.inbox import InboxEntry
from models.outbox import OutboxMessage, OutboxStatus
from models.pending import PendingMessage
from models.tables import table_of
from models.ticket import IN_HANDS, Ticket, TicketState

_inbox = table_of(InboxEntry)
_contact = table_of(Contact)
_conversation = table_of(StoredConversation)
_ticket = table_of(Ticket).c
_outbox = table_of(OutboxMessage).c
_pending = table_of(PendingMessage).c
_key = sa.bindparam("key", type_=sa.String)
_sender = sa.bindparam("sender", type_=sa.String)
_contact_id = sa.bindparam("of_contact", type_=sa.Integer)
_version = sa.type_coerce(_conversation.c.state, sa.Text).label("version")

_asked = sa.select(sa.literal_column("1").label("one")).subquery("asked")
LOOK = sa.select(
    _inbox.c.reply_kind,
    _inbox.c.reply_text,
    _inbox.c.received_at,
    _conversation.c.state,
    _conversation.c.updated_at,
    _version,
    sa.exists().where(_pending.dedup_key == _key).label("was_put_off"),
).select_from(
    _asked.outerjoin(_inbox, _inbox.c.dedup_key == _key)
    .outerjoin(_contact, _contact.c.openid == _sender)
    .outerjoin(_conversation, _conversation.c.contact_id == _contact.c.id)
)
"""The reply stored for `key` and the dialogue of `sender`: always one row.

`version` is the dialogue as it is stored: it was encrypted with fresh random bytes, so that an
equal one says that nothing was written in between.
"""

LOCK_CONTACT = (
    sa.update(_contact)
    .where(_contact.c.openid == sa.bindparam("sender"))
    .values(last_message_at=sa.bindparam("now"), followed=sa.bindparam("follows"))
    .returning(
        _contact.c.id,
        _contact.c.crisis_until,
        _contact.c.crisis_situation,
        _contact.c.notice_version,
    )
)

FIND_STANDING = sa.select(
    sa.select(_version)
    .where(_conversation.c.contact_id == _contact_id)
    .scalar_subquery()
    .label("version"),
    sa.exists()
    .where(_ticket.contact_id == _contact_id, _ticket.state != TicketState.CLOSED)
    .label("open_ticket"),
    sa.exists()
    .where(_ticket.contact_id == _contact_id, _ticket.state.in_(IN_HANDS))
    .label("in_hands"),
    sa.exists()
    .where(_outbox.contact_id == _contact_id, _outbox.status == OutboxStatus.PARKED)
    .label("parked"),
    sa.exists().where(_pending.openid == _sender, _pending.is_told).label("awaits"),
    is_blocked(_contact_id, now=sa.bindparam("now", type_=UtcDateTime())).label("blocked"),
)
"""What else is known of a contact, read after the lock so that it is what the lock protects."""

READ_CONVERSATION = sa.select(_conversation.c.state, _conversation.c.updated_at).where(
    _conversation.c.contact_id == _contact_id
)
UPDATE_CONVERSATION = (
    sa.update(_conversation)
    .where(_conversation.c.contact_id == _contact_id)
    .values(state=sa.bindparam("new_state"), updated_at=sa.bindparam("now"))
)
INSERT_CONVERSATION = sa.insert(_conversation)
INSERT_ENTRY = sa.insert(_inbox)
