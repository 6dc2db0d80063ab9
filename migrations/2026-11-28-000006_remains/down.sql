DELETE FROM correction WHERE subject_kind = 'skeletal_element';
ALTER TABLE correction DROP CONSTRAINT correction_subject_kind_check;
ALTER TABLE correction ADD CONSTRAINT correction_subject_kind_check CHECK (subject_kind IN ('case', 'found_record', 'incident'));
ALTER TABLE sample DROP COLUMN element_id, DROP COLUMN remains_id;
DROP TABLE remains_image, post_mortem_operation, disposition_event, burial_record, element_association, skeletal_element, remains;
