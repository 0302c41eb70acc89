"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.triggers import append_only, no_late_ends, no_overlapping_versions

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


INSTANT = sa.DateTime(timezone=True)
PLAIN_JSON = sa.JSON().with_variant(JSONB(), "postgresql")

OFFICIAL = (
    "authority",
    "installation",
    "person",
    "snapshot_note",
    "authority_succession",
    "fee",
    "office",
    "officer",
    "signing_key",
    "api_token",
    "counter",
    "fee_draft",
    "hand",
    "key_revocation",
    "officer_closure",
    "password",
    "api_token_end",
    "case_file",
    "fee_revision",
    "key_certification",
    "officer_grant",
    "receipt",
    "fee_proposal",
    "officer_grant_approval",
    "officer_grant_end",
    "report",
    "void",
    "case_event",
    "fee_return",
    "fee_version",
    "fee_version_end",
)


def upgrade() -> None:
    op.create_table(
        "authority",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("names", PLAIN_JSON, nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("supervised_by", sa.String(length=64), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["supervised_by"], ["authority.id"], name=op.f("fk_authority_supervised_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
    )
    op.create_table(
        "installation",
        sa.Column("fact", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("fact", name=op.f("pk_installation")),
    )
    op.create_table(
        "look",
        sa.Column("cti", sa.LargeBinary(length=10), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("first_age", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("cti", name=op.f("pk_look")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_number", sa.String(length=64), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("staff_number", name=op.f("uq_person_staff_number")),
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("username_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("username_hash", name=op.f("pk_sign_in_throttle")),
    )
    op.create_table(
        "snapshot_mark",
        sa.Column("part", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_snapshot_mark")),
    )
    op.create_table(
        "snapshot_note",
        sa.Column("index_sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("index_sha256", name=op.f("pk_snapshot_note")),
    )
    op.create_table(
        "authority_succession",
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("succeeded_by", sa.String(length=64), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_authority_succession_authority_id")),
        sa.ForeignKeyConstraint(["succeeded_by"], ["authority.id"], name=op.f("fk_authority_succession_succeeded_by")),
        sa.PrimaryKeyConstraint("authority_id", "succeeded_by", name=op.f("pk_authority_succession")),
    )
    op.create_table(
        "fee",
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_fee_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "code", name=op.f("pk_fee")),
    )
    op.create_table(
        "office",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("names", PLAIN_JSON, nullable=False),
        sa.Column("address", PLAIN_JSON, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_office_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("id", "authority_id", name=op.f("uq_office_id_authority_id")),
    )
    op.create_table(
        "officer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_officer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
        sa.UniqueConstraint("id", "person_id", name=op.f("uq_officer_id_person_id")),
        sa.UniqueConstraint("username", name=op.f("uq_officer_username")),
    )
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(length=16), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=True),
        sa.Column("use", sa.String(length=8), nullable=False),
        sa.Column("counters", PLAIN_JSON, nullable=True),
        sa.Column("alg", sa.Integer(), nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("not_after", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("\"use\" IN ('server', 'device', 'note')", name=op.f("ck_signing_key_use")),
        sa.CheckConstraint("(authority_id IS NULL) = (\"use\" = 'note')", name=op.f("ck_signing_key_authority")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_signing_key_authority_id")),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "api_token",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("counters", PLAIN_JSON, nullable=True),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_api_token_officer_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_token")),
    )
    op.create_table(
        "counter",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office_id", sa.String(length=64), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('server', 'device')", name=op.f("ck_counter_kind")),
        sa.CheckConstraint("number > 0", name=op.f("ck_counter_number")),
        sa.ForeignKeyConstraint(
            ["office_id", "authority_id"], ["office.id", "office.authority_id"], name=op.f("fk_counter_office_id_authority_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_counter_authority_id_number")),
    )
    op.create_table(
        "fee_draft",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["authority_id", "code"], ["fee.authority_id", "fee.code"], name=op.f("fk_fee_draft_authority_id_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_draft")),
        sa.UniqueConstraint("id", "authority_id", "code", name=op.f("uq_fee_draft_id_authority_id_code")),
    )
    op.create_table(
        "hand",
        sa.Column("matter", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("part IN ('maker', 'checker')", name=op.f("ck_hand_part")),
        sa.ForeignKeyConstraint(
            ["officer_id", "person_id"], ["officer.id", "officer.person_id"], name=op.f("fk_hand_officer_id_person_id")
        ),
        sa.PrimaryKeyConstraint("matter", "person_id", name=op.f("pk_hand")),
        sa.UniqueConstraint("matter", "person_id", "part", name=op.f("uq_hand_matter_person_id_part")),
    )
    op.create_table(
        "key_revocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=16), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=False),
        sa.Column("compromised_at", INSTANT, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["kid"], ["signing_key.kid"], name=op.f("fk_key_revocation_kid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_revocation")),
    )
    op.create_index(op.f("ix_key_revocation_kid"), "key_revocation", ["kid"], unique=False)
    op.create_table(
        "officer_closure",
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_officer_closure_officer_id")),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_officer_closure")),
    )
    op.create_table(
        "password",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_password_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password")),
        sa.UniqueConstraint("officer_id", "number", name=op.f("uq_password_officer_id_number")),
    )
    op.create_table(
        "sealed_key",
        sa.Column("kid", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["kid"], ["signing_key.kid"], name=op.f("fk_sealed_key_kid")),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_sealed_key")),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_staff_session_officer_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
    )
    op.create_table(
        "api_token_end",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["token_hash"], ["api_token.token_hash"], name=op.f("fk_api_token_end_token_hash")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_token_end")),
    )
    op.create_table(
        "case_file",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("token", sa.LargeBinary(length=512), nullable=True),
        sa.Column("cti", sa.LargeBinary(length=10), nullable=True),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("authority_id", sa.String(length=64), nullable=True),
        sa.Column("office_id", sa.String(length=64), nullable=True),
        sa.Column("counter_id", sa.String(length=64), nullable=True),
        sa.Column("fee", sa.String(length=16), nullable=True),
        sa.Column("fee_version", sa.Integer(), nullable=True),
        sa.Column("published_minor", sa.BigInteger(), nullable=True),
        sa.Column("recorded_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("verdict_state", sa.String(length=24), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_case_file_authority_id")),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_case_file_counter_id")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_case_file_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("token", name=op.f("uq_case_file_token")),
    )
    op.create_index(op.f("ix_case_file_authority_id"), "case_file", ["authority_id"], unique=False)
    op.create_index(op.f("ix_case_file_cti"), "case_file", ["cti"], unique=False)
    op.create_table(
        "counter_head",
        sa.Column("counter_id", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("link", sa.LargeBinary(length=8), nullable=True),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_counter_head_counter_id")),
        sa.PrimaryKeyConstraint("counter_id", name=op.f("pk_counter_head")),
    )
    op.create_table(
        "fee_revision",
        sa.Column("draft_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("maker_id", sa.Integer(), nullable=False),
        sa.Column("maker_part", sa.String(length=8), nullable=False),
        sa.CheckConstraint("maker_part = 'maker'", name=op.f("ck_fee_revision_maker_part")),
        sa.ForeignKeyConstraint(
            ["draft_id", "maker_id", "maker_part"],
            ["hand.matter", "hand.person_id", "hand.part"],
            name=op.f("fk_fee_revision_draft_id_maker_id_maker_part"),
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["fee_draft.id"], name=op.f("fk_fee_revision_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_fee_revision")),
        sa.UniqueConstraint("draft_id", "number", "content_hash", name=op.f("uq_fee_revision_draft_id_number_content_hash")),
    )
    op.create_table(
        "key_certification",
        sa.Column("kid", sa.String(length=16), nullable=False),
        sa.Column("matter", sa.String(length=80), nullable=False),
        sa.Column("certified_at", INSTANT, nullable=False),
        sa.Column("maker_id", sa.Integer(), nullable=False),
        sa.Column("maker_part", sa.String(length=8), nullable=False),
        sa.Column("checker_id", sa.Integer(), nullable=False),
        sa.Column("checker_part", sa.String(length=8), nullable=False),
        sa.CheckConstraint("checker_part = 'checker'", name=op.f("ck_key_certification_checker_part")),
        sa.CheckConstraint("maker_part = 'maker'", name=op.f("ck_key_certification_maker_part")),
        sa.CheckConstraint("matter = 'key:' || kid", name=op.f("ck_key_certification_matter")),
        sa.ForeignKeyConstraint(["kid"], ["signing_key.kid"], name=op.f("fk_key_certification_kid")),
        sa.ForeignKeyConstraint(
            ["matter", "checker_id", "checker_part"],
            ["hand.matter", "hand.person_id", "hand.part"],
            name=op.f("fk_key_certification_matter_checker_id_checker_part"),
        ),
        sa.ForeignKeyConstraint(
            ["matter", "maker_id", "maker_part"],
            ["hand.matter", "hand.person_id", "hand.part"],
            name=op.f("fk_key_certification_matter_maker_id_maker_part"),
        ),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_key_certification")),
    )
    op.create_table(
        "officer_grant",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=True),
        sa.Column("office_id", sa.String(length=64), nullable=True),
        sa.Column("counters", PLAIN_JSON, nullable=True),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_to", INSTANT, nullable=True),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("maker_id", sa.Integer(), nullable=False),
        sa.Column("maker_part", sa.String(length=8), nullable=False),
        sa.CheckConstraint("maker_part = 'maker'", name=op.f("ck_officer_grant_maker_part")),
        sa.CheckConstraint("role IN ('clerk', 'editor', 'approver', 'inspector', 'administrator')", name=op.f("ck_officer_grant_role")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_officer_grant_authority_id")),
        sa.ForeignKeyConstraint(
            ["id", "maker_id", "maker_part"],
            ["hand.matter", "hand.person_id", "hand.part"],
            name=op.f("fk_officer_grant_id_maker_id_maker_part"),
        ),
        sa.CheckConstraint("office_id IS NULL OR authority_id IS NOT NULL", name=op.f("ck_officer_grant_office")),
        sa.ForeignKeyConstraint(
            ["office_id", "authority_id"], ["office.id", "office.authority_id"], name=op.f("fk_officer_grant_office_id_authority_id")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_officer_grant_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_grant")),
    )
    op.create_index(op.f("ix_officer_grant_officer_id"), "officer_grant", ["officer_id"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("cti", sa.LargeBinary(length=10), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("counter_id", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("token", sa.LargeBinary(length=512), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("fee_code", sa.String(length=16), nullable=False),
        sa.Column("fee_version", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("on_reason", sa.String(length=500), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=True),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_receipt_amount")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_receipt_serial")),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_receipt_counter_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_receipt_officer_id")),
        sa.PrimaryKeyConstraint("cti", name=op.f("pk_receipt")),
        sa.UniqueConstraint("counter_id", "idempotency_key", name=op.f("uq_receipt_counter_id_idempotency_key")),
        sa.UniqueConstraint("counter_id", "serial", name=op.f("uq_receipt_counter_id_serial")),
    )
    op.create_index("ix_receipt_number", "receipt", ["number"], unique=False)
    op.create_table(
        "fee_proposal",
        sa.Column("draft_id", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("maker_id", sa.Integer(), nullable=False),
        sa.Column("maker_part", sa.String(length=8), nullable=False),
        sa.CheckConstraint("maker_part = 'maker'", name=op.f("ck_fee_proposal_maker_part")),
        sa.ForeignKeyConstraint(
            ["draft_id", "maker_id", "maker_part"],
            ["hand.matter", "hand.person_id", "hand.part"],
            name=op.f("fk_fee_proposal_draft_id_maker_id_maker_part"),
        ),
        sa.ForeignKeyConstraint(
            ["draft_id", "revision"], ["fee_revision.draft_id", "fee_revision.number"], name=op.f("fk_fee_proposal_draft_id_revision")
        ),
        sa.PrimaryKeyConstraint("draft_id", "revision", name=op.f("pk_fee_proposal")),
    )
    op.create_table(
        "officer_grant_approval",
        sa.Column("grant_id", sa.String(length=80), nullable=False),
        sa.Column("approved_at", INSTANT, nullable=False),
        sa.Column("checker_id", sa.Integer(), nullable=False),
        sa.Column("checker_part", sa.String(length=8), nullable=False),
        sa.CheckConstraint("checker_part = 'checker'", name=op.f("ck_officer_grant_approval_checker_part")),
        sa.ForeignKeyConstraint(
            ["grant_id", "checker_id", "checker_part"],
            ["hand.matter", "hand.person_id", "hand.part"],
            name=op.f("fk_officer_grant_approval_grant_id_checker_id_checker_part"),
        ),
        sa.ForeignKeyConstraint(["grant_id"], ["officer_grant.id"], name=op.f("fk_officer_grant_approval_grant_id")),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_officer_grant_approval")),
    )
    op.create_table(
        "officer_grant_end",
        sa.Column("grant_id", sa.String(length=80), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["ended_by"], ["officer.id"], name=op.f("fk_officer_grant_end_ended_by")),
        sa.ForeignKeyConstraint(["grant_id"], ["officer_grant.id"], name=op.f("fk_officer_grant_end_grant_id")),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_officer_grant_end")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("evidence", sa.String(length=8), nullable=False),
        sa.Column("cti", sa.LargeBinary(length=10), nullable=True),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("authority_id", sa.String(length=64), nullable=True),
        sa.Column("office_id", sa.String(length=64), nullable=True),
        sa.Column("fee", sa.String(length=16), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("paid_minor", sa.BigInteger(), nullable=True),
        sa.Column("published_minor", sa.BigInteger(), nullable=True),
        sa.Column("recorded_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("verdict_state", sa.String(length=24), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("answer_due", sa.Date(), nullable=False),
        sa.CheckConstraint("evidence IN ('token', 'number', 'none')", name=op.f("ck_report_evidence")),
        sa.CheckConstraint(
            "(paid_minor IS NULL AND published_minor IS NULL AND recorded_minor IS NULL) OR currency IS NOT NULL",
            name=op.f("ck_report_currency"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_report_authority_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_report_case_id")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_report_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_report_code_hash")),
    )
    op.create_index(op.f("ix_report_case_id"), "report", ["case_id"], unique=False)
    op.create_index(
        "uq_report_counted", "report", ["case_id"], unique=True, sqlite_where=sa.text("counted"), postgresql_where=sa.text("counted")
    )
    op.create_table(
        "void",
        sa.Column("cti", sa.LargeBinary(length=10), nullable=False),
        sa.Column("slip_cti", sa.LargeBinary(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("voided_at", INSTANT, nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('wrong_fee', 'wrong_inputs', 'not_paid', 'duplicate', 'citizen_withdrew', 'other')", name=op.f("ck_void_reason")
        ),
        sa.ForeignKeyConstraint(["cti"], ["receipt.cti"], name=op.f("fk_void_cti")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_void_officer_id")),
        sa.ForeignKeyConstraint(["slip_cti"], ["receipt.cti"], name=op.f("fk_void_slip_cti")),
        sa.PrimaryKeyConstraint("cti", name=op.f("pk_void")),
        sa.UniqueConstraint("slip_cti", name=op.f("uq_void_slip_cti")),
    )
    op.create_table(
        "case_event",
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("at_hour", INSTANT, nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("report_id", sa.String(length=20), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.CheckConstraint("(type = 'answered') = (outcome IS NOT NULL)", name=op.f("ck_case_event_outcome")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_case_event_seq")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_event_case_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_case_event_officer_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_case_event_report_id")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_case_event")),
    )
    op.create_index("ix_case_event_state_due", "case_event", ["state", "due"], unique=False)
    op.create_table(
        "fee_return",
        sa.Column("draft_id", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("returned_at", INSTANT, nullable=False),
        sa.Column("checker_id", sa.Integer(), nullable=False),
        sa.Column("checker_part", sa.String(length=8), nullable=False),
        sa.CheckConstraint("checker_part = 'checker'", name=op.f("ck_fee_return_checker_part")),
        sa.ForeignKeyConstraint(
            ["draft_id", "checker_id", "checker_part"],
            ["hand.matter", "hand.person_id", "hand.part"],
            name=op.f("fk_fee_return_draft_id_checker_id_checker_part"),
        ),
        sa.ForeignKeyConstraint(
            ["draft_id", "revision"], ["fee_proposal.draft_id", "fee_proposal.revision"], name=op.f("fk_fee_return_draft_id_revision")
        ),
        sa.PrimaryKeyConstraint("draft_id", "revision", name=op.f("pk_fee_return")),
    )
    op.create_table(
        "fee_version",
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("assertion", PLAIN_JSON, nullable=True),
        sa.Column("checker_id", sa.Integer(), nullable=False),
        sa.Column("checker_part", sa.String(length=8), nullable=False),
        sa.CheckConstraint("checker_part = 'checker'", name=op.f("ck_fee_version_checker_part")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_fee_version_dates")),
        sa.ForeignKeyConstraint(["authority_id", "code"], ["fee.authority_id", "fee.code"], name=op.f("fk_fee_version_authority_id_code")),
        sa.ForeignKeyConstraint(
            ["draft_id", "checker_id", "checker_part"],
            ["hand.matter", "hand.person_id", "hand.part"],
            name=op.f("fk_fee_version_draft_id_checker_id_checker_part"),
        ),
        sa.ForeignKeyConstraint(
            ["draft_id", "revision"], ["fee_proposal.draft_id", "fee_proposal.revision"], name=op.f("fk_fee_version_draft_id_revision")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id", "authority_id", "code"],
            ["fee_draft.id", "fee_draft.authority_id", "fee_draft.code"],
            name=op.f("fk_fee_version_draft_id_authority_id_code"),
        ),
        sa.ForeignKeyConstraint(
            ["draft_id", "revision", "content_hash"],
            ["fee_revision.draft_id", "fee_revision.number", "fee_revision.content_hash"],
            name=op.f("fk_fee_version_draft_id_revision_content_hash"),
        ),
        sa.PrimaryKeyConstraint("authority_id", "code", "number", name=op.f("pk_fee_version")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_fee_version_draft_id")),
    )
    op.create_table(
        "report_content",
        sa.Column("report_id", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_content_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_content")),
    )
    op.create_table(
        "case_text",
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id", "seq"], ["case_event.case_id", "case_event.seq"], name=op.f("fk_case_text_case_id_seq")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_case_text")),
    )
    op.create_table(
        "fee_version_end",
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by_number", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("by_number > number", name=op.f("ck_fee_version_end_order")),
        sa.ForeignKeyConstraint(
            ["authority_id", "code", "by_number"],
            ["fee_version.authority_id", "fee_version.code", "fee_version.number"],
            name=op.f("fk_fee_version_end_authority_id_code_by_number"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "code", "number"],
            ["fee_version.authority_id", "fee_version.code", "fee_version.number"],
            name=op.f("fk_fee_version_end_authority_id_code_number"),
        ),
        sa.PrimaryKeyConstraint("authority_id", "code", "number", "by_number", name=op.f("pk_fee_version_end")),
    )
    append_only(*OFFICIAL)
    no_overlapping_versions()
    no_late_ends()
