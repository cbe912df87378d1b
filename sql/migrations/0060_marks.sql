-- A mark comes with what a segment of a request wrote, or not at all: it tells what became of a segment whose connection was lost.
CREATE TABLE segment_mark (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  made timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
