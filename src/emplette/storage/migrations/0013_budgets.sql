-- Budgets: how much may be spent on what during a time, and what hangs on each.

-- Which budgets a company has, counted up by every new one. A command that charges budgets locks this row for sharing
-- and must have been decided with this very version, so that no budget is made beside it.
ALTER TABLE tenants ADD COLUMN budgets_version int NOT NULL DEFAULT 0;

-- The numbers of a budget, in the smallest coin of its currency: its amount, what was asked for and waits (reserved),
-- what is approved (committed), what was invoiced (spent). What is neither is free; what is beyond the amount is the
-- overrun. Reserving moves from free to reserved and touches nothing else: below zero, the database refuses it.
CREATE TABLE budgets (
    tenant_id         int NOT NULL REFERENCES tenants,
    budget_id         int NOT NULL,
    version           int NOT NULL DEFAULT 1,
    name              text NOT NULL,
    starts_on         date NOT NULL,
    ends_on           date NOT NULL,
    currency          text NOT NULL,
    kind              text NOT NULL,
    cost_center_id    int,
    nature_id         int,
    cost_family_id    int,
    department_id     int,
    axis_section_id   int,
    establishment_id  int,
    initial_minor     bigint NOT NULL,
    amount_minor      bigint NOT NULL,
    corrections       jsonb,
    reasons           jsonb,
    reserved_minor    bigint NOT NULL DEFAULT 0,
    committed_minor   bigint NOT NULL DEFAULT 0,
    spent_minor       bigint NOT NULL DEFAULT 0,
    overrun_minor     bigint NOT NULL DEFAULT 0,
    free_minor        bigint NOT NULL GENERATED ALWAYS AS
        (amount_minor + overrun_minor - reserved_minor - committed_minor - spent_minor) STORED,
    PRIMARY KEY (tenant_id, budget_id),
    CONSTRAINT budgets_version_positive CHECK (version > 0),
    CONSTRAINT budgets_kind_known CHECK (kind IN ('Hard', 'Soft')),
    CONSTRAINT budgets_days_whole CHECK (starts_on <= ends_on),
    CONSTRAINT budgets_amount_within_reach CHECK (
        initial_minor BETWEEN 0 AND 999999999999999 AND amount_minor BETWEEN 0 AND 999999999999999),
    CONSTRAINT budgets_conserve CHECK (
        amount_minor + overrun_minor = free_minor + reserved_minor + committed_minor + spent_minor),
    CONSTRAINT budgets_free_not_negative CHECK (free_minor >= 0),
    CONSTRAINT budgets_numbers_not_negative CHECK (
        reserved_minor >= 0 AND committed_minor >= 0 AND spent_minor >= 0 AND overrun_minor >= 0),
    CONSTRAINT budgets_overrun_whole CHECK (overrun_minor = 0 OR free_minor = 0),
    CONSTRAINT budgets_cost_center_exists FOREIGN KEY (tenant_id, cost_center_id) REFERENCES cost_centers,
    CONSTRAINT budgets_nature_exists FOREIGN KEY (tenant_id, nature_id) REFERENCES natures,
    CONSTRAINT budgets_cost_family_exists FOREIGN KEY (tenant_id, cost_family_id) REFERENCES cost_families,
    CONSTRAINT budgets_department_exists FOREIGN KEY (tenant_id, department_id) REFERENCES departments,
    CONSTRAINT budgets_axis_section_exists FOREIGN KEY (tenant_id, axis_section_id) REFERENCES axis_sections,
    CONSTRAINT budgets_establishment_exists FOREIGN KEY (tenant_id, establishment_id) REFERENCES establishments
) WITH (fillfactor = 50);

-- What hangs on a budget: of a request, what falls into it, and how much of the budget that holds. While it waits, a
-- soft budget may hold less than was asked for; once approved it holds all; freed it holds nothing.
CREATE TABLE budget_entries (
    tenant_id      int NOT NULL,
    budget_id      int NOT NULL,
    request_id     int NOT NULL,
    commitment_id  int NOT NULL,
    purchase_id    int NOT NULL,
    state          text NOT NULL,
    amount_minor   bigint NOT NULL,
    held_minor     bigint NOT NULL,
    spent_minor    bigint NOT NULL DEFAULT 0,
    periods        int NOT NULL,
    first_date     date NOT NULL,
    last_date      date NOT NULL,
    PRIMARY KEY (tenant_id, budget_id, request_id),
    CONSTRAINT budget_entries_state_known CHECK (state IN ('Reserved', 'Committed', 'Freed')),
    CONSTRAINT budget_entries_amounts_not_negative CHECK (amount_minor >= 0 AND held_minor >= 0 AND spent_minor >= 0),
    CONSTRAINT budget_entries_held_whole CHECK (held_minor <= amount_minor AND (state <> 'Freed' OR held_minor = 0)),
    CONSTRAINT budget_entries_periods_positive CHECK (periods > 0),
    CONSTRAINT budget_entries_days_whole CHECK (first_date <= last_date),
    CONSTRAINT budget_entries_budget_exists FOREIGN KEY (tenant_id, budget_id) REFERENCES budgets,
    CONSTRAINT budget_entries_request_exists FOREIGN KEY (tenant_id, request_id) REFERENCES requests,
    CONSTRAINT budget_entries_commitment_exists
        FOREIGN KEY (tenant_id, purchase_id, commitment_id)
        REFERENCES commitments (tenant_id, purchase_id, commitment_id)
) WITH (fillfactor = 85);
CREATE INDEX budget_entries_by_commitment ON budget_entries (tenant_id, commitment_id);

-- What happened to what hangs on budgets, by the budget.
CREATE INDEX events_by_budget ON events USING gin ((facts->'budget_entries') jsonb_path_ops)
    WHERE facts ? 'budget_entries';
