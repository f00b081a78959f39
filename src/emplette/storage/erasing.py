"""How each kind of thing is erased: the one statement that changes its rows, tells of it, and replaces its texts.

What is changed is changed with an event of its own, which tells for each text of the log that gave way the hash of what
stands there now (``erasure``): so the log can still be checked, and nobody can pass a change off as an erasure.
"""

from dataclasses import dataclass
from typing import Final

# What is still as it was read is changed, told, and its texts in the log give way.
_ERASE: Final = """
WITH item AS MATERIALIZED (
    SELECT (j->>'id')::int AS id, (j->>'version')::int AS version, j FROM unnest($2::jsonb[]) AS j
    LIMIT cardinality($2)
),
fit AS MATERIALIZED ({fit}),
{changes},
event AS (
    INSERT INTO events (tenant_id, at, type, object_type, object_id, purchase_id, version, actor_id, facts, texts_hash)
    SELECT $1, $3, '{type}', '{kind}', fit.id, {purchase_id}, fit.version + 1, $4, fit.j->'facts',
           (fit.j->>'texts_hash')::bytea
    FROM fit ORDER BY fit.id
    RETURNING event_id, object_id
),
chained AS (INSERT INTO unsealed (tenant_id, event_id) SELECT $1, event_id FROM event),
told AS (
    INSERT INTO event_texts (tenant_id, event_id, salt, texts)
    SELECT $1, event.event_id, (fit.j->>'salt')::bytea, fit.j->'texts' FROM event JOIN fit ON fit.id = event.object_id
    WHERE fit.j->>'salt' IS NOT NULL
),
erased AS (
    UPDATE event_texts t SET salt = x.salt, texts = x.texts, erased_by = event.event_id
    FROM event JOIN fit ON fit.id = event.object_id,
         jsonb_to_recordset(fit.j->'erased') AS x (event_id bigint, salt bytea, texts jsonb)
    WHERE t.tenant_id = $1 AND t.event_id = x.event_id
)
SELECT id FROM fit
"""
_FIT: Final = """
    SELECT item.* FROM item JOIN {table} t ON t.tenant_id = $1 AND t.{key} = item.id {same}
    ORDER BY t.{key} FOR NO KEY UPDATE OF t"""
_SAME_VERSION: Final = "AND t.version = item.version"
_OF_PURCHASE: Final = """
purchase AS (
    UPDATE purchases p SET version = p.version + 1, title = x.title, supplier_name = x.supplier_name,
        closing_comment = x.closing_comment, search_text = coalesce(x.search_text, p.search_text)
    FROM fit, jsonb_to_record(fit.j->'purchase') AS x (
        title text, supplier_name text, closing_comment text, search_text text)
    WHERE p.tenant_id = $1 AND p.purchase_id = fit.id
),
commitment AS (
    UPDATE commitments c SET comment = x.comment
    FROM fit, jsonb_to_recordset(fit.j->'commitment') AS x (commitment_id int, comment text)
    WHERE c.tenant_id = $1 AND c.commitment_id = x.commitment_id
),
amendment AS (
    UPDATE amendments a SET proposed_comment = x.proposed_comment, replaced_comment = x.replaced_comment
    FROM fit, jsonb_to_recordset(fit.j->'amendment') AS x (
        request_id int, proposed_comment text, replaced_comment text)
    WHERE a.tenant_id = $1 AND a.request_id = x.request_id
),
request AS (
    UPDATE requests r SET cancellation_comment = x.cancellation_comment
    FROM fit, jsonb_to_recordset(fit.j->'request') AS x (request_id int, cancellation_comment text)
    WHERE r.tenant_id = $1 AND r.request_id = x.request_id
),
decision AS (
    UPDATE request_decisions d SET comment = x.comment
    FROM fit, jsonb_to_recordset(fit.j->'decisions') AS x (request_id int, position int, comment text)
    WHERE d.tenant_id = $1 AND d.request_id = x.request_id AND d.position = x.position
),
file AS (
    UPDATE files f SET name = x.name FROM fit, jsonb_to_recordset(fit.j->'attachments') AS x (file_id uuid, name text)
    WHERE f.tenant_id = $1 AND f.file_id = x.file_id
)"""


@dataclass(frozen=True, slots=True)
class Kind:
    """Things in whose rows and events a person is named, beside purchases: where, and what of them is theirs.

    ``texts`` is the expression of the row's texts, ``own`` the condition under which all of them are the person's.
    """

    kind: str
    table: str
    key: str
    version: str
    texts: str
    own: str
    changes: str

    @property
    def erase(self) -> str:
        """The statement that changes them."""
        same = _SAME_VERSION if self.version != "NULL" else ""
        fit = _FIT.format(table=self.table, key=self.key, same=same)
        happening = "erased" if self.kind == "user" else "texts_erased"
        return _ERASE.format(
            fit=fit, changes=self.changes, type=f"{self.kind}.{happening}", kind=self.kind, purchase_id="NULL"
        )


