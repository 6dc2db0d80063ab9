-- Remains and their elements: bodies, isolated elements, commingled sets; whose an element is; what was done before anything else; where they lie. All of the
-- authority that holds the found record, and nobody else's.

CREATE TABLE remains (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    -- What stands on their label; never given again.
    code         text NOT NULL UNIQUE,
    found_id     uuid NOT NULL REFERENCES found_record,
    -- The set that an individual was sorted out of.
    set_id       uuid,
    kind         text NOT NULL CHECK (kind IN ('complete_body', 'incomplete_body', 'isolated_element', 'commingled_set', 'cremains')),
    completeness text CHECK (completeness IN ('complete', 'partial', 'fragment')),
    body_state   text CHECK (body_state IN ('fresh', 'early_decomp', 'advanced_decomp', 'mummified', 'adipocere', 'skeletal', 'burned', 'dismembered', 'commingled')),
    -- Time since death when found, from the shortest to the longest it may be.
    pmi_from     text CHECK (pmi_from IN ('under_1_day', 'under_1_week', 'under_1_month', '1_to_3_months', '3_to_6_months', '6_to_12_months', '1_to_2_years',
                     '2_to_5_years', '5_to_10_years', 'over_10_years')),
    pmi_to       text CHECK (pmi_to IN ('under_1_day', 'under_1_week', 'under_1_month', '1_to_3_months', '3_to_6_months', '6_to_12_months', '1_to_2_years',
                     '2_to_5_years', '5_to_10_years', 'over_10_years')),
    -- Where they are kept, while they are in custody.
    location     text CHECK (length(location) BETWEEN 1 AND 200),
    disposition  text NOT NULL CHECK (disposition IN ('in_custody', 'individual_grave', 'common_grave', 'ossuary', 'cremated', 'returned_to_family',
                     'repatriated', 'unknown_location')),
    note         text CHECK (length(note) <= 2000),
    rev          integer NOT NULL DEFAULT 1,
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    UNIQUE (id, authority_id),
    FOREIGN KEY (set_id, authority_id) REFERENCES remains (id, authority_id),
    CHECK (set_id IS NULL OR kind IN ('complete_body', 'incomplete_body', 'cremains')),
    CHECK ((pmi_from IS NULL) = (pmi_to IS NULL))
);
CREATE INDEX remains_found ON remains (found_id, created_at);
CREATE INDEX remains_set ON remains (set_id) WHERE set_id IS NOT NULL;

CREATE TABLE skeletal_element (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    code         text NOT NULL UNIQUE,
    -- Where it was found; whose it is, `element_association` says.
    remains_id   uuid NOT NULL,
    bone         text NOT NULL CHECK (bone IN ('cranium', 'mandible', 'hyoid', 'sternum', 'atlas', 'axis', 'cervical_vertebra', 'thoracic_vertebra',
                     'lumbar_vertebra', 'sacrum', 'coccyx', 'clavicle', 'scapula', 'rib', 'humerus', 'radius', 'ulna', 'carpal', 'metacarpal',
                     'manual_phalanx', 'os_coxae', 'femur', 'patella', 'tibia', 'fibula', 'talus', 'calcaneus', 'tarsal', 'metatarsal', 'pedal_phalanx')),
    side         text CHECK (side IN ('left', 'right')),
    zones        text[] NOT NULL DEFAULT '{}',
    completeness text NOT NULL CHECK (completeness IN ('complete', 'partial', 'fragment')),
    age_class    text NOT NULL CHECK (age_class IN ('fetal', 'infant', 'child', 'adolescent', 'young_adult', 'middle_adult', 'older_adult', 'subadult',
                     'adult', 'unknown')),
    taphonomy    text[] NOT NULL DEFAULT '{}',
    trauma       text[] NOT NULL DEFAULT '{}',
    -- {"maximum_length": 441.0}: millimetres.
    measurements jsonb NOT NULL DEFAULT '{}',
    note         text CHECK (length(note) <= 2000),
    rev          integer NOT NULL DEFAULT 1,
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    UNIQUE (id, authority_id),
    FOREIGN KEY (remains_id, authority_id) REFERENCES remains (id, authority_id),
    CHECK (side IS NULL OR bone NOT IN ('cranium', 'mandible', 'hyoid', 'sternum', 'atlas', 'axis', 'cervical_vertebra', 'thoracic_vertebra',
        'lumbar_vertebra', 'sacrum', 'coccyx'))
);
CREATE INDEX skeletal_element_remains ON skeletal_element (remains_id, created_at, code);

