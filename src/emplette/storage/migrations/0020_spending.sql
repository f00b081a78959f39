-- What is spent, summed up: kept beside purchases by a job that follows the log, so that no command writes it.
--
-- A purchase is counted as it was read once an event of it was sealed. What has happened since then is known from the
-- log, so that whoever reads the sums puts those few purchases right: the sums are exact at every moment.

-- How far a company's purchases are counted: up to an event of the log. `walked_id` is there while those that were
-- before are counted one after the other: up to which purchase.
CREATE TABLE spending_progress (
    tenant_id  int PRIMARY KEY REFERENCES tenants,
    position   bigint NOT NULL,
    walked_id  int,
    CONSTRAINT spending_progress_counts CHECK (position >= 0 AND walked_id >= 0)
) WITH (fillfactor = 20);

-- What each purchase costs in which month (its first day), as it was counted: before taxes, in the smallest coin. No
-- foreign key to the purchase: it would have the counting write to its row; `emplette verify` holds them together.
CREATE TABLE spending_lines (
    tenant_id       int NOT NULL,
    purchase_id     int NOT NULL,
    month           date NOT NULL,
    state           text NOT NULL,
    currency        text NOT NULL,
    nature_id       int NOT NULL,
    cost_center_id  int NOT NULL,
    supplier_id     int,
    minor           bigint NOT NULL,
    PRIMARY KEY (tenant_id, purchase_id, month),
    CONSTRAINT spending_lines_state_known CHECK (state IN ('Asked', 'Approved', 'Closed'))
) WITH (fillfactor = 90);
CREATE INDEX spending_lines_by_month ON spending_lines (tenant_id, month, purchase_id);

-- Their sums: of a month by its number (202604) and, in each month, of a nature, a cost center and a supplier, which is
-- 0 for those that are not listed.
CREATE TABLE spending_sums (
    tenant_id  int NOT NULL,
    month      date NOT NULL,
    facet      text NOT NULL,
    of_id      int NOT NULL,
    currency   text NOT NULL,
    state      text NOT NULL,
    minor      numeric NOT NULL,
    PRIMARY KEY (tenant_id, month, facet, of_id, currency, state),
    CONSTRAINT spending_sums_state_known CHECK (state IN ('Asked', 'Approved', 'Closed')),
    CONSTRAINT spending_sums_facet_known CHECK (facet IN ('Month', 'Nature', 'CostCenter', 'Supplier'))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
