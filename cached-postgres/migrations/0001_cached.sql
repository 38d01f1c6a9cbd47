-- What cached-postgres keeps in a database: the outbox, the list of watches, and the rendering of keys.
--
-- `cached_postgres::migrate` runs this file. Run it yourself, as the owner of the schema, where applications may
-- not create tables. It can be run again. To remove everything, watches included: DROP SCHEMA cached CASCADE.
--
-- An application's role needs: GRANT USAGE ON SCHEMA cached; GRANT SELECT, INSERT, UPDATE, DELETE ON cached.outbox;
-- GRANT SELECT ON cached.watches. Roles that only write to watched tables need nothing.

-- IF NOT EXISTS asks for the right to create one where it is there, too.
DO $$
BEGIN
    IF to_regnamespace('cached') IS NULL THEN
        CREATE SCHEMA cached;
    END IF;
END $$;

-- One row: what one transaction (or one statement, for watches) made untrue, for the caches of one name.
CREATE TABLE IF NOT EXISTS cached.outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cache        text NOT NULL,
    invalidation text NOT NULL,
    written_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Until then the process that commits may apply and remove it itself.
    due_at       timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE IF NOT EXISTS cached.watches (
    cache    text NOT NULL,
    name     text NOT NULL,
    relation regclass NOT NULL,
    enabled  boolean NOT NULL DEFAULT true,
    -- The SQL that was installed, to see whether it is still what is wanted.
    spec     text NOT NULL,
    PRIMARY KEY (cache, name)
);

-- Writes a row, and gives its id: its writer may remove that row, and no other. Without grace the relays are woken as well.
--
-- The table is bounded: every 1,000th row counts, for all outboxes, since rows are numbered without regard to them. Where
-- more than `cached.outbox_rows` (a setting, 100,000 unless set) of one can be gathered, they become one row that
-- invalidates everything. Gathered are the rows of this transaction,
-- and those that have been due for a minute: what is gathered is hidden from the relays until the transaction ends, maybe
-- hours later, so that what they are about to take must stay. Above READ COMMITTED others' rows stay too: one that a
-- relay has removed since the snapshot would be a serialization failure of the writer.
CREATE OR REPLACE FUNCTION cached.enqueue(for_cache text, what text, grace interval)
RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id bigint;
    mine xid;
    bound bigint;
    overdue timestamptz;
    crowded text;
BEGIN
    -- The transaction's, or the savepoint's.
    INSERT INTO cached.outbox (cache, invalidation, due_at)
        VALUES (for_cache, what, clock_timestamp() + grace) RETURNING id, xmin INTO new_id, mine;
    IF grace <= interval '0' THEN
        PERFORM pg_notify('cached_outbox', '');
    END IF;
    IF new_id % 1000 = 0 THEN
        bound := coalesce(nullif(current_setting('cached.outbox_rows', true), '')::bigint, 100000);
        IF current_setting('transaction_isolation') LIKE 'read %' THEN
            overdue := clock_timestamp() - interval '1 minute';
        END IF;
        FOR crowded IN
            SELECT o.cache FROM cached.outbox o
            WHERE o.id <> new_id AND (o.xmin = mine OR o.due_at < overdue)
            GROUP BY o.cache HAVING count(*) > bound
        LOOP
            DELETE FROM cached.outbox WHERE id IN (
                SELECT id FROM cached.outbox o
                WHERE o.cache = crowded AND o.id <> new_id AND (o.xmin = mine OR o.due_at < overdue) FOR UPDATE SKIP LOCKED);
            -- Others may gather them: they are there for as long as that transaction is.
            IF FOUND THEN
                INSERT INTO cached.outbox (cache, invalidation, due_at)
                    VALUES (crowded, '{"everything":true}', clock_timestamp());
                PERFORM pg_notify('cached_outbox', '');
                RAISE WARNING 'cached: more than % rows waited in the outbox of %: they became one that invalidates everything; is a relay running?', bound, crowded;
            END IF;
        END LOOP;
    END IF;
    RETURN new_id;
END $$;

