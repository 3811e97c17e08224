-- The latest result of each kind within the longest window; of two of one day the greater.
-- V25, V26: another unit is converted, an unknown one or an impossible value is no result. HbA1c without a unit is read
-- by its size, and any other result without a unit only if it is ever sent in one.
CREATE TEMP TABLE reading AS
    SELECT
        observation.item, observation.snomed_code, u.unit AS sent_unit,
        CAST(u.multiply_by AS DOUBLE) AS multiply_by, CAST(u.add AS DOUBLE) AS add, u.above, u.below, smallest, largest
    FROM observation JOIN (
        SELECT observation, unit, multiply_by, add, NULL AS above, NULL AS below FROM observation_unit
        UNION
        SELECT observation, unit, '1', '0', NULL, NULL FROM observation_bounds
        UNION ALL
        SELECT b.observation, '', '1', '0', NULL, NULL FROM observation_bounds b
        WHERE b.observation <> 'hba1c' AND NOT EXISTS (
            FROM observation_unit u WHERE u.observation = b.observation AND u.unit <> b.unit
        )
        UNION ALL
        SELECT observation, '', multiply_by, add, NULL, 20 FROM observation_unit WHERE observation = 'hba1c' AND unit = '%'
        UNION ALL
        SELECT observation, '', '1', '0', 20, NULL FROM observation_bounds WHERE observation = 'hba1c'
    ) u ON u.observation = observation.id;

CREATE TEMP TABLE latest_result AS
    WITH measured AS (
        SELECT
            record.pid, reading.item, event_date,
            CASE WHEN multiply_by = 1 AND add = 0 THEN value ELSE value * multiply_by + add END AS amount,
            smallest, largest
        FROM known_gp_events
        JOIN reading ON reading.snomed_code = known_gp_events.snomed_code
            AND reading.sent_unit = coalesce(known_gp_events.unit, '')
        JOIN record USING (person_id)
        WHERE value IS NOT NULL AND event_date > getvariable('t') - 1095
            AND coalesce(value >= above, true) AND coalesce(value < below, true)
    )
    SELECT
        pid, item,
        CAST(round(arg_max(amount, (event_date, amount)) * 1000) AS BIGINT) AS amount
    FROM measured WHERE amount BETWEEN smallest AND largest
    GROUP BY pid, item;
