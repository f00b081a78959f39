-- Webhooks: who is told of what happens, how far each has been told, and what waits because it could not be.

CREATE TABLE webhooks (
    tenant_id       int NOT NULL REFERENCES tenants,
    webhook_id      int NOT NULL,
    url             text NOT NULL,
    name            text,
    topics          text[] NOT NULL,
    object_types    text[] NOT NULL,
    status          text NOT NULL,
    secrets         jsonb NOT NULL,
    created_at      timestamptz NOT NULL,
    pinged_at       timestamptz,
    resumed_at      timestamptz,
    replayed_after  text,
    replayed_at     timestamptz,
    deleted_at      timestamptz,
    version         int NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, webhook_id),
    CONSTRAINT webhooks_status_known CHECK (status IN ('active', 'inactive')),
    CONSTRAINT webhooks_deleted_are_inactive CHECK (deleted_at IS NULL OR status = 'inactive')
);

-- What is secret about the secrets, which only signing reads: they stand in no event, no answer but their first, no
-- export and no line of a log.
CREATE TABLE webhook_secrets (
    tenant_id   int NOT NULL,
    webhook_id  int NOT NULL,
    secret_id   int NOT NULL,
    secret      bytea NOT NULL,
    expires_at  timestamptz,
    PRIMARY KEY (tenant_id, webhook_id, secret_id),
    CONSTRAINT webhook_secrets_webhook_exists FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks,
    CONSTRAINT webhook_secrets_whole CHECK (length(secret) = 32)
);

-- How far a webhook has been told: everything up to the position, less what waits. Whoever holds the claim tells it;
-- a claim runs out with the life of who holds it.
CREATE TABLE webhook_progress (
    tenant_id           int NOT NULL,
    webhook_id          int NOT NULL,
    epoch               bigint NOT NULL,
    position            bigint NOT NULL,
    claim               uuid,
    claimed_until       timestamptz NOT NULL DEFAULT '-infinity',
    served_at           timestamptz NOT NULL DEFAULT '-infinity',
    rests_until         timestamptz NOT NULL DEFAULT '-infinity',
    retries_at          timestamptz,
    is_full             boolean NOT NULL DEFAULT false,
    failing_since       timestamptz,
    suspended_at        timestamptz,
    suspended_because   text,
    last_delivered_at   timestamptz,
    last_failed_at      timestamptz,
    last_status         int,
    last_error          text,
    PRIMARY KEY (tenant_id, webhook_id),
    CONSTRAINT webhook_progress_webhook_exists FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks,
    CONSTRAINT webhook_progress_counts CHECK (epoch > 0 AND position >= 0)
) WITH (fillfactor = 50);

-- What is not told yet although the webhook is told already of later things: what failed, and what happened to the same
-- object since.
CREATE TABLE webhook_deliveries (
    tenant_id        int NOT NULL,
    webhook_id       int NOT NULL,
    position         bigint NOT NULL,
    object_type      text NOT NULL,
    object_id        int NOT NULL,
    attempts         int NOT NULL,
    first_failed_at  timestamptz,
    next_attempt_at  timestamptz,
    parked_at        timestamptz,
    last_status      int,
    last_error       text,
    PRIMARY KEY (tenant_id, webhook_id, position),
    CONSTRAINT webhook_deliveries_webhook_exists FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks,
    CONSTRAINT webhook_deliveries_counts CHECK (attempts >= 0 AND position > 0)
);
