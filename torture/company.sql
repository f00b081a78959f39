-- A company to be tortured: people, words, one policy, eight keys. @n@ is its number; the ids are those of the guide.
INSERT INTO tenants (tenant_id, account, name, time_zone, currency, country, clock_is_movable)
VALUES (@n@, '@account@', 'Company @n@', 'Europe/Paris', 'EUR', 'FR', true);
INSERT INTO tenant_hosts (host, tenant_id) VALUES ('@host@', @n@);

INSERT INTO establishments (tenant_id, establishment_id, name, territory_id, currency)
VALUES (@n@, 1, 'Paris', 'FR', 'EUR');
INSERT INTO departments (tenant_id, department_id, name) VALUES (@n@, 14, 'Purchasing');
INSERT INTO users (tenant_id, user_id, first_name, last_name, department_id, establishment_id)
SELECT @n@, n, 'Person', 'Number ' || n, 14, 1 FROM generate_series(35, 40) n;
INSERT INTO users (tenant_id, user_id, kind, first_name, last_name, person_id)
SELECT @n@, n, 'Key', 'Key ' || n, '', CASE WHEN n BETWEEN 1003 AND 1005 THEN n - 967 WHEN n > 1006 THEN n - 968 END
FROM generate_series(1001, 1008) n;
INSERT INTO cost_families (tenant_id, cost_family_id, name) VALUES (@n@, 1, 'Everything');
INSERT INTO natures (tenant_id, nature_id, name, cost_family_id) VALUES (@n@, 1, 'Things', 1);
INSERT INTO cost_centers (tenant_id, cost_center_id, name, code) VALUES (@n@, 3, 'Center', 'C3');
INSERT INTO suppliers (tenant_id, supplier_id, name, folded_name, territory_id)
VALUES (@n@, 6, 'Amazon', 'amazon', 'FR');
INSERT INTO policies (tenant_id, version, source, rules, loaded_at)
VALUES (@n@, 1, '', '@rules@', now());
INSERT INTO api_keys (tenant_id, api_key_id, secret_hash, name, contact, permissions, user_id, person_id, auto_approve,
                      created_status, created_at)
VALUES @keys@;
INSERT INTO absences (tenant_id, absence_id, user_id, deputy_id, starts_on, ends_on, entered_at)
VALUES @absences@;
-- Two budgets that everything falls into: one that nothing bursts, and one that every second purchase goes beyond.
INSERT INTO budgets (tenant_id, budget_id, name, starts_on, ends_on, currency, kind, cost_center_id, initial_minor, amount_minor)
VALUES (@n@, 1, 'All of it', '2000-01-01', '2099-12-31', 'EUR', 'Hard', 3, 999999999999, 999999999999),
    (@n@, 2, 'Too little', '2000-01-01', '2099-12-31', 'EUR', 'Soft', 3, 1000000, 1000000);
UPDATE tenants SET budgets_version = 2 WHERE tenant_id = @n@;
-- The ids of each kind and company begin elsewhere, so that an id tells what it is the id of, and whose.
INSERT INTO id_blocks (tenant_id, kind, next_id)
VALUES (@n@, 'purchase', @n@100001), (@n@, 'commitment', @n@200001), (@n@, 'request', @n@300001),
    (@n@, 'order', @n@400001), (@n@, 'supplier', @n@500001), (@n@, 'absence', @n@600001);
