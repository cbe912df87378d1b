-- Memberships of groups get an id, by which they are changed like all others; signing in is counted.

ALTER TABLE group_member ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE group_member ADD CONSTRAINT group_member_id_unique UNIQUE (tenant_id, id);

-- How often somebody has lately tried to sign in, by a hash of the address: the table is bounded, whatever addresses are tried.
CREATE TABLE sign_in_attempt (
  tenant_id uuid NOT NULL REFERENCES tenant,
  bucket integer NOT NULL CONSTRAINT sign_in_attempt_bucket_bounded CHECK (bucket BETWEEN 0 AND 1048575),
  failures integer NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, bucket)
);

CREATE INDEX audit_event_by_kind ON audit_event (tenant_id, kind, id);
CREATE INDEX audit_event_by_actor ON audit_event (tenant_id, actor_id, id);
