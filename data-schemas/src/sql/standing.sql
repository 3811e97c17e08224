-- V29: of the open regular registrations the one that started last, of two of one day the smaller practice code.
CREATE TEMP TABLE registration AS
    SELECT pid, arg_max(practice_code, (start_date, -rank_of_code)) AS practice_code, max(start_date) AS start_date
    FROM (
        SELECT pid, practice_code, start_date, dense_rank() OVER (ORDER BY practice_code) AS rank_of_code
        FROM known_registrations JOIN record USING (person_id)
        WHERE coalesce(registration_type, 'regular') = 'regular'
            AND practice_code NOT IN ('V81997', 'V81998', 'V81999')
            AND coalesce(end_date > getvariable('t'), true)
    )
    GROUP BY pid;

-- Of each record and kind of objection the newest entry counts, and of two of one moment the dissent. An objection by one
-- record of a person is one by all of them (V37).
CREATE TEMP TABLE objecting AS
    WITH dissent AS (
        SELECT DISTINCT person_id FROM (
            SELECT person_id, arg_max(status <> 'withdrawn', (recorded_at, status <> 'withdrawn')) AS dissents
            FROM now_opt_outs WHERE objection IN ('type1', 'national_data_opt_out', 'programme')
            GROUP BY person_id, objection
        ) WHERE dissents
    )
    SELECT person_id FROM record WHERE of_person IN (SELECT of_person FROM dissent JOIN kin USING (person_id))
    UNION SELECT person_id FROM record WHERE last_named IN (SELECT person_id FROM dissent);

-- R13: dead by any source, and by any record; V11: a stay or an attendance afterwards disputes it.
CREATE TEMP TABLE dead AS
    WITH reported AS (
        SELECT of_person, min(day) AS day FROM (
            SELECT of_person, death_date AS day FROM known_deaths JOIN kin USING (person_id)
            UNION ALL SELECT of_person, discharge_date FROM stay JOIN person USING (pid) JOIN kin USING (person_id)
                WHERE died AND discharge_date IS NOT NULL
            UNION ALL SELECT of_person, day FROM attendance JOIN person USING (pid) JOIN kin USING (person_id)
                WHERE discharge_destination = '305398007'
        ) GROUP BY of_person
    ),
    seen AS (
        SELECT of_person, max(day) AS day
        FROM (SELECT pid, admission_date AS day FROM stay UNION ALL SELECT pid, day FROM attendance)
        JOIN person USING (pid) JOIN kin USING (person_id)
        GROUP BY of_person
    )
    SELECT of_person, coalesce(seen.day > reported.day, false) AS is_disputed FROM reported LEFT JOIN seen USING (of_person);

CREATE TEMP TABLE standing AS
    SELECT
        person.pid, person.person_id,
        years_between(birth_month, getvariable('t')) AS age_years,
        CASE
            WHEN objecting.person_id IS NOT NULL THEN 'objecting'
            WHEN is_test_patient THEN 'test_patient'
            WHEN record.is_merged THEN 'merged'
            WHEN dead.is_disputed THEN 'disputed_death'
            WHEN dead.of_person IS NOT NULL THEN 'died'
            WHEN CASE WHEN registration.pid IS NOT NULL THEN practice.practice_code IS NULL ELSE area.lsoa21 IS NULL END
                THEN 'not_in_area'
            WHEN years_between(birth_month, getvariable('t')) < getvariable('minimum_age_years') THEN 'under_age'
            WHEN person.pid NOT IN (SELECT pid FROM facts_conditions WHERE is_coached) THEN 'no_coached_condition'
            ELSE 'scored'
        END AS standing,
        CASE sex WHEN '1' THEN 1 WHEN '2' THEN 0 END AS is_male,
        (imd_rank_2019 - 1) * 10 // 32844 + 1 AS imd_decile,
        CAST(care_home_resident AS INTEGER) AS care_home_resident,
        CAST(housebound AS INTEGER) AS housebound,
        CASE WHEN practice.practice_code IS NOT NULL THEN registration.start_date END AS registered_since
    FROM person
    JOIN record USING (person_id)
    LEFT JOIN objecting USING (person_id)
    LEFT JOIN dead USING (of_person)
    LEFT JOIN registration ON registration.pid = person.pid
    LEFT JOIN now_reference_practices practice ON practice.practice_code = registration.practice_code
    LEFT JOIN now_reference_lsoa area ON area.lsoa21 = person.lsoa21;

-- What is known of the person; each attribute is true of the index date, but for the day of the registration.
CREATE TEMP TABLE facts_person AS
    SELECT pid, item, day, amount FROM (
        SELECT pid, 0 AS item, getvariable('t') AS day, age_years AS amount FROM standing
        UNION ALL SELECT pid, 1, getvariable('t'), is_male FROM standing
        UNION ALL SELECT pid, 2, getvariable('t'), imd_decile FROM standing
        UNION ALL SELECT pid, 3, getvariable('t'), care_home_resident FROM standing
        UNION ALL SELECT pid, 4, getvariable('t'), housebound FROM standing
        UNION ALL SELECT pid, 5, registered_since, 1 FROM standing WHERE registered_since IS NOT NULL
    ) WHERE amount IS NOT NULL;

-- A table without a row that was known is a missing feed: its features are missing, never zero (R27).
CREATE TEMP TABLE core_feed AS
    SELECT
        EXISTS (FROM known_registrations) AS registrations,
        EXISTS (FROM known_gp_events) AS gp_events,
        EXISTS (FROM known_gp_prescriptions) AS gp_prescriptions,
        EXISTS (FROM known_apc_episodes) AS apc_episodes,
        EXISTS (FROM known_ed_attendances) AS ed_attendances,
        true AS patients,
        true AS reference_lsoa;
