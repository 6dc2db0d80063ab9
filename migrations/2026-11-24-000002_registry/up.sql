-- The registry. Vocabularies are text with a check constraint: adding a value is then an ordinary migration.
-- Tables whose rows have an owner carry `authority_id`; 03_tenancy puts FORCE ROW LEVEL SECURITY on every one of them.

-- ------------------------------------------------------------------------------------------------ authorities and people who work
CREATE TABLE authority (
    id           uuid PRIMARY KEY,
    code         text NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9]{2,16}$'),
    name         text NOT NULL,
    country      text NOT NULL CHECK (country ~ '^[A-Z]{3}$'),
    -- There is no kind for immigration enforcement, and none can be configured (domain.md 4.8).
    kind         text NOT NULL CHECK (kind IN ('search_commission', 'prosecutor', 'forensic_service', 'forensic_bank', 'ombudsperson',
                     'public_defender', 'consulate', 'migrant_shelter', 'hospital', 'association', 'laboratory', 'red_cross', 'court')),
    represents   text CHECK (represents ~ '^[A-Z]{3}$'),
    contact_email text,
    contact_phone text,
    created_at   timestamptz NOT NULL
);
COMMENT ON COLUMN authority.represents IS 'for a consulate: the country whose nationals it serves';

CREATE TABLE app_user (
    id            uuid PRIMARY KEY,
    authority_id  uuid NOT NULL REFERENCES authority,
    email         text NOT NULL,
    name          text NOT NULL,
    roles         text[] NOT NULL CHECK (roles <@ ARRAY['search_officer', 'reviewer', 'forensic_officer', 'consular_officer',
                      'public_defender', 'association_member', 'administrator']),
    password_hash text NOT NULL,
    totp_secret   bytea,
    totp_last_step bigint,
    language      text NOT NULL DEFAULT 'es',
    phone         text,
    created_at    timestamptz NOT NULL,
    disabled_at   timestamptz
);
CREATE UNIQUE INDEX app_user_email ON app_user (lower(email));

CREATE TABLE staff_session (
    token_hash   bytea PRIMARY KEY,
    authority_id uuid NOT NULL,
    user_id      uuid NOT NULL REFERENCES app_user,
    purpose      text NOT NULL,
    csrf         text NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);

CREATE TABLE sign_in_attempt (
    key_hash   bytea NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_key ON sign_in_attempt (key_hash, at);

CREATE TABLE api_client (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    name         text NOT NULL,
    secret_hash  bytea NOT NULL,
    user_id      uuid NOT NULL REFERENCES app_user,
    created_at   timestamptz NOT NULL,
    disabled_at  timestamptz
);

CREATE TABLE refresh_token (
    token_hash   bytea PRIMARY KEY,
    authority_id uuid NOT NULL,
    client_id    uuid NOT NULL REFERENCES api_client,
    family_id    uuid NOT NULL,
    purpose      text NOT NULL,
    issued_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz,
    successor    bytea,
    revoked_at   timestamptz
);
CREATE INDEX refresh_token_family ON refresh_token (family_id);

-- ------------------------------------------------------------------------------------------------ places and routes (no owner)
CREATE TABLE gazetteer_place (
    id         bigint PRIMARY KEY,
    name       text NOT NULL,
    norm       text NOT NULL,
    country    text NOT NULL,
    admin1     text,
    lat        float8 NOT NULL,
    lon        float8 NOT NULL,
    population bigint NOT NULL DEFAULT 0
);
CREATE INDEX gazetteer_place_norm ON gazetteer_place (norm, country);

CREATE TABLE corridor_route (
    id              text PRIMARY KEY,
    name            text NOT NULL,
    medium          text NOT NULL,
    mode            text NOT NULL,
    length_km       float8 NOT NULL,
    half_width_km   float8 NOT NULL,
    schematic       boolean NOT NULL,
    geometry_source text NOT NULL
);
-- An edge stands once; the routes that use it are its memberships.
CREATE TABLE corridor_edge (
    id       integer PRIMARY KEY,
    lats     float8[] NOT NULL,
    lons     float8[] NOT NULL,
    length_km float8 NOT NULL
);
CREATE TABLE corridor_membership (
    route_id    text NOT NULL REFERENCES corridor_route ON DELETE CASCADE,
    seq         integer NOT NULL,
    edge_id     integer NOT NULL REFERENCES corridor_edge,
    reversed    boolean NOT NULL,
    from_km     float8 NOT NULL,
    PRIMARY KEY (route_id, seq)
);
CREATE TABLE corridor_stop (
    route_id   text NOT NULL REFERENCES corridor_route ON DELETE CASCADE,
    seq        integer NOT NULL,
    name       text NOT NULL,
    lat        float8 NOT NULL,
    lon        float8 NOT NULL,
    measure_km float8 NOT NULL,
    PRIMARY KEY (route_id, seq)
);

-- Incidents are published counts, never persons (IOM Missing Migrants Project), so they have no owner.
CREATE TABLE incident (
    id            uuid PRIMARY KEY,
    scheme        text NOT NULL,
    external_id   text NOT NULL,
    occurred_from date,
    occurred_to   date,
    region        text,
    country       text,
    place_text    text,
    lat           float8,
    lon           float8,
    dead          integer CHECK (dead >= 0),
    missing       integer CHECK (missing >= 0),
    survivors     integer CHECK (survivors >= 0),
    females       integer CHECK (females >= 0),
    males         integer CHECK (males >= 0),
    children      integer CHECK (children >= 0),
    cause         text,
    cause_class   text NOT NULL DEFAULT 'unknown',
    route         text,
    source        text,
    source_quality smallint,
    url           text,
    -- Columns of a file that no field stands for, as the file spells them: {"header": "value"}.
    extras             jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(extras) = 'object'),
    created_at    timestamptz NOT NULL,
    UNIQUE (scheme, external_id)
);

