-- The company that the bench buys for: its people and its words, with the ids of the guide, and a key that
-- approves by itself. {secret_hash} is the SHA-256 of the key, in hexadecimal.
INSERT INTO tenants (tenant_id, account, name, time_zone, currency, country, is_default)
VALUES (1, 'bench', 'Bench', 'Europe/Paris', 'EUR', 'FR', true);

INSERT INTO establishments (tenant_id, establishment_id, name, territory_id, currency)
SELECT 1, n, 'Establishment ' || n, 'FR', 'EUR' FROM generate_series(1, 10) n;
INSERT INTO departments (tenant_id, department_id, name)
SELECT 1, n, 'Department ' || n FROM generate_series(1, 40) n;
INSERT INTO users (tenant_id, user_id, first_name, last_name, department_id, establishment_id, manager_id)
SELECT 1, n, 'First' || n, 'Last' || n, 1 + n % 40, 1 + n % 10, CASE WHEN n > 1 THEN n / 2 END
FROM generate_series(1, 500) n;
INSERT INTO users (tenant_id, user_id, kind, first_name, last_name) VALUES (1, 1001, 'Key', 'Bench', '');

INSERT INTO cost_families (tenant_id, cost_family_id, name)
SELECT 1, n, 'Family ' || n FROM generate_series(1, 10) n;
INSERT INTO natures (tenant_id, nature_id, name, cost_family_id)
SELECT 1, n, 'Nature ' || n, 1 + n % 10 FROM generate_series(1, 50) n;
INSERT INTO cost_centers (tenant_id, cost_center_id, name, code)
SELECT 1, n, 'Cost center ' || n, 'C' || n FROM generate_series(1, 100) n;
INSERT INTO axes (tenant_id, axis_id, name) VALUES (1, 1, 'Project');
INSERT INTO axis_sections (tenant_id, axis_section_id, axis_id, name, code)
SELECT 1, n, 1, 'Section ' || n, 'S' || n FROM generate_series(1, 400) n;
INSERT INTO suppliers (tenant_id, supplier_id, name, folded_name, territory_id)
SELECT 1, n, 'Supplier ' || n, 'supplier ' || n, 'FR' FROM generate_series(1, 500) n;

INSERT INTO api_keys (tenant_id, api_key_id, secret_hash, name, contact, permissions, user_id, auto_approve,
                      created_status, created_at)
VALUES (1, 1, decode('{secret_hash}', 'hex'), 'Bench', 'bench@example.com',
        '{{purchases:all,view:all,manage}}', 1001, true, 201, now());

-- The ids of each kind begin elsewhere, so that an id tells what it is the id of: see footprints.py.
INSERT INTO id_blocks (tenant_id, kind, next_id)
VALUES (1, 'purchase', 10000001), (1, 'commitment', 20000001), (1, 'request', 30000001), (1, 'order', 40000001);
ALTER TABLE events ALTER COLUMN event_id RESTART WITH 5000000001;
ANALYZE establishments, departments, users, natures, cost_centers, axis_sections, suppliers;
