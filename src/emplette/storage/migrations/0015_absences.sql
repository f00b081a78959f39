-- Who is away when, and who decides in their place meanwhile: everything, or what is charged to one cost center.

CREATE TABLE absences (
    tenant_id       int NOT NULL REFERENCES tenants,
    absence_id      int NOT NULL,
    user_id         int NOT NULL,
    deputy_id       int NOT NULL,
    starts_on       date NOT NULL,
    ends_on         date NOT NULL,
    cost_center_id  int,
    entered_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    version         int NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, absence_id),
    CONSTRAINT absences_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users,
    CONSTRAINT absences_deputy_exists FOREIGN KEY (tenant_id, deputy_id) REFERENCES users,
    CONSTRAINT absences_cost_center_exists FOREIGN KEY (tenant_id, cost_center_id) REFERENCES cost_centers,
    CONSTRAINT absences_ordered CHECK (starts_on <= ends_on),
    CONSTRAINT absences_of_another CHECK (user_id <> deputy_id)
);
CREATE INDEX absences_by_user ON absences (tenant_id, user_id) WHERE ended_at IS NULL;
CREATE INDEX absences_by_deputy ON absences (tenant_id, deputy_id) WHERE ended_at IS NULL;
