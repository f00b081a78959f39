-- Master data in full: natures, cost centers and suppliers with all their fields, legal units, and what searching and
-- importing them needs. Each entry has a version, which every change raises.

ALTER TABLE natures
    ADD COLUMN accounting_plans jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN version int NOT NULL DEFAULT 1;

-- Codes may change hands within one statement: two cost centers can swap theirs.
ALTER TABLE cost_centers
    ADD COLUMN establishment_ids int[] NOT NULL DEFAULT '{}',
    ADD COLUMN version int NOT NULL DEFAULT 1,
    DROP CONSTRAINT cost_centers_code_unique,
    ADD CONSTRAINT cost_centers_code_unique UNIQUE (tenant_id, code) DEFERRABLE INITIALLY IMMEDIATE;

-- `registration_key` is the identifier without spaces and punctuation; `search_text` holds the words of the name, one
-- space between them, as searching compares them (where it is null, the folded name serves).
ALTER TABLE suppliers
    ADD COLUMN registration_id text,
    ADD COLUMN registration_key text,
    ADD COLUMN vat_number text,
    ADD COLUMN contacts jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN payment_term_value int,
    ADD COLUMN payment_term_unit text,
    ADD COLUMN iban text,
    ADD COLUMN bic text,
    ADD COLUMN preferred_nature_id int,
    ADD COLUMN preferred_cost_center_id int,
    ADD COLUMN preferred_payment_method text,
    ADD COLUMN flag text NOT NULL DEFAULT 'Unflagged',
    ADD COLUMN search_text text,
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD CONSTRAINT suppliers_flag_known CHECK (flag IN ('Unflagged', 'Flagged')),
    ADD CONSTRAINT suppliers_payment_term_whole CHECK ((payment_term_value IS NULL) = (payment_term_unit IS NULL)),
    ADD CONSTRAINT suppliers_registration_has_key CHECK ((registration_id IS NULL) = (registration_key IS NULL)),
    ADD CONSTRAINT suppliers_nature_exists FOREIGN KEY (tenant_id, preferred_nature_id) REFERENCES natures,
    ADD CONSTRAINT suppliers_cost_center_exists
        FOREIGN KEY (tenant_id, preferred_cost_center_id) REFERENCES cost_centers;
CREATE UNIQUE INDEX suppliers_one_registration ON suppliers (tenant_id, registration_key) WHERE state = 'Active';
CREATE INDEX suppliers_by_vat_number ON suppliers (tenant_id, vat_number) WHERE vat_number IS NOT NULL;
CREATE INDEX suppliers_by_iban ON suppliers (tenant_id, iban) WHERE iban IS NOT NULL;
CREATE INDEX suppliers_by_name ON suppliers (tenant_id, folded_name);
CREATE INDEX suppliers_by_state ON suppliers (tenant_id, state, supplier_id);
CREATE INDEX suppliers_by_words ON suppliers
    USING gin (array_to_tsvector(array_remove(string_to_array(coalesce(search_text, folded_name), ' '), '')))
    WITH (fastupdate = off);
ALTER TABLE suppliers SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02);

CREATE TABLE legal_units (
    tenant_id      int NOT NULL REFERENCES tenants,
    legal_unit_id  int NOT NULL,
    name           text NOT NULL,
    territory_id   text NOT NULL,
    is_archived    boolean NOT NULL DEFAULT false,
    version        int NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, legal_unit_id)
);
ALTER TABLE establishments
    ADD COLUMN legal_unit_id int,
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD CONSTRAINT establishments_legal_unit_exists FOREIGN KEY (tenant_id, legal_unit_id) REFERENCES legal_units;
ALTER TABLE departments ADD COLUMN version int NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN version int NOT NULL DEFAULT 1;
ALTER TABLE axes ADD COLUMN version int NOT NULL DEFAULT 1;
ALTER TABLE axis_sections ADD COLUMN version int NOT NULL DEFAULT 1;

-- What happened to one entry, in the order of its versions. (A purchase's events are found by their own index.)
CREATE INDEX events_by_object ON events (tenant_id, object_type, object_id, version)
    WHERE purchase_id IS NULL AND version IS NOT NULL;

-- A kept success is a purchase's, an entry's, or an import's, which keeps its report.
ALTER TABLE idempotency_keys
    ALTER COLUMN object_id DROP NOT NULL,
    ALTER COLUMN purchase_id DROP NOT NULL,
    ALTER COLUMN version DROP NOT NULL,
    ADD COLUMN report jsonb,
    ADD CONSTRAINT idempotency_keys_keep_something CHECK (
        report IS NOT NULL OR (object_id IS NOT NULL AND version IS NOT NULL));
