-- Orders as documents: what is sent to a supplier, made once and kept as it was made; and what it is made of, the
-- addresses, legal identifiers and conditions of both sides.

-- The bytes lie in the store, at a place of their own, and are there before the row says so. Neither ever changes, and
-- both outlive the people named in them: an order is kept as long as the law asks for.
CREATE TABLE order_documents (
    tenant_id        int NOT NULL REFERENCES tenants,
    order_id         int NOT NULL,
    sha256           bytea NOT NULL,
    place            text NOT NULL,
    size             bigint NOT NULL,
    language         text NOT NULL,
    content_hash     text NOT NULL,
    template         text NOT NULL,
    template_sha256  bytea NOT NULL,
    made_at          timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_id),
    CONSTRAINT order_documents_language_known CHECK (language IN ('fr', 'en')),
    CONSTRAINT order_documents_hashes_whole CHECK (length(sha256) = 32 AND length(template_sha256) = 32),
    CONSTRAINT order_documents_not_empty CHECK (size > 0),
    CONSTRAINT order_documents_order_exists FOREIGN KEY (tenant_id, order_id) REFERENCES orders
);
CREATE INDEX order_documents_by_bytes ON order_documents (tenant_id, sha256);

-- Addresses and conditions are objects: {street, additional, postal_code, city} and {fr, en}.
ALTER TABLE suppliers
    ADD COLUMN address jsonb,
    ADD COLUMN conditions jsonb;
ALTER TABLE establishments
    ADD COLUMN address jsonb,
    ADD COLUMN registration_id text,
    ADD COLUMN vat_number text,
    ADD COLUMN conditions jsonb;
ALTER TABLE tenants
    ADD COLUMN address jsonb,
    ADD COLUMN registration_id text,
    ADD COLUMN vat_number text,
    ADD COLUMN conditions jsonb;