-- Whose an element is. Written once; a later line of the same element and individual stands instead of an earlier one.
CREATE TABLE element_association (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    element_id   uuid NOT NULL,
    -- The individual.
    remains_id   uuid NOT NULL,
    -- Counts the lines of an element.
    seq          integer NOT NULL CHECK (seq > 0),
    verdict      text NOT NULL CHECK (verdict IN ('inclusion', 'exclusion')),
    reason       text NOT NULL CHECK (reason IN ('pair_match', 'articulation', 'refit', 'osteometric', 'morphology', 'development', 'odontology', 'pathology',
                     'trauma', 'anomaly', 'taphonomy', 'provenance', 'radiograph', 'isotope', 'dna', 'other')),
    -- What speaks against it and the analyst answers for.
    doubts       text[] NOT NULL DEFAULT '{}' CHECK (doubts <@ ARRAY['overlapping_zone', 'neighbouring_ages']),
    note         text CHECK (length(note) <= 2000),
    analyst      uuid NOT NULL REFERENCES app_user,
    at           timestamptz NOT NULL,
    UNIQUE (element_id, seq),
    FOREIGN KEY (element_id, authority_id) REFERENCES skeletal_element (id, authority_id),
    FOREIGN KEY (remains_id, authority_id) REFERENCES remains (id, authority_id),
    CHECK (reason <> 'other' OR note IS NOT NULL)
);
CREATE INDEX element_association_remains ON element_association (remains_id, at);

-- Where remains were laid down, as a register of burials has it.
CREATE TABLE burial_record (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    remains_id   uuid NOT NULL,
    -- Cemetery, ossuary, or where the ashes are.
    cemetery     text NOT NULL CHECK (length(trim(cemetery)) BETWEEN 1 AND 200),
    section      text CHECK (length(section) <= 200),
    plot         text NOT NULL CHECK (length(trim(plot)) BETWEEN 1 AND 200),
    -- What stands on or with these remains and no others.
    marker       text NOT NULL CHECK (length(trim(marker)) BETWEEN 1 AND 200),
    inscription  text CHECK (length(inscription) <= 400),
    -- Number of the cemetery's card (ficha), and where in its register.
    ficha        text CHECK (length(ficha) <= 200),
    register_ref text CHECK (length(register_ref) <= 200),
    exhumable    boolean NOT NULL,
    note         text CHECK (length(note) <= 2000),
    created_by   uuid NOT NULL,
    at           timestamptz NOT NULL,
    UNIQUE (id, authority_id),
    FOREIGN KEY (remains_id, authority_id) REFERENCES remains (id, authority_id)
);
CREATE INDEX burial_record_remains ON burial_record (remains_id, at);

-- Every move of remains. Written once.
CREATE TABLE disposition_event (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    remains_id   uuid NOT NULL,
    seq          integer NOT NULL CHECK (seq > 0),
    command      text NOT NULL CHECK (command IN ('bury_individually', 'bury_in_common_grave', 'place_in_ossuary', 'cremate', 'exhume', 'return_to_family',
                     'repatriate', 'report_missing', 'recover')),
    from_state   text NOT NULL,
    to_state     text NOT NULL,
    burial_id    uuid,
    -- The day it was done.
    on_day       date NOT NULL,
    -- Who ordered it: file or letter.
    order_ref    text CHECK (length(trim(order_ref)) BETWEEN 1 AND 200),
    -- Who took them, and the day on which that family was told in person.
    receiver     text CHECK (length(trim(receiver)) BETWEEN 1 AND 200),
    told_on      date,
    reason       text CHECK (length(trim(reason)) BETWEEN 1 AND 2000),
    user_id      uuid NOT NULL REFERENCES app_user,
    at           timestamptz NOT NULL,
    UNIQUE (remains_id, seq),
    FOREIGN KEY (remains_id, authority_id) REFERENCES remains (id, authority_id),
    FOREIGN KEY (burial_id, authority_id) REFERENCES burial_record (id, authority_id),
    CHECK ((command IN ('bury_individually', 'bury_in_common_grave', 'place_in_ossuary', 'cremate')) = (burial_id IS NOT NULL)),
    CHECK (command NOT IN ('cremate', 'exhume', 'return_to_family', 'repatriate') OR order_ref IS NOT NULL),
    CHECK (command NOT IN ('return_to_family', 'repatriate') OR (receiver IS NOT NULL AND told_on IS NOT NULL)),
    CHECK (command NOT IN ('cremate', 'exhume', 'report_missing', 'recover') OR reason IS NOT NULL)
);

