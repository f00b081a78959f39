-- Subscriptions: what was decided about each, what was told of each, and calendars that show them; a company's clock.

-- A company that is for trying things out can have a clock that is ahead of the world's. `reminder_days` says how many
-- days ahead people are reminded of the last safe day of a notice, and of an end.
ALTER TABLE tenants
    ADD COLUMN clock_is_movable boolean NOT NULL DEFAULT false,
    ADD COLUMN clock_ahead_seconds bigint NOT NULL DEFAULT 0,
    ADD COLUMN reminder_days int[] NOT NULL DEFAULT '{30,14,3}',
    ADD CONSTRAINT tenants_clock_in_reach CHECK (clock_ahead_seconds BETWEEN 0 AND 3155760000),
    ADD CONSTRAINT tenants_clock_movable CHECK (clock_ahead_seconds = 0 OR clock_is_movable OR is_demo);

-- What somebody decided about a subscription: that it is renewed (as which commitment), stopped, or
-- runs to its end. `number` counts the decisions about one subscription: two at the same moment can't both be next.
CREATE TABLE subscription_acts (
    tenant_id            int NOT NULL REFERENCES tenants,
    subscription_act_id  int NOT NULL,
    commitment_id        int NOT NULL,
    number               int NOT NULL,
    kind                 text NOT NULL,
    renewal_id           int,
    decided_at           timestamptz NOT NULL,
    decided_on           date NOT NULL,
    decided_by           int NOT NULL,
    version              int NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, subscription_act_id),
    CONSTRAINT subscription_acts_commitment_exists FOREIGN KEY (tenant_id, commitment_id) REFERENCES commitments,
    CONSTRAINT subscription_acts_renewal_exists FOREIGN KEY (tenant_id, renewal_id) REFERENCES commitments,
    CONSTRAINT subscription_acts_user_exists FOREIGN KEY (tenant_id, decided_by) REFERENCES users,
    CONSTRAINT subscription_acts_kind_known CHECK (kind IN ('Renewal', 'Stop', 'LetRun')),
    CONSTRAINT subscription_acts_renewal_named CHECK ((kind = 'Renewal') = (renewal_id IS NOT NULL)),
    CONSTRAINT subscription_acts_number_positive CHECK (number > 0),
    CONSTRAINT subscription_acts_version_positive CHECK (version > 0),
    CONSTRAINT subscription_acts_number_unique UNIQUE (tenant_id, commitment_id, number)
);
CREATE INDEX commitments_of_subscriptions ON commitments (tenant_id, commitment_id)
    WHERE type = 'SubscriptionCommitment' AND state = 'Provisioned';

-- What people were reminded of: each once, also by several servers. Of another due day they are reminded again.
CREATE TABLE subscription_reminders (
    tenant_id      int NOT NULL,
    commitment_id  int NOT NULL,
    kind           text NOT NULL,
    due_date       date NOT NULL,
    days_ahead     int NOT NULL,
    PRIMARY KEY (tenant_id, commitment_id, kind, due_date, days_ahead),
    CONSTRAINT subscription_reminders_commitment_exists FOREIGN KEY (tenant_id, commitment_id) REFERENCES commitments,
    CONSTRAINT subscription_reminders_kind_known CHECK (kind IN ('notice_due', 'end_due', 'ran_out')),
    CONSTRAINT subscription_reminders_ahead CHECK (days_ahead >= 0)
);

-- A calendar that a person's programs read, by a link that opens it. A link that was revoked is gone from here.
CREATE TABLE calendar_feeds (
    tenant_id    int NOT NULL,
    user_id      int NOT NULL,
    secret_hash  bytea NOT NULL,
    made_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT calendar_feeds_secret_unique UNIQUE (tenant_id, secret_hash),
    CONSTRAINT calendar_feeds_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT calendar_feeds_secret_hashed CHECK (length(secret_hash) = 32)
);
