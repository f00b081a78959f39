-- Rates: of value added tax and of exchange. What the law and the central bank publish belongs to no tenant and is
-- seeded by the migration; what a company sets for itself stands beside it.

CREATE TABLE seeds (
    name      text PRIMARY KEY,
    version   text NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);

-- Value added tax -----------------------------------------------------------------------------------------

CREATE TABLE vat_rate_types (
    rate_type_id  int PRIMARY KEY,
    territory_id  text NOT NULL,
    name          text NOT NULL,
    CONSTRAINT vat_rate_types_id_positive CHECK (rate_type_id > 0)
);
CREATE INDEX vat_rate_types_by_territory ON vat_rate_types (territory_id);

CREATE TABLE vat_rates (
    rate_id       int PRIMARY KEY,
    rate_type_id  int NOT NULL,
    percentage    numeric NOT NULL,
    valid_from    date NOT NULL,
    valid_to      date,
    source        text NOT NULL,
    CONSTRAINT vat_rates_id_positive CHECK (rate_id > 0),
    CONSTRAINT vat_rates_type_exists FOREIGN KEY (rate_type_id) REFERENCES vat_rate_types,
    CONSTRAINT vat_rates_percentage_fraction CHECK (percentage >= 0 AND percentage < 1),
    CONSTRAINT vat_rates_ends_after_start CHECK (valid_to > valid_from),
    CONSTRAINT vat_rates_one_start UNIQUE (rate_type_id, valid_from)
);

-- How much of a tax is got back, by the cost family of what was bought: 1 is all of it.
CREATE TABLE recovery_rules (
    tenant_id       int NOT NULL REFERENCES tenants,
    rate_type_id    int NOT NULL,
    cost_family_id  int NOT NULL,
    coefficient     numeric NOT NULL,
    PRIMARY KEY (tenant_id, rate_type_id, cost_family_id),
    CONSTRAINT recovery_rules_type_exists FOREIGN KEY (rate_type_id) REFERENCES vat_rate_types,
    CONSTRAINT recovery_rules_cost_family_exists FOREIGN KEY (tenant_id, cost_family_id) REFERENCES cost_families,
    CONSTRAINT recovery_rules_coefficient_fraction CHECK (coefficient BETWEEN 0 AND 1)
);

-- Exchange: units of the currency for one euro ------------------------------------------------------------

CREATE TABLE exchange_rates (
    currency  text NOT NULL,
    date      date NOT NULL,
    rate      numeric NOT NULL,
    source    text NOT NULL,
    PRIMARY KEY (currency, date),
    CONSTRAINT exchange_rates_rate_positive CHECK (rate > 0),
    CONSTRAINT exchange_rates_not_euro CHECK (currency <> 'EUR')
);
CREATE INDEX exchange_rates_by_date ON exchange_rates (date);

CREATE TABLE tenant_exchange_rates (
    tenant_id  int NOT NULL REFERENCES tenants,
    currency   text NOT NULL,
    date       date NOT NULL,
    rate       numeric NOT NULL,
    set_by     text NOT NULL,
    set_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, currency, date),
    CONSTRAINT tenant_exchange_rates_rate_positive CHECK (rate > 0),
    CONSTRAINT tenant_exchange_rates_not_euro CHECK (currency <> 'EUR')
);
