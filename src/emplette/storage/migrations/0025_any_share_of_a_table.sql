-- How many companies share a table says nothing about how much of it one of them has. PostgreSQL takes each that it does
-- not know for an average one, at worst for a single row, and then finds a row by its company as cheap as one by its key.
-- Told that any company may be all of the table, it looks rows up by their keys. docs/decisions/0097-growing-companies.md
DO $$
DECLARE
    shared regclass;
BEGIN
    FOR shared IN
        SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
          AND c.relname NOT IN ('tenants', 'tenant_hosts')
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant_id SET (n_distinct = 1)', shared);
        -- What was told counts from the next look on; a table without rows has nothing to look at.
        IF (SELECT relpages > 0 OR pg_relation_size(oid) > 0 FROM pg_class WHERE oid = shared) THEN
            EXECUTE format('ANALYZE %s', shared);
        END IF;
    END LOOP;
END $$;
