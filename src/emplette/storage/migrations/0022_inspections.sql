-- Inspections: somebody asks on a page that the log be verified. A job worker does it and says how far it has come; what
-- it found stands here until it is read. Nothing is changed by one, so that no event tells of it.

-- Whoever holds the claim looks; a claim runs out with the life of who holds it. `figures` is what was found.
CREATE TABLE inspections (
    tenant_id      int NOT NULL,
    inspection_id  int NOT NULL,
    asked_by       int NOT NULL,
    asked_at       timestamptz NOT NULL,
    claim          uuid,
    claimed_until  timestamptz NOT NULL DEFAULT '-infinity',
    looks_at       text,
    done           bigint NOT NULL DEFAULT 0,
    ended_at       timestamptz,
    figures        jsonb,
    PRIMARY KEY (tenant_id, inspection_id),
    CONSTRAINT inspections_asked_by_exists FOREIGN KEY (tenant_id, asked_by) REFERENCES users,
    CONSTRAINT inspections_ended_whole CHECK ((ended_at IS NULL) = (figures IS NULL))
);
-- One at a time: whoever asks meanwhile is shown that one.
CREATE UNIQUE INDEX inspections_one_under_way ON inspections (tenant_id) WHERE ended_at IS NULL;
