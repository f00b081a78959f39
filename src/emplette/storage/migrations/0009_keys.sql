-- Secrets of keys that were replaced by others: each lets in as its key until it ends, and is told as replaced after.

CREATE TABLE former_secrets (
    tenant_id     int NOT NULL REFERENCES tenants,
    secret_hash   bytea NOT NULL,
    api_key_id    int NOT NULL,
    replaced_at   timestamptz NOT NULL,
    good_until    timestamptz NOT NULL,
    last_used_on  date,
    PRIMARY KEY (tenant_id, secret_hash),
    CONSTRAINT former_secrets_key_exists FOREIGN KEY (tenant_id, api_key_id) REFERENCES api_keys,
    CONSTRAINT former_secrets_ends_after_start CHECK (good_until >= replaced_at)
);
CREATE INDEX former_secrets_by_key ON former_secrets (tenant_id, api_key_id);
