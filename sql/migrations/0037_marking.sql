-- Elements of which too many are below to be hidden in a request are marked first, by a job, in the order of their keys. Until all are, the
-- deletion is in preparation and hides nothing.
ALTER TABLE deletion
  DROP CONSTRAINT deletion_state_known,
  ADD CONSTRAINT deletion_state_known CHECK (state IN ('preparing', 'hidden', 'restored', 'purging', 'purged')),
  -- The number that the lineages of what goes have, what it is marked below of, and how far that is.
  ADD COLUMN marker integer,
  ADD COLUMN tops uuid[],
  ADD COLUMN marked_to bytea;
