-- What the serving role may do, said anew after every migration. It reads all and adds to most; it neither changes nor
-- removes what happened, its seals, who decided what and under which policy, and of what people were reminded; what the
-- law and the bank publish, which migrations ran and which epochs the log has is the owner's to write. It removes only
-- what is no record: lines that a revision drops, keys that are over, uploads that nobody used, what the sealer has
-- taken, secrets of webhooks that ended and of keys that were replaced, what was delivered; sessions that ended, links
-- that were used or revoked, what else let somebody in, mails that were sent long ago, views of lists that
-- somebody kept, and lines of what is spent that are counted anew. `tables` and `sequences` are those of the role that migrates.
REVOKE ALL ON {tables} FROM {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT USAGE, SELECT ON SEQUENCE {sequences} TO {role};
GRANT SELECT, INSERT, UPDATE ON {tables} TO {role};
REVOKE UPDATE ON events, event_texts, unsealed, idempotency_keys, policies, tenant_vat_rates, request_steps,
    request_approvers, request_decisions, amendments, order_documents, blobs, sealed, subscription_reminders,
    request_reminders FROM {role};
REVOKE INSERT, UPDATE ON migrations, seeds, vat_rate_types, vat_rates, exchange_rates, epochs FROM {role};
GRANT DELETE ON commitment_taxes, idempotency_keys, unsealed, files, blobs, webhook_secrets, webhook_deliveries,
    former_secrets, calendar_feeds, sessions, known_browsers, password_links, second_factors, identities, passwords,
    mails, decision_links, saved_views, spending_lines TO {role};
