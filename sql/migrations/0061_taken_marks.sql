-- Who took a mark may have lost that answer too, and asks again: what it finds then is its own.
ALTER TABLE segment_mark ADD COLUMN taken boolean NOT NULL DEFAULT false;
