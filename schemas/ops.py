"""Tables of the operational database: the chained event log and its projections."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_INSTANT = sa.DateTime(timezone=True)

events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", _INSTANT, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),
    sa.Column("prev_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    comment="Append-only, hash-chained: counts and digests, never a record's value but a correction's.",
)
submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("submission_id", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False, unique=True, comment="Landing order."),
    sa.Column("feed_id", sa.Text, nullable=False),
    sa.Column("province_code", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="pulling, sealed, empty or retracted."),
    sa.Column("opened_at", _INSTANT, nullable=False),
    sa.Column("received_at", _INSTANT),
    sa.Column("progress", JSONB, nullable=False, server_default="{}"),
    sa.Column("manifest", JSONB),
    sa.UniqueConstraint("feed_id", "sequence"),
)
cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("feed_id", sa.Text, primary_key=True),
    sa.Column("updated_at", _INSTANT, nullable=False),
    sa.Column("last_id", sa.Text, nullable=False),
)
batches = sa.Table(
    "batches",
    metadata,
    sa.Column("batch_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("register", sa.Text),
    sa.Column("at", _INSTANT, nullable=False),
    sa.Column("recorded_at", _INSTANT, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="planned or committed."),
    sa.Column("plan", JSONB, nullable=False),
    sa.Column("result", JSONB),
)
decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("decision_id", sa.Text, primary_key=True),
    sa.Column("register", sa.Text, nullable=False),
    sa.Column("left_ref", sa.Text, nullable=False),
    sa.Column("right_ref", sa.Text, nullable=False),
    sa.Column("entity_id", sa.Text),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("evidence", JSONB, nullable=False),
    sa.Column("batch_id", sa.BigInteger),
    sa.Column("at", _INSTANT, nullable=False),
)
corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("correction_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("content_digest", sa.Text, nullable=False, index=True),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("new_text", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", _INSTANT, nullable=False),
    sa.Column("withdrawn_by", sa.Text),
    sa.Column("withdrawn_at", _INSTANT),
    sa.Column("withdrawn_reason", sa.Text),
)
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("erasure_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("state", sa.Text, nullable=False, comment="decided, rewritten or finished."),
    sa.Column("basis", sa.Text, nullable=False, comment="Legal basis and document; never a record's value."),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", _INSTANT, nullable=False),
    sa.Column("places", JSONB, nullable=False, comment="By submission and object: ranges of row numbers."),
    sa.Column(
        "upto",
        sa.BigInteger,
        nullable=False,
        comment="Newest batch when decided; then, when landing was written anew; then, when finished.",
    ),
    sa.Column("removed", JSONB, comment="While it goes on: what it takes out of each batch's receipt."),
)
releases = sa.Table(
    "releases",
    metadata,
    sa.Column("release_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="candidate, published, rejected or withdrawn."),
    sa.Column("built_at", _INSTANT, nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", _INSTANT),
    sa.Column("body", JSONB, nullable=False),
)
sources = sa.Table(
    "sources",
    metadata,
    sa.Column("feed_id", sa.Text, primary_key=True),
    sa.Column("is_paused", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("last_attempt_at", _INSTANT),
    sa.Column("last_success_at", _INSTANT),
    sa.Column("last_error", sa.Text),
)
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("at", _INSTANT, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),
)
portal_steps = sa.Table(
    "portal_steps",
    metadata,
    sa.Column("submission_id", sa.Text, primary_key=True),
    sa.Column("object_no", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("row_no", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("province_code", sa.Text, nullable=False),
    sa.Column("dossier_key", sa.Text, nullable=False, comment="Keyed hash of the dossier's code."),
    sa.Column("version", sa.BigInteger, nullable=False, comment="Its place among the dossier's versions."),
    sa.Column("received_at", _INSTANT, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, comment="Keyed hash of what the portal is told."),
    sa.Column(
        "state",
        sa.Text,
        nullable=False,
        comment="pending, sent, rejected, superseded (a later one was sent) or withdrawn (its row fell).",
    ),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_try_at", _INSTANT),
    sa.Column("tried_at", _INSTANT),
    sa.Column("sent_at", _INSTANT, comment="Accepted last, whatever the state became since."),
    sa.Column("code", sa.Text, comment="The portal's last code."),
    sa.Column("reason", sa.Text, comment="Code of the finding that a refusal became."),
    sa.Index(None, "dossier_key"),
    sa.Index(None, "state", "dossier_key"),
    comment="Outbox to the national portal: a row for each version of a dossier that stands.",
)
portal_submissions = sa.Table(
    "portal_submissions",
    metadata,
    sa.Column("submission_id", sa.Text, primary_key=True),
    sa.Column("batch_id", sa.BigInteger, nullable=False, comment="Conform batch that the outbox knows."),
    sa.Column("is_retracted", sa.Boolean, nullable=False),
)
