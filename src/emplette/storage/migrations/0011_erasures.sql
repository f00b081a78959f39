-- Texts that were erased, and what the check of the log reads to hold every row against its events.

-- The event that tells of the erasure, where what was said gave way to what stands there now: it tells the hash of that.
ALTER TABLE event_texts ADD COLUMN erased_by bigint;

-- What happened to things that have no version: keys, policies, settings of the company, documents of orders.
CREATE INDEX events_by_thing ON events (tenant_id, object_type, object_id, event_id)
    WHERE purchase_id IS NULL AND version IS NULL;
-- What happened to an attachment, by its file: it may go from one purchase to another.
CREATE INDEX events_by_file ON events USING gin ((facts->'attachments') jsonb_path_ops) WHERE facts ? 'attachments';
