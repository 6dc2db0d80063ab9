-- Tenancy: who may see and write which rows. Every transaction of the program names a role, an authority, a user and a purpose
-- (db::tenant); without them these functions answer NULL and every policy answers no.

CREATE FUNCTION app_authority() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.authority', true), '')::uuid $$;
CREATE FUNCTION app_user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.user', true), '')::uuid $$;
CREATE FUNCTION app_purpose() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.purpose', true), '') $$;

-- ---------------------------------------------------------------------------------------------- agreement AND consent AND purpose
-- The one place in the database that holds the rule: which categories of a subject a recipient may see for a purpose, and by which source.
-- Remains are public duty: the agreement alone decides while the record is not restricted. Everything else needs a live consent (or recorded
-- other basis) for that purpose and class of recipient. A mandate lets an association see that the case exists and whose it is.
CREATE VIEW live_grant AS
    SELECT g.from_authority, g.to_authority, g.purpose, g.subject_kind, g.categories, r.kind AS recipient_kind
      FROM agreement_grant g
      JOIN agreement a ON a.id = g.agreement_id AND a.suspended_at IS NULL
           AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to >= CURRENT_DATE)
      JOIN authority r ON r.id = g.to_authority;
CREATE VIEW shared_with AS
    SELECT g.from_authority AS owner, g.subject_kind, f.id AS subject_id, g.to_authority AS recipient, g.purpose, g.categories
      FROM live_grant g
      JOIN found_record f ON f.authority_id = g.from_authority AND f.kind IN ('remains_named', 'remains_unnamed')
           AND f.confidentiality = 'normal' AND f.state <> 'withdrawn'
     WHERE g.subject_kind = 'found_record' AND NOT EXISTS (SELECT FROM consent k WHERE k.subject_id = f.id)
    UNION ALL
    SELECT g.from_authority, g.subject_kind, k.subject_id, g.to_authority, g.purpose,
           ARRAY(SELECT unnest(k.categories) INTERSECT SELECT unnest(g.categories))
      FROM live_grant g
      JOIN consent k ON k.authority_id = g.from_authority AND k.subject_kind = g.subject_kind AND k.purpose = g.purpose
           AND k.recipient_kind = g.recipient_kind AND k.categories && g.categories
           AND k.withdrawn_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
     WHERE NOT EXISTS (SELECT FROM missing_person_case m WHERE m.id = k.subject_id
                       AND (m.confidentiality <> 'normal' OR m.state = 'withdrawn_by_family'))
       AND NOT EXISTS (SELECT FROM found_record f WHERE f.id = k.subject_id AND (f.confidentiality <> 'normal' OR f.state = 'withdrawn'))
    UNION ALL
    SELECT m.authority_id, 'case', m.case_id, m.association_id, 'family_information', ARRAY['existence', 'identity']
      FROM mandate m
     WHERE m.revoked_at IS NULL;

-- The categories of one subject for one recipient and purpose. (plpgsql, not sql: its plans are kept, which makes a call 50 times cheaper.)
CREATE FUNCTION shared_categories(wanted_owner uuid, wanted_kind text, subject uuid, wanted_recipient uuid, wanted_purpose text)
RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
    SELECT COALESCE(array_agg(DISTINCT category), '{}')
      FROM shared_with s CROSS JOIN LATERAL unnest(s.categories) AS category
     WHERE s.subject_id = subject AND s.subject_kind = wanted_kind AND s.owner = wanted_owner AND s.recipient = wanted_recipient
       AND s.purpose = wanted_purpose);
END
$$;

-- The other authorities that have any agreement with the asking one: the cheap first half of every cross-authority policy.
-- (plpgsql for its kept plan: planned at every call, its millisecond told from outside whether a record is there.)
CREATE FUNCTION app_partners() RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT g.from_authority FROM agreement_grant g WHERE g.to_authority = app_authority() AND g.purpose = app_purpose()
    UNION
    SELECT m.authority_id FROM mandate m WHERE m.association_id = app_authority() AND m.revoked_at IS NULL;
END
$$;

