-- Comments on purchases: what people say beside what they decide. Nobody changes one; an erasure takes words away.
-- `mentioned_ids` are those who were written to because of it: they could see the purchase when it was said.
CREATE TABLE comments (
    tenant_id      int NOT NULL,
    comment_id     int NOT NULL,
    purchase_id    int NOT NULL,
    author_id      int NOT NULL,
    written_at     timestamptz NOT NULL,
    text           text NOT NULL,
    mentioned_ids  int[] NOT NULL DEFAULT '{}',
    version        int NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, comment_id),
    CONSTRAINT comments_purchase_exists FOREIGN KEY (tenant_id, purchase_id) REFERENCES purchases,
    CONSTRAINT comments_author_exists FOREIGN KEY (tenant_id, author_id) REFERENCES users,
    CONSTRAINT comments_text_within_reach CHECK (length(text) BETWEEN 1 AND 10000),
    CONSTRAINT comments_mentioned_few CHECK (cardinality(mentioned_ids) <= 20),
    CONSTRAINT comments_version_positive CHECK (version > 0)
);
CREATE INDEX comments_by_purchase ON comments (tenant_id, purchase_id, comment_id);

-- An order that was amended gets a document of its own for what holds since: an edition, counted from 1 on. Of each
-- edition there is one document, which never changes; the earlier ones stay.
ALTER TABLE order_documents
    ADD COLUMN edition int NOT NULL DEFAULT 1,
    ADD CONSTRAINT order_documents_edition_positive CHECK (edition > 0),
    DROP CONSTRAINT order_documents_pkey,
    ADD CONSTRAINT order_documents_pkey PRIMARY KEY (tenant_id, order_id, edition);
