-- The forensic bank. Who gave a sample, the sample and its custody are registry like the rest. Profiles, pedigrees and what they weigh stand apart, in a
-- schema of their own: under codes, sealed by the program with a key the database does not have, open to one role.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['rastro_genetics', 'rastro_kinship'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- two databases of one cluster migrating at once
            END;
        END IF;
    END LOOP;
END
$$;
-- Whoever works with profiles does what staff do, and that too.
GRANT rastro_web TO rastro_genetics;
GRANT USAGE ON SCHEMA public TO rastro_genetics, rastro_kinship;
GRANT CREATE ON SCHEMA public TO rastro_policy;

ALTER TABLE app_user DROP CONSTRAINT app_user_roles_check;
ALTER TABLE app_user ADD CONSTRAINT app_user_roles_check CHECK (roles <@ ARRAY['search_officer', 'reviewer', 'forensic_officer', 'geneticist',
    'consular_officer', 'public_defender', 'association_member', 'administrator']);
ALTER TABLE change_feed DROP CONSTRAINT change_feed_kind_check;
ALTER TABLE change_feed ADD CONSTRAINT change_feed_kind_check CHECK (kind IN ('case', 'found_record', 'incident', 'policy', 'hypothesis', 'profile', 'pedigree', 'donor'));
ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check CHECK (kind IN ('own_national', 'own_client', 'hypothesis', 'call_request', 'question', 'answer', 'review_waiting',
    'sample_recalled', 'hand_over_overdue'));
ALTER TABLE consent DROP CONSTRAINT consent_subject_kind_check;
ALTER TABLE consent ADD CONSTRAINT consent_subject_kind_check CHECK (subject_kind IN ('case', 'found_record', 'donor'));
ALTER TABLE consent DROP CONSTRAINT consent_categories_check;
ALTER TABLE consent ADD CONSTRAINT consent_categories_check CHECK (categories <@ ARRAY['existence', 'identity', 'description', 'circumstances', 'health',
    'identifiers', 'contact', 'genetics']);

-- ------------------------------------------------------------------------------------------------ donors, samples, custody
-- A relative who gave, or may give, a sample so that somebody is found.
CREATE TABLE donor (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    code         text NOT NULL UNIQUE,
    case_id      uuid NOT NULL REFERENCES missing_person_case,
    -- What the donor is to the missing person.
    relation     text NOT NULL CHECK (relation IN ('mother', 'father', 'child', 'full_sibling', 'half_sibling', 'grandparent', 'grandchild',
                     'uncle_or_aunt', 'nephew_or_niece', 'cousin', 'spouse', 'other')),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 400),
    sex          text CHECK (sex IN ('female', 'male')),
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL
);
CREATE INDEX donor_case ON donor (case_id);
CREATE INDEX donor_authority ON donor (authority_id, created_at DESC, id DESC);

