-- Episodes, as the index date sees them: what lies after it has not happened yet (specification, "Time rule").
CREATE TEMP TABLE episode AS
    SELECT
        pid, provider_code, spell_id, episode_id, admission_date, admission_method,
        coalesce(admission_source, '') AS admission_source,
        patient_classification,
        CASE WHEN discharge_date <= getvariable('t') THEN discharge_date END AS discharge_date,
        CASE WHEN discharge_date <= getvariable('t') THEN coalesce(discharge_method, '') ELSE '' END AS discharge_method,
        CASE WHEN discharge_date <= getvariable('t') THEN coalesce(discharge_destination, '') ELSE '' END
            AS discharge_destination,
        coalesce(episode_start, admission_date) AS episode_start,
        CASE WHEN episode_end <= getvariable('t') THEN episode_end END AS episode_end,
        coalesce(episode_order, 1) AS episode_order,
        coalesce(episode_type, '') AS episode_type,
        coalesce(treatment_function, '') AS treatment_function,
        coalesce(is_sdec, false) AS is_sdec,
        coalesce(is_well_baby, false) OR coalesce(treatment_function = '424' AND episode_type = '3', false) AS is_well_baby,
        -- V18: dots, daggers and padding go, and what is left must be a code
        list_filter(
            list_transform(diagnoses, lambda code: replace(rtrim(upper(trim(code)), '†*+-X. '), '.', '')),
            lambda code: regexp_full_match(code, '[A-Z][0-9]{2,4}')
        ) AS diagnoses
    FROM known_apc_episodes JOIN record USING (person_id);

-- 2.1: hospital provider spells.
CREATE TEMP TABLE spell AS
    WITH placed AS (
        SELECT *, row_number() OVER (
            PARTITION BY pid, provider_code, spell_id
            ORDER BY episode_start, episode_end IS NULL, episode_end, episode_order, episode_id
        ) AS n
        FROM episode WHERE NOT is_well_baby
    ),
    joined AS (
        SELECT
            pid, provider_code, spell_id,
            min(admission_date) AS admission_date,
            CASE WHEN arg_max(discharge_date IS NOT NULL, n) THEN max(discharge_date) END AS discharge_date,
            arg_min(admission_method, n) AS admission_method,
            arg_min(admission_source, n) AS admission_source,
            arg_min(patient_classification, n) AS patient_classification,
            arg_min(treatment_function, n) AS treatment_function,
            arg_min(is_sdec, n) AS is_sdec,
            arg_min(coalesce(diagnoses[1], ''), n) AS main_diagnosis,
            arg_max(discharge_method, n) AS discharge_method,
            arg_max(discharge_destination, n) AS discharge_destination,
            bool_or(episode_type IN ('2', '5')) AS is_delivery,
            bool_or(episode_type IN ('3', '6')) AS is_birth,
            bool_or(treatment_function BETWEEN '700' AND '727' OR episode_type = '4') AS is_mental_health
        FROM placed GROUP BY pid, provider_code, spell_id
    )
    SELECT
        CAST(row_number() OVER (
            ORDER BY pid, admission_date, discharge_date IS NULL, discharge_date, provider_code, spell_id
        ) AS INTEGER) AS spell,
        *,
        -- 2.3: what kind of stay; exactly one holds
        CASE
            WHEN admission_method IN ('82', '83', '2C') OR is_birth THEN 'other'
            WHEN admission_method IN ('31', '32') OR is_delivery OR treatment_function IN ('501', '560', '610')
                OR patient_classification = '5' THEN 'other'
            WHEN patient_classification IN ('3', '4') THEN 'regular_attender'
            WHEN patient_classification = '2' THEN 'day_case'
            WHEN patient_classification <> '1' THEN 'other'
            WHEN admission_method IN (SELECT code FROM admission_method WHERE "group" = 'emergency')
                OR admission_method = '2B' THEN CASE WHEN is_sdec THEN 'other' ELSE 'emergency' END
            WHEN admission_method IN ('11', '12', '13') THEN 'elective'
            ELSE 'other'
        END AS kind
    FROM joined;

-- 2.2: which spell continues which.
CREATE TEMP TABLE link AS
    WITH linkable AS (SELECT * FROM spell WHERE patient_classification NOT IN ('3', '4'))
    SELECT b.pid, a.spell AS earlier, b.spell AS later
    FROM linkable a JOIN linkable b ON a.pid = b.pid AND a.spell < b.spell
        AND b.admission_date BETWEEN a.discharge_date AND a.discharge_date + 2
    WHERE (
            a.discharge_destination IN (SELECT code FROM discharge_destination WHERE is_transfer = 'true')
            OR b.admission_source IN (SELECT code FROM admission_source WHERE is_transfer = 'true')
            OR b.admission_method IN ('2B', '81')
        )
        AND NOT (a.discharge_destination = '19' AND b.admission_source = '51' AND b.admission_method = '21');

