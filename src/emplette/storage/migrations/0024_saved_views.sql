-- Views of the list of purchases: its filters under a name that a person gave them, wherever they sign in. Nothing is
-- decided or bought by one, so that no event tells of it; they go when the person is erased.

-- `place` is which of the few that somebody may keep it is; `filters` are names and values, in pairs.
CREATE TABLE saved_views (
    tenant_id  int NOT NULL,
    user_id    int NOT NULL,
    place      int NOT NULL,
    name       text NOT NULL,
    filters    jsonb NOT NULL,
    PRIMARY KEY (tenant_id, user_id, place),
    CONSTRAINT saved_views_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT saved_views_place_few CHECK (place BETWEEN 1 AND 50)
);
