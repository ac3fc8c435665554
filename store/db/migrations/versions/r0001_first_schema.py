"""The first schema, whole."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json, UtcDateTime

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table('audit_entry',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('at', UtcDateTime(), nullable=False, comment='when'),
    sa.Column('actor', sa.String(length=300), nullable=False, comment='person or process'),
    sa.Column('action', sa.String(length=300), nullable=False, comment='verb_object'),
    sa.Column('subject_kind', sa.String(length=300), nullable=False, comment='kind of record'),
    sa.Column('subject', sa.String(length=64), nullable=False, comment='id of the record'),
    sa.Column('detail', Json, nullable=False, comment='never a personal value'),
    sa.Column('sequence', sa.BigInteger(), nullable=True, comment='set by the sealer; null: not sealed yet'),
    sa.Column('chain', sa.String(length=64), nullable=True, comment='hash over the entry and the one before'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry')),
    sa.UniqueConstraint('sequence', name=op.f('uq_audit_entry_sequence')),
    comment='every act, inserted in the transaction of the act'
    )
    op.create_index(op.f('ix_audit_entry_subject'), 'audit_entry', ['subject'], unique=False)
    op.create_table('authority',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('case_number', sa.String(length=300), nullable=False, comment='of the issuing authority'),
    sa.Column('legal_basis', sa.Text(), nullable=False, comment='law and article'),
    sa.Column('scope', Json, nullable=False, comment='hosts and path prefixes'),
    sa.Column('issuer', sa.String(length=300), nullable=False, comment='who issued it'),
    sa.Column('second_approver', sa.String(length=300), nullable=False, comment='who else approved it'),
    sa.Column('not_before', UtcDateTime(), nullable=False, comment='first moment'),
    sa.Column('expires_at', UtcDateTime(), nullable=False, comment='last moment'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_authority')),
    comment='written permission to go past robots'
    )
    op.create_table('batch',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('number', sa.Integer(), nullable=False, comment='counts up'),
    sa.Column('platform', sa.String(length=300), nullable=False, comment='platform name'),
    sa.Column('profile', sa.String(length=300), nullable=False, comment='recipient and regime'),
    sa.Column('notices', Json, nullable=False, comment='Notice ids'),
    sa.Column('item_count', sa.Integer(), nullable=False, comment='items in it'),
    sa.Column('path', sa.Text(), nullable=False, comment='folder in the workspace'),
    sa.Column('manifest_sha256', sa.String(length=64), nullable=False, comment='of the sealed manifest'),
    sa.Column('created_at', UtcDateTime(), nullable=False, comment='when it was sealed'),
    sa.Column('limits_applied', Json, nullable=False, comment='limits of the profile that split it'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batch')),
    sa.UniqueConstraint('number', name=op.f('uq_batch_number')),
    comment='notices for one platform, sealed together'
    )
    op.create_table('blind_review',
    sa.Column('finding', sa.String(length=36), nullable=False, comment='Finding id'),
    sa.Column('reviewer', sa.String(length=300), nullable=False, comment='who looks'),
    sa.Column('kind', sa.String(length=300), nullable=False, comment='known or second'),
    sa.Column('expected', sa.String(length=300), nullable=False, comment="the known verdict, or the first reviewer's"),
    sa.Column('first_by', sa.String(length=300), nullable=True, comment='the first reviewer'),
    sa.Column('assigned_at', UtcDateTime(), nullable=False, comment='when it was mixed in'),
    sa.Column('verdict', sa.String(length=300), nullable=True, comment='the answer; null: none yet'),
    sa.Column('reason', sa.String(length=300), nullable=True, comment='set when rejected'),
    sa.Column('answered_at', UtcDateTime(), nullable=True, comment='when'),
    sa.PrimaryKeyConstraint('finding', 'reviewer', name=op.f('pk_blind_review')),
    comment='looks that measure reviewers; they decide nothing'
    )
    op.create_index('ix_blind_review_reviewer', 'blind_review', ['reviewer', 'kind'], unique=False)
    op.create_table('capture_file',
    sa.Column('capture', sa.String(length=36), nullable=False, comment='Capture id'),
    sa.Column('role', sa.String(length=300), nullable=False, comment='body, dom, text, viewport, full, console, certificate'),
    sa.Column('sha256', sa.String(length=64), nullable=False, comment='in the vault'),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False, comment='size'),
    sa.PrimaryKeyConstraint('capture', 'role', name=op.f('pk_capture_file')),
    comment='files of a capture beside its body'
    )
    op.create_table('deadline',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('subject_kind', sa.String(length=300), nullable=False, comment='notice, right, mandate, counter_notice'),
    sa.Column('subject', sa.String(length=36), nullable=False, comment='id of the subject'),
    sa.Column('kind', sa.String(length=300), nullable=False, comment='which clock'),
    sa.Column('regime', sa.String(length=300), nullable=False, comment='legal source'),
    sa.Column('due_at', UtcDateTime(), nullable=False, comment='when'),
    sa.Column('calendar', sa.String(length=300), nullable=False, comment='business, calendar, hours'),
    sa.Column('state', sa.String(length=300), nullable=False, comment='running, met, missed, void'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline')),
    comment='clocks'
    )
    op.create_index(op.f('ix_deadline_subject'), 'deadline', ['subject'], unique=False)
    op.create_table('fetch',
    sa.Column('run', sa.String(length=36), nullable=False, comment='Run id'),
    sa.Column('fingerprint', sa.String(length=64), nullable=False, comment='of the canonical request'),
    sa.Column('url', sa.Text(), nullable=False, comment='what to fetch'),
    sa.Column('host', sa.String(length=300), nullable=False, comment='scheme://host:port, the unit of politeness'),
    sa.Column('kind', sa.String(length=300), nullable=False, comment='robots, results, listing, photo, ...'),
    sa.Column('parent', sa.String(length=300), nullable=True, comment='Capture id of the page that named it'),
    sa.Column('depth', sa.Integer(), nullable=False, comment='links from a seed'),
    sa.Column('priority', sa.Integer(), nullable=False, comment='higher first'),
    sa.Column('not_before', UtcDateTime(), nullable=True, comment='earliest time'),
    sa.Column('state', sa.String(length=300), nullable=False, comment='pending, leased, done, failed'),
    sa.Column('lease_owner', sa.String(length=300), nullable=True, comment='process that holds it'),
    sa.Column('lease_until', UtcDateTime(), nullable=True, comment='when the lease ends by itself'),
    sa.Column('lease_epoch', sa.Integer(), server_default='0', nullable=False, comment='fences late commits'),
    sa.Column('attempts', sa.Integer(), nullable=False, comment='leases that ended in a failure'),
    sa.Column('hops', sa.Integer(), nullable=False, comment='redirects on the way here'),
    sa.Column('context', Json, nullable=False, comment='search term, listing'),
    sa.Column('reason', sa.String(length=300), nullable=True, comment='why it failed'),
    sa.PrimaryKeyConstraint('run', 'fingerprint', name=op.f('pk_fetch')),
    comment='the frontier: one URL of one run'
    )
    op.create_index('ix_fetch_due', 'fetch', ['run', 'state', 'host', 'priority'], unique=False)
    op.create_table('fingerprint',
    sa.Column('sha256', sa.String(length=64), nullable=False, comment="of the picture's bytes"),
    sa.Column('algorithm', sa.String(length=300), nullable=False, comment='pdq, phash'),
    sa.Column('version', sa.String(length=300), nullable=False, comment='of the code that made it'),
    sa.Column('variant', sa.String(length=300), nullable=False, comment='whole, trimmed, a crop, a turn'),
    sa.Column('value', sa.LargeBinary(), nullable=False, comment="the code's bytes"),
    sa.Column('quality', sa.Integer(), nullable=True, comment='0 to 100 where the algorithm gives one'),
    sa.PrimaryKeyConstraint('sha256', 'algorithm', 'version', 'variant', name=op.f('pk_fingerprint')),
    comment='perceptual hashes, one row a picture, algorithm and variant'
    )
    op.create_table('host',
    sa.Column('host', sa.String(length=300), nullable=False, comment='scheme://host:port'),
    sa.Column('next_at', UtcDateTime(), nullable=True, comment='not before this time'),
    sa.Column('delay_s', sa.Float(), nullable=False, comment='seconds between two requests'),
    sa.Column('breaker_until', UtcDateTime(), nullable=True, comment='no request before this time, after repeated failures'),
    sa.Column('failures', sa.Integer(), nullable=False, comment='failures in a row'),
    sa.Column('robots_status', sa.Integer(), nullable=True, comment='HTTP status of robots.txt; null: not asked or unreachable'),
    sa.Column('robots_text', sa.Text(), nullable=True, comment='robots.txt as received'),
    sa.Column('robots_at', UtcDateTime(), nullable=True, comment='when it was asked'),
    sa.Column('crawl_delay_s', sa.Float(), nullable=True, comment='Crawl-delay asked for'),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_host')),
    comment="what is known of a host's manners"
    )
    op.create_table('known_answer',
    sa.Column('finding', sa.String(length=36), nullable=False, comment='Finding id'),
    sa.Column('expected', sa.String(length=300), nullable=False, comment='confirm, reject, unsure, needs_holder'),
    sa.Column('because', sa.Text(), nullable=False, comment='how it is known'),
    sa.Column('by', sa.String(length=300), nullable=False, comment='who entered it'),
    sa.Column('at', UtcDateTime(), nullable=False, comment='when'),
    sa.PrimaryKeyConstraint('finding', name=op.f('pk_known_answer')),
    comment="findings whose answer is known, mixed into every reviewer's work"
    )
    op.create_table('listing_image',
    sa.Column('listing', sa.String(length=36), nullable=False, comment='Listing id'),
    sa.Column('position', sa.Integer(), nullable=False, comment='0 is the main photo'),
    sa.Column('url', sa.Text(), nullable=False, comment='where it was'),
    sa.Column('capture', sa.String(length=300), nullable=True, comment='Capture id; null: not fetched'),
    sa.Column('sha256', sa.String(length=64), nullable=True, comment='of the photo, in the vault'),
    sa.Column('refused', sa.String(length=300), nullable=True, comment='why it cannot be compared'),
    sa.PrimaryKeyConstraint('listing', 'position', name=op.f('pk_listing_image')),
    comment='photos of listings'
    )
    op.create_index(op.f('ix_listing_image_capture'), 'listing_image', ['capture'], unique=False)
    op.create_index(op.f('ix_listing_image_sha256'), 'listing_image', ['sha256'], unique=False)
    op.create_table('login_attempt',
    sa.Column('subject', sa.String(length=64), nullable=False, comment='keyed digest of an account name or an address'),
    sa.Column('failures', sa.Integer(), nullable=False, comment='in a row'),
    sa.Column('last_at', UtcDateTime(), nullable=False, comment='latest failure'),
    sa.Column('blocked_until', UtcDateTime(), nullable=True, comment='no try before this time'),
    sa.PrimaryKeyConstraint('subject', name=op.f('pk_login_attempt')),
    comment='failures in a row at the door'
    )
    op.create_table('operation',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('name', sa.String(length=300), nullable=False, comment='code name'),
    sa.Column('lead', sa.String(length=300), nullable=False, comment='lead agency'),
    sa.Column('members', Json, nullable=False, comment='agencies and their roles'),
    sa.Column('compartment', sa.String(length=300), nullable=False, comment='who may see it'),
    sa.Column('agreed_at', UtcDateTime(), nullable=True, comment='time of joint release'),
    sa.Column('state', sa.String(length=300), nullable=False, comment='planned, running, closed'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operation')),
    sa.UniqueConstraint('name', name=op.f('uq_operation_name')),
    comment='joint operations'
    )
    op.create_table('opt_out',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('prefix', sa.String(length=300), nullable=False, comment='host or URL prefix'),
    sa.Column('reason', sa.Text(), nullable=False, comment='why'),
    sa.Column('by', sa.String(length=300), nullable=False, comment='who entered it'),
    sa.Column('at', UtcDateTime(), nullable=False, comment='when'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opt_out')),
    sa.UniqueConstraint('prefix', name=op.f('uq_opt_out_prefix')),
    comment='never fetched'
    )
    op.create_table('party',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('kind', sa.String(length=300), nullable=False, comment='person, company or authority'),
    sa.Column('legal_name', sa.String(length=300), nullable=False, comment='name as registered'),
    sa.Column('country', sa.String(length=300), nullable=True, comment='ISO 3166'),
    sa.Column('address', sa.Text(), nullable=True, comment='postal address'),
    sa.Column('email', sa.String(length=300), nullable=True, comment='role mailbox'),
    sa.Column('phone', sa.String(length=300), nullable=True, comment='with country code'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_party')),
    sa.UniqueConstraint('legal_name', name=op.f('uq_party_legal_name')),
    comment='holders of rights and those who act for them'
    )
    op.create_table('personal_value',
    sa.Column('subject_kind', sa.String(length=300), nullable=False, comment='seller, observation'),
    sa.Column('subject', sa.String(length=36), nullable=False, comment='id of the subject'),
    sa.Column('field', sa.String(length=300), nullable=False, comment='seller_name, contacts, ...'),
    sa.Column('sealed', sa.LargeBinary(), nullable=False, comment='nonce and AES-256-GCM ciphertext of the JSON value'),
    sa.Column('digest', sa.String(length=64), nullable=False, comment='keyed digest, for equality only'),
    sa.PrimaryKeyConstraint('subject_kind', 'subject', 'field', name=op.f('pk_personal_value')),
    comment='everything that names a person, under its own key'
    )
    op.create_index(op.f('ix_personal_value_digest'), 'personal_value', ['digest'], unique=False)
    op.create_table('review_item',
    sa.Column('finding', sa.String(length=36), nullable=False, comment='Finding id'),
    sa.Column('listing', sa.String(length=36), nullable=False, comment='Listing id'),
    sa.Column('right', sa.String(length=36), nullable=False, comment='Right id'),
    sa.Column('holder', sa.String(length=36), nullable=False, comment='Party id'),
    sa.Column('product', sa.String(length=36), nullable=True, comment='Product id'),
    sa.Column('platform', sa.String(length=300), nullable=False, comment='platform name'),
    sa.Column('seller', sa.String(length=36), nullable=True, comment='Seller id'),
    sa.Column('title', sa.Text(), nullable=False, comment='as compared, at most 300 letters'),
    sa.Column('words', sa.Text(), nullable=False, comment='the title folded, for searching'),
    sa.Column('gtin', sa.String(length=300), nullable=True, comment='as the page says it'),
    sa.Column('price_minor', sa.BigInteger(), nullable=True, comment="asked, in the currency's smallest unit"),
    sa.Column('currency', sa.String(length=300), nullable=True, comment='ISO 4217'),
    sa.Column('photo', sa.String(length=64), nullable=True, comment='main photo'),
    sa.Column('twin', sa.String(length=64), nullable=False, comment="main photo, or the finding's id without one"),
    sa.Column('band', sa.String(length=300), nullable=False, comment='silent, review, notice'),
    sa.Column('infringement_class', sa.String(length=300), nullable=True, comment='counterfeit, ...'),
    sa.Column('identity_probability', sa.Float(), nullable=False, comment='calibrated, 0 to 1'),
    sa.Column('found_at', UtcDateTime(), nullable=False, comment='first time'),
    sa.Column('comparison', sa.String(length=36), nullable=False, comment="the finding's latest comparison"),
    sa.Column('case', sa.String(length=36), server_default='', nullable=False, comment='Case id; empty: none yet'),
    sa.Column('compartment', sa.String(length=300), nullable=True, comment='of the case'),
    sa.Column('priority', sa.Float(), server_default='0', nullable=False, comment='of the case'),
    sa.Column('standing', sa.String(length=300), nullable=False, comment='open, silent, confirm, reject, unsure, needs_holder'),
    sa.Column('decision', sa.String(length=36), nullable=True, comment='Decision id that stands'),
    sa.Column('decided_by', sa.String(length=300), nullable=True, comment='who'),
    sa.Column('decided_at', UtcDateTime(), nullable=True, comment='when'),
    sa.PrimaryKeyConstraint('finding', name=op.f('pk_review_item')),
    comment='findings as lists show them, one row each; made from the other tables'
    )
    op.create_index('ix_review_item_case_photo', 'review_item', ['case', 'photo'], unique=False)
    op.create_index(op.f('ix_review_item_gtin'), 'review_item', ['gtin'], unique=False)
    op.create_index(op.f('ix_review_item_holder'), 'review_item', ['holder'], unique=False)
    op.create_index(op.f('ix_review_item_listing'), 'review_item', ['listing'], unique=False)
    op.create_index(op.f('ix_review_item_photo'), 'review_item', ['photo'], unique=False)
    op.create_index(op.f('ix_review_item_product'), 'review_item', ['product'], unique=False)
    op.create_index(op.f('ix_review_item_seller'), 'review_item', ['seller'], unique=False)
    op.create_index('ix_review_queue', 'review_item', ['standing', 'priority', 'case', 'twin', 'finding', 'platform', 'right', 'seller', 'holder', 'compartment', 'band'], unique=False)
    op.create_table('run',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('kind', sa.String(length=300), nullable=False, comment='crawl, replay, match, ...'),
    sa.Column('platform', sa.String(length=300), nullable=True, comment='platform name; null: several'),
    sa.Column('state', sa.String(length=300), nullable=False, comment='running, complete, budget_exhausted, unfit, blocked, interrupted, failed'),
    sa.Column('started_at', UtcDateTime(), nullable=False, comment='start'),
    sa.Column('ended_at', UtcDateTime(), nullable=True, comment='end; null: running or killed'),
    sa.Column('code_version', sa.String(length=300), nullable=False, comment='version of Marque'),
    sa.Column('config_digest', sa.String(length=64), nullable=False, comment='declarations in force, in the vault'),
    sa.Column('snapshot_digest', sa.String(length=64), nullable=True, comment='registry in force, in the vault'),
    sa.Column('counts', Json, nullable=False, comment='what was done, by name'),
    sa.Column('alarms', Json, nullable=False, comment='sentences that ask for attention'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run')),
    comment='one run of one stage'
    )
    op.create_table('schedule',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('platform', sa.String(length=300), nullable=False, comment='platform name'),
    sa.Column('cron', sa.String(length=300), nullable=False, comment='when'),
    sa.Column('priority', sa.Integer(), nullable=False, comment='higher first'),
    sa.Column('last_due', UtcDateTime(), nullable=True, comment='latest due time taken'),
    sa.Column('enabled', sa.Boolean(), nullable=False, comment='in force'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule')),
    comment='when platforms are crawled'
    )
    op.create_table('seller',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('platform', sa.String(length=300), nullable=False, comment='platform name'),
    sa.Column('platform_seller_id', sa.String(length=300), nullable=False, comment="the platform's id of the account"),
    sa.Column('first_seen', UtcDateTime(), nullable=False, comment='first look'),
    sa.Column('last_seen', UtcDateTime(), nullable=False, comment='latest look'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seller')),
    sa.UniqueConstraint('platform', 'platform_seller_id', name=op.f('uq_seller_platform_platform_seller_id')),
    comment='accounts; names stand in personal_value'
    )
    op.create_table('site',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('domain', sa.String(length=300), nullable=False, comment='registrable domain'),
    sa.Column('looked_at', UtcDateTime(), nullable=False, comment='when'),
    sa.Column('facts', Json, nullable=False, comment='DNS, RDAP, ASN, certificate names, mirrors, abuse contacts'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site')),
    sa.UniqueConstraint('domain', 'looked_at', name=op.f('uq_site_domain_looked_at')),
    comment='owners and hosts of a domain, dated'
    )
    op.create_table('snapshot',
    sa.Column('digest', sa.String(length=64), nullable=False, comment='SHA-256 of the canonical content'),
    sa.Column('made_at', UtcDateTime(), nullable=False, comment='when it was frozen'),
    sa.Column('counts', Json, nullable=False, comment='rights, products, works, references, seller rules'),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_snapshot')),
    comment='the frozen registry a run used; the content lies in the vault under its digest'
    )
    op.create_table('account',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('name', sa.String(length=300), nullable=False, comment='what the person types'),
    sa.Column('name_folded', sa.String(length=300), nullable=False, comment='the name without case, for looking up'),
    sa.Column('roles', Json, nullable=False, comment='officer, reviewer, approver, signatory, holder_expert, recipient, auditor, admin'),
    sa.Column('holder', sa.String(length=36), nullable=True, comment="sees only this holder's records; null: every holder's"),
    sa.Column('platform', sa.String(length=300), nullable=True, comment="a recipient's platform"),
    sa.Column('compartment', sa.String(length=300), nullable=True, comment='sees only this compartment; null: all'),
    sa.Column('language', sa.String(length=300), nullable=True, comment="of the pages; null: the browser's"),
    sa.Column('password_hash', sa.Text(), nullable=True, comment='Argon2id; null until chosen'),
    sa.Column('totp_sealed', sa.Text(), nullable=True, comment='secret of the one-time codes, sealed under the personal key, hex'),
    sa.Column('totp_step', sa.Integer(), server_default='0', nullable=False, comment='last half minute whose code was used'),
    sa.Column('invitation_sha256', sa.String(length=64), nullable=True, comment='of an open one-time link'),
    sa.Column('invited_until', UtcDateTime(), nullable=True, comment='when that link ends'),
    sa.Column('created_at', UtcDateTime(), nullable=False, comment='when it was made'),
    sa.Column('disabled_at', UtcDateTime(), nullable=True, comment='since when it is shut; null: open'),
    sa.ForeignKeyConstraint(['holder'], ['party.id'], name=op.f('fk_account_holder')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('name_folded', name=op.f('uq_account_name_folded')),
    comment='who may sign in, and as what'
    )
    op.create_index(op.f('ix_account_holder'), 'account', ['holder'], unique=False)
    op.create_index(op.f('ix_account_invitation_sha256'), 'account', ['invitation_sha256'], unique=False)
    op.create_table('capture',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('run', sa.String(length=36), nullable=False, comment='in which run'),
    sa.Column('url_requested', sa.Text(), nullable=False, comment='what was asked'),
    sa.Column('url_final', sa.Text(), nullable=False, comment='what answered'),
    sa.Column('parent', sa.String(length=300), nullable=True, comment='Capture id that led here'),
    sa.Column('depth', sa.Integer(), nullable=False, comment='links from a seed'),
    sa.Column('fetched_at', UtcDateTime(), nullable=False, comment='when the answer was complete'),
    sa.Column('status', sa.Integer(), nullable=True, comment='HTTP status; null: no server'),
    sa.Column('request_headers', Json, nullable=False, comment='pairs as sent'),
    sa.Column('response_headers', Json, nullable=False, comment='pairs as received'),
    sa.Column('server_ip', sa.String(length=300), nullable=True, comment='peer address'),
    sa.Column('tls', sa.String(length=300), nullable=True, comment='protocol and cipher as exposed'),
    sa.Column('http_version', sa.String(length=300), nullable=True, comment='as exposed'),
    sa.Column('body_sha256', sa.String(length=64), nullable=False, comment='the body, in the vault'),
    sa.Column('body_bytes', sa.BigInteger(), nullable=False, comment='size of the body'),
    sa.Column('wire_sha256', sa.String(length=64), nullable=True, comment='the compressed body, where kept'),
    sa.Column('robots_verdict', sa.String(length=300), nullable=False, comment='allowed, disallowed, unreachable, absent, not_asked'),
    sa.Column('authority', sa.String(length=300), nullable=True, comment='written permission past robots'),
    sa.Column('via', sa.String(length=300), nullable=False, comment='crawl, browser, tip, import, officer, replay'),
    sa.ForeignKeyConstraint(['run'], ['run.id'], name=op.f('fk_capture_run')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_capture')),
    comment='the bytes fetched once'
    )
    op.create_index(op.f('ix_capture_body_sha256'), 'capture', ['body_sha256'], unique=False)
    op.create_index(op.f('ix_capture_run'), 'capture', ['run'], unique=False)
    op.create_table('compared',
    sa.Column('observation', sa.String(length=36), nullable=False, comment='Observation id'),
    sa.Column('snapshot_digest', sa.String(length=64), nullable=False, comment='registry in force'),
    sa.Column('config_digest', sa.String(length=64), nullable=False, comment='declarations in force'),
    sa.Column('run', sa.String(length=36), nullable=False, comment='in which run'),
    sa.ForeignKeyConstraint(['run'], ['run.id'], name=op.f('fk_compared_run')),
    sa.PrimaryKeyConstraint('observation', 'snapshot_digest', 'config_digest', name=op.f('pk_compared')),
    comment='looks that were compared, those that touched nothing as well'
    )
    op.create_index(op.f('ix_compared_run'), 'compared', ['run'], unique=False)
    op.create_table('listing',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('platform', sa.String(length=300), nullable=False, comment='platform name'),
    sa.Column('platform_item_id', sa.String(length=300), nullable=False, comment="the platform's id of the offer"),
    sa.Column('kind', sa.String(length=300), nullable=False, comment='listing, stream, torrent'),
    sa.Column('url', sa.Text(), nullable=False, comment='where it stands'),
    sa.Column('seller', sa.String(length=36), nullable=True, comment='who offers it'),
    sa.Column('first_seen', UtcDateTime(), nullable=False, comment='first look'),
    sa.Column('last_seen', UtcDateTime(), nullable=False, comment='latest look'),
    sa.Column('state', sa.String(length=300), nullable=False, comment='live, paused, sold, gone, blocked, ...'),
    sa.ForeignKeyConstraint(['seller'], ['seller.id'], name=op.f('fk_listing_seller')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing')),
    sa.UniqueConstraint('platform', 'platform_item_id', name=op.f('uq_listing_platform_platform_item_id')),
    comment='offers and streams'
    )
    op.create_index('ix_listing_platform_id', 'listing', ['platform', 'id'], unique=False)
    op.create_index(op.f('ix_listing_seller'), 'listing', ['seller'], unique=False)
    op.create_table('mandate',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('grantor', sa.String(length=36), nullable=False, comment='who gives the power'),
    sa.Column('agent', sa.String(length=300), nullable=False, comment='legal name of who receives it'),
    sa.Column('rights', Json, nullable=False, comment="Right ids; empty: all of the grantor's"),
    sa.Column('acts', Json, nullable=False, comment='notify, retract, sue'),
    sa.Column('territories', Json, nullable=False, comment='ISO 3166; empty: wherever the right holds'),
    sa.Column('valid_from', sa.Date(), nullable=False, comment='first day'),
    sa.Column('valid_until', sa.Date(), nullable=True, comment='last day; null: until revoked'),
    sa.Column('document_sha256', sa.String(length=64), nullable=True, comment='the paper, in the vault; null: none handed in'),
    sa.Column('revoked_on', sa.Date(), nullable=True, comment='day of revocation'),
    sa.ForeignKeyConstraint(['grantor'], ['party.id'], name=op.f('fk_mandate_grantor')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate')),
    comment='powers of attorney'
    )
    op.create_index(op.f('ix_mandate_grantor'), 'mandate', ['grantor'], unique=False)
    op.create_table('outbox',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('batch', sa.String(length=36), nullable=False, comment='what is to be delivered'),
    sa.Column('idempotency_key', sa.String(length=64), nullable=False, comment='never sent twice under one key'),
    sa.Column('state', sa.String(length=300), nullable=False, comment='ready, sending, accepted, rejected, unknown, held'),
    sa.Column('lease_owner', sa.String(length=300), nullable=True, comment='process that holds it'),
    sa.Column('lease_until', UtcDateTime(), nullable=True, comment='when the lease ends by itself'),
    sa.Column('lease_epoch', sa.Integer(), server_default='0', nullable=False, comment='fences late commits'),
    sa.Column('attempts', sa.Integer(), nullable=False, comment='tries'),
    sa.Column('not_before', UtcDateTime(), nullable=True, comment='earliest time'),
    sa.Column('queued_at', UtcDateTime(), nullable=False, comment='when the approval put it here'),
    sa.ForeignKeyConstraint(['batch'], ['batch.id'], name=op.f('fk_outbox_batch')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_outbox_idempotency_key')),
    comment='deliveries, written in the transaction of the approval'
    )
    op.create_index(op.f('ix_outbox_batch'), 'outbox', ['batch'], unique=False)
    op.create_table('product',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('product_ref', sa.String(length=300), nullable=False, comment="the holder's own name for it"),
    sa.Column('holder', sa.String(length=36), nullable=False, comment='who makes it'),
    sa.Column('rights', Json, nullable=False, comment='Right ids'),
    sa.Column('name', sa.String(length=300), nullable=False, comment='name as sold'),
    sa.Column('other_names', Json, nullable=False, comment='further names'),
    sa.Column('mpn', Json, nullable=False, comment="manufacturer's part numbers"),
    sa.Column('gtin', Json, nullable=False, comment='GTINs'),
    sa.Column('colours', Json, nullable=False, comment='every colour that exists; empty: not stated'),
    sa.Column('sizes', Json, nullable=False, comment='every size that exists; empty: not stated'),
    sa.Column('prices', Json, nullable=False, comment='recommended price per country and date'),
    sa.Column('launched_on', sa.Date(), nullable=True, comment='first day on sale'),
    sa.Column('ended_on', sa.Date(), nullable=True, comment='last day on sale'),
    sa.Column('safety_class', sa.String(length=300), nullable=True, comment='why a fake endangers people'),
    sa.Column('nice_class', sa.Integer(), nullable=True, comment='class of the goods'),
    sa.Column('category', sa.String(length=300), nullable=True, comment='the goods in a word'),
    sa.Column('photo_owner', sa.String(length=300), nullable=True, comment='who owns the official photos'),
    sa.ForeignKeyConstraint(['holder'], ['party.id'], name=op.f('fk_product_holder')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product')),
    sa.UniqueConstraint('holder', 'product_ref', name=op.f('uq_product_holder_product_ref')),
    comment='what holders make'
    )
    op.create_index(op.f('ix_product_holder'), 'product', ['holder'], unique=False)
    op.create_table('right',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('right_ref', sa.String(length=300), nullable=False, comment="the holder's own name for it"),
    sa.Column('holder', sa.String(length=36), nullable=False, comment='who holds it'),
    sa.Column('kind', sa.String(length=300), nullable=False, comment='trademark, copyright, ...'),
    sa.Column('office', sa.String(length=300), nullable=True, comment='WIPO ST.3 code; null: no register'),
    sa.Column('registration_number', sa.String(length=300), nullable=True, comment='number in the register'),
    sa.Column('mark_text', sa.String(length=300), nullable=True, comment='the words of the mark'),
    sa.Column('mark_feature', sa.String(length=300), nullable=True, comment='word, figurative, combined, other'),
    sa.Column('nice_classes', Json, nullable=False, comment='classes of goods and services'),
    sa.Column('goods', sa.Text(), nullable=True, comment='goods and services in words'),
    sa.Column('territories', Json, nullable=False, comment='ISO 3166 codes, or EU'),
    sa.Column('filed_on', sa.Date(), nullable=True, comment='day of filing'),
    sa.Column('registered_on', sa.Date(), nullable=True, comment='day of registration'),
    sa.Column('expires_on', sa.Date(), nullable=True, comment='last day of validity; null: none known'),
    sa.Column('status', sa.String(length=300), nullable=False, comment='pending, active, expired, cancelled, opposed'),
    sa.Column('status_checked_on', sa.Date(), nullable=True, comment='when the register was last asked'),
    sa.Column('proof_sha256', sa.String(length=64), nullable=True, comment='the certificate, in the vault; null: none handed in'),
    sa.ForeignKeyConstraint(['holder'], ['party.id'], name=op.f('fk_right_holder')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_right')),
    sa.UniqueConstraint('holder', 'right_ref', name=op.f('uq_right_holder_right_ref')),
    comment='marks, copyrights, designs, patents'
    )
    op.create_index(op.f('ix_right_holder'), 'right', ['holder'], unique=False)
    op.create_table('seller_rule',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('holder', sa.String(length=36), nullable=False, comment='whose word it is'),
    sa.Column('platform', sa.String(length=300), nullable=False, comment='platform name'),
    sa.Column('platform_seller_id', sa.String(length=300), nullable=False, comment="the platform's id of the account"),
    sa.Column('name', sa.String(length=300), nullable=True, comment='as the holder writes it'),
    sa.Column('standing', sa.String(length=300), nullable=False, comment='authorised or excluded'),
    sa.Column('rights', Json, nullable=False, comment='Right ids; empty: all'),
    sa.Column('products', Json, nullable=False, comment='Product ids; empty: all'),
    sa.Column('territories', Json, nullable=False, comment='ISO 3166; empty: everywhere'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='first day'),
    sa.Column('valid_until', sa.Date(), nullable=True, comment='last day'),
    sa.Column('basis', sa.Text(), nullable=True, comment='contract or reason'),
    sa.ForeignKeyConstraint(['holder'], ['party.id'], name=op.f('fk_seller_rule_holder')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seller_rule')),
    sa.UniqueConstraint('holder', 'platform', 'platform_seller_id', name=op.f('uq_seller_rule_holder_platform_platform_seller_id')),
    comment='accounts that may sell, or are left alone'
    )
    op.create_index(op.f('ix_seller_rule_holder'), 'seller_rule', ['holder'], unique=False)
    op.create_table('work',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('work_ref', sa.String(length=300), nullable=False, comment="the holder's own name for it"),
    sa.Column('holder', sa.String(length=36), nullable=False, comment='who holds it'),
    sa.Column('rights', Json, nullable=False, comment='Right ids'),
    sa.Column('title', sa.String(length=300), nullable=False, comment='original title'),
    sa.Column('other_titles', Json, nullable=False, comment='titles elsewhere'),
    sa.Column('kind', sa.String(length=300), nullable=False, comment='movie, series, episode, ...'),
    sa.Column('year', sa.Integer(), nullable=True, comment='year of first publication'),
    sa.Column('season', sa.Integer(), nullable=True, comment='season number'),
    sa.Column('episode', sa.Integer(), nullable=True, comment='episode number'),
    sa.Column('identifiers', Json, nullable=False, comment='scheme:value'),
    sa.Column('authorised_urls', Json, nullable=False, comment='where it may be seen'),
    sa.Column('licences', Json, nullable=False, comment='platforms, territories and dates of licences'),
    sa.ForeignKeyConstraint(['holder'], ['party.id'], name=op.f('fk_work_holder')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work')),
    sa.UniqueConstraint('holder', 'work_ref', name=op.f('uq_work_holder_work_ref')),
    comment='films, series, music, books'
    )
    op.create_index(op.f('ix_work_holder'), 'work', ['holder'], unique=False)
    op.create_table('answer_read',
    sa.Column('subject_kind', sa.String(length=300), nullable=False, comment='outcome, counter_notice'),
    sa.Column('subject', sa.String(length=36), nullable=False, comment='id of the answer'),
    sa.Column('account', sa.String(length=36), nullable=False, comment='who read it'),
    sa.Column('at', UtcDateTime(), nullable=False, comment='when'),
    sa.ForeignKeyConstraint(['account'], ['account.id'], name=op.f('fk_answer_read_account')),
    sa.PrimaryKeyConstraint('subject_kind', 'subject', name=op.f('pk_answer_read')),
    comment='answers of platforms and of the accused that a person has read'
    )
    op.create_index(op.f('ix_answer_read_account'), 'answer_read', ['account'], unique=False)
    op.create_table('case',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('number', sa.Integer(), nullable=False, comment='what people say aloud'),
    sa.Column('right', sa.String(length=36), nullable=False, comment='which right'),
    sa.Column('holder', sa.String(length=36), nullable=False, comment='whose right'),
    sa.Column('platform', sa.String(length=300), nullable=False, comment='platform name'),
    sa.Column('seller', sa.String(length=36), nullable=True, comment='which account; null: none named'),
    sa.Column('state', sa.String(length=300), nullable=False, comment='open, ready, notified, closed'),
    sa.Column('findings', Json, nullable=False, comment='Finding ids'),
    sa.Column('priority', sa.Float(), nullable=False, comment='higher first'),
    sa.Column('compartment', sa.String(length=300), nullable=True, comment='who may see it; null: the unit'),
    sa.Column('opened_at', UtcDateTime(), nullable=False, comment='when'),
    sa.ForeignKeyConstraint(['holder'], ['party.id'], name=op.f('fk_case_holder')),
    sa.ForeignKeyConstraint(['right'], ['right.id'], name=op.f('fk_case_right')),
    sa.ForeignKeyConstraint(['seller'], ['seller.id'], name=op.f('fk_case_seller')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case')),
    sa.UniqueConstraint('number', name=op.f('uq_case_number')),
    comment='findings people decide on together'
    )
    op.create_index('ix_case_group', 'case', ['right', 'platform', 'seller'], unique=False)
    op.create_index(op.f('ix_case_holder'), 'case', ['holder'], unique=False)
    op.create_index(op.f('ix_case_right'), 'case', ['right'], unique=False)
    op.create_index(op.f('ix_case_seller'), 'case', ['seller'], unique=False)
    op.create_table('observation',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('listing', sa.String(length=36), nullable=False, comment='of which listing'),
    sa.Column('run', sa.String(length=36), nullable=False, comment='in which run'),
    sa.Column('capture', sa.String(length=36), nullable=False, comment='read from which bytes'),
    sa.Column('observed_at', UtcDateTime(), nullable=False, comment='when'),
    sa.Column('state', sa.String(length=300), nullable=False, comment='state of the listing then'),
    sa.Column('content_sha256', sa.String(length=64), nullable=False, comment='of the values, to see change'),
    sa.Column('fields', Json, nullable=False, comment='ListingFields without personal values'),
    sa.Column('fields_read', sa.Integer(), nullable=False, comment='how many fields were read'),
    sa.ForeignKeyConstraint(['capture'], ['capture.id'], name=op.f('fk_observation_capture')),
    sa.ForeignKeyConstraint(['listing'], ['listing.id'], name=op.f('fk_observation_listing')),
    sa.ForeignKeyConstraint(['run'], ['run.id'], name=op.f('fk_observation_run')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_observation')),
    sa.UniqueConstraint('listing', 'capture', name=op.f('uq_observation_listing_capture')),
    comment='each look at a listing, never overwritten'
    )
    op.create_index(op.f('ix_observation_capture'), 'observation', ['capture'], unique=False)
    op.create_index(op.f('ix_observation_listing'), 'observation', ['listing'], unique=False)
    op.create_index(op.f('ix_observation_run'), 'observation', ['run'], unique=False)
    op.create_table('reference',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('reference_ref', sa.String(length=300), nullable=False, comment="the holder's own name for it"),
    sa.Column('holder', sa.String(length=36), nullable=False, comment='who handed it in'),
    sa.Column('right', sa.String(length=36), nullable=True, comment='protected by'),
    sa.Column('product', sa.String(length=36), nullable=True, comment='shows this product'),
    sa.Column('work', sa.String(length=36), nullable=True, comment='shows this work'),
    sa.Column('medium', sa.String(length=300), nullable=False, comment='photo, logo, still'),
    sa.Column('polarity', sa.String(length=300), nullable=False, comment='positive, or negative: speaks against identity'),
    sa.Column('sha256', sa.String(length=64), nullable=False, comment='the picture, in the vault'),
    sa.Column('photo_owner', sa.String(length=300), nullable=True, comment='who owns the photo'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='first day of use'),
    sa.Column('valid_until', sa.Date(), nullable=True, comment='last day of use'),
    sa.Column('withdrawn_on', sa.Date(), nullable=True, comment='day of withdrawal'),
    sa.ForeignKeyConstraint(['holder'], ['party.id'], name=op.f('fk_reference_holder')),
    sa.ForeignKeyConstraint(['product'], ['product.id'], name=op.f('fk_reference_product')),
    sa.ForeignKeyConstraint(['right'], ['right.id'], name=op.f('fk_reference_right')),
    sa.ForeignKeyConstraint(['work'], ['work.id'], name=op.f('fk_reference_work')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reference')),
    sa.UniqueConstraint('holder', 'reference_ref', name=op.f('uq_reference_holder_reference_ref')),
    comment='pictures to compare listings with'
    )
    op.create_index(op.f('ix_reference_holder'), 'reference', ['holder'], unique=False)
    op.create_index(op.f('ix_reference_product'), 'reference', ['product'], unique=False)
    op.create_index(op.f('ix_reference_right'), 'reference', ['right'], unique=False)
    op.create_index(op.f('ix_reference_work'), 'reference', ['work'], unique=False)
    op.create_table('reveal',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('account', sa.String(length=36), nullable=False, comment='who looked'),
    sa.Column('subject_kind', sa.String(length=300), nullable=False, comment='seller, observation'),
    sa.Column('subject', sa.String(length=36), nullable=False, comment='id of the subject'),
    sa.Column('reason', sa.Text(), nullable=False, comment="why, in the person's words"),
    sa.Column('at', UtcDateTime(), nullable=False, comment='when'),
    sa.ForeignKeyConstraint(['account'], ['account.id'], name=op.f('fk_reveal_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reveal')),
    comment='looks at personal values'
    )
    op.create_index(op.f('ix_reveal_account'), 'reveal', ['account'], unique=False)
    op.create_index(op.f('ix_reveal_subject'), 'reveal', ['subject'], unique=False)
    op.create_table('session',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('account', sa.String(length=36), nullable=False, comment='who'),
    sa.Column('token_sha256', sa.String(length=64), nullable=False, comment="of the cookie's value"),
    sa.Column('started_at', UtcDateTime(), nullable=False, comment='sign-in'),
    sa.Column('seen_at', UtcDateTime(), nullable=False, comment='latest request, to the minute'),
    sa.Column('ends_at', UtcDateTime(), nullable=False, comment='the absolute limit'),
    sa.Column('stepped_up_at', UtcDateTime(), nullable=True, comment='latest fresh code'),
    sa.Column('revoked_at', UtcDateTime(), nullable=True, comment='since when it is void; null: not'),
    sa.Column('revoked_because', sa.String(length=300), nullable=True, comment='logout, password, role, disabled, admin'),
    sa.ForeignKeyConstraint(['account'], ['account.id'], name=op.f('fk_session_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_session_token_sha256')),
    comment='browsers signed in'
    )
    op.create_index(op.f('ix_session_account'), 'session', ['account'], unique=False)
    op.create_table('comparison',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('observation', sa.String(length=36), nullable=False, comment='which look'),
    sa.Column('listing', sa.String(length=36), nullable=False, comment='which listing'),
    sa.Column('right', sa.String(length=36), nullable=False, comment='which right'),
    sa.Column('product', sa.String(length=300), nullable=True, comment='Product id'),
    sa.Column('work', sa.String(length=300), nullable=True, comment='Work id'),
    sa.Column('references', Json, nullable=False, comment='Reference ids that matched'),
    sa.Column('run', sa.String(length=36), nullable=False, comment='in which run'),
    sa.Column('compared_at', UtcDateTime(), nullable=False, comment='when'),
    sa.Column('snapshot_digest', sa.String(length=64), nullable=False, comment='registry in force'),
    sa.Column('config_digest', sa.String(length=64), nullable=False, comment='declarations in force'),
    sa.Column('signs', Json, nullable=False, comment='signs with raw values'),
    sa.Column('identity_probability', sa.Float(), nullable=False, comment='calibrated, 0 to 1'),
    sa.ForeignKeyConstraint(['listing'], ['listing.id'], name=op.f('fk_comparison_listing')),
    sa.ForeignKeyConstraint(['observation'], ['observation.id'], name=op.f('fk_comparison_observation')),
    sa.ForeignKeyConstraint(['right'], ['right.id'], name=op.f('fk_comparison_right')),
    sa.ForeignKeyConstraint(['run'], ['run.id'], name=op.f('fk_comparison_run')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comparison')),
    sa.UniqueConstraint('observation', 'right', 'snapshot_digest', 'config_digest', name=op.f('uq_comparison_observation_right_snapshot_digest_config_digest')),
    comment='raw signs of one look against one right, unchangeable'
    )
    op.create_index(op.f('ix_comparison_listing'), 'comparison', ['listing'], unique=False)
    op.create_index(op.f('ix_comparison_observation'), 'comparison', ['observation'], unique=False)
    op.create_index(op.f('ix_comparison_right'), 'comparison', ['right'], unique=False)
    op.create_index(op.f('ix_comparison_run'), 'comparison', ['run'], unique=False)
    op.create_table('notice',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('number', sa.Integer(), nullable=False, comment='counts up'),
    sa.Column('case', sa.String(length=36), nullable=False, comment='of which case'),
    sa.Column('platform', sa.String(length=300), nullable=False, comment='platform name'),
    sa.Column('profile', sa.String(length=300), nullable=False, comment='recipient and regime'),
    sa.Column('profile_version', sa.Integer(), nullable=False, comment='version of the profile'),
    sa.Column('regime', sa.String(length=300), nullable=False, comment='legal regime'),
    sa.Column('right', sa.String(length=36), nullable=False, comment='which right'),
    sa.Column('holder', sa.String(length=36), nullable=False, comment='whose right'),
    sa.Column('agent', sa.String(length=300), nullable=True, comment='legal name; null: the holder sends'),
    sa.Column('mandate', sa.String(length=300), nullable=True, comment='Mandate id'),
    sa.Column('language', sa.String(length=300), nullable=False, comment='ISO 639'),
    sa.Column('state', sa.String(length=300), nullable=False, comment='draft, refused, ready, approved, batched, sent, recalled'),
    sa.Column('statements', Json, nullable=False, comment='statements word for word'),
    sa.Column('signatory', sa.String(length=300), nullable=True, comment='who signs'),
    sa.Column('signed_at', UtcDateTime(), nullable=True, comment='when'),
    sa.Column('drafted_at', UtcDateTime(), nullable=False, comment='when'),
    sa.Column('approved_by', sa.String(length=300), nullable=True, comment='who approved'),
    sa.Column('approved_at', UtcDateTime(), nullable=True, comment='when'),
    sa.Column('legal_basis', sa.Text(), nullable=False, comment='in words, with its source'),
    sa.Column('draft_profile', sa.Boolean(), nullable=False, comment='profile not verified by a person'),
    sa.ForeignKeyConstraint(['case'], ['case.id'], name=op.f('fk_notice_case')),
    sa.ForeignKeyConstraint(['holder'], ['party.id'], name=op.f('fk_notice_holder')),
    sa.ForeignKeyConstraint(['right'], ['right.id'], name=op.f('fk_notice_right')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('number', name=op.f('uq_notice_number')),
    comment='one takedown request'
    )
    op.create_index(op.f('ix_notice_case'), 'notice', ['case'], unique=False)
    op.create_index(op.f('ix_notice_holder'), 'notice', ['holder'], unique=False)
    op.create_index(op.f('ix_notice_right'), 'notice', ['right'], unique=False)
    op.create_table('counter_notice',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('notice', sa.String(length=36), nullable=False, comment='against which notice'),
    sa.Column('reason', sa.String(length=300), nullable=False, comment='owner, authorised, no_right, fair_use, exhaustion, removed, misidentified, other'),
    sa.Column('elements', Json, nullable=False, comment='statutory elements present'),
    sa.Column('received_at', UtcDateTime(), nullable=False, comment='when'),
    sa.Column('response_due', UtcDateTime(), nullable=True, comment='our clock'),
    sa.Column('our_response', sa.String(length=300), nullable=True, comment='accept, reject, sue'),
    sa.Column('raw_sha256', sa.String(length=64), nullable=False, comment='the message, in the vault'),
    sa.ForeignKeyConstraint(['notice'], ['notice.id'], name=op.f('fk_counter_notice_notice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counter_notice')),
    comment='answers of the accused'
    )
    op.create_index(op.f('ix_counter_notice_notice'), 'counter_notice', ['notice'], unique=False)
    op.create_table('finding',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('listing', sa.String(length=36), nullable=False, comment='which listing'),
    sa.Column('right', sa.String(length=36), nullable=False, comment='which right'),
    sa.Column('holder', sa.String(length=36), nullable=False, comment='whose right'),
    sa.Column('product', sa.String(length=300), nullable=True, comment='Product id'),
    sa.Column('work', sa.String(length=300), nullable=True, comment='Work id'),
    sa.Column('comparison', sa.String(length=36), nullable=False, comment='the latest comparison'),
    sa.Column('identity_probability', sa.Float(), nullable=False, comment='calibrated, 0 to 1'),
    sa.Column('families', Json, nullable=False, comment='independent families that speak for identity'),
    sa.Column('signs', Json, nullable=False, comment='signs for'),
    sa.Column('counter_signs', Json, nullable=False, comment='signs against'),
    sa.Column('grounds', Json, nullable=False, comment='coded grounds with their captures'),
    sa.Column('infringement_class', sa.String(length=300), nullable=True, comment='counterfeit, pirated_copy, ...; null: none'),
    sa.Column('band', sa.String(length=300), nullable=False, comment='silent, review, notice'),
    sa.Column('because', sa.Text(), nullable=False, comment='one sentence: why this band'),
    sa.Column('suppressions', Json, nullable=False, comment='rules that keep it silent'),
    sa.Column('found_at', UtcDateTime(), nullable=False, comment='first time'),
    sa.Column('updated_at', UtcDateTime(), nullable=False, comment='latest comparison'),
    sa.ForeignKeyConstraint(['comparison'], ['comparison.id'], name=op.f('fk_finding_comparison')),
    sa.ForeignKeyConstraint(['holder'], ['party.id'], name=op.f('fk_finding_holder')),
    sa.ForeignKeyConstraint(['listing'], ['listing.id'], name=op.f('fk_finding_listing')),
    sa.ForeignKeyConstraint(['right'], ['right.id'], name=op.f('fk_finding_right')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finding')),
    sa.UniqueConstraint('listing', 'right', name=op.f('uq_finding_listing_right')),
    comment='a listing identified with a right'
    )
    op.create_index(op.f('ix_finding_comparison'), 'finding', ['comparison'], unique=False)
    op.create_index(op.f('ix_finding_holder'), 'finding', ['holder'], unique=False)
    op.create_index(op.f('ix_finding_listing'), 'finding', ['listing'], unique=False)
    op.create_index(op.f('ix_finding_right'), 'finding', ['right'], unique=False)
    op.create_table('decision',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('finding', sa.String(length=36), nullable=False, comment='of which finding'),
    sa.Column('comparison', sa.String(length=36), nullable=False, comment='what the person saw'),
    sa.Column('verdict', sa.String(length=300), nullable=False, comment='confirm, reject, unsure, needs_holder'),
    sa.Column('reason', sa.String(length=300), nullable=True, comment='closed list, set when rejected'),
    sa.Column('note', sa.Text(), nullable=True, comment='free words'),
    sa.Column('by', sa.String(length=300), nullable=False, comment='who'),
    sa.Column('at', UtcDateTime(), nullable=False, comment='when'),
    sa.Column('undoes', sa.String(length=300), nullable=True, comment='Decision id taken back'),
    sa.ForeignKeyConstraint(['comparison'], ['comparison.id'], name=op.f('fk_decision_comparison')),
    sa.ForeignKeyConstraint(['finding'], ['finding.id'], name=op.f('fk_decision_finding')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision')),
    comment='append-only ledger of decisions'
    )
    op.create_index(op.f('ix_decision_by'), 'decision', ['by'], unique=False)
    op.create_index(op.f('ix_decision_comparison'), 'decision', ['comparison'], unique=False)
    op.create_index(op.f('ix_decision_finding'), 'decision', ['finding'], unique=False)
    op.create_table('determination',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('finding', sa.String(length=36), nullable=False, comment='of which finding'),
    sa.Column('is_infringing', sa.Boolean(), nullable=False, comment="the expert's answer"),
    sa.Column('infringement_class', sa.String(length=300), nullable=True, comment='null when genuine'),
    sa.Column('grounds', Json, nullable=False, comment='ground codes'),
    sa.Column('statement', sa.Text(), nullable=False, comment="the expert's words"),
    sa.Column('by', sa.String(length=300), nullable=False, comment='the named expert'),
    sa.Column('at', UtcDateTime(), nullable=False, comment='when'),
    sa.ForeignKeyConstraint(['finding'], ['finding.id'], name=op.f('fk_determination_finding')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_determination')),
    comment="what the holder's expert said of an item"
    )
    op.create_index(op.f('ix_determination_finding'), 'determination', ['finding'], unique=False)
    op.create_table('notice_item',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('notice', sa.String(length=36), nullable=False, comment='in which notice'),
    sa.Column('finding', sa.String(length=36), nullable=False, comment='of which finding'),
    sa.Column('listing', sa.String(length=36), nullable=False, comment='which listing'),
    sa.Column('url', sa.Text(), nullable=False, comment='exact location'),
    sa.Column('platform_item_id', sa.String(length=300), nullable=False, comment="the platform's id"),
    sa.Column('title', sa.Text(), nullable=False, comment='title as seen'),
    sa.Column('infringement_class', sa.String(length=300), nullable=False, comment='counterfeit, ...'),
    sa.Column('grounds', Json, nullable=False, comment='ground codes'),
    sa.Column('platform_code', sa.String(length=300), nullable=True, comment="the recipient's claim code"),
    sa.Column('explanation', sa.Text(), nullable=False, comment='facts, each with its capture'),
    sa.Column('against', sa.Text(), nullable=False, comment='what speaks for the accused, answered'),
    sa.Column('observed_at', UtcDateTime(), nullable=False, comment='when it was seen'),
    sa.Column('captures', Json, nullable=False, comment='Capture ids'),
    sa.Column('references', Json, nullable=False, comment='Reference ids'),
    sa.Column('idempotency_key', sa.String(length=64), nullable=False, comment='hash of platform, case, item, version'),
    sa.Column('refusals', Json, nullable=False, comment='blocking rules that stopped it'),
    sa.ForeignKeyConstraint(['finding'], ['finding.id'], name=op.f('fk_notice_item_finding')),
    sa.ForeignKeyConstraint(['listing'], ['listing.id'], name=op.f('fk_notice_item_listing')),
    sa.ForeignKeyConstraint(['notice'], ['notice.id'], name=op.f('fk_notice_item_notice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_item')),
    comment='one listing in a notice'
    )
    op.create_index(op.f('ix_notice_item_finding'), 'notice_item', ['finding'], unique=False)
    op.create_index(op.f('ix_notice_item_idempotency_key'), 'notice_item', ['idempotency_key'], unique=False)
    op.create_index(op.f('ix_notice_item_listing'), 'notice_item', ['listing'], unique=False)
    op.create_index(op.f('ix_notice_item_notice'), 'notice_item', ['notice'], unique=False)
    op.create_table('outcome',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUIDv7'),
    sa.Column('notice', sa.String(length=36), nullable=False, comment='answer to which notice'),
    sa.Column('item', sa.String(length=36), nullable=True, comment='answer to which item; null: the whole'),
    sa.Column('kind', sa.String(length=300), nullable=False, comment='ack, clarification, decision, counter_notice, reinstatement, bounce'),
    sa.Column('platform_case_id', sa.String(length=300), nullable=True, comment="the platform's reference"),
    sa.Column('status_raw', sa.String(length=300), nullable=False, comment="the platform's word"),
    sa.Column('status', sa.String(length=300), nullable=True, comment='our word; null: unmapped'),
    sa.Column('action', sa.String(length=300), nullable=True, comment='content_removed, access_disabled, paused, none'),
    sa.Column('explanation', sa.Text(), nullable=True, comment="the platform's reasons"),
    sa.Column('received_at', UtcDateTime(), nullable=False, comment='when'),
    sa.Column('raw_sha256', sa.String(length=64), nullable=False, comment='the message, in the vault'),
    sa.ForeignKeyConstraint(['item'], ['notice_item.id'], name=op.f('fk_outcome_item')),
    sa.ForeignKeyConstraint(['notice'], ['notice.id'], name=op.f('fk_outcome_notice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outcome')),
    comment='what platforms answer'
    )
    op.create_index(op.f('ix_outcome_item'), 'outcome', ['item'], unique=False)
    op.create_index(op.f('ix_outcome_notice'), 'outcome', ['notice'], unique=False)


def downgrade() -> None:
    """Drop every table."""
    op.drop_index(op.f('ix_outcome_notice'), table_name='outcome')
    op.drop_index(op.f('ix_outcome_item'), table_name='outcome')
    op.drop_table('outcome')
    op.drop_index(op.f('ix_notice_item_notice'), table_name='notice_item')
    op.drop_index(op.f('ix_notice_item_listing'), table_name='notice_item')
    op.drop_index(op.f('ix_notice_item_idempotency_key'), table_name='notice_item')
    op.drop_index(op.f('ix_notice_item_finding'), table_name='notice_item')
    op.drop_table('notice_item')
    op.drop_index(op.f('ix_determination_finding'), table_name='determination')
    op.drop_table('determination')
    op.drop_index(op.f('ix_decision_finding'), table_name='decision')
    op.drop_index(op.f('ix_decision_comparison'), table_name='decision')
    op.drop_index(op.f('ix_decision_by'), table_name='decision')
    op.drop_table('decision')
    op.drop_index(op.f('ix_finding_right'), table_name='finding')
    op.drop_index(op.f('ix_finding_listing'), table_name='finding')
    op.drop_index(op.f('ix_finding_holder'), table_name='finding')
    op.drop_index(op.f('ix_finding_comparison'), table_name='finding')
    op.drop_table('finding')
    op.drop_index(op.f('ix_counter_notice_notice'), table_name='counter_notice')
    op.drop_table('counter_notice')
    op.drop_index(op.f('ix_notice_right'), table_name='notice')
    op.drop_index(op.f('ix_notice_holder'), table_name='notice')
    op.drop_index(op.f('ix_notice_case'), table_name='notice')
    op.drop_table('notice')
    op.drop_index(op.f('ix_comparison_run'), table_name='comparison')
    op.drop_index(op.f('ix_comparison_right'), table_name='comparison')
    op.drop_index(op.f('ix_comparison_observation'), table_name='comparison')
    op.drop_index(op.f('ix_comparison_listing'), table_name='comparison')
    op.drop_table('comparison')
    op.drop_index(op.f('ix_session_account'), table_name='session')
    op.drop_table('session')
    op.drop_index(op.f('ix_reveal_subject'), table_name='reveal')
    op.drop_index(op.f('ix_reveal_account'), table_name='reveal')
    op.drop_table('reveal')
    op.drop_index(op.f('ix_reference_work'), table_name='reference')
    op.drop_index(op.f('ix_reference_right'), table_name='reference')
    op.drop_index(op.f('ix_reference_product'), table_name='reference')
    op.drop_index(op.f('ix_reference_holder'), table_name='reference')
    op.drop_table('reference')
    op.drop_index(op.f('ix_observation_run'), table_name='observation')
    op.drop_index(op.f('ix_observation_listing'), table_name='observation')
    op.drop_index(op.f('ix_observation_capture'), table_name='observation')
    op.drop_table('observation')
    op.drop_index(op.f('ix_case_seller'), table_name='case')
    op.drop_index(op.f('ix_case_right'), table_name='case')
    op.drop_index(op.f('ix_case_holder'), table_name='case')
    op.drop_index('ix_case_group', table_name='case')
    op.drop_table('case')
    op.drop_index(op.f('ix_answer_read_account'), table_name='answer_read')
    op.drop_table('answer_read')
    op.drop_index(op.f('ix_work_holder'), table_name='work')
    op.drop_table('work')
    op.drop_index(op.f('ix_seller_rule_holder'), table_name='seller_rule')
    op.drop_table('seller_rule')
    op.drop_index(op.f('ix_right_holder'), table_name='right')
    op.drop_table('right')
    op.drop_index(op.f('ix_product_holder'), table_name='product')
    op.drop_table('product')
    op.drop_index(op.f('ix_outbox_batch'), table_name='outbox')
    op.drop_table('outbox')
    op.drop_index(op.f('ix_mandate_grantor'), table_name='mandate')
    op.drop_table('mandate')
    op.drop_index(op.f('ix_listing_seller'), table_name='listing')
    op.drop_index('ix_listing_platform_id', table_name='listing')
    op.drop_table('listing')
    op.drop_index(op.f('ix_compared_run'), table_name='compared')
    op.drop_table('compared')
    op.drop_index(op.f('ix_capture_run'), table_name='capture')
    op.drop_index(op.f('ix_capture_body_sha256'), table_name='capture')
    op.drop_table('capture')
    op.drop_index(op.f('ix_account_invitation_sha256'), table_name='account')
    op.drop_index(op.f('ix_account_holder'), table_name='account')
    op.drop_table('account')
    op.drop_table('snapshot')
    op.drop_table('site')
    op.drop_table('seller')
    op.drop_table('schedule')
    op.drop_table('run')
    op.drop_index('ix_review_queue', table_name='review_item')
    op.drop_index(op.f('ix_review_item_seller'), table_name='review_item')
    op.drop_index(op.f('ix_review_item_product'), table_name='review_item')
    op.drop_index(op.f('ix_review_item_photo'), table_name='review_item')
    op.drop_index(op.f('ix_review_item_listing'), table_name='review_item')
    op.drop_index(op.f('ix_review_item_holder'), table_name='review_item')
    op.drop_index(op.f('ix_review_item_gtin'), table_name='review_item')
    op.drop_index('ix_review_item_case_photo', table_name='review_item')
    op.drop_table('review_item')
    op.drop_index(op.f('ix_personal_value_digest'), table_name='personal_value')
    op.drop_table('personal_value')
    op.drop_table('party')
    op.drop_table('opt_out')
    op.drop_table('operation')
    op.drop_table('login_attempt')
    op.drop_index(op.f('ix_listing_image_sha256'), table_name='listing_image')
    op.drop_index(op.f('ix_listing_image_capture'), table_name='listing_image')
    op.drop_table('listing_image')
    op.drop_table('known_answer')
    op.drop_table('host')
    op.drop_table('fingerprint')
    op.drop_index('ix_fetch_due', table_name='fetch')
    op.drop_table('fetch')
    op.drop_index(op.f('ix_deadline_subject'), table_name='deadline')
    op.drop_table('deadline')
    op.drop_table('capture_file')
    op.drop_index('ix_blind_review_reviewer', table_name='blind_review')
    op.drop_table('blind_review')
    op.drop_table('batch')
    op.drop_table('authority')
    op.drop_index(op.f('ix_audit_entry_subject'), table_name='audit_entry')
    op.drop_table('audit_entry')
