-- Agents on other machines: tokens that run tasks and do nothing else, and logs that are sent over a network.

ALTER TABLE api_token DROP CONSTRAINT api_token_scope_known;
ALTER TABLE api_token ADD CONSTRAINT api_token_scope_known CHECK (scope IN ('read', 'write', 'agent'));

-- How many pieces of the present attempt's log have come in: one that is sent again, because its answer was lost, is not kept twice.
ALTER TABLE task ADD COLUMN log_pieces integer NOT NULL DEFAULT 0 CONSTRAINT task_log_pieces_counted CHECK (log_pieces >= 0);
DROP FUNCTION IF EXISTS append_task_log(uuid, smallint, text);