-- ------------------------------------------------------------------------------------------------ persons
-- One row per described individual: sought, found, unidentified. Description is part of it; its lists are value objects read
-- and written whole, so they are JSON arrays: [{"text": …, "kind": …, "zone": …, "side": …, "motif": …}].
CREATE TABLE person (
    id              uuid PRIMARY KEY,
    authority_id    uuid NOT NULL REFERENCES authority,
    moment          text NOT NULL CHECK (moment IN ('ante_mortem', 'post_mortem', 'living')),
    sex             text CHECK (sex IN ('female', 'male', 'indeterminate')),
    gender_identity text,
    birth_from      date,
    birth_to        date,
    birth_precision text CHECK (birth_precision IN ('day', 'month', 'year', 'range')),
    birth_place     text,
    age_min         smallint CHECK (age_min BETWEEN 0 AND 130),
    age_max         smallint CHECK (age_max BETWEEN 0 AND 130),
    age_as_of       date,
    nationalities   text[] NOT NULL DEFAULT '{}',
    languages       text[] NOT NULL DEFAULT '{}',
    people          text,
    height_min_cm   real CHECK (height_min_cm BETWEEN 30 AND 250),
    height_max_cm   real CHECK (height_max_cm BETWEEN 30 AND 250),
    height_method   text,
    build           text,
    hair_color      text,
    eye_color       text,
    marks           jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(marks) = 'array'),
    dental          jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(dental) = 'array'),
    medical         jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(medical) = 'array'),
    clothing        jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(clothing) = 'array'),
    belongings      jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(belongings) = 'array'),
    phones          text[] NOT NULL DEFAULT '{}',
    documents       text[] NOT NULL DEFAULT '{}',
    companions      text[] NOT NULL DEFAULT '{}',
    -- Which of the four kinds of "no value" a field has: {"birth": "unknown" | "not_asked" | "not_applicable" | "refused"}.
    absent          jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(absent) = 'object'),
    CHECK (birth_from <= birth_to),
    CHECK (age_min <= age_max),
    CHECK (height_min_cm <= height_max_cm)
);
CREATE INDEX person_authority ON person (authority_id);

CREATE TABLE person_name (
    id             uuid PRIMARY KEY,
    authority_id   uuid NOT NULL,
    person_id      uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    seq            smallint NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('legal', 'birth', 'married', 'social', 'nickname', 'alias', 'spelling_variant', 'in_language',
                       'as_recorded')),
    given_names    text,
    first_surname  text,
    second_surname text,
    particle       text,
    full_text      text NOT NULL CHECK (length(full_text) BETWEEN 1 AND 400),
    norm           text NOT NULL
);
CREATE INDEX person_name_person ON person_name (person_id);
CREATE INDEX person_name_norm ON person_name (authority_id, norm text_pattern_ops);

