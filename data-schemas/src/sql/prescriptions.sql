-- Prescriptions by person and section of the formulary; a section that is not on the list counts as none.
CREATE TEMP VIEW facts_prescriptions AS
    SELECT record.pid, coalesce(chapter.item, section.item) AS item, issue_date AS day, bnf_code
    FROM known_gp_prescriptions
    JOIN record USING (person_id)
    LEFT JOIN bnf_section chapter ON length(chapter.prefix) = 2 AND chapter.prefix = left(bnf_code, 2)
    LEFT JOIN bnf_section section ON length(section.prefix) = 4 AND section.prefix = left(bnf_code, 4);

