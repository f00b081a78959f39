-- What companies say of rates for themselves, beside what the law and the bank say.

-- Value added tax -----------------------------------------------------------------------------------------

-- Types of rate that only one company knows. Their ids lie above those that are shipped, so that an id alone tells
-- where its type stands.
CREATE TABLE tenant_vat_rate_types (
    tenant_id     int NOT NULL REFERENCES tenants,
    rate_type_id  int NOT NULL,
    territory_id  text NOT NULL,
    name          text NOT NULL,
    PRIMARY KEY (tenant_id, rate_type_id),
    CONSTRAINT tenant_vat_rate_types_id_own CHECK (rate_type_id >= 1000000000),
    CONSTRAINT tenant_vat_rate_types_name_unique UNIQUE (tenant_id, territory_id, name)
);

-- What a type of rate, shipped or own, amounts to for a company during a time; without a percentage it has no rate
-- then. Nothing is changed here: what was said last, with the highest id, counts.
CREATE TABLE tenant_vat_rates (
    tenant_id        int NOT NULL REFERENCES tenants,
    rate_id          int NOT NULL,
    rate_type_id     int NOT NULL,
    percentage       numeric,
    valid_from       date NOT NULL,
    valid_to         date,
    set_at           timestamptz NOT NULL,
    shipped_type_id  int GENERATED ALWAYS AS (CASE WHEN rate_type_id < 1000000000 THEN rate_type_id END) STORED,
    own_type_id      int GENERATED ALWAYS AS (CASE WHEN rate_type_id >= 1000000000 THEN rate_type_id END) STORED,
    PRIMARY KEY (tenant_id, rate_id),
    CONSTRAINT tenant_vat_rates_id_own CHECK (rate_id >= 1500000000),
    CONSTRAINT tenant_vat_rates_percentage_fraction CHECK (percentage >= 0 AND percentage < 1),
    CONSTRAINT tenant_vat_rates_ends_after_start CHECK (valid_to > valid_from),
    CONSTRAINT tenant_vat_rates_shipped_type_exists FOREIGN KEY (shipped_type_id) REFERENCES vat_rate_types,
    CONSTRAINT tenant_vat_rates_own_type_exists FOREIGN KEY (tenant_id, own_type_id) REFERENCES tenant_vat_rate_types
);

ALTER TABLE recovery_rules
    DROP CONSTRAINT recovery_rules_type_exists,
    ADD COLUMN shipped_type_id int
        GENERATED ALWAYS AS (CASE WHEN rate_type_id < 1000000000 THEN rate_type_id END) STORED,
    ADD COLUMN own_type_id int
        GENERATED ALWAYS AS (CASE WHEN rate_type_id >= 1000000000 THEN rate_type_id END) STORED,
    ADD CONSTRAINT recovery_rules_type_exists FOREIGN KEY (shipped_type_id) REFERENCES vat_rate_types,
    ADD CONSTRAINT recovery_rules_own_type_exists
        FOREIGN KEY (tenant_id, own_type_id) REFERENCES tenant_vat_rate_types;

-- Exchange ------------------------------------------------------------------------------------------------

-- With a last day, a company's own rate counts on all of its days, whatever the bank publishes.
ALTER TABLE tenant_exchange_rates
    ADD COLUMN until date,
    ADD CONSTRAINT tenant_exchange_rates_until_after_date CHECK (until >= date);
