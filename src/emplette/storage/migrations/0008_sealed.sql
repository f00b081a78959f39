-- The sealed log: every event has a position in its company's chain, given after its commit, dense and for ever.

-- The head of a company's chain: whoever locks this row may seal. `epoch` is the number of the history that is being
-- written: a restore begins a new one, with a number greater than all before.
CREATE TABLE chains (
    tenant_id  int PRIMARY KEY REFERENCES tenants,
    epoch      bigint NOT NULL DEFAULT 1,
    position   bigint NOT NULL DEFAULT 0,
    hash       bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    CONSTRAINT chains_counts CHECK (epoch > 0 AND position >= 0),
    CONSTRAINT chains_hash_whole CHECK (length(hash) = 32)
) WITH (fillfactor = 20);

-- Where each later epoch began: behind this position nothing is of an earlier one.
CREATE TABLE epochs (
    tenant_id     int NOT NULL REFERENCES tenants,
    epoch         bigint NOT NULL,
    begins_after  bigint NOT NULL,
    begun_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, epoch),
    CONSTRAINT epochs_counts CHECK (epoch > 1 AND begins_after >= 0)
);

-- Seals carry no foreign key to their events: it would have every sealing write to the rows of the log. That events
-- are there, and are what was sealed, is what `emplette verify` looks after.
CREATE TABLE sealed (
    tenant_id  int NOT NULL REFERENCES tenants,
    position   bigint NOT NULL,
    epoch      bigint NOT NULL,
    event_id   bigint NOT NULL,
    hash       bytea NOT NULL,
    PRIMARY KEY (tenant_id, position),
    CONSTRAINT sealed_once UNIQUE (tenant_id, event_id),
    CONSTRAINT sealed_position_positive CHECK (position > 0),
    CONSTRAINT sealed_hash_whole CHECK (length(hash) = 32)
);

-- Rows come and go all the time: what is gone must not be walked through.
ALTER TABLE unsealed SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);
