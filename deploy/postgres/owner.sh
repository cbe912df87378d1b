#!/usr/bin/env bash
# Run once by the image of PostgreSQL, in a new cluster: makes the owner's role and its database, as docs/operate.md says.
set -euo pipefail

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
\getenv password PALIMPSEST_OWNER_PASSWORD
CREATE ROLE palimpsest_owner LOGIN BYPASSRLS CREATEROLE PASSWORD :'password';
CREATE DATABASE palimpsest OWNER palimpsest_owner;
SQL
