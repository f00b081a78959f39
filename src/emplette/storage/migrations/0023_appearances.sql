-- How pages look to a person, wherever they sign in: in which language, in light or dark. Without a word the browser or
-- the device says it.
CREATE TABLE appearances (
    tenant_id  int NOT NULL,
    user_id    int NOT NULL,
    language   text,
    theme      text,
    PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT appearances_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT appearances_language_known CHECK (language IN ('en', 'fr')),
    CONSTRAINT appearances_theme_known CHECK (theme IN ('light', 'dark'))
);
