-- People get a small number each.
CREATE TEMP TABLE person AS
    SELECT CAST(row_number() OVER () AS INTEGER) AS pid, * FROM now_patients;

-- V37: where more records than one person has are merged into one that nobody has sent, that is nobody's record.
CREATE TEMP TABLE merger AS
    SELECT
        person_id, superseded_by,
        count(*) OVER (PARTITION BY superseded_by) > 5 AND superseded_by NOT IN (SELECT person_id FROM person) AS is_placeholder
    FROM person WHERE superseded_by IS NOT NULL;

-- Of each merged record all that stand after it, one step after the other; a circle never ends.
CREATE TEMP TABLE chain AS
    WITH RECURSIVE steps_of(person_id, survivor, is_placeholder, steps) AS (
        SELECT person_id, superseded_by, is_placeholder, 1 FROM merger
        UNION ALL
        SELECT steps_of.person_id, merger.superseded_by, merger.is_placeholder, steps_of.steps + 1
        FROM steps_of JOIN merger ON merger.person_id = steps_of.survivor
        WHERE steps_of.steps < 100
    )
    FROM steps_of;

-- A record's rows belong to the last one of its chain that was sent, or stay with the record. Of one person are all
-- records with the same end of their chains, sent or not; of a circle all that are in it. A placeholder ends no chain, but
-- what it objects to is said of all that are merged into it.
CREATE TEMP TABLE record AS
    WITH stands AS (
        SELECT
            chain.person_id, max(steps) = 100 AS is_circle, arg_max(person.pid, steps) AS survivor,
            CASE WHEN max(steps) = 100 THEN min(chain.survivor) FILTER (WHERE steps > 50)
                ELSE arg_max(chain.survivor, steps) FILTER (WHERE NOT is_placeholder) END AS end_of_chain,
            arg_max(chain.survivor, steps) AS last_named
        FROM chain LEFT JOIN person ON person.person_id = chain.survivor
        GROUP BY chain.person_id
    )
    SELECT
        person.person_id,
        CASE WHEN is_circle OR survivor IS NULL THEN person.pid ELSE survivor END AS pid,
        coalesce(end_of_chain, person.person_id) AS of_person,
        coalesce(last_named, person.person_id) AS last_named,
        coalesce(is_circle OR survivor <> person.pid, false) AS is_merged
    FROM person LEFT JOIN stands USING (person_id);

-- Whose record it is, also of one that was only named.
CREATE TEMP VIEW kin AS
    SELECT person_id, of_person FROM record
    UNION SELECT of_person, of_person FROM record;

CREATE TEMP TABLE sharing_practice AS
    SELECT practice_code FROM now_reference_practices WHERE sharing_agreement
    UNION ALL SELECT * FROM (VALUES (''), ('V81997'), ('V81998'), ('V81999'));