-- ------------------------------------------------------------------------------------------------ cases
CREATE TABLE missing_person_case (
    id                 uuid PRIMARY KEY,
    authority_id       uuid NOT NULL REFERENCES authority,
    folio              text NOT NULL UNIQUE,
    scheme             text,
    external_id        text,
    person_id          uuid NOT NULL REFERENCES person,
    state              text NOT NULL CHECK (state IN ('draft', 'registered', 'information_requested', 'search_active', 'search_suspended',
                           'possible_location', 'located_alive', 'contact_restored', 'contact_refused', 'protection_hold',
                           'identified_deceased', 'family_notified', 'restitution_in_progress', 'restituted', 'follow_up', 'closed',
                           'duplicate_linked', 'withdrawn_by_family', 'reopened', 'identification_revoked')),
    -- GP1: life is presumed; no value but this one can be set.
    presumption        text NOT NULL DEFAULT 'alive' CHECK (presumption = 'alive'),
    intake_channel     text NOT NULL,
    report_language    text,
    report_date        date,
    origin_country     text,
    transit_countries  text[] NOT NULL DEFAULT '{}',
    destination_country text,
    destination_place  text,
    risk_flags         text[] NOT NULL DEFAULT '{}',
    search_types       text[] NOT NULL DEFAULT '{}',
    confidentiality    text NOT NULL DEFAULT 'normal' CHECK (confidentiality IN ('normal', 'restricted', 'sealed')),
    family_phase       smallint NOT NULL DEFAULT 1 CHECK (family_phase BETWEEN 1 AND 4),
    family_updated_at  timestamptz NOT NULL,
    contact_user_id    uuid REFERENCES app_user,
    incident_id        uuid REFERENCES incident,
    -- The case of the same authority under which this one rests while it is `duplicate_linked`.
    duplicate_of       uuid REFERENCES missing_person_case,
    source_name        text,
    -- Columns of a file that no field stands for, as the file spells them: {"header": "value"}.
    extras             jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(extras) = 'object'),
    rev                integer NOT NULL DEFAULT 1,
    created_by         uuid,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL
);
CREATE UNIQUE INDEX case_external ON missing_person_case (authority_id, scheme, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX case_authority_created ON missing_person_case (authority_id, created_at DESC, id DESC);
CREATE INDEX case_person ON missing_person_case (person_id);

-- The last confirmed contact: where silence began.
CREATE TABLE disappearance_event (
    case_id         uuid PRIMARY KEY REFERENCES missing_person_case ON DELETE CASCADE,
    authority_id    uuid NOT NULL,
    contact_from    date,
    contact_to      date,
    contact_precision text CHECK (contact_precision IN ('day', 'month', 'year', 'range')),
    means           text,
    place_name      text,
    country         text,
    admin1          text,
    lat             float8 CHECK (lat BETWEEN -90 AND 90),
    lon             float8 CHECK (lon BETWEEN -180 AND 180),
    uncertainty_m   float8 CHECK (uncertainty_m > 0),
    place_precision text CHECK (place_precision IN ('gps', 'address', 'described', 'vague', 'municipality', 'state', 'country')),
    transport       text,
    circumstances   text,
    CHECK (contact_from <= contact_to),
    CHECK ((lat IS NULL) = (lon IS NULL))
);

-- Legs of a journey and later contacts, in order, each as sure as its source.
CREATE TABLE route_leg (
    id            uuid PRIMARY KEY,
    authority_id  uuid NOT NULL,
    case_id       uuid NOT NULL REFERENCES missing_person_case ON DELETE CASCADE,
    seq           smallint NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('departure', 'contact', 'sighting', 'planned')),
    place_name    text,
    country       text,
    lat           float8,
    lon           float8,
    uncertainty_m float8,
    at_from       date,
    at_to         date,
    transport     text,
    corridor_id   text REFERENCES corridor_route,
    certainty     text NOT NULL DEFAULT 'reported' CHECK (certainty IN ('confirmed', 'reported', 'estimated', 'unknown')),
    UNIQUE (case_id, seq)
);

CREATE TABLE inquirer (
    id            uuid PRIMARY KEY,
    authority_id  uuid NOT NULL,
    case_id       uuid NOT NULL REFERENCES missing_person_case ON DELETE CASCADE,
    name          text NOT NULL,
    relation      text NOT NULL,
    phone         text,
    email         text,
    language      text NOT NULL DEFAULT 'es',
    safe_to_call  text,
    do_not_leave_message boolean NOT NULL DEFAULT true,
    paused        boolean NOT NULL DEFAULT false,
    is_primary    boolean NOT NULL DEFAULT true
);
CREATE INDEX inquirer_case ON inquirer (case_id);

-- The key of a family: folio and PIN. The PIN is stored as an argon2id hash.
CREATE TABLE family_access (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL,
    case_id      uuid NOT NULL UNIQUE REFERENCES missing_person_case ON DELETE CASCADE,
    pin_hash     text NOT NULL,
    created_at   timestamptz NOT NULL
);
CREATE TABLE family_session (
    token_hash   bytea PRIMARY KEY,
    authority_id uuid NOT NULL,
    case_id      uuid NOT NULL REFERENCES missing_person_case ON DELETE CASCADE,
    csrf         text NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);

-- What a family or an association asked and what it was told; neutral, never a finding.
CREATE TABLE case_message (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL,
    case_id      uuid NOT NULL REFERENCES missing_person_case ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('call_request', 'family_information', 'association_question', 'answer')),
    author_kind  text NOT NULL CHECK (author_kind IN ('family', 'association', 'staff')),
    author_authority uuid REFERENCES authority,
    author_user  uuid REFERENCES app_user,
    body         text NOT NULL CHECK (length(body) <= 4000),
    in_reply_to  uuid REFERENCES case_message,
    created_at   timestamptz NOT NULL,
    answered_at  timestamptz
);
CREATE INDEX case_message_case ON case_message (case_id, created_at);

