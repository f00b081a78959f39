-- How people come in, and what they may do then. What opens anything stands here as a hash, and in no event.

CREATE TABLE passwords (
    tenant_id  int NOT NULL,
    user_id    int NOT NULL,
    hash       text NOT NULL,
    set_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT passwords_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users
);

-- A person signs in with their mail address, however it is written.
CREATE INDEX users_by_login ON users (tenant_id, lower(email));

-- Whoever has signed in, until they sign out. A session that has ended is gone from here. One that awaits a code of the
-- person's second factor lets nobody in yet.
CREATE TABLE sessions (
    tenant_id    int NOT NULL,
    session_id   bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    user_id      int NOT NULL,
    secret_hash  bytea NOT NULL,
    begun_at     timestamptz NOT NULL,
    used_at      timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    address      text NOT NULL,
    browser      text NOT NULL,
    awaits_code  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, session_id),
    CONSTRAINT sessions_secret_unique UNIQUE (tenant_id, secret_hash),
    CONSTRAINT sessions_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT sessions_secret_hashed CHECK (length(secret_hash) = 32),
    CONSTRAINT sessions_ordered CHECK (begun_at <= used_at AND begun_at < ends_at)
) WITH (fillfactor = 70);
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id);

-- Browsers in which a person has signed in before: whoever guesses that person's password elsewhere does not slow them.
CREATE TABLE known_browsers (
    tenant_id    int NOT NULL,
    user_id      int NOT NULL,
    secret_hash  bytea NOT NULL,
    used_on      date NOT NULL,
    PRIMARY KEY (tenant_id, user_id, secret_hash),
    CONSTRAINT known_browsers_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT known_browsers_secret_hashed CHECK (length(secret_hash) = 32)
);

-- Links by which a person sets a password, once each: the first one, or another for one that is forgotten.
CREATE TABLE password_links (
    tenant_id    int NOT NULL,
    secret_hash  bytea NOT NULL,
    user_id      int NOT NULL,
    made_at      timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, secret_hash),
    CONSTRAINT password_links_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT password_links_secret_hashed CHECK (length(secret_hash) = 32),
    CONSTRAINT password_links_ordered CHECK (made_at < ends_at)
);
CREATE INDEX password_links_by_user ON password_links (tenant_id, user_id);

-- What people may do, beyond what everybody may: a role, and how far it reaches.
CREATE TABLE role_grants (
    tenant_id       int NOT NULL REFERENCES tenants,
    role_grant_id   int NOT NULL,
    user_id         int NOT NULL,
    role            text NOT NULL,
    department_id   int,
    cost_center_id  int,
    granted_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    version         int NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, role_grant_id),
    CONSTRAINT role_grants_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT role_grants_department_exists FOREIGN KEY (tenant_id, department_id) REFERENCES departments,
    CONSTRAINT role_grants_cost_center_exists FOREIGN KEY (tenant_id, cost_center_id) REFERENCES cost_centers,
    CONSTRAINT role_grants_role_known CHECK (
        role IN ('viewer', 'purchaser', 'supervisor', 'approver', 'accountant', 'payer', 'administrator')),
    CONSTRAINT role_grants_one_reach CHECK (department_id IS NULL OR cost_center_id IS NULL),
    CONSTRAINT role_grants_company_wide CHECK (
        role IN ('viewer', 'purchaser', 'approver') OR (department_id IS NULL AND cost_center_id IS NULL))
);
CREATE INDEX role_grants_by_user ON role_grants (tenant_id, user_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX role_grants_unique ON role_grants
    (tenant_id, user_id, role, coalesce(department_id, 0), coalesce(cost_center_id, 0)) WHERE ended_at IS NULL;

-- A second thing to show at the sign-in: a shared secret that makes codes, and codes on paper for when it is lost.
-- `confirmed_at` is when the person has shown a first code; `last_step` is that of the last code that was taken.
CREATE TABLE second_factors (
    tenant_id     int NOT NULL,
    user_id       int NOT NULL,
    secret        text NOT NULL,
    made_at       timestamptz NOT NULL,
    confirmed_at  timestamptz,
    last_step     bigint NOT NULL DEFAULT 0,
    recovery      bytea[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT second_factors_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users
);

-- Who somebody is to a provider that vouches for them.
CREATE TABLE identities (
    tenant_id  int NOT NULL,
    issuer     text NOT NULL,
    subject    text NOT NULL,
    user_id    int NOT NULL,
    bound_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, issuer, subject),
    CONSTRAINT identities_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX identities_by_user ON identities (tenant_id, user_id);
