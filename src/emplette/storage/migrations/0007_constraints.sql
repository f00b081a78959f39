-- What the database promises by itself, beside what the code refuses before: rows that name a row name one that is
-- there, and of the same purchase; amounts are within reach; what belongs together is there together.

-- Who and by which key -----------------------------------------------------------------------------------

ALTER TABLE users
    ADD CONSTRAINT users_person_exists FOREIGN KEY (tenant_id, person_id) REFERENCES users,
    ADD CONSTRAINT users_person_of_key CHECK (person_id IS NULL OR kind = 'Key');
ALTER TABLE purchases
    ADD CONSTRAINT purchases_closer_exists FOREIGN KEY (tenant_id, closed_by_id) REFERENCES users,
    ADD CONSTRAINT purchases_closing_whole CHECK ((closed_on IS NULL) = (closed_at IS NULL)
        AND (closed_on IS NULL) = (closed_by_id IS NULL));
ALTER TABLE orders
    ADD CONSTRAINT orders_author_exists FOREIGN KEY (tenant_id, author_id) REFERENCES users;
ALTER TABLE request_approvers
    ADD CONSTRAINT request_approvers_absent_exists FOREIGN KEY (tenant_id, in_place_of) REFERENCES users;
ALTER TABLE request_decisions
    ADD CONSTRAINT request_decisions_absent_exists FOREIGN KEY (tenant_id, in_place_of) REFERENCES users,
    ADD CONSTRAINT request_decisions_key_exists FOREIGN KEY (tenant_id, api_key_id) REFERENCES api_keys;

-- What hangs on a purchase hangs on one and the same ----------------------------------------------------------

ALTER TABLE commitments
    ADD CONSTRAINT commitments_of_purchase_unique UNIQUE (tenant_id, purchase_id, commitment_id);
ALTER TABLE purchases
    DROP CONSTRAINT purchases_commitment_exists,
    ADD CONSTRAINT purchases_commitment_exists
        FOREIGN KEY (tenant_id, purchase_id, commitment_id)
        REFERENCES commitments (tenant_id, purchase_id, commitment_id);
ALTER TABLE requests
    DROP CONSTRAINT requests_commitment_exists,
    ADD CONSTRAINT requests_commitment_exists
        FOREIGN KEY (tenant_id, purchase_id, commitment_id)
        REFERENCES commitments (tenant_id, purchase_id, commitment_id);
ALTER TABLE orders
    DROP CONSTRAINT orders_commitment_exists,
    ADD CONSTRAINT orders_commitment_exists
        FOREIGN KEY (tenant_id, purchase_id, commitment_id)
        REFERENCES commitments (tenant_id, purchase_id, commitment_id);

-- What lists go through from the side of the people: the requests on a purchase, and the keys of a person.
CREATE INDEX requests_by_purchase ON requests (tenant_id, purchase_id);
CREATE INDEX users_by_person ON users (tenant_id, person_id) WHERE person_id IS NOT NULL;

-- Amounts, in the smallest coin: below 10^15, a subscription's total as well ----------------------------------------

ALTER TABLE commitments
    ADD CONSTRAINT commitments_amounts_within_reach CHECK (
        excluding_minor < 1000000000000000 AND counter_excluding_minor < 1000000000000000),
    ADD CONSTRAINT commitments_totals_within_reach CHECK (
        excluding_minor::numeric * periods_count < 1000000000000000
        AND counter_excluding_minor::numeric * periods_count < 1000000000000000),
    ADD CONSTRAINT commitments_frequency_whole CHECK ((frequency_value IS NULL) = (frequency_unit IS NULL)),
    ADD CONSTRAINT commitments_duration_whole CHECK ((duration_value IS NULL) = (duration_unit IS NULL)),
    ADD CONSTRAINT commitments_obligation_whole CHECK ((obligation_value IS NULL) = (obligation_unit IS NULL)),
    ADD CONSTRAINT commitments_notice_whole CHECK ((notice_value IS NULL) = (notice_unit IS NULL)),
    ADD CONSTRAINT commitments_spans_positive CHECK (
        frequency_value > 0 AND duration_value > 0 AND obligation_value > 0 AND notice_value > 0);
ALTER TABLE commitment_taxes
    ADD CONSTRAINT commitment_taxes_amounts_within_reach CHECK (
        tax_minor BETWEEN 0 AND 999999999999999 AND counter_tax_minor BETWEEN 0 AND 999999999999999),
    ADD CONSTRAINT commitment_taxes_line_positive CHECK (line >= 0);

-- Versions count from 1 -----------------------------------------------------------------------------------

ALTER TABLE purchases ADD CONSTRAINT purchases_version_positive CHECK (version > 0);
ALTER TABLE policies ADD CONSTRAINT policies_version_positive CHECK (version > 0);
ALTER TABLE cost_families
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD CONSTRAINT cost_families_version_positive CHECK (version > 0);
ALTER TABLE natures ADD CONSTRAINT natures_version_positive CHECK (version > 0);
ALTER TABLE cost_centers ADD CONSTRAINT cost_centers_version_positive CHECK (version > 0);
ALTER TABLE suppliers ADD CONSTRAINT suppliers_version_positive CHECK (version > 0);
ALTER TABLE legal_units ADD CONSTRAINT legal_units_version_positive CHECK (version > 0);
ALTER TABLE establishments ADD CONSTRAINT establishments_version_positive CHECK (version > 0);
ALTER TABLE departments ADD CONSTRAINT departments_version_positive CHECK (version > 0);
ALTER TABLE users ADD CONSTRAINT users_version_positive CHECK (version > 0);
ALTER TABLE axes ADD CONSTRAINT axes_version_positive CHECK (version > 0);
ALTER TABLE axis_sections ADD CONSTRAINT axis_sections_version_positive CHECK (version > 0);
ALTER TABLE events ADD CONSTRAINT events_version_positive CHECK (version > 0);