-- A family's mandate to an association to follow its case.
CREATE TABLE mandate (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL,
    case_id      uuid NOT NULL REFERENCES missing_person_case ON DELETE CASCADE,
    association_id uuid NOT NULL REFERENCES authority,
    granted_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    next_contact_on date
);
CREATE UNIQUE INDEX mandate_live ON mandate (case_id, association_id) WHERE revoked_at IS NULL;

CREATE TABLE search_action (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL,
    case_id      uuid NOT NULL REFERENCES missing_person_case ON DELETE CASCADE,
    kind         text NOT NULL,
    addressee    text,
    note         text,
    assigned_to  uuid REFERENCES app_user,
    requested_at timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    done_at      timestamptz,
    result       text CHECK (result IN ('no_result', 'lead', 'refused', 'no_answer', 'done'))
);
CREATE INDEX search_action_open ON search_action (authority_id, due_at) WHERE done_at IS NULL;
CREATE INDEX search_action_case ON search_action (case_id);

-- ------------------------------------------------------------------------------------------------ found records
CREATE TABLE found_record (
    id              uuid PRIMARY KEY,
    authority_id    uuid NOT NULL REFERENCES authority,
    folio           text NOT NULL UNIQUE,
    scheme          text,
    external_id     text,
    person_id       uuid NOT NULL REFERENCES person,
    kind            text NOT NULL CHECK (kind IN ('living', 'hospital', 'detention', 'shelter', 'remains_named', 'remains_unnamed',
                        'foreign_case')),
    state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved', 'withdrawn')),
    found_from      date,
    found_to        date,
    found_precision text CHECK (found_precision IN ('day', 'month', 'year', 'range')),
    place_name      text,
    country         text,
    admin1          text,
    lat             float8 CHECK (lat BETWEEN -90 AND 90),
    lon             float8 CHECK (lon BETWEEN -180 AND 180),
    uncertainty_m   float8 CHECK (uncertainty_m > 0),
    place_precision text CHECK (place_precision IN ('gps', 'address', 'described', 'vague', 'municipality', 'state', 'country')),
    body_state      text,
    pmi_min_days    integer CHECK (pmi_min_days >= 0),
    pmi_max_days    integer,
    wants_contact   text CHECK (wants_contact IN ('yes', 'no', 'undecided', 'not_asked')),
    held_at         text,
    language        text,
    confidentiality text NOT NULL DEFAULT 'normal' CHECK (confidentiality IN ('normal', 'restricted', 'sealed')),
    source_name     text,
    -- Columns of a file that no field stands for, as the file spells them: {"header": "value"}.
    extras             jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(extras) = 'object'),
    rev             integer NOT NULL DEFAULT 1,
    created_by      uuid,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CHECK (found_from <= found_to),
    CHECK (pmi_min_days <= pmi_max_days),
    CHECK ((lat IS NULL) = (lon IS NULL))
);
CREATE UNIQUE INDEX found_external ON found_record (authority_id, scheme, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX found_authority_created ON found_record (authority_id, created_at DESC, id DESC);
CREATE INDEX found_person ON found_record (person_id);

-- Numbers for folios, one sequence per authority, kind and year.
CREATE TABLE folio_counter (
    authority_id uuid NOT NULL,
    kind         text NOT NULL,
    year         smallint NOT NULL,
    last         bigint NOT NULL,
    PRIMARY KEY (authority_id, kind, year)
);

-- Other identifiers a case or record has or had; a search by any of them finds it.
CREATE TABLE external_identifier (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL,
    subject_kind text NOT NULL CHECK (subject_kind IN ('case', 'found_record')),
    subject_id   uuid NOT NULL,
    scheme       text NOT NULL,
    value        text NOT NULL,
    valid_from   date,
    valid_to     date,
    UNIQUE (authority_id, scheme, value, subject_id)
);
CREATE INDEX external_identifier_subject ON external_identifier (subject_id);

-- Nothing is overwritten without trace: the old value, who changed it and why.
CREATE TABLE correction (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL,
    subject_kind text NOT NULL CHECK (subject_kind IN ('case', 'found_record', 'incident')),
    subject_id   uuid NOT NULL,
    field        text NOT NULL,
    old_value    jsonb,
    new_value    jsonb,
    reason       text NOT NULL,
    author       uuid NOT NULL,
    at           timestamptz NOT NULL
);
CREATE INDEX correction_subject ON correction (subject_id, at);

-- ------------------------------------------------------------------------------------------------ consent and agreements
-- One row per purpose and class of recipient, with the categories of data it covers.
CREATE TABLE consent (
    id             uuid PRIMARY KEY,
    authority_id   uuid NOT NULL,
    subject_kind   text NOT NULL CHECK (subject_kind IN ('case', 'found_record')),
    subject_id     uuid NOT NULL,
    form_id        uuid NOT NULL,
    purpose        text NOT NULL CHECK (purpose IN ('search', 'identification', 'consular_assistance', 'legal_defence',
                       'family_information', 'statistics')),
    recipient_kind text NOT NULL,
    categories     text[] NOT NULL CHECK (categories <@ ARRAY['existence', 'identity', 'description', 'circumstances', 'health', 'identifiers',
                       'contact']),
    basis          text NOT NULL DEFAULT 'consent' CHECK (basis IN ('consent', 'vital_interest', 'legal_mandate')),
    language       text NOT NULL,
    explained_by   text NOT NULL,
    granted_by     text NOT NULL,
    form_version   text NOT NULL,
    granted_at     timestamptz NOT NULL,
    expires_at     timestamptz,
    withdrawn_at   timestamptz,
    withdrawn_reason text
);
CREATE INDEX consent_subject ON consent (subject_id) WHERE withdrawn_at IS NULL;
CREATE INDEX consent_subject_all ON consent (subject_id);

CREATE TABLE agreement (
    id           uuid PRIMARY KEY,
    code         text NOT NULL UNIQUE,
    name         text NOT NULL,
    legal_basis  text NOT NULL,
    valid_from   date NOT NULL,
    valid_to     date,
    suspended_at timestamptz,
    -- Whoever stopped it lets it go on: one party's stop is not the other's to lift. Null: the node's operator.
    suspended_by uuid REFERENCES authority,
    created_at   timestamptz NOT NULL
);
CREATE TABLE agreement_grant (
    agreement_id   uuid NOT NULL REFERENCES agreement,
    from_authority uuid NOT NULL REFERENCES authority,
    to_authority   uuid NOT NULL REFERENCES authority,
    purpose        text NOT NULL CHECK (purpose IN ('search', 'identification', 'consular_assistance', 'legal_defence',
                       'family_information', 'statistics')),
    subject_kind   text NOT NULL CHECK (subject_kind IN ('case', 'found_record')),
    categories     text[] NOT NULL CHECK (categories <@ ARRAY['existence', 'identity', 'description', 'circumstances', 'health', 'identifiers',
                       'contact']),
    place_precision text NOT NULL DEFAULT 'municipality',
    PRIMARY KEY (agreement_id, from_authority, to_authority, purpose, subject_kind),
    CHECK (from_authority <> to_authority)
);
CREATE INDEX agreement_grant_to ON agreement_grant (to_authority, from_authority);

-- ------------------------------------------------------------------------------------------------ hypotheses
CREATE TABLE hypothesis (
    id               uuid PRIMARY KEY,
    case_id          uuid NOT NULL REFERENCES missing_person_case ON DELETE CASCADE,
    found_id         uuid NOT NULL REFERENCES found_record ON DELETE CASCADE,
    case_authority   uuid NOT NULL,
    found_authority  uuid NOT NULL,
    -- Who may see it: both owners while both consents stand, only the owner of what was withdrawn afterwards.
    visible_to       uuid[] NOT NULL,
    origin           text NOT NULL CHECK (origin IN ('automatic', 'manual', 'partner_query')),
    state            text NOT NULL CHECK (state IN ('proposed', 'triage_rejected', 'under_review', 'needs_information', 'rejected',
                         'verification_requested', 'verified_support', 'verified_exclusion', 'inconclusive', 'second_review', 'board',
                         'confirmed', 'returned', 'reopened', 'superseded', 'withdrawn')),
    model            text NOT NULL,
    case_rev         integer NOT NULL,
    found_rev        integer NOT NULL,
    log10_odds       float8 NOT NULL,
    log10_prior      float8 NOT NULL,
    probability      float8 NOT NULL,
    coverage         float8 NOT NULL,
    band             text NOT NULL CHECK (band IN ('very_weak', 'weak', 'moderate', 'strong', 'very_strong')),
    -- [{"field", "comparison", "level", "log10_lr", "frequency", "lacking", "worth"}]: levels, weights and how common what agrees is, never the values
    -- compared; of what could not be compared, who lacks it and what it usually brings.
    evidence         jsonb NOT NULL,
    rev              integer NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);
-- One open hypothesis per pair.
CREATE UNIQUE INDEX hypothesis_open_pair ON hypothesis (case_id, found_id)
    WHERE state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn');
CREATE INDEX hypothesis_found ON hypothesis (found_id);
CREATE INDEX hypothesis_case ON hypothesis (case_id);
CREATE INDEX hypothesis_case_authority ON hypothesis (case_authority, log10_odds DESC, id DESC);
CREATE INDEX hypothesis_found_authority ON hypothesis (found_authority, log10_odds DESC, id DESC);

-- What a hypothesis weighed before it was weighed anew: written by a trigger, never changed.
CREATE TABLE hypothesis_score (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hypothesis_id uuid NOT NULL REFERENCES hypothesis ON DELETE CASCADE,
    model         text NOT NULL,
    -- The revisions of the two records it was weighed with.
    case_rev      integer NOT NULL,
    found_rev     integer NOT NULL,
    log10_odds    float8 NOT NULL,
    log10_prior   float8 NOT NULL,
    band          text NOT NULL,
    evidence      jsonb NOT NULL,
    -- When another took its place.
    replaced_at   timestamptz NOT NULL
);
CREATE INDEX hypothesis_score_of ON hypothesis_score (hypothesis_id, id);

-- Open hypotheses weighed anew, case by case, because the model, the prior or the frequencies changed: what with, how far, and where to go on.
CREATE TABLE reweighing (
    id            uuid PRIMARY KEY,
    model         text NOT NULL,
    expected      float8 NOT NULL,
    cases         bigint NOT NULL,
    found_records bigint NOT NULL,
    -- Cases to weigh and weighed, and the last of them.
    total         bigint NOT NULL,
    done          bigint NOT NULL DEFAULT 0,
    after_case    uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    began_at      timestamptz NOT NULL,
    ended_at      timestamptz
);

CREATE TABLE review (
    id            uuid PRIMARY KEY,
    hypothesis_id uuid NOT NULL REFERENCES hypothesis ON DELETE CASCADE,
    authority_id  uuid NOT NULL REFERENCES authority,
    reviewer      uuid NOT NULL REFERENCES app_user,
    round         smallint NOT NULL DEFAULT 1,
    verdict       text NOT NULL CHECK (verdict IN ('support', 'needs_more', 'reject')),
    reason_codes  text[] NOT NULL CHECK (cardinality(reason_codes) > 0),
    strength      text CHECK (strength IN ('absolute', 'strong', 'provisional')),
    note          text NOT NULL,
    conflict_of_interest boolean NOT NULL DEFAULT false,
    at            timestamptz NOT NULL,
    UNIQUE (hypothesis_id, round, reviewer)
);

CREATE TABLE exclusion (
    id            uuid PRIMARY KEY,
    authority_id  uuid NOT NULL REFERENCES authority,
    case_id       uuid NOT NULL REFERENCES missing_person_case ON DELETE CASCADE,
    found_id      uuid NOT NULL REFERENCES found_record ON DELETE CASCADE,
    hypothesis_id uuid REFERENCES hypothesis,
    basis         text NOT NULL CHECK (basis IN ('dna', 'dental', 'fingerprint', 'age', 'sex', 'stature', 'chronology', 'mark',
                      'located_elsewhere', 'family', 'other')),
    strength      text NOT NULL CHECK (strength IN ('absolute', 'strong', 'provisional')),
    case_rev      integer NOT NULL,
    found_rev     integer NOT NULL,
    created_by    uuid NOT NULL,
    created_at    timestamptz NOT NULL,
    reopened_at   timestamptz
);
CREATE INDEX exclusion_pair ON exclusion (case_id, found_id) WHERE reopened_at IS NULL;

-- ------------------------------------------------------------------------------------------------ possible duplicates
-- Two cases, or two found records of one class, that may be of one person. A link merges nothing: both records stay whole under their owners.
CREATE TABLE possible_duplicate (
    id             uuid PRIMARY KEY,
    -- Of which kind both records are; ids of one kind, so no foreign key.
    kind           text NOT NULL CHECK (kind IN ('case', 'found_record')),
    one_id         uuid NOT NULL,
    two_id         uuid NOT NULL,
    one_authority  uuid NOT NULL REFERENCES authority,
    two_authority  uuid NOT NULL REFERENCES authority,
    -- As of a hypothesis: the owners that may see the other's record for search.
    visible_to     uuid[] NOT NULL,
    origin         text NOT NULL CHECK (origin IN ('automatic', 'manual')),
    state          text NOT NULL CHECK (state IN ('proposed', 'link_proposed', 'linked', 'not_duplicate', 'unlinked', 'superseded',
                       'withdrawn')),
    -- Whose word for the link is in while the other owner's is awaited.
    agreed_by      uuid REFERENCES authority,
    model          text NOT NULL,
    log10_odds     float8 NOT NULL,
    log10_prior    float8 NOT NULL,
    probability    float8 NOT NULL,
    coverage       float8 NOT NULL,
    band           text NOT NULL CHECK (band IN ('very_weak', 'weak', 'moderate', 'strong', 'very_strong')),
    evidence       jsonb NOT NULL,
    rev            integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    CHECK (one_id < two_id),
    CHECK ((state = 'link_proposed') = (agreed_by IS NOT NULL))
);
-- One row per pair for good: what was decided is remembered.
CREATE UNIQUE INDEX possible_duplicate_pair ON possible_duplicate (one_id, two_id);
CREATE INDEX possible_duplicate_two ON possible_duplicate (two_id);
CREATE INDEX possible_duplicate_one_authority ON possible_duplicate (one_authority, log10_odds DESC, id DESC);
CREATE INDEX possible_duplicate_two_authority ON possible_duplicate (two_authority, log10_odds DESC, id DESC);

-- Every step of a possible duplicate, in order; a step of the engine's or of a withdrawal has no author.
CREATE TABLE duplicate_step (
    id                    uuid PRIMARY KEY,
    possible_duplicate_id uuid NOT NULL REFERENCES possible_duplicate,
    authority_id          uuid REFERENCES authority,
    author                uuid REFERENCES app_user,
    command               text NOT NULL CHECK (command IN ('propose', 'link', 'mark_not_duplicate', 'unlink', 'supersede', 'withdraw')),
    from_state            text,
    to_state              text NOT NULL,
    reason                text NOT NULL DEFAULT '',
    at                    timestamptz NOT NULL
);
CREATE INDEX duplicate_step_pair ON duplicate_step (possible_duplicate_id, at);
-- How much comparing can tell of a case with what is recorded, as the engine last weighed it.
CREATE TABLE case_information (
    case_id      uuid PRIMARY KEY REFERENCES missing_person_case ON DELETE CASCADE,
    authority_id uuid NOT NULL,
    model        text NOT NULL,
    -- How strong a hypothesis with a record that says the very same would be.
    band         text NOT NULL CHECK (band IN ('very_weak', 'weak', 'moderate', 'strong', 'very_strong')),
    -- [{"field", "told", "log10"}]: what each field brings at most, or would usually bring if it were told.
    fields       jsonb NOT NULL,
    at           timestamptz NOT NULL
);

-- ------------------------------------------------------------------------------------------------ partner queries, alerts, mail
CREATE TABLE partner_query (
    id            uuid PRIMARY KEY,
    authority_id  uuid NOT NULL REFERENCES authority,
    user_id       uuid NOT NULL REFERENCES app_user,
    purpose       text NOT NULL,
    legal_basis   text NOT NULL,
    criteria      jsonb NOT NULL,
    -- What was read from the criteria: a query without an answer stands for a year, and whoever asked hears when there is one.
    words         text[] NOT NULL DEFAULT '{}',
    birth_from    date,
    birth_to      date,
    grade         text NOT NULL CHECK (grade IN ('none', 'related_record')),
    subject_owner uuid REFERENCES authority,
    subject_kind  text,
    subject_id    uuid,
    at            timestamptz NOT NULL
);
CREATE INDEX partner_query_owner ON partner_query (subject_owner, at);
CREATE INDEX partner_query_standing ON partner_query (at) WHERE grade = 'none';

CREATE TABLE notice (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    user_id      uuid REFERENCES app_user,
    kind         text NOT NULL CHECK (kind IN ('own_national', 'own_client', 'hypothesis', 'call_request', 'question', 'answer', 'review_waiting')),
    subject_kind text NOT NULL,
    subject_id   uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    read_at      timestamptz
);
CREATE UNIQUE INDEX notice_once ON notice (authority_id, kind, subject_id) WHERE read_at IS NULL;

CREATE TABLE mail_message (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL,
    to_user      uuid NOT NULL REFERENCES app_user,
    -- An allow-list of neutral texts: a mail can only say that something waits in the portal.
    template     text NOT NULL CHECK (template IN ('something_waits', 'sign_in_changed')),
    language     text NOT NULL,
    created_at   timestamptz NOT NULL,
    sent_at      timestamptz,
    failed_at    timestamptz,
    tries        smallint NOT NULL DEFAULT 0
);

-- ------------------------------------------------------------------------------------------------ audit
-- Append-only: no role may change or delete a row. A list or a batch is one row with all the ids it showed or wrote.
CREATE TABLE audit_event (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL,
    at           timestamptz NOT NULL,
    actor_kind   text NOT NULL CHECK (actor_kind IN ('staff', 'family', 'api_client', 'system', 'operator')),
    user_id      uuid,
    purpose      text NOT NULL,
    action       text NOT NULL,
    subject_kind text NOT NULL,
    subject_ids  uuid[] NOT NULL,
    subject_owner uuid,
    fields       text[] NOT NULL DEFAULT '{}',
    query_digest bytea,
    result_count integer,
    detail       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_event_subject ON audit_event USING gin (subject_ids);
CREATE INDEX audit_event_authority ON audit_event (authority_id, at DESC);

-- ------------------------------------------------------------------------------------------------ work (no owner, ids only)
CREATE TABLE job (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    payload     jsonb NOT NULL,
    dedupe_key  text,
    priority    smallint NOT NULL DEFAULT 0,
    run_after   timestamptz NOT NULL DEFAULT now(),
    tries       smallint NOT NULL DEFAULT 0,
    claimed_by  text,
    lease_until timestamptz,
    failed_at   timestamptz,
    last_error  text,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX job_dedupe ON job (kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND claimed_by IS NULL AND failed_at IS NULL;
CREATE INDEX job_ready ON job (priority DESC, id) WHERE failed_at IS NULL;

-- What changed, for the in-memory indexes. `xid` lets a follower read rows in commit order without losing a late one.
CREATE TABLE change_feed (
    seq    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid    xid8 NOT NULL DEFAULT pg_current_xact_id(),
    kind   text NOT NULL CHECK (kind IN ('case', 'found_record', 'incident', 'policy', 'hypothesis')),
    ids    uuid[] NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX change_feed_xid ON change_feed (xid);

CREATE TABLE outbox (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL,
    subject_kind text NOT NULL,
    subject_id   uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('registered', 'changed', 'consent_withdrawn', 'hypothesis')),
    created_at   timestamptz NOT NULL,
    delivered_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (created_at) WHERE delivered_at IS NULL;

CREATE TABLE idempotency_key (
    authority_id uuid NOT NULL,
    user_id      uuid NOT NULL,
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    request_hash bytea NOT NULL,
    status       smallint NOT NULL,
    location     text,
    body         jsonb,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (authority_id, user_id, key)
);

-- ------------------------------------------------------------------------------------------------ import
CREATE TABLE import_run (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    user_id      uuid,
    kind         text NOT NULL CHECK (kind IN ('cases', 'records', 'mmp')),
    file_name    text NOT NULL,
    file_digest  bytea NOT NULL,
    file_bytes   bigint NOT NULL,
    -- How to read the file (mapping of headers, encoding, conventions) and the consent form that holds for the whole of it.
    options      jsonb NOT NULL DEFAULT '{}',
    scheme       text NOT NULL,
    state        text NOT NULL CHECK (state IN ('checking', 'checked', 'running', 'cancelled', 'finished', 'failed')),
    cancel_requested boolean NOT NULL DEFAULT false,
    done_bytes   bigint NOT NULL DEFAULT 0,
    next_row     bigint NOT NULL DEFAULT 0,
    rows_read    bigint NOT NULL DEFAULT 0,
    accepted     bigint NOT NULL DEFAULT 0,
    warned       bigint NOT NULL DEFAULT 0,
    rejected     bigint NOT NULL DEFAULT 0,
    skipped      bigint NOT NULL DEFAULT 0,
    unchanged    bigint NOT NULL DEFAULT 0,
    differing    bigint NOT NULL DEFAULT 0,
    failure      text,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    finished_at  timestamptz
);
CREATE INDEX import_run_authority ON import_run (authority_id, created_at DESC);
CREATE UNIQUE INDEX import_run_resumable ON import_run (authority_id, kind, file_digest) WHERE state = 'running';

CREATE TABLE import_file (
    run_id       uuid PRIMARY KEY REFERENCES import_run ON DELETE CASCADE,
    authority_id uuid NOT NULL,
    content      bytea NOT NULL
);

CREATE TABLE import_problem (
    run_id       uuid NOT NULL REFERENCES import_run ON DELETE CASCADE,
    authority_id uuid NOT NULL,
    seq          bigint NOT NULL,
    row_no       bigint NOT NULL,
    column_name  text,
    value        text,
    code         text NOT NULL,
    reason       text NOT NULL,
    severity     text NOT NULL CHECK (severity IN ('error', 'warning')),
    PRIMARY KEY (run_id, seq)
);

-- A re-imported row that differs from what is held: to be accepted or refused by a person, never written over.
CREATE TABLE import_difference (
    id           uuid PRIMARY KEY,
    run_id       uuid NOT NULL REFERENCES import_run ON DELETE CASCADE,
    authority_id uuid NOT NULL,
    subject_kind text NOT NULL,
    subject_id   uuid NOT NULL,
    row_no       bigint NOT NULL,
    -- The revision it was compared with, the fields that differ [{"field", "old", "new"}], and the row as the file tells it.
    rev          integer NOT NULL,
    fields       jsonb NOT NULL,
    proposed     jsonb NOT NULL,
    state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'accepted', 'refused')),
    reason       text,
    decided_by   uuid,
    decided_at   timestamptz
);
CREATE INDEX import_difference_run ON import_difference (run_id, row_no);
-- One open question per subject: a later import of the same row renews it.
CREATE UNIQUE INDEX import_difference_pending ON import_difference (authority_id, subject_id) WHERE state = 'pending';