-- What was done with remains so that they can be identified. The last line of an operation counts.
CREATE TABLE post_mortem_operation (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    remains_id   uuid NOT NULL,
    operation    text NOT NULL CHECK (operation IN ('photographs', 'external_examination', 'fingerprints', 'odontology', 'radiographs', 'autopsy',
                     'anthropology', 'sampling', 'belongings')),
    state        text NOT NULL CHECK (state IN ('not_done', 'done', 'not_possible')),
    reason       text CHECK (length(trim(reason)) BETWEEN 1 AND 2000),
    done_on      date,
    done_by      text CHECK (length(done_by) <= 200),
    -- The report's number.
    reference    text CHECK (length(reference) <= 200),
    user_id      uuid NOT NULL REFERENCES app_user,
    at           timestamptz NOT NULL,
    FOREIGN KEY (remains_id, authority_id) REFERENCES remains (id, authority_id),
    CHECK (state <> 'not_possible' OR reason IS NOT NULL),
    CHECK ((state = 'done') = (done_on IS NOT NULL))
);
CREATE INDEX post_mortem_operation_remains ON post_mortem_operation (remains_id, operation, at);

-- Images, encoded anew by the program: nothing of the camera or of where it stood is left. Shown blurred until somebody asks.
CREATE TABLE remains_image (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    remains_id   uuid NOT NULL,
    element_id   uuid,
    purpose      text NOT NULL CHECK (purpose IN ('recovery', 'examination', 'face', 'dental', 'mark', 'element', 'radiograph', 'belonging')),
    sensitive    boolean NOT NULL DEFAULT true,
    caption      text CHECK (length(caption) <= 400),
    width        integer NOT NULL CHECK (width > 0),
    height       integer NOT NULL CHECK (height > 0),
    -- JPEG.
    content      bytea NOT NULL CHECK (octet_length(content) <= 16777216),
    blurred      bytea NOT NULL CHECK (octet_length(blurred) <= 262144),
    sha256       bytea NOT NULL CHECK (octet_length(sha256) = 32),
    created_by   uuid NOT NULL REFERENCES app_user,
    at           timestamptz NOT NULL,
    FOREIGN KEY (remains_id, authority_id) REFERENCES remains (id, authority_id),
    FOREIGN KEY (element_id, authority_id) REFERENCES skeletal_element (id, authority_id)
);
CREATE INDEX remains_image_remains ON remains_image (remains_id, at);

-- A sample of a body or of an element.
ALTER TABLE sample ADD COLUMN remains_id uuid;
ALTER TABLE sample ADD COLUMN element_id uuid;
ALTER TABLE sample ADD CONSTRAINT sample_of_remains CHECK (source = 'remains' OR (remains_id IS NULL AND element_id IS NULL));
ALTER TABLE sample ADD CONSTRAINT sample_of_element CHECK (element_id IS NULL OR remains_id IS NOT NULL);
ALTER TABLE sample ADD CONSTRAINT sample_remains FOREIGN KEY (remains_id) REFERENCES remains (id);
ALTER TABLE sample ADD CONSTRAINT sample_element FOREIGN KEY (element_id) REFERENCES skeletal_element (id);
CREATE INDEX sample_remains_id ON sample (remains_id) WHERE remains_id IS NOT NULL;
CREATE INDEX sample_element_id ON sample (element_id) WHERE element_id IS NOT NULL;

ALTER TABLE correction DROP CONSTRAINT correction_subject_kind_check;
ALTER TABLE correction ADD CONSTRAINT correction_subject_kind_check CHECK (subject_kind IN ('case', 'found_record', 'incident', 'skeletal_element'));

-- ------------------------------------------------------------------------------------------------ rights
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['remains', 'skeletal_element', 'element_association', 'burial_record', 'disposition_event', 'post_mortem_operation', 'remains_image'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO rastro_web', t);
        IF t <> 'remains' THEN
            EXECUTE format('CREATE POLICY own ON %I TO rastro_web USING (authority_id = (SELECT app_authority())) WITH CHECK (authority_id = (SELECT app_authority()))', t);
        END IF;
    END LOOP;
    -- Of a found record of one's own; the others hang on these by their keys, which hold the authority.
    CREATE POLICY own ON remains TO rastro_web USING (authority_id = (SELECT app_authority()))
        WITH CHECK (authority_id = (SELECT app_authority()) AND EXISTS (SELECT FROM found_record f WHERE f.id = found_id AND f.authority_id = (SELECT app_authority())));
    FOREACH t IN ARRAY ARRAY['element_association', 'burial_record', 'disposition_event', 'post_mortem_operation', 'remains_image'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', t || '_append_only', t);
    END LOOP;
END
$$;
GRANT UPDATE (kind, location, disposition, rev, updated_at) ON remains TO rastro_web;
GRANT UPDATE (bone, side, zones, completeness, age_class, taphonomy, trauma, measurements, note, rev, updated_at) ON skeletal_element TO rastro_web;
