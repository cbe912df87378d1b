-- Deletions within elements of which too much is there to be set apart in a request are set apart by a job, as very many elements are marked:
-- until all is, the deletion is in preparation and hides nothing.
ALTER TABLE deletion
  -- What is there of each of these sources becomes one of those.
  ADD COLUMN split_from integer[],
  ADD COLUMN split_into integer[],
  -- Whether that is done, and the lineages below follow; marked_to says how far.
  ADD COLUMN settling boolean NOT NULL DEFAULT false,
  -- When it last gave rows other sources or lineages, which a purge then has to look for again: a number that only grows.
  ADD COLUMN moved bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT deletion_split_has_two_sides CHECK (cardinality(split_from) IS NOT DISTINCT FROM cardinality(split_into));
CREATE SEQUENCE deletion_moved AS bigint CACHE 1;
-- Since when this pass over what is to be purged goes on.
ALTER TABLE purge_cursor ADD COLUMN since bigint NOT NULL DEFAULT 0;
-- They have other parameters.
DROP FUNCTION IF EXISTS split_sources(uuid, integer[], uuid[]);
DROP FUNCTION IF EXISTS split_lineages(uuid, uuid[], integer[], integer[]);
DROP FUNCTION IF EXISTS hide_sources(uuid, integer[], uuid[], jsonb, boolean, jsonb);
DROP FUNCTION IF EXISTS end_purge(deletion);
