-- People get a small number each, and a record that was merged into another (V37) gets the number of the one that
-- stands for it. A circle of mergers stands for itself.
CREATE TEMP TABLE person AS
    SELECT CAST(row_number() OVER () AS INTEGER) AS pid, * FROM now_patients;

CREATE TEMP TABLE record AS
    WITH RECURSIVE merged(person_id, survivor, steps) AS (
        SELECT person_id, superseded_by, 1 FROM person WHERE superseded_by IS NOT NULL
        UNION ALL
        SELECT merged.person_id, person.superseded_by, merged.steps + 1
        FROM merged JOIN person ON person.person_id = merged.survivor
        WHERE person.superseded_by IS NOT NULL AND merged.steps < 100
    ),
    survivors AS (
        SELECT person_id, CASE WHEN max(steps) = 100 THEN person_id ELSE arg_max(survivor, steps) END AS survivor
        FROM merged GROUP BY person_id
    )
    SELECT person_id, pid FROM person WHERE superseded_by IS NULL
    UNION ALL
    SELECT survivors.person_id, person.pid FROM survivors JOIN person ON person.person_id = survivors.survivor;

CREATE TEMP TABLE sharing_practice AS
    SELECT practice_code FROM now_reference_practices WHERE sharing_agreement
    UNION ALL SELECT * FROM (VALUES (''), ('V81997'), ('V81998'), ('V81999'));
