-- What agents say over HTTP about the attempts that they hold.

-- Refuses to go on with an attempt that is not held any more: somebody else may have the task by now.
CREATE OR REPLACE FUNCTION require_attempt(wanted uuid, of_attempt smallint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held task;
BEGIN
  SELECT * INTO held FROM task t WHERE t.tenant_id = own_tenant() AND t.id = wanted;
  IF NOT FOUND THEN
    PERFORM refuse(404, 'not_found', 'There is no task with this id.', '["id"]');
  ELSIF held.attempt <> of_attempt OR held.state NOT IN ('running', 'stopping') OR held.lease_until <= now() THEN
    PERFORM refuse(409, 'lease_lost', format('Attempt %s of this task is not held any more: it has ended, or its lease ran out.', of_attempt));
  END IF;
END $$;

-- Keeps the lease, and answers the task's state: running, or stopping when the program is to end.
CREATE OR REPLACE FUNCTION renew_held_task(wanted uuid, of_attempt smallint, lease interval) RETURNS text LANGUAGE plpgsql AS $$
DECLARE proceed boolean;
BEGIN
  PERFORM require_attempt(wanted, of_attempt);
  proceed := renew_task(wanted, of_attempt, lease);
  -- Lost between the two.
  IF proceed IS NULL THEN PERFORM require_attempt(wanted, of_attempt); END IF;
  RETURN CASE WHEN proceed THEN 'running' ELSE 'stopping' END;
END $$;

CREATE OR REPLACE FUNCTION append_held_task_log(wanted uuid, of_attempt smallint, piece integer, more text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE taken integer;
BEGIN
  PERFORM require_attempt(wanted, of_attempt);
  taken := (SELECT t.log_pieces FROM task t WHERE t.tenant_id = own_tenant() AND t.id = wanted);
  -- The last one may come again, because its answer was lost. An earlier one has been taken, or was left out.
  IF piece < taken THEN
    PERFORM refuse(409, 'piece_passed', format('The log of this attempt is at piece %s: an earlier one cannot be added any more.', taken), '["piece"]');
  END IF;
  PERFORM append_task_log(wanted, of_attempt, piece, more);
END $$;

CREATE OR REPLACE FUNCTION end_held_task(wanted uuid, of_attempt smallint, outcome text, code integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_attempt(wanted, of_attempt);
  PERFORM end_task(wanted, of_attempt, outcome, code);
END $$;

CREATE OR REPLACE FUNCTION release_held_task(wanted uuid, of_attempt smallint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_attempt(wanted, of_attempt);
  PERFORM release_task(wanted, of_attempt);
END $$;
