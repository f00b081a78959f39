-- Files: what people upload, and what hangs on commitments and orders. The bytes lie in a store outside the database,
-- once a company; they are there before a row says so. `place` is where: their SHA-256 and a random part, so that no
-- place is ever used again once its bytes have been removed.

CREATE TABLE blobs (
    tenant_id     int NOT NULL REFERENCES tenants,
    sha256        bytea NOT NULL,
    place         text NOT NULL,
    size          bigint NOT NULL,
    content_type  text NOT NULL,
    total_pages   int,
    stored_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, sha256),
    CONSTRAINT blobs_sha256_whole CHECK (length(sha256) = 32),
    CONSTRAINT blobs_not_empty CHECK (size > 0),
    CONSTRAINT blobs_pages_positive CHECK (total_pages > 0)
);

-- A file is one upload: a name given to bytes, by somebody, at a moment. `used_at` is set when it is first attached and
-- never cleared: what was used once is never swept.
CREATE TABLE files (
    tenant_id   int NOT NULL REFERENCES tenants,
    file_id     uuid NOT NULL,
    sha256      bytea NOT NULL,
    name        text NOT NULL,
    extension   text NOT NULL,
    created_at  timestamptz NOT NULL,
    author_id   int NOT NULL,
    used_at     timestamptz,
    PRIMARY KEY (tenant_id, file_id),
    CONSTRAINT files_blob_exists FOREIGN KEY (tenant_id, sha256) REFERENCES blobs,
    CONSTRAINT files_author_exists FOREIGN KEY (tenant_id, author_id) REFERENCES users
);
CREATE INDEX files_by_blob ON files (tenant_id, sha256);
CREATE INDEX files_unused ON files (created_at) WHERE used_at IS NULL;

-- An attachment belongs to one object at a time: `commitment_id` is the one that has it now, or had it last when that
-- one was denied or cancelled, which frees it. `formerly` are the denied and cancelled ones that had it before, and show
-- it still. `attachment_ids` of a commitment keeps what it was made of, in order.
CREATE TABLE attachments (
    tenant_id      int NOT NULL REFERENCES tenants,
    attachment_id  int NOT NULL,
    file_id        uuid NOT NULL,
    commitment_id  int,
    formerly       int[] NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL,
    author_id      int NOT NULL,
    PRIMARY KEY (tenant_id, attachment_id),
    CONSTRAINT attachments_one_a_file UNIQUE (tenant_id, file_id),
    CONSTRAINT attachments_file_exists FOREIGN KEY (tenant_id, file_id) REFERENCES files,
    CONSTRAINT attachments_commitment_exists FOREIGN KEY (tenant_id, commitment_id) REFERENCES commitments,
    CONSTRAINT attachments_author_exists FOREIGN KEY (tenant_id, author_id) REFERENCES users
);
ALTER TABLE commitments
    ADD COLUMN attachment_ids int[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT commitments_attachments_few CHECK (cardinality(attachment_ids) <= 3);
