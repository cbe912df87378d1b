-- Datasets: named sets of elements of one corpus, for training.

CREATE OR REPLACE FUNCTION create_dataset(in_corpus uuid, called text, described text, set_names text[], once boolean) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid := uuid7();
BEGIN
  INSERT INTO dataset (tenant_id, id, corpus_id, name, description, unique_elements, creator_id)
    VALUES (own_tenant(), made, in_corpus, called, described, once, own_user());
  INSERT INTO dataset_set (tenant_id, id, dataset_id, name)
    SELECT own_tenant(), uuid7(wanted.number), made, wanted.name FROM unnest(set_names) WITH ORDINALITY AS wanted (name, number);
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION change_dataset(wanted uuid, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given dataset;
  once boolean;
BEGIN
  SELECT * INTO given FROM dataset d WHERE d.tenant_id = own_tenant() AND d.id = wanted FOR UPDATE;
  once := coalesce((body->>'unique_elements')::boolean, given.unique_elements);
  UPDATE dataset d SET name = coalesce(body->>'name', d.name), description = coalesce(body->>'description', d.description),
    unique_elements = once, updated = now() WHERE d.tenant_id = own_tenant() AND d.id = wanted;
  IF once AND NOT given.unique_elements AND EXISTS (SELECT FROM dataset_element m JOIN element e ON e.tenant_id = own_tenant() AND e.id = m.element_id
    WHERE m.tenant_id = own_tenant() AND m.dataset_id = wanted GROUP BY m.element_id HAVING count(*) > 1) THEN
    PERFORM refuse(400, 'not_unique', 'Some elements are in several sets of this dataset: take them out of all but one.', '["unique_elements"]');
  END IF;
  UPDATE dataset_element m SET exclusive = once WHERE m.tenant_id = own_tenant() AND m.dataset_id = wanted AND m.exclusive <> once;
END $$;

-- Refuses while processes work on one of these sets; takes them away from those that have not started.
CREATE OR REPLACE FUNCTION release_sets(sets uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM process p JOIN process_set s ON s.tenant_id = own_tenant() AND s.process_id = p.id
    WHERE p.tenant_id = own_tenant() AND s.set_id = ANY (sets) ORDER BY p.id FOR UPDATE OF p;
  IF EXISTS (SELECT FROM process p JOIN process_set s ON s.tenant_id = own_tenant() AND s.process_id = p.id
    WHERE p.tenant_id = own_tenant() AND s.set_id = ANY (sets) AND p.state <> 'unstarted') THEN
    PERFORM refuse(409, 'in_use', 'A process has been started on this: it is kept for the record of what was trained with it.');
  END IF;
  DELETE FROM process_set s WHERE s.tenant_id = own_tenant() AND s.set_id = ANY (sets);
END $$;

CREATE OR REPLACE FUNCTION destroy_dataset(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM release_sets(ARRAY(SELECT s.id FROM dataset_set s WHERE s.tenant_id = own_tenant() AND s.dataset_id = wanted));
  DELETE FROM dataset_element m WHERE m.tenant_id = own_tenant() AND m.dataset_id = wanted;
  DELETE FROM dataset d WHERE d.tenant_id = own_tenant() AND d.id = wanted;
END $$;

-- The set of this name; 404 without one.
CREATE OR REPLACE FUNCTION set_called(of_dataset uuid, called text) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE found_set uuid := (SELECT s.id FROM dataset_set s WHERE s.tenant_id = own_tenant() AND s.dataset_id = of_dataset AND s.name = called);
BEGIN
  IF found_set IS NULL THEN PERFORM refuse(404, 'not_found', 'This dataset has no set with this name.'); END IF;
  RETURN found_set;
END $$;

CREATE OR REPLACE FUNCTION destroy_dataset_set(of_dataset uuid, called text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE wanted uuid := set_called(of_dataset, called);
BEGIN
  PERFORM FROM dataset d WHERE d.tenant_id = own_tenant() AND d.id = of_dataset FOR UPDATE;
  IF (SELECT count(*) FROM dataset_set s WHERE s.tenant_id = own_tenant() AND s.dataset_id = of_dataset) = 1 THEN
    PERFORM refuse(400, 'last_set', 'A dataset has at least one set.');
  END IF;
  PERFORM release_sets(ARRAY[wanted]);
  DELETE FROM dataset_element m WHERE m.tenant_id = own_tenant() AND m.set_id = wanted;
  DELETE FROM dataset_set s WHERE s.tenant_id = own_tenant() AND s.id = wanted;
END $$;

-- Puts an element into a set. A person who does so has worked on it: it survives the deletion of the run that made it.
CREATE OR REPLACE FUNCTION add_dataset_element(to_dataset uuid, set_name text, element uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given dataset;
  of_set uuid;
BEGIN
  PERFORM hold_visibility((SELECT d.corpus_id FROM dataset d WHERE d.tenant_id = own_tenant() AND d.id = to_dataset));
  -- Held as it is: what it says of unique elements goes with each row.
  SELECT * INTO given FROM dataset d WHERE d.tenant_id = own_tenant() AND d.id = to_dataset FOR SHARE;
  SELECT s.id INTO of_set FROM dataset_set s WHERE s.tenant_id = own_tenant() AND s.dataset_id = to_dataset AND s.name = set_name FOR KEY SHARE;
  IF NOT FOUND THEN PERFORM refuse(400, 'does_not_exist', 'This dataset has no set with this name.', '["set"]'); END IF;
  PERFORM keep_elements(ARRAY[element]);
  PERFORM FROM element e WHERE e.tenant_id = own_tenant() AND e.id = element AND e.corpus_id = given.corpus_id FOR KEY SHARE;
  IF NOT FOUND THEN PERFORM refuse(400, 'does_not_exist', 'The corpus of this dataset has no element with this id.', '["element_id"]'); END IF;
  INSERT INTO dataset_element (tenant_id, dataset_id, set_id, element_id, exclusive, creator_id)
    VALUES (own_tenant(), to_dataset, of_set, element, given.unique_elements, own_user());
END $$;

CREATE OR REPLACE FUNCTION remove_dataset_element(from_dataset uuid, element uuid, set_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM dataset_element m WHERE m.tenant_id = own_tenant() AND m.set_id = set_called(from_dataset, set_name) AND m.element_id = element
    AND EXISTS (SELECT FROM element e WHERE e.tenant_id = own_tenant() AND e.id = m.element_id);
  IF NOT FOUND THEN PERFORM refuse(404, 'not_found', 'This element is not in this set.'); END IF;
END $$;

-- Gives a process the sets that it works on; they are of its own corpus.
CREATE OR REPLACE FUNCTION set_process_sets(of_process uuid, sets uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given process;
  faults jsonb;
BEGIN
  SELECT * INTO given FROM process p WHERE p.tenant_id = own_tenant() AND p.id = of_process;
  IF given.mode NOT IN ('dataset', 'template') AND sets <> '{}' THEN
    PERFORM refuse(400, 'wrong_mode', 'Only a process of mode dataset works on sets of datasets.', '["dataset_sets"]');
  END IF;
  SELECT jsonb_agg(jsonb_build_object('attr', jsonb_build_array('dataset_sets', wanted.number - 1), 'code', 'does_not_exist',
    'detail', 'No dataset of this corpus has a set with this id.')) INTO faults
  FROM unnest(sets) WITH ORDINALITY AS wanted (id, number)
  WHERE NOT EXISTS (SELECT FROM dataset_set s JOIN dataset d ON d.tenant_id = own_tenant() AND d.id = s.dataset_id
    WHERE s.tenant_id = own_tenant() AND s.id = wanted.id AND d.corpus_id = given.corpus_id);
  IF faults IS NOT NULL THEN PERFORM refuse_all(400, faults); END IF;
  DELETE FROM process_set s WHERE s.tenant_id = own_tenant() AND s.process_id = of_process AND s.set_id <> ALL (sets);
  INSERT INTO process_set (tenant_id, process_id, set_id) SELECT own_tenant(), of_process, unnest(sets) ON CONFLICT DO NOTHING;
END $$;
