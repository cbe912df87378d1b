-- Takes the mark of a segment whose connection was lost. True: the segment has left it, so it was kept. False: it has not, and can leave it no
-- more, so nothing of it will ever be kept. Waits for a segment that is still running. Whoever asks again is told the same.
CREATE OR REPLACE FUNCTION take_mark(mark uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO segment_mark (tenant_id, id, taken) VALUES (own_tenant(), mark, true) ON CONFLICT DO NOTHING;
  RETURN (SELECT NOT m.taken FROM segment_mark m WHERE m.tenant_id = own_tenant() AND m.id = mark);
END $$;

-- Nobody asks for a mark longer than a request lasts.
CREATE OR REPLACE FUNCTION forget_marks() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DELETE FROM segment_mark m WHERE m.made < now() - interval '10 minutes'
$$;
