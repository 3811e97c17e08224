-- 2.8: each Charlson group once, on its last day, a mild form not beside its severe one.
CREATE TEMP TABLE recent_diagnosis AS
    SELECT pid, code, max(admission_date) AS day
    FROM stay JOIN stay_diagnosis USING (stay, pid)
    WHERE admission_date > getvariable('t') - 730
    GROUP BY pid, code;

CREATE TEMP TABLE facts_charlson_groups AS
    WITH coded AS (
        SELECT pid, item, max(day) AS day
        FROM recent_diagnosis JOIN (
            SELECT DISTINCT code, item
            FROM (SELECT DISTINCT code FROM recent_diagnosis) JOIN charlson_icd10 ON starts_with(code, prefix)
        ) USING (code)
        GROUP BY pid, item
    )
    SELECT coded.pid, coded.item, coded.day, weight AS amount
    FROM coded JOIN charlson_group USING (item)
    WHERE NOT EXISTS (FROM coded severe WHERE severe.pid = coded.pid AND severe.item = charlson_group.yields_to);

-- Each frailty code of three characters once, in tenths of a point.
CREATE TEMP TABLE facts_frailty_codes AS
    SELECT pid, max(day) AS day, any_value(CAST(round(CAST(points AS DOUBLE) * 10) AS BIGINT)) AS amount
    FROM recent_diagnosis JOIN frailty_code ON frailty_code.icd10 = left(code, 3)
    GROUP BY pid, frailty_code.icd10;