-- The authorities from which the asking one has anything of this kind for search, by an agreement that runs today: what a hypothesis rests on.
CREATE FUNCTION app_search_givers(wanted_kind text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT g.from_authority FROM live_grant g
     WHERE g.to_authority = app_authority() AND g.purpose = 'search' AND g.subject_kind = wanted_kind;
END
$$;

CREATE FUNCTION app_can_see(owner uuid, kind text, subject uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT cardinality(shared_categories(owner, kind, subject, app_authority(), app_purpose())) > 0
$$;

-- Whether a category of the record that describes a person is shared with the asking authority: what a query may touch.
CREATE FUNCTION disclosed(wanted_person uuid, owner uuid, category text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM missing_person_case c WHERE c.person_id = wanted_person
                      AND category = ANY (shared_categories(owner, 'case', c.id, app_authority(), app_purpose())))
        OR EXISTS (SELECT FROM found_record f WHERE f.person_id = wanted_person
                      AND category = ANY (shared_categories(owner, 'found_record', f.id, app_authority(), app_purpose())))
$$;

-- How many verdicts a hypothesis has from other institutions: a number, so that the second review stays blind.
CREATE FUNCTION review_count(hypothesis uuid, in_round smallint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) FROM review r WHERE r.hypothesis_id = hypothesis AND r.round = in_round
$$;

-- ---------------------------------------------------------------------------------------------- row-level security
DO $$
DECLARE
    t text;
BEGIN
    -- Every table with an owner. A test walks the catalogue and fails when one is missing.
    FOR t IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'authority_id' AND NOT a.attisdropped
              WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
             UNION SELECT 'hypothesis' UNION SELECT 'hypothesis_score' UNION SELECT 'possible_duplicate' UNION SELECT 'agreement' UNION SELECT 'agreement_grant'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    END LOOP;

    -- Seen and written by its owner only.
    FOREACH t IN ARRAY ARRAY['app_user', 'api_client', 'inquirer', 'family_access', 'search_action', 'folio_counter', 'external_identifier',
            'correction', 'consent', 'notice', 'mail_message', 'outbox', 'idempotency_key', 'import_run', 'import_file', 'import_problem',
            'import_difference', 'family_session', 'staff_session', 'refresh_token', 'case_information']
    LOOP
        EXECUTE format('CREATE POLICY own ON %I TO rastro_web USING (authority_id = (SELECT app_authority()))
                        WITH CHECK (authority_id = (SELECT app_authority()))', t);
    END LOOP;

    -- Written by the owner; seen by others as far as agreement, consent and purpose go.
    FOREACH t IN ARRAY ARRAY['missing_person_case', 'found_record', 'person', 'person_name', 'disappearance_event', 'route_leg'] LOOP
        EXECUTE format('CREATE POLICY own ON %I TO rastro_web USING (authority_id = (SELECT app_authority()))
                        WITH CHECK (authority_id = (SELECT app_authority()))', t);
    END LOOP;

    -- The policy role owns the narrow functions below and nothing logs in as it.
    FOREACH t IN ARRAY ARRAY['missing_person_case', 'found_record', 'person', 'person_name', 'disappearance_event', 'route_leg', 'consent',
            'mandate', 'agreement', 'agreement_grant', 'hypothesis', 'hypothesis_score', 'exclusion', 'app_user', 'notice', 'mail_message', 'outbox', 'review', 'partner_query',
            'possible_duplicate', 'duplicate_step', 'case_information'] LOOP
        EXECUTE format('CREATE POLICY functions ON %I TO rastro_policy USING (true) WITH CHECK (true)', t);
    END LOOP;

    -- Signing in happens before an authority is known.
    FOREACH t IN ARRAY ARRAY['app_user', 'staff_session', 'api_client', 'refresh_token', 'family_access', 'family_session', 'agreement',
            'agreement_grant', 'missing_person_case', 'audit_event', 'mandate'] LOOP
        EXECUTE format('CREATE POLICY sign_in ON %I TO rastro_auth USING (true) WITH CHECK (true)', t);
    END LOOP;

    FOREACH t IN ARRAY ARRAY['mail_message', 'outbox', 'app_user', 'audit_event', 'idempotency_key', 'import_run'] LOOP
        EXECUTE format('CREATE POLICY work ON %I TO rastro_jobs USING (true) WITH CHECK (true)', t);
    END LOOP;
END
$$;

CREATE POLICY shared ON missing_person_case FOR SELECT TO rastro_web
    USING (authority_id IN (SELECT app_partners()) AND app_can_see(authority_id, 'case', id));
CREATE POLICY shared ON found_record FOR SELECT TO rastro_web
    USING (authority_id IN (SELECT app_partners()) AND app_can_see(authority_id, 'found_record', id));
CREATE POLICY shared ON person FOR SELECT TO rastro_web
    USING (authority_id IN (SELECT app_partners())
           AND (EXISTS (SELECT FROM missing_person_case c WHERE c.person_id = person.id)
                OR EXISTS (SELECT FROM found_record f WHERE f.person_id = person.id)));
CREATE POLICY shared ON person_name FOR SELECT TO rastro_web
    USING (authority_id IN (SELECT app_partners()) AND EXISTS (SELECT FROM person p WHERE p.id = person_name.person_id));
CREATE POLICY shared ON disappearance_event FOR SELECT TO rastro_web
    USING (authority_id IN (SELECT app_partners()) AND EXISTS (SELECT FROM missing_person_case c WHERE c.id = disappearance_event.case_id));
CREATE POLICY shared ON route_leg FOR SELECT TO rastro_web
    USING (authority_id IN (SELECT app_partners()) AND EXISTS (SELECT FROM missing_person_case c WHERE c.id = route_leg.case_id));

CREATE POLICY parties ON case_message TO rastro_web
    USING (authority_id = (SELECT app_authority()) OR author_authority = (SELECT app_authority()))
    WITH CHECK (authority_id = (SELECT app_authority()) OR author_authority = (SELECT app_authority()));
CREATE POLICY own ON mandate TO rastro_web USING (authority_id = (SELECT app_authority())) WITH CHECK (authority_id = (SELECT app_authority()));
CREATE POLICY association ON mandate FOR SELECT TO rastro_web USING (association_id = (SELECT app_authority()) AND revoked_at IS NULL);
-- `visible_to` says who may see the records of both sides; the agreement itself is asked with every statement, so that one that was stopped or
-- has run out ends the sight at once. What was confirmed or withdrawn stays the history of those it was.
CREATE POLICY parties ON hypothesis TO rastro_web
    USING ((SELECT app_authority()) = ANY (visible_to)
           AND (case_authority = found_authority OR state IN ('confirmed', 'withdrawn')
                OR (case_authority = (SELECT app_authority()) AND found_authority IN (SELECT app_search_givers('found_record')))
                OR (found_authority = (SELECT app_authority()) AND case_authority IN (SELECT app_search_givers('case')))))
    WITH CHECK ((SELECT app_authority()) = ANY (visible_to));
CREATE POLICY parties ON hypothesis_score FOR SELECT TO rastro_web
    USING (EXISTS (SELECT FROM hypothesis h WHERE h.id = hypothesis_score.hypothesis_id));
-- The second reviewer does not see the first verdict before giving their own: a round opens when both are in, whatever state is reached by hand.
CREATE POLICY blind ON review FOR SELECT TO rastro_web
    USING (reviewer = (SELECT app_user_id())
           OR (review_count(hypothesis_id, round) >= 2 AND EXISTS (SELECT FROM hypothesis h WHERE h.id = review.hypothesis_id)));
CREATE POLICY own_verdict ON review FOR INSERT TO rastro_web
    WITH CHECK (authority_id = (SELECT app_authority()) AND reviewer = (SELECT app_user_id())
                AND EXISTS (SELECT FROM hypothesis h WHERE h.id = review.hypothesis_id));
CREATE POLICY parties ON exclusion FOR SELECT TO rastro_web
    USING (authority_id = (SELECT app_authority()) OR EXISTS (SELECT FROM hypothesis h WHERE h.id = exclusion.hypothesis_id));
CREATE POLICY own ON exclusion FOR INSERT TO rastro_web WITH CHECK (authority_id = (SELECT app_authority()));
-- As hypotheses: whoever may see the other's record for search, while an agreement runs. Third institutions see no pair of others' records.
CREATE POLICY parties ON possible_duplicate TO rastro_web
    USING ((SELECT app_authority()) = ANY (visible_to)
           AND (one_authority = two_authority OR state = 'withdrawn'
                OR (kind = 'case' AND CASE WHEN one_authority = (SELECT app_authority()) THEN two_authority ELSE one_authority END
                                      IN (SELECT app_search_givers('case')))
                OR (kind = 'found_record' AND CASE WHEN one_authority = (SELECT app_authority()) THEN two_authority ELSE one_authority END
                                              IN (SELECT app_search_givers('found_record')))))
    WITH CHECK ((SELECT app_authority()) = ANY (visible_to));
CREATE POLICY parties ON duplicate_step FOR SELECT TO rastro_web
    USING (EXISTS (SELECT FROM possible_duplicate d WHERE d.id = duplicate_step.possible_duplicate_id));
CREATE POLICY own ON duplicate_step FOR INSERT TO rastro_web
    WITH CHECK (authority_id = (SELECT app_authority()) AND author = (SELECT app_user_id())
                AND EXISTS (SELECT FROM possible_duplicate d WHERE d.id = duplicate_step.possible_duplicate_id));
CREATE POLICY parties ON partner_query FOR SELECT TO rastro_web
    USING (authority_id = (SELECT app_authority()) OR subject_owner = (SELECT app_authority()));
CREATE POLICY own ON partner_query FOR INSERT TO rastro_web WITH CHECK (authority_id = (SELECT app_authority()));
CREATE POLICY parties ON agreement FOR SELECT TO rastro_web
    USING (EXISTS (SELECT FROM agreement_grant g WHERE g.agreement_id = agreement.id));
CREATE POLICY parties ON agreement_grant FOR SELECT TO rastro_web
    USING (from_authority = (SELECT app_authority()) OR to_authority = (SELECT app_authority()));
-- What an authority did, and what was done with what is its own.
CREATE POLICY own ON audit_event FOR SELECT TO rastro_web
    USING (authority_id = (SELECT app_authority()) OR subject_owner = (SELECT app_authority()));
CREATE POLICY append ON audit_event FOR INSERT TO rastro_web WITH CHECK (authority_id = (SELECT app_authority()));

-- ---------------------------------------------------------------------------------------------- grants
GRANT SELECT ON authority, gazetteer_place, corridor_route, corridor_edge, corridor_membership, corridor_stop, incident TO rastro_web, rastro_auth,
    rastro_jobs, rastro_policy;
GRANT SELECT, INSERT, UPDATE ON missing_person_case, found_record, person, disappearance_event, inquirer, search_action, folio_counter,
    external_identifier, consent, hypothesis, possible_duplicate, case_message, mandate, notice, import_run, import_difference, family_access TO rastro_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON person_name, route_leg, import_file, import_problem TO rastro_web;
GRANT SELECT, INSERT ON correction, review, exclusion, duplicate_step, partner_query, audit_event, mail_message, outbox, idempotency_key,
    job, change_feed TO rastro_web;
GRANT INSERT, UPDATE ON incident TO rastro_web;
-- A new PIN ends the sessions that the old one opened.
GRANT SELECT (authority_id, case_id), DELETE ON family_session TO rastro_web;
GRANT SELECT ON app_user, agreement, agreement_grant, case_information TO rastro_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON app_user, staff_session, sign_in_attempt, api_client, refresh_token, family_access, family_session
    TO rastro_auth;
GRANT SELECT, INSERT, UPDATE ON authority, agreement, agreement_grant, mandate TO rastro_auth;
GRANT SELECT (id, authority_id, folio, person_id) ON missing_person_case TO rastro_auth;
GRANT INSERT ON audit_event, change_feed, job TO rastro_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON job, change_feed, outbox, mail_message, idempotency_key, sign_in_attempt TO rastro_jobs;
GRANT SELECT (id, email, language, authority_id, disabled_at) ON app_user TO rastro_jobs;
GRANT SELECT ON import_run TO rastro_jobs;
GRANT INSERT ON audit_event TO rastro_jobs;
GRANT INSERT, DELETE ON gazetteer_place, corridor_route, corridor_edge, corridor_membership, corridor_stop TO rastro_jobs;
GRANT INSERT ON incident TO rastro_jobs;
GRANT SELECT ON change_feed TO rastro_matcher;
GRANT SELECT ON missing_person_case, found_record, person, person_name, disappearance_event, route_leg, consent, mandate, agreement, agreement_grant,
    app_user, partner_query TO rastro_policy;
GRANT SELECT, INSERT, UPDATE ON hypothesis, exclusion, possible_duplicate, case_information TO rastro_policy;
GRANT SELECT, INSERT ON duplicate_step TO rastro_policy;
GRANT SELECT ON hypothesis_score TO rastro_web;
GRANT SELECT, INSERT ON hypothesis_score TO rastro_policy;
GRANT SELECT, INSERT, UPDATE ON reweighing TO rastro_jobs;
GRANT SELECT, INSERT ON notice, mail_message, outbox, change_feed, job TO rastro_policy;
DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO rastro_web', current_database()); END $$;

-- ---------------------------------------------------------------------------------------------- the matcher's narrow functions
-- May the engine compare it at all: a live consent to search, or a record on which no consent was ever asked (ex officio, own authority only).
CREATE FUNCTION matchable(subject uuid, level text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
    SELECT level <> 'sealed' AND (
        NOT EXISTS (SELECT FROM consent k WHERE k.subject_id = subject)
        OR EXISTS (SELECT FROM consent k WHERE k.subject_id = subject AND k.purpose = 'search' AND k.withdrawn_at IS NULL
                   AND (k.expires_at IS NULL OR k.expires_at > now()))));
END
$$;

-- The records the engine may compare, with the other authorities that may see them for search: all, or those of `only_ids`.
CREATE FUNCTION matcher_subjects(wanted_kind text, only_ids uuid[])
RETURNS TABLE (id uuid, authority_id uuid, rev integer, recipients uuid[], record_kind text, language text,
               sex text, birth_from date, birth_to date, age_min smallint, age_max smallint, age_as_of date, nationalities text[],
               height_min_cm real, height_max_cm real, build text, hair_color text, eye_color text, marks jsonb, dental jsonb, clothing jsonb,
               belongings jsonb, phones text[], documents text[], companions text[], names jsonb,
               place_name text, country text, lat float8, lon float8, uncertainty_m float8, event_from date, event_to date, pmi_min_days integer,
               pmi_max_days integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY EXECUTE format($query$
    WITH subject AS (
        SELECT c.id, c.authority_id, c.rev, 'case' AS record_kind, c.report_language AS language, c.person_id, c.confidentiality,
               e.place_name, e.country, e.lat, e.lon, e.uncertainty_m, e.contact_from AS event_from, e.contact_to AS event_to,
               NULL::integer AS pmi_min_days, NULL::integer AS pmi_max_days
          FROM missing_person_case c
          LEFT JOIN disappearance_event e ON e.case_id = c.id
         WHERE $1 = 'case'
           AND c.state NOT IN ('draft', 'duplicate_linked', 'withdrawn_by_family', 'closed', 'restituted', 'contact_restored', 'contact_refused')
        UNION ALL
        SELECT f.id, f.authority_id, f.rev, f.kind, f.language, f.person_id, f.confidentiality, f.place_name, f.country, f.lat, f.lon,
               f.uncertainty_m, f.found_from, f.found_to, f.pmi_min_days, f.pmi_max_days
          FROM found_record f
         WHERE $1 = 'found_record' AND f.state = 'open'
    ), asked AS (
        SELECT k.subject_id, bool_or(k.purpose = 'search' AND k.withdrawn_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())) AS given
          FROM consent k WHERE %1$s GROUP BY k.subject_id
    ), sight AS (
        SELECT k.subject_id, array_agg(DISTINCT k.recipient) AS recipients
          FROM shared_with k WHERE k.purpose = 'search' AND k.subject_kind = $1 AND %1$s GROUP BY k.subject_id
    ), name AS (
        SELECT n.person_id, jsonb_agg(jsonb_build_object('k', n.kind, 'g', n.given_names, 'f', n.first_surname, 's', n.second_surname,
                                                         't', n.full_text) ORDER BY n.seq) AS names
          FROM person_name n WHERE %2$s GROUP BY n.person_id
    )
    SELECT s.id, s.authority_id, s.rev, COALESCE(sight.recipients, '{}'), s.record_kind, s.language,
           p.sex, p.birth_from, p.birth_to, p.age_min, p.age_max, p.age_as_of, p.nationalities, p.height_min_cm, p.height_max_cm, p.build,
           p.hair_color, p.eye_color, p.marks, p.dental, p.clothing, p.belongings, p.phones, p.documents, p.companions, name.names,
           s.place_name, s.country, s.lat, s.lon, s.uncertainty_m, s.event_from, s.event_to, s.pmi_min_days, s.pmi_max_days
      FROM subject s
      JOIN person p ON p.id = s.person_id
      LEFT JOIN asked ON asked.subject_id = s.id
      LEFT JOIN sight ON sight.subject_id = s.id
      LEFT JOIN name ON name.person_id = s.person_id
     -- The rule of matchable(), for many records at once.
     WHERE s.confidentiality <> 'sealed' AND COALESCE(asked.given, true) AND %3$s
    $query$,
    CASE WHEN only_ids IS NULL THEN 'true' ELSE 'k.subject_id = ANY ($2)' END,
    CASE WHEN only_ids IS NULL THEN 'true'
         WHEN wanted_kind = 'case' THEN 'n.person_id IN (SELECT c.person_id FROM missing_person_case c WHERE c.id = ANY ($2))'
         ELSE 'n.person_id IN (SELECT f.person_id FROM found_record f WHERE f.id = ANY ($2))' END,
    CASE WHEN only_ids IS NULL THEN 'true' ELSE 's.id = ANY ($2)' END)
    USING wanted_kind, only_ids;
END
$$;

-- The open hypotheses of subjects, so that a changed record's are weighed anew; `untouched` ones may end by the engine's own word.
CREATE FUNCTION matcher_open_pairs(wanted_kind text, subjects uuid[])
RETURNS TABLE (case_id uuid, found_id uuid, untouched boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT h.case_id, h.found_id, h.state = 'proposed' AND h.origin = 'automatic'
      FROM hypothesis h
     WHERE ((wanted_kind = 'case' AND h.case_id = ANY (subjects)) OR (wanted_kind = 'found_record' AND h.found_id = ANY (subjects)))
       AND h.state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn');
END
$$;

-- Writes what the engine found, many pairs at once: one open hypothesis per pair, exclusions remembered and re-opened when their inputs
-- changed, agreement and consent asked once more. `pairs`: [{"case", "found", "id", "odds", "prior", "probability", "coverage", "band",
-- "evidence", "kept"}]; a pair that is not kept, or may not be proposed any more, ends when nobody has touched it.
CREATE FUNCTION matcher_propose(model_id text, pairs jsonb, at timestamptz)
RETURNS TABLE (hypothesis_id uuid, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
-- Everything is looked up by key; plans are kept from when the tables were small, and a scan would then stay one.
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT x.*
          FROM jsonb_to_recordset(pairs) AS x("case" uuid, found uuid, id uuid, odds float8, prior float8, probability float8, coverage float8,
                                              band text, evidence jsonb, kept boolean)
    ), pair AS MATERIALIZED (
        SELECT g.*, c.authority_id AS case_owner, c.rev AS case_rev, f.authority_id AS found_owner, f.rev AS found_rev
          FROM given g
          JOIN missing_person_case c ON c.id = g."case"
          JOIN found_record f ON f.id = g.found AND f.state = 'open'
         WHERE g.kept
    ), comparable_case AS MATERIALIZED (
        SELECT c.id FROM missing_person_case c WHERE c.id IN (SELECT p."case" FROM pair p) AND matchable(c.id, c.confidentiality)
    ), comparable_found AS MATERIALIZED (
        SELECT f.id FROM found_record f WHERE f.id IN (SELECT p.found FROM pair p) AND matchable(f.id, f.confidentiality)
    -- Distinct first, and kept apart: the planner would ask the function for every pair.
    ), found_sight AS MATERIALIZED (
        SELECT DISTINCT p.found, p.found_owner, p.case_owner FROM pair p
    ), case_sight AS MATERIALIZED (
        SELECT DISTINCT p."case", p.case_owner, p.found_owner FROM pair p WHERE p.found_owner <> p.case_owner
    ), found_seen AS MATERIALIZED (
        SELECT d.found, d.case_owner FROM found_sight d
         WHERE d.found_owner = d.case_owner OR cardinality(shared_categories(d.found_owner, 'found_record', d.found, d.case_owner, 'search')) > 0
    ), case_seen AS MATERIALIZED (
        SELECT d."case", d.found_owner FROM case_sight d
         WHERE cardinality(shared_categories(d.case_owner, 'case', d."case", d.found_owner, 'search')) > 0
    ), seen AS MATERIALIZED (
        SELECT p.*, array_remove(ARRAY[fs.case_owner, cs.found_owner], NULL) AS audience
          FROM pair p
          JOIN comparable_case cc ON cc.id = p."case"
          JOIN comparable_found cf ON cf.id = p.found
          LEFT JOIN found_seen fs ON fs.found = p.found AND fs.case_owner = p.case_owner
          LEFT JOIN case_seen cs ON cs."case" = p."case" AND cs.found_owner = p.found_owner
    ), allowed AS MATERIALIZED (
        SELECT s.*, e.id AS exclusion_id
          FROM seen s
          LEFT JOIN LATERAL (SELECT x.id, x.strength, x.case_rev, x.found_rev FROM exclusion x
                              WHERE x.case_id = s."case" AND x.found_id = s.found AND x.reopened_at IS NULL
                              ORDER BY (x.strength = 'absolute') DESC, x.created_at DESC LIMIT 1) e ON true
         WHERE cardinality(s.audience) > 0
           AND (e.id IS NULL OR (e.strength <> 'absolute' AND (e.case_rev, e.found_rev) <> (s.case_rev, s.found_rev)))
    ), reopened AS (
        UPDATE exclusion x SET reopened_at = at FROM allowed a WHERE x.id = a.exclusion_id
    ), written AS (
        INSERT INTO hypothesis AS h (id, case_id, found_id, case_authority, found_authority, visible_to, origin, state, model, case_rev,
                                     found_rev, log10_odds, log10_prior, probability, coverage, band, evidence, created_at, updated_at)
        SELECT a.id, a."case", a.found, a.case_owner, a.found_owner, a.audience, 'automatic',
               CASE WHEN a.exclusion_id IS NULL THEN 'proposed' ELSE 'reopened' END, model_id, a.case_rev, a.found_rev, a.odds, a.prior,
               a.probability, a.coverage, a.band, a.evidence, at, at
          FROM allowed a
         ORDER BY a."case", a.found
        ON CONFLICT (case_id, found_id) WHERE state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn')
        DO UPDATE SET log10_odds = excluded.log10_odds, log10_prior = excluded.log10_prior, probability = excluded.probability,
               coverage = excluded.coverage, band = excluded.band, evidence = excluded.evidence, model = excluded.model,
               case_rev = excluded.case_rev, found_rev = excluded.found_rev, visible_to = excluded.visible_to, updated_at = at, rev = h.rev + 1
         WHERE (h.evidence, h.log10_odds, h.visible_to, h.model)
               IS DISTINCT FROM (excluded.evidence, excluded.log10_odds, excluded.visible_to, excluded.model)
        RETURNING h.id, CASE WHEN h.xmax = 0 THEN h.state ELSE 'updated' END AS became
    ), ended AS (
        UPDATE hypothesis h SET state = 'superseded', updated_at = at, rev = h.rev + 1
          FROM given g
         WHERE h.case_id = g."case" AND h.found_id = g.found AND h.origin = 'automatic' AND h.state = 'proposed'
           -- NOT IN is hashed; an anti-join over a relation of unknown size would be quadratic.
           AND (g."case", g.found) NOT IN (SELECT a."case", a.found FROM allowed a)
        RETURNING h.id
    )
    SELECT w.id, w.became FROM written w
    UNION ALL
    SELECT e.id, 'superseded' FROM ended e;
END
$$;

-- As matcher_open_pairs, of possible duplicates: those that no person has decided, or that are linked.
CREATE FUNCTION matcher_open_duplicates(wanted_kind text, subjects uuid[])
RETURNS TABLE (one_id uuid, two_id uuid, untouched boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT d.one_id, d.two_id, d.state = 'proposed' AND d.origin = 'automatic'
      FROM (SELECT x.* FROM possible_duplicate x WHERE x.one_id = ANY (subjects)
            UNION SELECT x.* FROM possible_duplicate x WHERE x.two_id = ANY (subjects)) d
     WHERE d.kind = wanted_kind AND d.state IN ('proposed', 'link_proposed', 'linked');
END
$$;

-- The records of a kind that may be linked as duplicates, each with its owner and class: reports, remains, the living. Whether remains are a person
-- who was registered alive, or whom a report seeks, is an identification; hypotheses are for that.
CREATE FUNCTION duplicable(wanted_kind text, subjects uuid[])
RETURNS TABLE (id uuid, owner uuid, class text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT c.id, c.authority_id, 'report'
      FROM missing_person_case c
     WHERE wanted_kind = 'case' AND c.id = ANY (subjects) AND matchable(c.id, c.confidentiality)
       AND c.state NOT IN ('draft', 'withdrawn_by_family')
    UNION ALL
    SELECT f.id, f.authority_id,
           CASE WHEN f.kind IN ('remains_named', 'remains_unnamed') THEN 'remains' WHEN f.kind = 'foreign_case' THEN 'report' ELSE 'living' END
      FROM found_record f
     WHERE wanted_kind = 'found_record' AND f.id = ANY (subjects) AND matchable(f.id, f.confidentiality) AND f.state <> 'withdrawn';
END
$$;

-- Both owners when they are one; otherwise each that may see the other's record for search. Empty: the pair may not be proposed.
CREATE FUNCTION duplicate_audience(wanted_kind text, one_id uuid, one_owner uuid, two_id uuid, two_owner uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
    SELECT CASE WHEN one_owner = two_owner THEN ARRAY[one_owner] ELSE
        (CASE WHEN cardinality(shared_categories(two_owner, wanted_kind, two_id, one_owner, 'search')) > 0 THEN ARRAY[one_owner] ELSE '{}' END)
        || (CASE WHEN cardinality(shared_categories(one_owner, wanted_kind, one_id, two_owner, 'search')) > 0 THEN ARRAY[two_owner] ELSE '{}' END)
    END);
END
$$;

-- As matcher_propose, of two records of one kind: one row per pair for good, what a person decided stays decided, agreement and consent asked once
-- more. `pairs`: [{"one", "two", "id", "odds", "prior", "probability", "coverage", "band", "evidence", "kept"}], `one` below `two`. A pair that was
-- withdrawn or ended is proposed again, also when it was linked: people decide anew.
CREATE FUNCTION matcher_propose_duplicates(wanted_kind text, model_id text, pairs jsonb, at timestamptz)
RETURNS TABLE (possible_duplicate_id uuid, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT x.*
          FROM jsonb_to_recordset(pairs) AS x(one uuid, two uuid, id uuid, odds float8, prior float8, probability float8, coverage float8,
                                              band text, evidence jsonb, kept boolean)
    ), record AS MATERIALIZED (
        SELECT r.* FROM duplicable(wanted_kind, ARRAY(SELECT g.one FROM given g WHERE g.kept UNION SELECT g.two FROM given g WHERE g.kept)) r
    ), pair AS MATERIALIZED (
        SELECT g.*, a.owner AS one_owner, b.owner AS two_owner
          FROM given g JOIN record a ON a.id = g.one JOIN record b ON b.id = g.two AND b.class = a.class
         WHERE g.kept
    ), allowed AS MATERIALIZED (
        SELECT s.*, d.state AS before
          FROM (SELECT p.*, duplicate_audience(wanted_kind, p.one, p.one_owner, p.two, p.two_owner) AS audience FROM pair p) s
          LEFT JOIN possible_duplicate d ON d.one_id = s.one AND d.two_id = s.two
         WHERE cardinality(s.audience) > 0
    ), written AS (
        INSERT INTO possible_duplicate AS d (id, kind, one_id, two_id, one_authority, two_authority, visible_to, origin, state, model,
                                             log10_odds, log10_prior, probability, coverage, band, evidence, created_at, updated_at)
        SELECT a.id, wanted_kind, a.one, a.two, a.one_owner, a.two_owner, a.audience, 'automatic', 'proposed', model_id, a.odds, a.prior,
               a.probability, a.coverage, a.band, a.evidence, at, at
          FROM allowed a
         ORDER BY a.one, a.two
        ON CONFLICT (one_id, two_id)
        DO UPDATE SET log10_odds = excluded.log10_odds, log10_prior = excluded.log10_prior, probability = excluded.probability,
               coverage = excluded.coverage, band = excluded.band, evidence = excluded.evidence, model = excluded.model,
               visible_to = excluded.visible_to, updated_at = at, rev = d.rev + 1,
               state = CASE WHEN d.state IN ('superseded', 'withdrawn') THEN 'proposed' ELSE d.state END
         WHERE d.state IN ('superseded', 'withdrawn')
            OR (d.state IN ('proposed', 'link_proposed', 'linked')
                AND (d.evidence, d.log10_odds, d.visible_to, d.model)
                    IS DISTINCT FROM (excluded.evidence, excluded.log10_odds, excluded.visible_to, excluded.model))
        RETURNING d.id, d.one_id, d.two_id
    ), told AS MATERIALIZED (
        SELECT w.id, a.before, CASE WHEN a.before IS NULL OR a.before IN ('superseded', 'withdrawn') THEN 'proposed' ELSE 'updated' END AS became
          FROM written w JOIN allowed a ON a.one = w.one_id AND a.two = w.two_id
    ), ended AS (
        UPDATE possible_duplicate d SET state = 'superseded', updated_at = at, rev = d.rev + 1
          FROM given g
         WHERE d.one_id = g.one AND d.two_id = g.two AND d.origin = 'automatic' AND d.state = 'proposed'
           AND (g.one, g.two) NOT IN (SELECT a.one, a.two FROM allowed a)
        RETURNING d.id
    ), logged AS (
        INSERT INTO duplicate_step (id, possible_duplicate_id, command, from_state, to_state, at)
        SELECT gen_random_uuid(), t.id, 'propose', t.before, 'proposed', at FROM told t WHERE t.became = 'proposed'
        UNION ALL
        SELECT gen_random_uuid(), e.id, 'supersede', 'proposed', 'superseded', at FROM ended e
    )
    SELECT t.id, t.became FROM told t
    UNION ALL
    SELECT e.id, 'superseded' FROM ended e;
END
$$;

-- Whether two records of a kind are linked as one person's.
CREATE FUNCTION are_linked(wanted_kind text, a uuid, b uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM possible_duplicate d
                    WHERE d.one_id = LEAST(a, b) AND d.two_id = GREATEST(a, b) AND d.kind = wanted_kind AND d.state = 'linked');
END
$$;

-- Writes how much comparing can tell of cases. `cases`: [{"case", "band", "fields"}].
CREATE FUNCTION matcher_inform(model_id text, cases jsonb, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO case_information AS i (case_id, authority_id, model, band, fields, at)
    SELECT c.id, c.authority_id, model_id, x.band, x.fields, at
      FROM jsonb_to_recordset(cases) AS x("case" uuid, band text, fields jsonb)
      JOIN missing_person_case c ON c.id = x."case"
     ORDER BY c.id
    ON CONFLICT (case_id) DO UPDATE SET model = excluded.model, band = excluded.band, fields = excluded.fields, at = excluded.at
     WHERE (i.model, i.band, i.fields) IS DISTINCT FROM (excluded.model, excluded.band, excluded.fields)
$$;

-- Both owners when they are one; otherwise each side that may see the other's record for search. Empty: the pair may not be proposed.
CREATE FUNCTION hypothesis_audience(case_id uuid, case_owner uuid, found_id uuid, found_owner uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
    SELECT CASE WHEN case_owner = found_owner THEN ARRAY[case_owner] ELSE
        (CASE WHEN cardinality(shared_categories(found_owner, 'found_record', found_id, case_owner, 'search')) > 0
              THEN ARRAY[case_owner] ELSE '{}' END)
        || (CASE WHEN cardinality(shared_categories(case_owner, 'case', case_id, found_owner, 'search')) > 0
              THEN ARRAY[found_owner] ELSE '{}' END)
    END);
END
$$;

-- As refresh_sight, of the subject's possible duplicates; part of it.
CREATE FUNCTION refresh_duplicates(wanted_kind text, subject uuid, at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    d record;
    audience uuid[];
    changed integer := 0;
    ends boolean;
BEGIN
    FOR d IN SELECT x.* FROM possible_duplicate x WHERE x.kind = wanted_kind AND (x.one_id = subject OR x.two_id = subject) LOOP
        audience := duplicate_audience(d.kind, d.one_id, d.one_authority, d.two_id, d.two_authority);
        ends := cardinality(audience) = 0 OR (SELECT count(*) FROM duplicable(d.kind, ARRAY[d.one_id, d.two_id])) < 2;
        IF ends THEN
            -- The history stays with the owner of what was withdrawn.
            audience := ARRAY[CASE WHEN d.one_id = subject THEN d.one_authority ELSE d.two_authority END];
        END IF;
        ends := ends AND d.state IN ('proposed', 'link_proposed', 'linked');
        IF ends OR audience IS DISTINCT FROM d.visible_to THEN
            UPDATE possible_duplicate SET visible_to = audience, updated_at = at, rev = rev + 1,
                   state = CASE WHEN ends THEN 'withdrawn' ELSE state END, agreed_by = CASE WHEN ends THEN NULL ELSE agreed_by END
             WHERE id = d.id;
            changed := changed + 1;
        END IF;
        IF ends THEN
            INSERT INTO duplicate_step (id, possible_duplicate_id, command, from_state, to_state, at)
            VALUES (gen_random_uuid(), d.id, 'withdraw', d.state, 'withdrawn', at);
        END IF;
    END LOOP;
    RETURN changed;
END
$$;

-- After a consent, an agreement or a level of confidentiality changed: who still sees the hypotheses and possible duplicates of this subject. Run in
-- the same transaction.
CREATE FUNCTION refresh_sight(wanted_kind text, subject uuid, at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    h record;
    audience uuid[];
    changed integer := 0;
    may_match boolean;
    unseen boolean;
BEGIN
    FOR h IN SELECT x.*, c.confidentiality AS case_level, f.confidentiality AS found_level, f.state AS found_state
               FROM hypothesis x JOIN missing_person_case c ON c.id = x.case_id JOIN found_record f ON f.id = x.found_id
              WHERE (wanted_kind = 'case' AND x.case_id = subject) OR (wanted_kind = 'found_record' AND x.found_id = subject)
    LOOP
        audience := hypothesis_audience(h.case_id, h.case_authority, h.found_id, h.found_authority);
        may_match := matchable(h.case_id, h.case_level) AND matchable(h.found_id, h.found_level) AND h.found_state <> 'withdrawn';
        unseen := cardinality(audience) = 0;
        IF NOT may_match OR unseen THEN
            -- The history stays with the owner of what was withdrawn.
            audience := ARRAY[CASE WHEN wanted_kind = 'case' THEN h.case_authority ELSE h.found_authority END];
        END IF;
        IF audience IS DISTINCT FROM h.visible_to OR NOT may_match THEN
            -- A confirmed one has been decided: it stays what the identification rests on.
            UPDATE hypothesis SET visible_to = audience, updated_at = at, rev = rev + 1,
                   state = CASE WHEN (NOT may_match OR unseen)
                                 AND state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'confirmed')
                                THEN 'withdrawn' ELSE state END
             WHERE id = h.id;
            changed := changed + 1;
        END IF;
    END LOOP;
    RETURN changed + refresh_duplicates(wanted_kind, subject, at);
END
$$;

-- The alerts of consulates and defenders: a national's record that they may see was registered, or one that a query of theirs would now find (a
-- client: whoever asked in the last year and had no answer). A notice in the portal and a mail that says only that something waits there; the
-- notice of a client names the query, not the record.
CREATE FUNCTION relay_registered(wanted_kind text, subject uuid, at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    told integer := 0;
    a record;
BEGIN
    FOR a IN
        SELECT r.id FROM authority r
          JOIN missing_person_case c ON c.id = subject AND wanted_kind = 'case'
          JOIN person p ON p.id = c.person_id
         WHERE r.kind = 'consulate' AND r.represents = ANY (p.nationalities)
           AND cardinality(shared_categories(c.authority_id, 'case', c.id, r.id, 'consular_assistance')) > 0
        UNION
        SELECT r.id FROM authority r
          JOIN found_record f ON f.id = subject AND wanted_kind = 'found_record'
          JOIN person p ON p.id = f.person_id
         WHERE r.kind = 'consulate' AND r.represents = ANY (p.nationalities)
           AND cardinality(shared_categories(f.authority_id, 'found_record', f.id, r.id, 'consular_assistance')) > 0
    LOOP
        INSERT INTO notice (id, authority_id, kind, subject_kind, subject_id, created_at)
        VALUES (gen_random_uuid(), a.id, 'own_national', wanted_kind, subject, at) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            INSERT INTO mail_message (id, authority_id, to_user, template, language, created_at)
            SELECT gen_random_uuid(), a.id, u.id, 'something_waits', u.language, at FROM app_user u
             WHERE u.authority_id = a.id AND u.disabled_at IS NULL AND u.roles && ARRAY['consular_officer'];
            told := told + 1;
        END IF;
    END LOOP;
    FOR a IN
        SELECT q.id, q.authority_id, q.user_id
          FROM (SELECT c.id, c.authority_id, c.person_id FROM missing_person_case c WHERE wanted_kind = 'case' AND c.id = subject
                UNION ALL
                SELECT f.id, f.authority_id, f.person_id FROM found_record f WHERE wanted_kind = 'found_record' AND f.id = subject) s
          JOIN person p ON p.id = s.person_id
          JOIN partner_query q ON q.grade = 'none' AND q.at > relay_registered.at - interval '1 year' AND q.authority_id <> s.authority_id
         -- As a query is answered (db::partners): identifiers and identity each only where they are shared.
         WHERE (p.documents @> ARRAY[q.criteria ->> 'document']
                AND 'identifiers' = ANY (shared_categories(s.authority_id, wanted_kind, s.id, q.authority_id, q.purpose)))
            OR (cardinality(q.words) >= 2
                AND EXISTS (SELECT FROM person_name n WHERE n.person_id = p.id AND string_to_array(n.norm, ' ') @> q.words)
                AND (q.birth_from IS NULL OR p.birth_from IS NULL OR (p.birth_from <= q.birth_to AND p.birth_to >= q.birth_from))
                AND (q.criteria ->> 'nationality' IS NULL OR cardinality(p.nationalities) = 0 OR q.criteria ->> 'nationality' = ANY (p.nationalities))
                AND 'identity' = ANY (shared_categories(s.authority_id, wanted_kind, s.id, q.authority_id, q.purpose)))
    LOOP
        INSERT INTO notice (id, authority_id, kind, subject_kind, subject_id, created_at)
        VALUES (gen_random_uuid(), a.authority_id, 'own_client', 'partner_query', a.id, at) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            INSERT INTO mail_message (id, authority_id, to_user, template, language, created_at)
            SELECT gen_random_uuid(), a.authority_id, u.id, 'something_waits', u.language, at FROM app_user u
             WHERE u.id = a.user_id AND u.disabled_at IS NULL;
            told := told + 1;
        END IF;
    END LOOP;
    RETURN told;
END
$$;

-- Of which kinds the found records are that a case of the asking authority was confirmed to be: what an identification, or a person's being located
-- alive, may rest on. Kinds only, as the record itself may be out of sight.
CREATE FUNCTION confirmed_kinds(wanted_case uuid) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT f.kind FROM hypothesis h JOIN found_record f ON f.id = h.found_id
     WHERE h.case_id = wanted_case AND h.case_authority = app_authority() AND h.state = 'confirmed'
$$;

-- Whether another open hypothesis on either side of one that the asking authority may decide is as strong: a yes or no, because the rival may be a
-- third institution's, out of sight. Records that are linked as one person's are no rivals of each other.
CREATE FUNCTION has_rival(hypothesis uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM hypothesis mine JOIN hypothesis other ON other.id <> mine.id AND other.log10_odds >= mine.log10_odds
               AND (other.case_id = mine.case_id OR other.found_id = mine.found_id)
               AND other.state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn', 'confirmed')
               AND NOT (other.case_id = mine.case_id AND are_linked('found_record', mine.found_id, other.found_id))
               AND NOT (other.found_id = mine.found_id AND are_linked('case', mine.case_id, other.case_id))
         WHERE mine.id = has_rival.hypothesis AND app_authority() = ANY (mine.visible_to))
$$;

-- The records of the parties of an agreement that changed: to be compared anew.
CREATE FUNCTION matcher_records_of(wanted_kind text, parties uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.id FROM missing_person_case c WHERE wanted_kind = 'case' AND c.authority_id = ANY (parties)
    UNION ALL
    SELECT f.id FROM found_record f WHERE wanted_kind = 'found_record' AND f.authority_id = ANY (parties)
    ORDER BY 1
$$;

-- Cases with an open hypothesis, in order, after one of them: what is weighed anew when the model changes.
CREATE FUNCTION matcher_open_cases(after uuid, most integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT h.case_id FROM hypothesis h
     WHERE h.case_id > after AND h.state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn')
     ORDER BY h.case_id LIMIT most
$$;
-- How many cases have an open hypothesis, and whether any of these was weighed by another model.
CREATE FUNCTION matcher_weighed(model_id text) RETURNS TABLE (cases bigint, outdated boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(DISTINCT h.case_id), COALESCE(bool_or(h.model <> model_id), false) FROM hypothesis h
     WHERE h.state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn')
$$;
-- What people decided of pairs: confirmed by two institutions, or excluded for good. What a model is trained with.
CREATE FUNCTION matcher_decided() RETURNS TABLE (case_id uuid, found_id uuid, same boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT h.case_id, h.found_id, true FROM hypothesis h WHERE h.state = 'confirmed'
    UNION
    SELECT x.case_id, x.found_id, false FROM exclusion x
     WHERE x.reopened_at IS NULL AND x.strength IN ('absolute', 'strong')
       AND NOT EXISTS (SELECT FROM hypothesis h WHERE (h.case_id, h.found_id) = (x.case_id, x.found_id) AND h.state = 'confirmed')
$$;

-- Which authorities' open pages a hypothesis concerns: ids only.
CREATE FUNCTION hypothesis_viewers(ids uuid[]) RETURNS TABLE (hypothesis_id uuid, viewers uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT h.id, ARRAY(SELECT v FROM unnest(h.visible_to) v
                        WHERE h.case_authority = h.found_authority OR h.state IN ('confirmed', 'withdrawn')
                           OR EXISTS (SELECT FROM live_grant g WHERE g.to_authority = v AND g.purpose = 'search'
                                         AND ((h.case_authority = v AND g.from_authority = h.found_authority AND g.subject_kind = 'found_record')
                                           OR (h.found_authority = v AND g.from_authority = h.case_authority AND g.subject_kind = 'case'))))
      FROM hypothesis h WHERE h.id = ANY (ids)
$$;

-- The present round of verdicts: a round is over once two institutions have spoken.
CREATE FUNCTION review_round(hypothesis uuid) RETURNS smallint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (1 + COALESCE((SELECT max(round) FROM (SELECT r.round FROM review r WHERE r.hypothesis_id = hypothesis
                                                   GROUP BY r.round HAVING count(*) >= 2) over_rounds), 0))::smallint
$$;
-- The verdicts of a round, only once the asking user has given theirs (called by the deciding transaction after its own insert).
CREATE FUNCTION round_verdicts(hypothesis uuid, in_round smallint)
RETURNS TABLE (reviewer uuid, authority_id uuid, verdict text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT r.reviewer, r.authority_id, r.verdict FROM review r
     WHERE r.hypothesis_id = hypothesis AND r.round = in_round
       AND EXISTS (SELECT FROM review mine WHERE mine.hypothesis_id = hypothesis AND mine.round = in_round AND mine.reviewer = app_user_id())
$$;

DO $$
DECLARE
    f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['shared_categories(uuid, text, uuid, uuid, text)', 'app_partners()',
            'matchable(uuid, text)', 'matcher_subjects(text, uuid[])', 'matcher_open_pairs(text, uuid[])',
            'matcher_propose(text, jsonb, timestamptz)', 'matcher_inform(text, jsonb, timestamptz)', 'matcher_open_duplicates(text, uuid[])', 'duplicable(text, uuid[])',
            'duplicate_audience(text, uuid, uuid, uuid, uuid)', 'matcher_propose_duplicates(text, text, jsonb, timestamptz)',
            'are_linked(text, uuid, uuid)', 'refresh_duplicates(text, uuid, timestamptz)',
            'hypothesis_audience(uuid, uuid, uuid, uuid)', 'refresh_sight(text, uuid, timestamptz)',
            'relay_registered(text, uuid, timestamptz)', 'hypothesis_viewers(uuid[])', 'review_count(uuid, smallint)',
            'round_verdicts(uuid, smallint)', 'review_round(uuid)', 'app_search_givers(text)', 'confirmed_kinds(uuid)', 'has_rival(uuid)',
            'matcher_records_of(text, uuid[])', 'matcher_open_cases(uuid, integer)', 'matcher_weighed(text)', 'matcher_decided()'] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO rastro_policy', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    END LOOP;
    ALTER VIEW live_grant OWNER TO rastro_policy;
    ALTER VIEW shared_with OWNER TO rastro_policy;
END
$$;
GRANT SELECT ON review TO rastro_policy;
GRANT EXECUTE ON FUNCTION shared_categories(uuid, text, uuid, uuid, text), app_partners(), refresh_sight(text, uuid, timestamptz),
    review_count(uuid, smallint), round_verdicts(uuid, smallint), review_round(uuid), app_search_givers(text), confirmed_kinds(uuid), has_rival(uuid), duplicable(text, uuid[]),
    duplicate_audience(text, uuid, uuid, uuid, uuid) TO rastro_web;
GRANT EXECUTE ON FUNCTION matcher_subjects(text, uuid[]), matcher_open_pairs(text, uuid[]), matcher_propose(text, jsonb, timestamptz),
    matcher_inform(text, jsonb, timestamptz), matcher_open_cases(uuid, integer), matcher_weighed(text), matcher_decided(),
    hypothesis_viewers(uuid[]), matcher_records_of(text, uuid[]), matcher_open_duplicates(text, uuid[]),
    matcher_propose_duplicates(text, text, jsonb, timestamptz) TO rastro_matcher;
GRANT EXECUTE ON FUNCTION relay_registered(text, uuid, timestamptz), hypothesis_viewers(uuid[]) TO rastro_jobs;
GRANT EXECUTE ON FUNCTION hypothesis_viewers(uuid[]) TO rastro_web;

-- ---------------------------------------------------------------------------------------------- triggers
CREATE FUNCTION notify_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(TG_ARGV[0], '');
    RETURN NULL;
END
$$;
CREATE TRIGGER job_added AFTER INSERT ON job FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('rastro_job');
CREATE TRIGGER change_added AFTER INSERT ON change_feed FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('rastro_change');

-- An audit row, and a step of a possible duplicate, is written once. Grants already say so; this also stops the owner's mistakes.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON duplicate_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Hypotheses tell the open pages through the change feed, in the same transaction.
CREATE FUNCTION feed_hypotheses() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO change_feed (kind, ids) SELECT 'hypothesis', array_agg(id) FROM changed HAVING count(*) > 0;
    RETURN NULL;
END
$$;
ALTER FUNCTION feed_hypotheses() OWNER TO rastro_policy;
CREATE TRIGGER hypothesis_added AFTER INSERT ON hypothesis REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_hypotheses();
CREATE TRIGGER hypothesis_changed AFTER UPDATE ON hypothesis REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_hypotheses();

-- What a hypothesis weighed is kept with its model when it is weighed anew, whoever does it.
CREATE FUNCTION keep_score() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO hypothesis_score (hypothesis_id, model, case_rev, found_rev, log10_odds, log10_prior, band, evidence, replaced_at)
    VALUES (OLD.id, OLD.model, OLD.case_rev, OLD.found_rev, OLD.log10_odds, OLD.log10_prior, OLD.band, OLD.evidence, NEW.updated_at);
    RETURN NULL;
END
$$;
ALTER FUNCTION keep_score() OWNER TO rastro_policy;
CREATE TRIGGER hypothesis_weighed AFTER UPDATE ON hypothesis FOR EACH ROW
    WHEN ((OLD.model, OLD.log10_odds, OLD.evidence) IS DISTINCT FROM (NEW.model, NEW.log10_odds, NEW.evidence)) EXECUTE FUNCTION keep_score();
CREATE TRIGGER score_append_only BEFORE UPDATE OR TRUNCATE ON hypothesis_score FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

REVOKE CREATE ON SCHEMA public FROM rastro_policy;
