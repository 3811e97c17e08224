-- 2.4: unplanned attendances, by London day; follow-ups (category 4) are none.
CREATE TEMP TABLE attendance AS
    SELECT
        pid, london_day(arrival_at) AS day, department_type, attendance_category, arrival_mode, discharge_status,
        discharge_destination
    FROM known_ed_attendances JOIN record USING (person_id);

CREATE TEMP TABLE facts_emergency_care AS
    SELECT
        pid, day,
        department_type IN ('01', '02', '03', '04') AS is_ae,
        department_type = '05' AS is_same_day_emergency_care,
        department_type = '01' AS is_major,
        coalesce(arrival_mode IN (
            SELECT snomed FROM emergency_care_code WHERE field = 'arrival_mode' AND value = 'ambulance'
        ), false) AS by_ambulance,
        coalesce(discharge_status IN (
            SELECT snomed FROM emergency_care_code WHERE field = 'discharge_status' AND value LIKE 'left_%'
        ), false) AS left_before_treatment
    FROM attendance WHERE attendance_category IN ('1', '2', '3');
