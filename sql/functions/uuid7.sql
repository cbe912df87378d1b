-- A UUIDv7 (RFC 9562): 48 bits of milliseconds, 12 bits that count within a batch or are random, 62 random bits. New rows go to the
-- right-hand end of every index, and the ids of one batch sort in its order: after 4,096 of them the clock is set on by a millisecond.
CREATE OR REPLACE FUNCTION uuid7(position_in_batch bigint DEFAULT NULL) RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    overlay(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint + coalesce(position_in_batch / 4096, 0)) FROM 3) FROM 1 FOR 6)
        PLACING substring(int2send((28672 + coalesce(position_in_batch, (random() * 4095)::bigint) % 4096)::smallint) FROM 1 FOR 2) FROM 7 FOR 2),
    'hex')::uuid
$$;