USERS: Final = Kind(
    kind="user",
    table="users",
    key="user_id",
    version="t.version",
    texts="jsonb_build_object('first_name', t.first_name, 'last_name', t.last_name, 'email', t.email)",
    own="t.user_id = $2",
    changes="""
person AS (
    UPDATE users u SET version = u.version + 1, first_name = x.first_name, last_name = x.last_name, email = x.email,
        left_on = (fit.j->>'left_on')::date
    FROM fit, jsonb_to_record(fit.j->'row') AS x (first_name text, last_name text, email text)
    WHERE u.tenant_id = $1 AND u.user_id = fit.id
),
-- By what they came in, and from where: nobody comes in any more.
passwords_gone AS (DELETE FROM passwords o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
sessions_gone AS (DELETE FROM sessions o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
browsers_gone AS (DELETE FROM known_browsers o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
links_gone AS (DELETE FROM password_links o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
factors_gone AS (DELETE FROM second_factors o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
identities_gone AS (DELETE FROM identities o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
calendars_gone AS (DELETE FROM calendar_feeds o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
decision_links_gone AS (DELETE FROM decision_links o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
-- What they were to be told, with what their mail server answered.
mails_gone AS (DELETE FROM mails o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
wishes_gone AS (DELETE FROM mail_wishes o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
looks_gone AS (DELETE FROM appearances o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id),
views_gone AS (DELETE FROM saved_views o USING fit WHERE o.tenant_id = $1 AND o.user_id = fit.id)""",
)
SUPPLIERS: Final = Kind(
    kind="supplier",
    table="suppliers",
    key="supplier_id",
    version="t.version",
    texts="jsonb_build_object('contacts', t.contacts, 'address', t.address)",
    own="false",
    changes="""
supplier AS (
    UPDATE suppliers s SET version = s.version + 1, contacts = x.contacts, address = x.address
    FROM fit, jsonb_to_record(fit.j->'row') AS x (contacts jsonb, address jsonb)
    WHERE s.tenant_id = $1 AND s.supplier_id = fit.id
)""",
)
BUDGETS: Final = Kind(
    kind="budget",
    table="budgets",
    key="budget_id",
    version="t.version",
    texts="jsonb_build_object('reasons', t.reasons)",
    own="false",
    changes="""
budget AS (
    UPDATE budgets b SET version = b.version + 1, reasons = nullif(fit.j->'row'->'reasons', 'null')
    FROM fit WHERE b.tenant_id = $1 AND b.budget_id = fit.id
)""",
)
KEYS: Final = Kind(
    kind="api_key",
    table="api_keys",
    key="api_key_id",
    version="NULL",
    texts="jsonb_build_object('name', t.name, 'contact', t.contact)",
    own="t.person_id = $2",
    changes="""
key AS (
    UPDATE api_keys k SET name = x.name, contact = x.contact
    FROM fit, jsonb_to_record(fit.j->'row') AS x (name text, contact text)
    WHERE k.tenant_id = $1 AND k.api_key_id = fit.id RETURNING k.user_id, k.name
),
standing_for_it AS (
    UPDATE users u SET first_name = key.name FROM key WHERE u.tenant_id = $1 AND u.user_id = key.user_id
)""",
)
COMMENTS: Final = Kind(
    kind="comment",
    table="comments",
    key="comment_id",
    version="t.version",
    texts="jsonb_build_object('text', t.text)",
    own="""t.author_id IN (
        SELECT u.user_id FROM users u WHERE u.tenant_id = $1 AND $2 IN (u.user_id, u.person_id))""",
    changes="""
comment AS (
    UPDATE comments c SET version = c.version + 1, text = fit.j->'row'->>'text'
    FROM fit WHERE c.tenant_id = $1 AND c.comment_id = fit.id
)""",
)
ATTACHMENTS: Final = Kind(
    kind="attachment",
    table="attachments",
    key="attachment_id",
    version="NULL",
    texts="(SELECT jsonb_build_object('name', f.name) FROM files f WHERE f.tenant_id = $1 AND f.file_id = t.file_id)",
    own="false",
    changes="""
file AS (
    UPDATE files f SET name = fit.j->'row'->>'name' FROM fit JOIN attachments a
        ON a.tenant_id = $1 AND a.attachment_id = fit.id
    WHERE f.tenant_id = $1 AND f.file_id = a.file_id
)""",
)
ERASE_PURCHASES: Final = _ERASE.format(
    fit=_FIT.format(table="purchases", key="purchase_id", same=_SAME_VERSION),
    changes=_OF_PURCHASE,
    type="purchase.texts_erased",
    kind="purchase",
    purchase_id="fit.id",
)