-- Remembers a line in a setting of the transaction, until the statement trigger takes it: each once, and beyond
-- 60,000 characters (about 1,000 keys) only that there are too many.
CREATE OR REPLACE FUNCTION cached.remember(setting text, line text)
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held text := coalesce(current_setting(setting, true), '');
BEGIN
    IF held = '*' THEN
        RETURN;
    ELSIF line = '*' OR length(held) + length(line) > 60000 THEN
        PERFORM set_config(setting, '*', true);
    ELSIF strpos(held, line) = 0 THEN
        PERFORM set_config(setting, held || CASE held WHEN '' THEN '' ELSE chr(10) END || line, true);
    END IF;
END $$;

-- Rendering: the same text as cached-core's `KeyPart`, byte for byte (docs/KEYS.md). UTF-8 databases only.

-- Text: letters, digits, `-_.@+` and characters beyond ASCII stand; of the rest each byte becomes %XX. NULL is %N,
-- the empty text %E.
CREATE OR REPLACE FUNCTION cached.key_part(value text)
RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value IS NULL THEN
        RETURN '%N';
    ELSIF value = '' COLLATE "C" THEN
        RETURN '%E';
    ELSIF value COLLATE "C" !~ '[^-A-Za-z0-9_.@+]' THEN
        RETURN value;
    END IF;
    RETURN (
        SELECT string_agg(
            CASE WHEN (code < 128 AND c COLLATE "C" ~ '[-A-Za-z0-9_.@+]')
                   OR (code >= 160 AND code NOT IN (160, 5760, 8232, 8233, 8239, 8287, 12288)
                       AND code NOT BETWEEN 8192 AND 8202)
                 THEN c
                 ELSE regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g')
            END, '' ORDER BY at)
        FROM (SELECT c, at, ascii(c) AS code
              FROM regexp_split_to_table(value, '') WITH ORDINALITY AS s(c, at)) AS characters);
END $$;

-- Dates as chrono prints them: a sign before years that have not four digits.
CREATE OR REPLACE FUNCTION cached.key_part(value date)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN value IS NULL THEN '%N'
        WHEN NOT isfinite(value) THEN value::text
        ELSE (SELECT CASE WHEN y BETWEEN 0 AND 9999 THEN lpad(y::text, 4, '0')
                          ELSE (CASE WHEN y < 0 THEN '-' ELSE '+' END) || lpad(abs(y)::text, greatest(4, length(abs(y)::text)), '0') END
              FROM (SELECT extract(year FROM value)::int + CASE WHEN extract(year FROM value) < 0 THEN 1 ELSE 0 END AS y) years)
             || to_char(value, '-MM-DD')
    END
$$;

-- Instants in UTC, with as much of a fraction as there is.
CREATE OR REPLACE FUNCTION cached.key_part(value timestamptz)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN value IS NULL THEN '%N'
        WHEN NOT isfinite(value) THEN value::text
        ELSE cached.key_part((value AT TIME ZONE 'UTC')::date)
             || to_char(value AT TIME ZONE 'UTC', '"T"HH24MISS')
             || CASE WHEN micros = 0 THEN '' WHEN micros % 1000 = 0 THEN to_char(value, '.MS') ELSE to_char(value, '.US') END
             || 'Z'
    END FROM (SELECT extract(microseconds FROM value)::bigint % 1000000 AS micros) fraction
$$;

-- A whole key: over 512 bytes it keeps its leading literal and ends in a digest.
CREATE OR REPLACE FUNCTION cached.key_bound(lead text, key text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(key) <= 512 THEN key
                ELSE lead || '~' || left(encode(sha256(convert_to(key, 'UTF8')), 'hex'), 32) END
$$;

-- `<column:hash>`: 128 bits of SHA-256 of a rendered part.
CREATE OR REPLACE FUNCTION cached.key_hash(part text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(encode(sha256(convert_to(cached.key_bound('', part), 'UTF8')), 'hex'), 32)
$$;

-- The functions of watches that are installed already: before version 5 everybody could put them on tables.
DO $$
DECLARE
    installed regprocedure;
BEGIN
    FOR installed IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'cached'::regnamespace AND prorettype = 'trigger'::regtype AND pg_has_role(proowner, 'USAGE')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', installed);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION cached.version() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 6';