CREATE TABLE sample (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    code         text NOT NULL UNIQUE,
    source       text NOT NULL CHECK (source IN ('relative', 'direct_reference', 'remains', 'staff')),
    donor_id     uuid REFERENCES donor,
    case_id      uuid REFERENCES missing_person_case,
    found_id     uuid REFERENCES found_record,
    staff_id     uuid REFERENCES app_user,
    -- What it was taken from, when it is a part of another sample.
    parent_id    uuid REFERENCES sample,
    material     text NOT NULL CHECK (material IN ('blood', 'saliva', 'hair', 'bone', 'tooth', 'muscle', 'cartilage', 'nail', 'personal_object',
                     'medical_specimen', 'extract', 'other')),
    amount       text,
    preservation text,
    kit_lot      text,
    taken_on     date,
    taken_by     text,
    taken_where  text,
    state        text NOT NULL CHECK (state IN ('planned', 'consented', 'collected', 'sealed', 'in_transit', 'received', 'discrepancy', 'rejected_at_reception',
                     'stored', 'extraction', 'typed', 'failed', 'low_template', 'mixture', 'contaminated', 'resample_recommended', 'profile_reviewed',
                     'banked', 'exhausted', 'consent_withdrawn', 'search_stopped', 'destroyed')),
    note         text,
    rev          integer NOT NULL DEFAULT 1,
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    -- Of one source, which its kind names.
    CHECK ((source = 'relative') = (donor_id IS NOT NULL)),
    CHECK ((source = 'direct_reference') = (case_id IS NOT NULL)),
    CHECK ((source = 'remains') = (found_id IS NOT NULL)),
    CHECK ((source = 'staff') = (staff_id IS NOT NULL))
);
CREATE INDEX sample_authority ON sample (authority_id, created_at DESC, id DESC);
CREATE INDEX sample_donor ON sample (donor_id) WHERE donor_id IS NOT NULL;
CREATE INDEX sample_found ON sample (found_id) WHERE found_id IS NOT NULL;
CREATE INDEX sample_case ON sample (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX sample_parent ON sample (parent_id) WHERE parent_id IS NOT NULL;

-- Every number a sample has or had, its own code too; any of them finds it.
CREATE TABLE sample_identifier (
    sample_id    uuid NOT NULL REFERENCES sample,
    authority_id uuid NOT NULL,
    scheme       text NOT NULL,
    value        text NOT NULL CHECK (length(value) BETWEEN 1 AND 200),
    -- The value as it is searched: capitals, letters and digits only.
    norm         text NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (sample_id, scheme, value)
);
CREATE INDEX sample_identifier_norm ON sample_identifier (norm text_pattern_ops);

-- The ledger of a sample: its lines are numbered without a gap and each holds the hash of the one before. A hand-over stays open until the receiver, and
-- nobody else, writes that it came. Every line is told to the audit with its number and hash, so that a missing last line shows too.
CREATE TABLE custody_event (
    id             uuid PRIMARY KEY,
    -- Who wrote it.
    authority_id   uuid NOT NULL REFERENCES authority,
    user_id        uuid NOT NULL REFERENCES app_user,
    sample_id      uuid NOT NULL REFERENCES sample,
    seq            integer NOT NULL CHECK (seq > 0),
    kind           text NOT NULL CHECK (kind IN ('registered', 'sealed', 'handed_over', 'received', 'discrepancy_resolved', 'stored', 'opened', 'consumed',
                       'search_stopped', 'destroyed')),
    -- Of a reception: the hand-over it answers.
    answers        uuid UNIQUE REFERENCES custody_event,
    to_authority   uuid REFERENCES authority,
    to_name        text,
    seal           text,
    condition      text CHECK (condition IN ('intact', 'opened', 'damaged', 'wet', 'warm', 'wrong_label', 'missing')),
    location       text,
    temperature    text,
    discrepancy    text,
    reason         text,
    -- The second person of a destruction.
    witness        text,
    due_at         timestamptz,
    at             timestamptz NOT NULL,
    prev_hash      bytea NOT NULL,
    hash           bytea NOT NULL,
    UNIQUE (sample_id, seq),
    CHECK ((kind = 'received') = (answers IS NOT NULL)),
    CHECK ((kind = 'handed_over') = (to_authority IS NOT NULL)),
    CHECK (kind <> 'destroyed' OR witness IS NOT NULL)
);
CREATE INDEX custody_event_to ON custody_event (to_authority, at) WHERE to_authority IS NOT NULL;
CREATE INDEX custody_event_due ON custody_event (due_at) WHERE kind = 'handed_over';

-- ------------------------------------------------------------------------------------------------ profiles, pedigrees, results
CREATE SCHEMA bank;
GRANT USAGE ON SCHEMA bank TO rastro_genetics, rastro_kinship, rastro_policy;
GRANT CREATE ON SCHEMA bank TO rastro_policy;

-- Under a code of its own: no name, no folio. What was read is sealed (AES-256-GCM, the id as associated data).
CREATE TABLE bank.profile (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    code         text NOT NULL UNIQUE,
    sample_id    uuid NOT NULL UNIQUE REFERENCES sample,
    -- draft: one reading; discordant: two that differ; concordant: two that agree; searchable: concordant, fit and covered by consent.
    state        text NOT NULL CHECK (state IN ('draft', 'discordant', 'concordant', 'searchable', 'not_searchable', 'withdrawn')),
    -- Why it is looked at twice: partial, three_alleles, off_ladder, sex_conflict, staff_match, duplicate, unknown_locus, one_allele.
    flags        text[] NOT NULL DEFAULT '{}',
    -- Markers at which something was read.
    loci         smallint NOT NULL DEFAULT 0,
    content      bytea,
    -- A keyed hash of all that was read: equal profiles are found without opening them.
    fingerprint  bytea,
    rev          integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE INDEX profile_fingerprint ON bank.profile (fingerprint) WHERE fingerprint IS NOT NULL;

-- One analyst's reading of a sample. Written once.
CREATE TABLE bank.reading (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    profile_id   uuid NOT NULL REFERENCES bank.profile,
    analyst      uuid NOT NULL REFERENCES app_user,
    kit          text NOT NULL,
    laboratory   text NOT NULL,
    run_on       date NOT NULL,
    content      bytea NOT NULL,
    -- The file it was read from, if any.
    file_digest  bytea,
    at           timestamptz NOT NULL
);
CREATE INDEX reading_profile ON bank.reading (profile_id, at);

-- Who descends from whom in one family, as the bank holds it to be: sealed as profiles are.
CREATE TABLE bank.pedigree (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    code         text NOT NULL UNIQUE,
    state        text NOT NULL CHECK (state IN ('draft', 'validated', 'closed')),
    content      bytea NOT NULL,
    rev          integer NOT NULL DEFAULT 1,
    -- Raised by a redrawing and by a donor's withdrawal: what was weighed before is not kept after it.
    epoch        integer NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
-- Which case a missing person of a pedigree is, and which donor somebody else of it.
CREATE TABLE bank.pedigree_missing (
    pedigree_id  uuid NOT NULL REFERENCES bank.pedigree,
    authority_id uuid NOT NULL,
    individual   text NOT NULL,
    case_id      uuid NOT NULL REFERENCES missing_person_case,
    PRIMARY KEY (pedigree_id, individual)
);
CREATE INDEX pedigree_missing_case ON bank.pedigree_missing (case_id);
CREATE TABLE bank.pedigree_donor (
    pedigree_id  uuid NOT NULL REFERENCES bank.pedigree,
    authority_id uuid NOT NULL,
    individual   text NOT NULL,
    donor_id     uuid NOT NULL REFERENCES donor,
    PRIMARY KEY (pedigree_id, individual),
    UNIQUE (pedigree_id, donor_id)
);
CREATE INDEX pedigree_donor_donor ON bank.pedigree_donor (donor_id);

-- What the profile of remains weighs for a missing person of a family. Kept are pairs that speak for it and those somebody looks at.
CREATE TABLE bank.kinship_result (
    pedigree_id  uuid NOT NULL REFERENCES bank.pedigree ON DELETE CASCADE,
    authority_id uuid NOT NULL,
    individual   text NOT NULL,
    case_id      uuid NOT NULL REFERENCES missing_person_case,
    found_id     uuid NOT NULL REFERENCES found_record,
    -- By relatives, or by the missing person's own things.
    basis        text NOT NULL CHECK (basis IN ('kinship', 'direct')),
    -- weighed, or withdrawn with the consent or the profile it rested on.
    state        text NOT NULL CHECK (state IN ('weighed', 'withdrawn')),
    -- log10 of the likelihood ratio; where markers exclude, of the others.
    log10_lr     float8 NOT NULL,
    -- Markers that exclude, and markers compared.
    excluding    smallint NOT NULL,
    compared     smallint NOT NULL,
    -- What sex, Y and mtDNA say, and how many of them exclude.
    lines        text[] NOT NULL DEFAULT '{}',
    conflicts    smallint NOT NULL DEFAULT 0,
    -- Frequencies, mutation model and versions it was weighed with.
    model        text NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (pedigree_id, individual, found_id, basis)
);
CREATE INDEX kinship_result_case ON bank.kinship_result (case_id);
CREATE INDEX kinship_result_found ON bank.kinship_result (found_id);

-- A search of the whole bank: its parts are jobs, so that several workers share it and one that dies loses nothing.
CREATE TABLE bank.search_run (
    id           uuid PRIMARY KEY,
    authority_id uuid REFERENCES authority,
    pedigrees    integer NOT NULL,
    chunks       integer NOT NULL,
    cancelled_at timestamptz,
    began_at     timestamptz NOT NULL,
    ended_at     timestamptz
);
CREATE TABLE bank.search_chunk (
    run_id       uuid NOT NULL REFERENCES bank.search_run ON DELETE CASCADE,
    n            integer NOT NULL,
    pedigrees    uuid[] NOT NULL,
    pairs        bigint,
    kept         integer,
    -- Which worker finished it, and when.
    worker       text,
    done_at      timestamptz,
    PRIMARY KEY (run_id, n)
);

-- Remains and families of one event weighed together: what was asked, and what came of it (no genotype in it).
CREATE TABLE bank.joint_run (
    id           uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES authority,
    title        text NOT NULL,
    cases        uuid[] NOT NULL,
    founds       uuid[] NOT NULL,
    outcome      jsonb,
    -- Why there is none.
    problem      text,
    model        text,
    began_at     timestamptz NOT NULL,
    ended_at     timestamptz
);
CREATE INDEX joint_run_authority ON bank.joint_run (authority_id, began_at);

-- ------------------------------------------------------------------------------------------------ rights
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['public.donor', 'public.sample', 'public.sample_identifier', 'public.custody_event', 'bank.profile', 'bank.reading', 'bank.pedigree',
            'bank.pedigree_missing', 'bank.pedigree_donor', 'bank.kinship_result', 'bank.search_run', 'bank.search_chunk', 'bank.joint_run'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY functions ON %s TO rastro_policy USING (true) WITH CHECK (true)', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['public.donor', 'public.sample', 'public.sample_identifier', 'public.custody_event'] LOOP
        EXECUTE format('CREATE POLICY own ON %s TO rastro_web USING (authority_id = (SELECT app_authority())) WITH CHECK (authority_id = (SELECT app_authority()))', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['bank.profile', 'bank.reading', 'bank.pedigree', 'bank.pedigree_missing', 'bank.pedigree_donor', 'bank.kinship_result',
            'bank.search_run', 'bank.joint_run'] LOOP
        EXECUTE format('CREATE POLICY own ON %s TO rastro_genetics USING (authority_id = (SELECT app_authority())) WITH CHECK (authority_id = (SELECT app_authority()))', t);
    END LOOP;
    CREATE POLICY own ON bank.search_chunk TO rastro_genetics USING (EXISTS (SELECT FROM bank.search_run r WHERE r.id = run_id))
        WITH CHECK (EXISTS (SELECT FROM bank.search_run r WHERE r.id = run_id));
END
$$;

-- Whoever a sample was handed to sees it with its ledger.
CREATE FUNCTION was_handed(wanted_sample uuid, to_whom uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM custody_event e WHERE e.sample_id = wanted_sample AND e.to_authority = to_whom)
$$;
-- A line is written of one's own sample or of one that was handed over.
CREATE FUNCTION may_write_custody(wanted_sample uuid, who uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM sample s WHERE s.id = wanted_sample AND s.authority_id = who) OR was_handed(wanted_sample, who)
$$;
DROP POLICY own ON custody_event;
CREATE POLICY own ON custody_event FOR SELECT TO rastro_web USING (authority_id = (SELECT app_authority()));
CREATE POLICY written ON custody_event FOR INSERT TO rastro_web
    WITH CHECK (authority_id = (SELECT app_authority()) AND may_write_custody(sample_id, (SELECT app_authority())));
-- All of them at once, so that a query asks once and not for every row.
CREATE FUNCTION handed_samples(to_whom uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.sample_id FROM custody_event e WHERE e.to_authority = to_whom
$$;
CREATE POLICY handed ON sample FOR SELECT TO rastro_web USING (id IN (SELECT handed_samples((SELECT app_authority()))));
CREATE POLICY handed ON donor FOR SELECT TO rastro_web
    USING (id IN (SELECT s.donor_id FROM sample s WHERE s.id IN (SELECT handed_samples((SELECT app_authority())))));
CREATE POLICY handed ON sample_identifier FOR SELECT TO rastro_web USING (sample_id IN (SELECT handed_samples((SELECT app_authority()))));
CREATE POLICY handed ON custody_event FOR SELECT TO rastro_web
    USING (sample_id IN (SELECT handed_samples((SELECT app_authority()))) OR EXISTS (SELECT FROM sample s WHERE s.id = custody_event.sample_id AND s.authority_id = (SELECT app_authority())));

GRANT SELECT, INSERT ON donor, sample_identifier, custody_event TO rastro_web;
GRANT SELECT, INSERT ON sample TO rastro_web;
GRANT SELECT ON donor TO rastro_policy;
GRANT SELECT, UPDATE ON sample TO rastro_policy;
GRANT SELECT ON custody_event TO rastro_policy;
GRANT SELECT, INSERT, UPDATE ON bank.profile, bank.pedigree, bank.search_run, bank.search_chunk TO rastro_genetics;
GRANT SELECT, INSERT ON bank.reading, bank.joint_run TO rastro_genetics;
GRANT SELECT, INSERT, DELETE ON bank.pedigree_missing, bank.pedigree_donor TO rastro_genetics;
GRANT SELECT ON bank.kinship_result TO rastro_genetics;
GRANT SELECT, UPDATE ON bank.profile TO rastro_policy;
GRANT SELECT, UPDATE ON bank.pedigree TO rastro_policy;
GRANT SELECT ON bank.pedigree_missing, bank.pedigree_donor TO rastro_policy;
GRANT SELECT, INSERT, UPDATE, DELETE ON bank.kinship_result TO rastro_policy;
GRANT SELECT, INSERT, UPDATE ON bank.search_run, bank.search_chunk TO rastro_policy;
GRANT SELECT, UPDATE ON bank.joint_run TO rastro_policy;
GRANT SELECT ON change_feed TO rastro_kinship;

-- ------------------------------------------------------------------------------------------------ the rules as functions
-- Whether a donor's consent covers an institution's keeping and searching the sample: identification, that kind of institution, genetics, alive.
CREATE FUNCTION donor_consents(wanted_donor uuid, holder uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM authority a
                     JOIN consent k ON k.subject_kind = 'donor' AND k.purpose = 'identification' AND k.recipient_kind = a.kind
                          AND 'genetics' = ANY (k.categories) AND k.withdrawn_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
                    WHERE a.id = holder AND k.subject_id = wanted_donor)
$$;

-- Moves a sample that is still at a revision; its owner and whoever it was handed to may. Which moves there are is the program's to say.
CREATE FUNCTION move_sample(wanted_sample uuid, from_rev integer, to_state text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE sample s SET state = to_state, rev = s.rev + 1, updated_at = move_sample.at
     WHERE s.id = wanted_sample AND s.rev = from_rev AND (s.authority_id = app_authority() OR was_handed(s.id, app_authority()))
       -- What was withdrawn never comes back into use.
       AND (s.state NOT IN ('consent_withdrawn', 'search_stopped', 'destroyed') OR to_state IN (s.state, 'search_stopped', 'destroyed'));
    RETURN FOUND;
END
$$;

-- Profiles that may be searched, with what they are of: all, or those of `only_ids`. Remains while their record is open; relatives while they consent;
-- what a missing person left behind while the case may be compared.
CREATE FUNCTION bank.searchable_profiles(only_ids uuid[])
RETURNS TABLE (id uuid, found_id uuid, donor_id uuid, case_id uuid, content bytea, until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT p.id, s.found_id, s.donor_id, s.case_id, p.content,
           -- Of a relative: when the last consent that covers the bank runs out, if none is without an end.
           CASE WHEN s.source = 'relative' THEN
               (SELECT CASE WHEN bool_and(k.expires_at IS NOT NULL) THEN max(k.expires_at) END
                  FROM authority a JOIN consent k ON k.subject_kind = 'donor' AND k.subject_id = s.donor_id AND k.purpose = 'identification'
                       AND k.recipient_kind = a.kind AND 'genetics' = ANY (k.categories) AND k.withdrawn_at IS NULL
                 WHERE a.id = p.authority_id) END
      FROM bank.profile p JOIN sample s ON s.id = p.sample_id
     WHERE p.state = 'searchable' AND p.content IS NOT NULL AND (only_ids IS NULL OR p.id = ANY (only_ids))
       AND s.state NOT IN ('consent_withdrawn', 'search_stopped', 'destroyed')
       AND CASE s.source
             WHEN 'remains' THEN EXISTS (SELECT FROM found_record f WHERE f.id = s.found_id AND f.state = 'open' AND matchable(f.id, f.confidentiality))
             WHEN 'relative' THEN donor_consents(s.donor_id, p.authority_id)
             WHEN 'direct_reference' THEN EXISTS (SELECT FROM missing_person_case c WHERE c.id = s.case_id AND matchable(c.id, c.confidentiality))
             ELSE false END
     ORDER BY p.id;
END
$$;

-- How many remains families are compared with: a number, and nothing of whose they are.
CREATE FUNCTION bank.remains_in_search() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(DISTINCT f.id) FROM bank.profile p JOIN sample s ON s.id = p.sample_id JOIN found_record f ON f.id = s.found_id
     WHERE p.state = 'searchable' AND p.content IS NOT NULL AND s.source = 'remains' AND f.state = 'open' AND matchable(f.id, f.confidentiality)
$$;

-- Validated pedigrees with their missing persons and donors: all, or those of `only_ids`.
CREATE FUNCTION bank.searchable_pedigrees(only_ids uuid[])
RETURNS TABLE (id uuid, epoch integer, content bytea, missing jsonb, donors jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT p.id, p.epoch, p.content,
           (SELECT COALESCE(jsonb_agg(jsonb_build_object('individual', m.individual, 'case_id', m.case_id) ORDER BY m.individual), '[]')
              FROM bank.pedigree_missing m JOIN missing_person_case c ON c.id = m.case_id
             WHERE m.pedigree_id = p.id AND c.state NOT IN ('draft', 'duplicate_linked', 'withdrawn_by_family') AND matchable(c.id, c.confidentiality)),
           (SELECT COALESCE(jsonb_agg(jsonb_build_object('individual', d.individual, 'donor_id', d.donor_id) ORDER BY d.individual), '[]')
              FROM bank.pedigree_donor d WHERE d.pedigree_id = p.id)
      FROM bank.pedigree p
     WHERE p.state = 'validated' AND (only_ids IS NULL OR p.id = ANY (only_ids))
     ORDER BY p.id;
END
$$;

-- Profiles of any of these found records, donors or cases, searched or not: what is looked at again when one of them changes.
CREATE FUNCTION bank.profiles_of(founds uuid[], donors uuid[], cases uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id FROM bank.profile p JOIN sample s ON s.id = p.sample_id
     WHERE s.found_id = ANY (founds) OR s.donor_id = ANY (donors) OR s.case_id = ANY (cases)
$$;

-- Pedigrees that rest on any of these donors or cases: what is weighed anew when one of them changes.
CREATE FUNCTION bank.pedigrees_of(donors uuid[], cases uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT d.pedigree_id FROM bank.pedigree_donor d WHERE d.donor_id = ANY (donors)
    UNION SELECT m.pedigree_id FROM bank.pedigree_missing m WHERE m.case_id = ANY (cases)
$$;

-- Keeps what pairs weigh: [{"pedigree", "individual", "case", "found", "basis", "log10", "excluding", "compared", "lines", "conflicts"}]. Beside those that speak for kinship (`floor`), a pair
-- is kept that was kept before or that is an open hypothesis, whatever it says now. Answers with the pairs that are other than they were.
CREATE FUNCTION bank.keep_results(results jsonb, floor float8, weighed_with text, at timestamptz)
RETURNS TABLE (case_id uuid, found_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    -- Only of pedigrees that are as they were when they were weighed; nobody redraws or withdraws before this is written.
    WITH held AS MATERIALIZED (
        SELECT p.id, p.epoch, p.authority_id FROM bank.pedigree p
         WHERE p.state = 'validated' AND p.id IN (SELECT (x ->> 'pedigree')::uuid FROM jsonb_array_elements(results) x)
         ORDER BY p.id FOR SHARE
    ), given AS MATERIALIZED (
        SELECT x.*, p.authority_id FROM jsonb_to_recordset(results)
               AS x(pedigree uuid, epoch integer, individual text, "case" uuid, found uuid, basis text, log10 float8, excluding smallint, compared smallint,
                    lines text[], conflicts smallint)
          JOIN held p ON p.id = x.pedigree AND p.epoch = x.epoch
    ), written AS (
    INSERT INTO bank.kinship_result AS r (pedigree_id, authority_id, individual, case_id, found_id, basis, state, log10_lr, excluding, compared, lines, conflicts, model, at)
    SELECT g.pedigree, g.authority_id, g.individual, g."case", g.found, g.basis, 'weighed', g.log10, g.excluding, g.compared, g.lines, g.conflicts, weighed_with, keep_results.at
      FROM given g
     WHERE (g.log10 >= floor AND g.excluding <= 2)
        OR EXISTS (SELECT FROM bank.kinship_result k WHERE (k.pedigree_id, k.individual, k.found_id, k.basis) = (g.pedigree, g.individual, g.found, g.basis))
        OR EXISTS (SELECT FROM hypothesis h WHERE h.case_id = g."case" AND h.found_id = g.found
                      AND h.state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn'))
     ORDER BY g.pedigree, g.individual, g.found, g.basis
    ON CONFLICT (pedigree_id, individual, found_id, basis) DO UPDATE
       SET case_id = excluded.case_id, state = 'weighed', log10_lr = excluded.log10_lr, excluding = excluded.excluding, compared = excluded.compared,
           lines = excluded.lines, conflicts = excluded.conflicts, model = excluded.model, at = excluded.at
     WHERE (r.state, r.log10_lr, r.excluding, r.compared, r.lines, r.conflicts, r.model, r.case_id) IS DISTINCT FROM
           ('weighed', excluded.log10_lr, excluded.excluding, excluded.compared, excluded.lines, excluded.conflicts, excluded.model, excluded.case_id)
    RETURNING r.case_id, r.found_id
    -- What follows is queued with it, so that nothing is lost with whoever asked.
    ), queued AS (
        INSERT INTO job (kind, payload, priority)
        SELECT 'match_records', jsonb_build_object('kind', 'case', 'ids', jsonb_agg(DISTINCT w.case_id)), 20 FROM written w HAVING count(*) > 0
    )
    SELECT w.case_id, w.found_id FROM written w;
END
$$;

-- Of pairs that somebody looks at or that were kept: what a search has to tell of even where it says nothing for kinship.
CREATE FUNCTION bank.watched(cases uuid[], founds uuid[]) RETURNS TABLE (case_id uuid, found_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT k.case_id, k.found_id FROM bank.kinship_result k WHERE k.case_id = ANY (cases) OR k.found_id = ANY (founds)
    UNION
    SELECT h.case_id, h.found_id FROM hypothesis h
     WHERE (h.case_id = ANY (cases) OR h.found_id = ANY (founds))
       AND h.state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn')
$$;

-- Takes back what rested on profiles that are searched no more: of a donor all results of the pedigrees, of remains those of the remains, of a missing person's
-- own things those by them. Answers with the pairs.
CREATE FUNCTION bank.withdraw_results(donors uuid[], founds uuid[], cases uuid[], at timestamptz) RETURNS TABLE (case_id uuid, found_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    -- Locked in the order in which results are written, so that nobody waits for somebody who waits.
    WITH held AS MATERIALIZED (
        SELECT r.pedigree_id, r.individual, r.found_id, r.basis FROM bank.kinship_result r
         WHERE r.state = 'weighed'
           AND (r.found_id = ANY (founds) OR r.pedigree_id IN (SELECT d.pedigree_id FROM bank.pedigree_donor d WHERE d.donor_id = ANY (donors))
                OR (r.basis = 'direct' AND r.case_id = ANY (cases)))
         ORDER BY r.pedigree_id, r.individual, r.found_id, r.basis FOR UPDATE
    ), written AS (
        UPDATE bank.kinship_result r SET state = 'withdrawn', log10_lr = 0, excluding = 0, lines = '{}', conflicts = 0, at = withdraw_results.at
          FROM held h WHERE (r.pedigree_id, r.individual, r.found_id, r.basis) = (h.pedigree_id, h.individual, h.found_id, h.basis)
        RETURNING r.case_id, r.found_id
    ), queued AS (
        INSERT INTO job (kind, payload, priority)
        SELECT 'match_records', jsonb_build_object('kind', 'case', 'ids', jsonb_agg(DISTINCT w.case_id)), 20 FROM written w HAVING count(*) > 0
    )
    SELECT w.case_id, w.found_id FROM written w
$$;

-- Takes back what a pedigree's drawing so far gave, in the transaction that redraws it; it is weighed anew by the search that follows.
CREATE FUNCTION redraw_pedigree(wanted_pedigree uuid, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE bank.pedigree p SET epoch = p.epoch + 1 WHERE p.id = wanted_pedigree AND p.authority_id = app_authority();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    WITH written AS (
        UPDATE bank.kinship_result r SET state = 'withdrawn', log10_lr = 0, excluding = 0, lines = '{}', conflicts = 0, at = redraw_pedigree.at
         WHERE r.state = 'weighed' AND r.pedigree_id = wanted_pedigree
        RETURNING r.case_id
    )
    INSERT INTO job (kind, payload, priority)
    SELECT 'match_records', jsonb_build_object('kind', 'case', 'ids', jsonb_agg(DISTINCT w.case_id)), 20 FROM written w HAVING count(*) > 0;
END
$$;

-- Takes back what came, or is about to come, of weighing families together that rested on donors.
CREATE FUNCTION bank.end_joint(donors uuid[], at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE bank.joint_run j SET outcome = NULL, problem = 'withdrawn', ended_at = COALESCE(j.ended_at, end_joint.at)
     WHERE j.problem IS NULL AND j.cases && ARRAY(
           SELECT m.case_id FROM bank.pedigree_missing m JOIN bank.pedigree_donor d ON d.pedigree_id = m.pedigree_id WHERE d.donor_id = ANY (end_joint.donors))
$$;

-- Ends the search with a donor's profiles, in the transaction that withdraws the consent: profiles, what they weighed, the samples' state.
CREATE FUNCTION stop_search(wanted_donor uuid, at timestamptz) RETURNS TABLE (case_id uuid, found_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM donor d WHERE d.id = wanted_donor AND d.authority_id = app_authority()) THEN
        RETURN;
    END IF;
    PERFORM FROM bank.pedigree p WHERE p.id IN (SELECT d.pedigree_id FROM bank.pedigree_donor d WHERE d.donor_id = wanted_donor) ORDER BY p.id FOR UPDATE;
    UPDATE bank.pedigree p SET epoch = p.epoch + 1
      FROM bank.pedigree_donor d WHERE d.pedigree_id = p.id AND d.donor_id = wanted_donor;
    UPDATE bank.profile p SET state = 'withdrawn', updated_at = stop_search.at, rev = p.rev + 1
      FROM sample s WHERE s.id = p.sample_id AND s.donor_id = wanted_donor AND p.state <> 'withdrawn';
    UPDATE sample s SET state = 'consent_withdrawn', updated_at = stop_search.at, rev = s.rev + 1
     WHERE s.donor_id = wanted_donor AND s.state NOT IN ('destroyed', 'consent_withdrawn', 'search_stopped');
    -- Whoever has, or had, any of it is called upon to end what is done with it.
    INSERT INTO notice (id, authority_id, kind, subject_kind, subject_id, created_at)
    SELECT gen_random_uuid(), holder, 'sample_recalled', 'sample', x.id, stop_search.at
      FROM (SELECT s.id, s.authority_id AS holder FROM sample s WHERE s.donor_id = wanted_donor AND s.state <> 'destroyed'
            UNION SELECT s.id, e.to_authority FROM sample s JOIN custody_event e ON e.sample_id = s.id AND e.kind = 'handed_over'
             WHERE s.donor_id = wanted_donor AND s.state <> 'destroyed') x
    ON CONFLICT DO NOTHING;
    PERFORM bank.end_joint(ARRAY[wanted_donor], stop_search.at);
    RETURN QUERY SELECT w.case_id, w.found_id FROM bank.withdraw_results(ARRAY[wanted_donor], '{}', '{}', stop_search.at) w;
END
$$;

-- Tells both ends of hand-overs that nobody has answered in time. How many were told.
CREATE FUNCTION remind_hand_overs(at timestamptz, hours bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    told bigint;
BEGIN
    INSERT INTO notice (id, authority_id, kind, subject_kind, subject_id, created_at)
    SELECT gen_random_uuid(), party, 'hand_over_overdue', 'sample', e.sample_id, remind_hand_overs.at
      FROM custody_event e CROSS JOIN LATERAL unnest(ARRAY[e.authority_id, e.to_authority]) AS party
     WHERE e.kind = 'handed_over' AND NOT EXISTS (SELECT FROM custody_event r WHERE r.answers = e.id)
       AND COALESCE(e.due_at + interval '24 hours', e.at + hours * interval '1 hour') < remind_hand_overs.at
       AND NOT EXISTS (SELECT FROM notice n WHERE n.authority_id = party AND n.kind = 'hand_over_overdue' AND n.subject_id = e.sample_id AND n.created_at > e.at)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS told = ROW_COUNT;
    RETURN told;
END
$$;

-- Queues the search anew for donors whose consent has run out while what was weighed before that still stands. How many they are.
CREATE FUNCTION end_expired_consents(at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended uuid[];
BEGIN
    SELECT array_agg(DISTINCT d.donor_id) INTO ended
      FROM consent k JOIN bank.pedigree_donor d ON d.donor_id = k.subject_id AND NOT donor_consents(d.donor_id, d.authority_id)
      JOIN bank.kinship_result r ON r.pedigree_id = d.pedigree_id AND r.state = 'weighed' AND r.at < k.expires_at
     WHERE k.subject_kind = 'donor' AND k.purpose = 'identification' AND k.expires_at <= end_expired_consents.at;
    IF ended IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM bank.end_joint(ended, end_expired_consents.at);
    INSERT INTO job (kind, payload, priority) VALUES ('search_bank', jsonb_build_object('donors', to_jsonb(ended)), 20);
    RETURN cardinality(ended);
END
$$;

-- What DNA says of pairs of these subjects, for the matcher: weights and whether what they rested on was withdrawn, never a genotype. Of several families of a
-- case the one compared at most markers speaks, and beside it the missing person's own things.
CREATE FUNCTION matcher_kinship(wanted_kind text, subjects uuid[])
RETURNS TABLE (case_id uuid, found_id uuid, withdrawn boolean, log10_lr float8, excluding smallint, conflicts smallint, direct_log10_lr float8,
               direct_excluding smallint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH one AS (
        SELECT DISTINCT ON (r.case_id, r.found_id, r.basis) r.*
          FROM bank.kinship_result r
         WHERE (wanted_kind = 'case' AND r.case_id = ANY (subjects)) OR (wanted_kind = 'found_record' AND r.found_id = ANY (subjects))
         ORDER BY r.case_id, r.found_id, r.basis, r.state = 'withdrawn', r.compared DESC, r.pedigree_id
    )
    SELECT o.case_id, o.found_id, bool_and(o.state = 'withdrawn'),
           COALESCE(max(o.log10_lr) FILTER (WHERE o.basis = 'kinship'), 0), COALESCE(max(o.excluding) FILTER (WHERE o.basis = 'kinship'), 0::smallint),
           max(o.conflicts), max(o.log10_lr) FILTER (WHERE o.basis = 'direct' AND o.state = 'weighed'),
           max(o.excluding) FILTER (WHERE o.basis = 'direct' AND o.state = 'weighed')
      FROM one o GROUP BY o.case_id, o.found_id ORDER BY o.case_id, o.found_id
$$;

-- A run's parts: what is to do, what is done.
CREATE FUNCTION bank.chunk(wanted_run uuid, wanted_n integer) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.pedigrees FROM bank.search_chunk c JOIN bank.search_run r ON r.id = c.run_id
     WHERE c.run_id = wanted_run AND c.n = wanted_n AND c.done_at IS NULL AND r.cancelled_at IS NULL
$$;
CREATE FUNCTION bank.chunk_done(wanted_run uuid, wanted_n integer, by_worker text, looked_at bigint, held integer, at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE bank.search_chunk c SET done_at = chunk_done.at, pairs = looked_at, kept = held, worker = by_worker
     WHERE c.run_id = wanted_run AND c.n = wanted_n AND c.done_at IS NULL;
    -- The run's row is locked by whoever is last, so that two that end at once do not both see the other's part missing.
    PERFORM FROM bank.search_run r WHERE r.id = wanted_run FOR UPDATE;
    UPDATE bank.search_run r SET ended_at = chunk_done.at
     WHERE r.id = wanted_run AND r.ended_at IS NULL AND NOT EXISTS (SELECT FROM bank.search_chunk c WHERE c.run_id = r.id AND c.done_at IS NULL);
    RETURN FOUND;
END
$$;

-- What is asked of a joint identification that has not ended, and its end. Families are those of the asking authority.
CREATE FUNCTION bank.joint(wanted_run uuid) RETURNS TABLE (cases uuid[], founds uuid[], pedigrees uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT j.cases, j.founds,
           (SELECT COALESCE(array_agg(DISTINCT p.id), '{}') FROM bank.pedigree_missing m JOIN bank.pedigree p ON p.id = m.pedigree_id
             WHERE m.case_id = ANY (j.cases) AND p.authority_id = j.authority_id AND p.state = 'validated')
      FROM bank.joint_run j WHERE j.id = wanted_run AND j.ended_at IS NULL
$$;
CREATE FUNCTION bank.joint_done(wanted_run uuid, came_of_it jsonb, went_wrong text, weighed_with text, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE bank.joint_run j SET outcome = came_of_it, problem = went_wrong, model = weighed_with, ended_at = joint_done.at
     WHERE j.id = wanted_run AND j.ended_at IS NULL
$$;

DO $$
DECLARE
    f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['bank.joint(uuid)', 'bank.end_joint(uuid[], timestamptz)', 'bank.joint_done(uuid, jsonb, text, text, timestamptz)', 'was_handed(uuid, uuid)', 'handed_samples(uuid)', 'end_expired_consents(timestamptz)', 'may_write_custody(uuid, uuid)', 'bank.profiles_of(uuid[], uuid[], uuid[])', 'redraw_pedigree(uuid, timestamptz)', 'move_sample(uuid, integer, text, timestamptz)', 'remind_hand_overs(timestamptz, bigint)', 'donor_consents(uuid, uuid)', 'bank.searchable_profiles(uuid[])', 'bank.remains_in_search()', 'bank.searchable_pedigrees(uuid[])',
            'bank.pedigrees_of(uuid[], uuid[])', 'bank.keep_results(jsonb, float8, text, timestamptz)', 'bank.watched(uuid[], uuid[])',
            'bank.withdraw_results(uuid[], uuid[], uuid[], timestamptz)', 'stop_search(uuid, timestamptz)', 'matcher_kinship(text, uuid[])',
            'bank.chunk(uuid, integer)', 'bank.chunk_done(uuid, integer, text, bigint, integer, timestamptz)'] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO rastro_policy', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION remind_hand_overs(timestamptz, bigint), end_expired_consents(timestamptz) TO rastro_jobs;
GRANT EXECUTE ON FUNCTION redraw_pedigree(uuid, timestamptz) TO rastro_genetics;
GRANT EXECUTE ON FUNCTION bank.profiles_of(uuid[], uuid[], uuid[]) TO rastro_kinship;
GRANT EXECUTE ON FUNCTION was_handed(uuid, uuid), handed_samples(uuid), may_write_custody(uuid, uuid), move_sample(uuid, integer, text, timestamptz), donor_consents(uuid, uuid), stop_search(uuid, timestamptz) TO rastro_web;
GRANT EXECUTE ON FUNCTION bank.remains_in_search() TO rastro_genetics;
GRANT EXECUTE ON FUNCTION matcher_kinship(text, uuid[]) TO rastro_matcher;
GRANT EXECUTE ON FUNCTION bank.joint(uuid), bank.joint_done(uuid, jsonb, text, text, timestamptz), bank.searchable_profiles(uuid[]), bank.searchable_pedigrees(uuid[]), bank.pedigrees_of(uuid[], uuid[]),
    bank.keep_results(jsonb, float8, text, timestamptz), bank.watched(uuid[], uuid[]), bank.withdraw_results(uuid[], uuid[], uuid[], timestamptz),
    bank.chunk(uuid, integer), bank.chunk_done(uuid, integer, text, bigint, integer, timestamptz) TO rastro_kinship;

CREATE TRIGGER custody_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON custody_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reading_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bank.reading FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

REVOKE CREATE ON SCHEMA public FROM rastro_policy;
REVOKE CREATE ON SCHEMA bank FROM rastro_policy;