-- Each spell belongs to the stay of the newest spell that it continues, or begins one. Few people have links, so their
-- spells are walked one by one; everybody else's are stays as they are.
CREATE TEMP TABLE stay_of_spell AS
    WITH RECURSIVE
    linked AS (SELECT pid, earlier AS spell FROM link UNION SELECT pid, later FROM link),
    numbered AS (SELECT pid, spell, row_number() OVER (PARTITION BY pid ORDER BY spell) AS n FROM linked),
    step AS (
        SELECT b.pid, b.n, list(a.n) FILTER (a.n IS NOT NULL) AS continues
        FROM numbered b LEFT JOIN link ON link.later = b.spell LEFT JOIN numbered a ON a.spell = link.earlier
        GROUP BY b.pid, b.n
    ),
    walk(pid, n, roots) AS (
        SELECT DISTINCT pid, CAST(0 AS BIGINT), CAST([] AS BIGINT[]) FROM linked
        UNION ALL
        SELECT walk.pid, step.n, list_append(
            walk.roots, coalesce(list_max(list_transform(step.continues, lambda earlier: walk.roots[earlier])), step.n)
        )
        FROM walk JOIN step ON step.pid = walk.pid AND step.n = walk.n + 1
    ),
    walked AS (SELECT pid, arg_max(roots, n) AS roots FROM walk GROUP BY pid),
    found AS (
        SELECT b.spell, a.spell AS stay
        FROM numbered b JOIN walked USING (pid)
        JOIN numbered a ON a.pid = b.pid AND a.n = walked.roots[b.n]
    )
    SELECT spell.spell, coalesce(found.stay, spell.spell) AS stay
    FROM spell LEFT JOIN found USING (spell);

-- Continuous inpatient spells, each under the number of its first spell.
CREATE TEMP TABLE stay AS
    WITH joined AS (
        SELECT
            stay,
            CASE WHEN bool_and(discharge_date IS NOT NULL) THEN max(discharge_date) END AS discharge_date,
            bool_or(discharge_method = '4' OR discharge_destination = '79') AS died
        FROM spell JOIN stay_of_spell USING (spell) GROUP BY stay
    )
    SELECT stay, pid, admission_date, joined.discharge_date, joined.died, kind, main_diagnosis, is_mental_health
    FROM joined JOIN spell ON spell.spell = joined.stay;

CREATE TEMP TABLE stay_diagnosis AS
    SELECT DISTINCT stay, pid, code FROM (
        SELECT stay_of_spell.stay, spell.pid, unnest(episode.diagnoses) AS code
        FROM episode JOIN spell USING (pid, provider_code, spell_id) JOIN stay_of_spell USING (spell)
        WHERE NOT episode.is_well_baby
    );

CREATE TEMP TABLE condition_of_code AS
    SELECT DISTINCT code, item
    FROM (SELECT DISTINCT code FROM stay_diagnosis) JOIN condition_icd10 ON starts_with(code, prefix);

CREATE TEMP TABLE facts_hospital_stays AS
    WITH coded AS (
        SELECT
            stay,
            bool_or(left(code, 3) BETWEEN 'X60' AND 'X84' OR starts_with(code, 'Y870')) AS is_self_harm,
            bool_or(
                left(code, 3) IN ('T40', 'T51')
                OR code IN (
                    SELECT code FROM condition_of_code JOIN condition USING (item)
                    WHERE id IN ('alcohol_dependence', 'substance_misuse')
                )
            ) AS is_alcohol_or_drugs
        FROM stay_diagnosis GROUP BY stay
    )
    SELECT
        stay, pid, admission_date AS day, discharge_date AS end_day,
        kind = 'emergency' AS is_emergency,
        kind = 'elective' AS is_elective,
        kind = 'day_case' AS is_day_case,
        kind = 'regular_attender' AS is_regular_attender,
        kind = 'other' AS is_other,
        coalesce(discharge_date = admission_date, false) AS is_zero_day,
        is_mental_health OR (
            starts_with(main_diagnosis, 'F') AND left(main_diagnosis, 3) NOT IN ('F00', 'F01', 'F02', 'F03', 'F05')
            AND left(main_diagnosis, 2) <> 'F7'
        ) AS is_psychiatric,
        coalesce(is_self_harm, false) AS is_self_harm,
        coalesce(is_alcohol_or_drugs, false) AS is_alcohol_or_drugs
    FROM stay LEFT JOIN coded USING (stay);

CREATE TEMP VIEW facts_discharges AS
    SELECT * REPLACE (end_day AS day) FROM facts_hospital_stays WHERE end_day IS NOT NULL;

CREATE TEMP VIEW facts_stay_conditions AS
    SELECT DISTINCT stays.*, item
    FROM facts_hospital_stays stays JOIN stay_diagnosis USING (stay) JOIN condition_of_code USING (code);
