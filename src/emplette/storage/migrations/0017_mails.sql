-- Mails: how far a company's log was read for them, what is to be sent to whom, and how people want to be told.

-- Up to this position of the log it is known who is to get a mail.
CREATE TABLE mail_progress (
    tenant_id  int PRIMARY KEY REFERENCES tenants,
    position   bigint NOT NULL,
    CONSTRAINT mail_progress_counts CHECK (position >= 0)
) WITH (fillfactor = 50);

-- One mail at most of an event to a person: the key sees to it. What it says is read when it is sent. `step` is the one
-- that was being asked. Whoever holds the claim sends it; a claim runs out with the life of who holds it.
CREATE TABLE mails (
    tenant_id        int NOT NULL,
    event_id         bigint NOT NULL,
    user_id          int NOT NULL,
    kind             text NOT NULL,
    purchase_id      int NOT NULL,
    request_id       int,
    step             int,
    content_hash     text,
    in_digest        boolean NOT NULL,
    state            text NOT NULL DEFAULT 'Waiting',
    made_at          timestamptz NOT NULL DEFAULT now(),
    due_at           timestamptz NOT NULL,
    claim            uuid,
    claimed_until    timestamptz NOT NULL DEFAULT '-infinity',
    attempts         int NOT NULL DEFAULT 0,
    first_failed_at  timestamptz,
    last_error       text,
    ended_at         timestamptz,
    PRIMARY KEY (tenant_id, event_id, user_id),
    CONSTRAINT mails_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT mails_purchase_exists FOREIGN KEY (tenant_id, purchase_id) REFERENCES purchases,
    CONSTRAINT mails_request_exists FOREIGN KEY (tenant_id, request_id) REFERENCES requests,
    CONSTRAINT mails_kind_known CHECK (kind IN ('asked', 'reminded', 'decided', 'mentioned', 'ending')),
    CONSTRAINT mails_state_known CHECK (state IN ('Waiting', 'Sent', 'Dropped', 'Parked')),
    CONSTRAINT mails_attempts_counted CHECK (attempts >= 0),
    CONSTRAINT mails_ended_whole CHECK ((state = 'Waiting') = (ended_at IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX mails_due ON mails (due_at) WHERE state = 'Waiting';
CREATE INDEX mails_parked ON mails (tenant_id, ended_at) WHERE state = 'Parked';
CREATE INDEX mails_asked ON mails (tenant_id, request_id, user_id);

-- How a person wants to be told: at once, once a day, or not at all; and when they want to be left in peace.
CREATE TABLE mail_wishes (
    tenant_id    int NOT NULL,
    user_id      int NOT NULL,
    mode         text NOT NULL,
    language     text NOT NULL,
    quiet_from   time,
    quiet_until  time,
    PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT mail_wishes_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT mail_wishes_mode_known CHECK (mode IN ('Immediate', 'Digest', 'None')),
    CONSTRAINT mail_wishes_language_known CHECK (language IN ('en', 'fr')),
    CONSTRAINT mail_wishes_quiet_whole CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);

-- Links by which a person decides one request, once, on the content that the mail was about.
CREATE TABLE decision_links (
    tenant_id     int NOT NULL,
    secret_hash   bytea NOT NULL,
    user_id       int NOT NULL,
    request_id    int NOT NULL,
    content_hash  text NOT NULL,
    ends_at       timestamptz NOT NULL,
    used_at       timestamptz,
    PRIMARY KEY (tenant_id, secret_hash),
    CONSTRAINT decision_links_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT decision_links_request_exists FOREIGN KEY (tenant_id, request_id) REFERENCES requests,
    CONSTRAINT decision_links_secret_hashed CHECK (length(secret_hash) = 32)
);
CREATE INDEX decision_links_by_user ON decision_links (tenant_id, user_id);
