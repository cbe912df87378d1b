-- How a statement says no: SQLSTATE PLnnn carries the HTTP status, DETAIL the errors as the API shows them. It ends the segment,
-- so nothing of it is kept.

CREATE OR REPLACE FUNCTION refuse_all(status integer, errors jsonb, extra jsonb DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'PL' || status, MESSAGE = 'refused',
    DETAIL = (coalesce(extra, '{}') || jsonb_build_object('errors', errors))::text;
END $$;

CREATE OR REPLACE FUNCTION refuse(status integer, code text, detail text, attr jsonb DEFAULT NULL, extra jsonb DEFAULT '{}')
RETURNS void LANGUAGE sql AS $$
  SELECT refuse_all(status, jsonb_build_array(jsonb_build_object('attr', attr, 'code', code, 'detail', detail)), extra)
$$;
