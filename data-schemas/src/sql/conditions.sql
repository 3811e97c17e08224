-- 2.7: the registers. The GP record first: the newest code of a condition must be later than any that ends it.
CREATE TEMP TABLE gp_condition AS
    SELECT
        pid, item,
        min(event_date) FILTER (NOT ends_it AND counts) AS first_day,
        max(event_date) FILTER (NOT ends_it AND counts) AS newest_day,
        max(event_date) FILTER (ends_it) AS ended_day
    FROM (
        SELECT record.pid, code.item, event_date, ends_it, event_date >= coalesce(not_before, event_date) AS counts
        FROM known_gp_events
        JOIN condition_snomed code USING (snomed_code)
        JOIN condition USING (item)
        JOIN record USING (person_id)
    )
    GROUP BY pid, item;

CREATE TEMP TABLE facts_conditions AS
    WITH
    gp AS (
        SELECT
            pid, item, coalesce(ended_day >= coalesce(newest_day, ended_day), false) AS has_ended,
            first_day IS NOT NULL
                AND coalesce(years_between(birth_month, first_day) >= min_age_at_first_record, true)
                AND (
                    needs_medicine_days IS NULL OR medicine.pid IS NOT NULL
                    OR NOT EXISTS (FROM known_gp_prescriptions)
                ) AS shows,
            first_day
        FROM gp_condition JOIN condition USING (item) JOIN person USING (pid) LEFT JOIN medicine USING (pid, item)
    ),
    hospital AS (
        SELECT pid, item, min(admission_date) AS first_day
        FROM stay JOIN stay_diagnosis USING (stay, pid) JOIN condition_of_code USING (code)
        WHERE admission_date > getvariable('t') - INTERVAL 10 YEAR
        GROUP BY pid, item
    ),
    found AS (
        SELECT
            pid, item,
            least(CASE WHEN shows AND NOT has_ended THEN gp.first_day END,
                  CASE WHEN coalesce(NOT has_ended, true) THEN hospital.first_day END) AS day
        FROM gp FULL JOIN hospital USING (pid, item)
    ),
    old_enough AS (
        SELECT found.*, is_disease, is_coached
        FROM found JOIN condition USING (item) JOIN person USING (pid)
        WHERE day IS NOT NULL AND coalesce(years_between(birth_month, getvariable('t')) >= min_age, true)
    )
    SELECT * FROM old_enough
    WHERE NOT EXISTS (
        FROM condition_unless rule JOIN old_enough other ON other.item = rule.unless
        WHERE rule.item = old_enough.item AND other.pid = old_enough.pid
    );
