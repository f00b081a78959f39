#!/bin/sh
# Makes our two roles and the database, the first time that PostgreSQL's own image starts; their passwords are those of
# the two addresses that the server is given.
set -eu
password_in() {
    sed -E 's|^[a-z]+://[^:/]+:([^@]+)@.*$|\1|' "/run/secrets/$1"
}
psql --set=ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" \
    --set=serving="$(password_in database-url)" --set=owning="$(password_in owner-database-url)" <<'SQL'
CREATE ROLE emplette_owner LOGIN PASSWORD :'owning';
CREATE ROLE emplette LOGIN PASSWORD :'serving';
CREATE DATABASE emplette OWNER emplette_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE emplette FROM PUBLIC;
GRANT CONNECT ON DATABASE emplette TO emplette;
SQL
