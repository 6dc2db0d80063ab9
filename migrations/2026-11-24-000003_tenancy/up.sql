-- Tenancy: who may see and write which rows. Every transaction of the program names a role, an authority, a user and a purpose
-- (db::tenant); without them these functions answer NULL and every policy answers no.

CREATE FUNCTION app_authority() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.authority', true), '')::uuid $$;
CREATE FUNCTION app_user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.user', true), '')::uuid $$;
CREATE FUNCTION app_purpose() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.purpose', true), '') $$;

-- ---------------------------------------------------------------------------------------------- agreement AND consent AND purpose
-- (plpgsql, not sql: its plans are kept, which makes a call 50 times cheaper.)
-- The categories of a subject that `recipient` may see for `wanted_purpose`. Remains are public duty: the agreement alone decides while the
-- record is not restricted. Everything else needs a live consent (or recorded other basis) for that purpose and class of recipient.
-- A mandate lets an association see that the case exists and whose it is.
CREATE FUNCTION shared_categories(owner uuid, wanted_kind text, subject uuid, recipient uuid, wanted_purpose text)
RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    RETURN (
    SELECT COALESCE(array_agg(DISTINCT category), '{}') FROM (
        SELECT unnest(g.categories) AS category
          FROM agreement_grant g
          JOIN agreement a ON a.id = g.agreement_id AND a.suspended_at IS NULL
               AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to >= CURRENT_DATE)
         WHERE g.from_authority = owner AND g.to_authority = recipient AND g.purpose = wanted_purpose AND g.subject_kind = wanted_kind
           AND wanted_kind = 'found_record'
           AND EXISTS (SELECT FROM found_record f WHERE f.id = subject AND f.authority_id = owner
                       AND f.kind IN ('remains_named', 'remains_unnamed') AND f.confidentiality = 'normal' AND f.state <> 'withdrawn'
                       AND NOT EXISTS (SELECT FROM consent k WHERE k.subject_id = f.id))
        UNION
        SELECT c.category
          FROM agreement_grant g
          JOIN agreement a ON a.id = g.agreement_id AND a.suspended_at IS NULL
               AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to >= CURRENT_DATE)
          JOIN authority r ON r.id = g.to_authority
          JOIN consent k ON k.subject_id = subject AND k.subject_kind = wanted_kind AND k.authority_id = owner AND k.purpose = wanted_purpose
               AND k.recipient_kind = r.kind AND k.withdrawn_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
          CROSS JOIN LATERAL (SELECT unnest(k.categories) INTERSECT SELECT unnest(g.categories)) AS c (category)
         WHERE g.from_authority = owner AND g.to_authority = recipient AND g.purpose = wanted_purpose AND g.subject_kind = wanted_kind
           AND NOT EXISTS (SELECT FROM missing_person_case m WHERE m.id = subject AND m.confidentiality <> 'normal')
           AND NOT EXISTS (SELECT FROM found_record f WHERE f.id = subject AND (f.confidentiality <> 'normal' OR f.state = 'withdrawn'))
        UNION
        SELECT unnest(ARRAY['existence', 'identity'])
          FROM mandate m
         WHERE wanted_kind = 'case' AND m.case_id = subject AND m.association_id = recipient AND m.revoked_at IS NULL
           AND wanted_purpose = 'family_information'
    ) granted);
END
$$;

-- The other authorities that have any agreement with the asking one: the cheap first half of every cross-authority policy.
CREATE FUNCTION app_partners() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT g.from_authority FROM agreement_grant g WHERE g.to_authority = app_authority() AND g.purpose = app_purpose()
    UNION
    SELECT m.authority_id FROM mandate m WHERE m.association_id = app_authority() AND m.revoked_at IS NULL
$$;

CREATE FUNCTION app_can_see(owner uuid, kind text, subject uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT cardinality(shared_categories(owner, kind, subject, app_authority(), app_purpose())) > 0
$$;

-- ---------------------------------------------------------------------------------------------- row-level security
DO $$
DECLARE
    t text;
BEGIN
    -- Every table with an owner. A test walks the catalogue and fails when one is missing.
    FOR t IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'authority_id' AND NOT a.attisdropped
              WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
             UNION SELECT 'hypothesis' UNION SELECT 'agreement' UNION SELECT 'agreement_grant'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    END LOOP;

    -- Seen and written by its owner only.
    FOREACH t IN ARRAY ARRAY['app_user', 'api_client', 'inquirer', 'family_access', 'search_action', 'folio_counter', 'external_identifier',
            'correction', 'consent', 'notice', 'mail_message', 'outbox', 'idempotency_key', 'import_run', 'import_file', 'import_problem',
            'import_difference', 'family_session', 'staff_session', 'refresh_token']
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
            'mandate', 'agreement', 'agreement_grant', 'hypothesis', 'exclusion', 'app_user', 'notice', 'mail_message', 'outbox', 'review'] LOOP
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
CREATE POLICY parties ON hypothesis TO rastro_web
    USING ((SELECT app_authority()) = ANY (visible_to)) WITH CHECK ((SELECT app_authority()) = ANY (visible_to));
-- The second reviewer does not see the first verdict before giving their own.
CREATE POLICY blind ON review FOR SELECT TO rastro_web
    USING (reviewer = (SELECT app_user_id())
           OR (EXISTS (SELECT FROM hypothesis h WHERE h.id = review.hypothesis_id
                        AND h.state IN ('confirmed', 'rejected', 'returned', 'triage_rejected', 'verified_exclusion', 'withdrawn', 'superseded'))));
CREATE POLICY own_verdict ON review FOR INSERT TO rastro_web
    WITH CHECK (authority_id = (SELECT app_authority()) AND reviewer = (SELECT app_user_id())
                AND EXISTS (SELECT FROM hypothesis h WHERE h.id = review.hypothesis_id));
CREATE POLICY parties ON exclusion FOR SELECT TO rastro_web
    USING (authority_id = (SELECT app_authority()) OR EXISTS (SELECT FROM hypothesis h WHERE h.id = exclusion.hypothesis_id));
CREATE POLICY own ON exclusion FOR INSERT TO rastro_web WITH CHECK (authority_id = (SELECT app_authority()));
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
    external_identifier, consent, hypothesis, case_message, mandate, notice, import_run, import_difference, family_access TO rastro_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON person_name, route_leg, import_file TO rastro_web;
GRANT SELECT, INSERT ON correction, review, exclusion, partner_query, audit_event, mail_message, outbox, idempotency_key, import_problem,
    job, change_feed TO rastro_web;
GRANT INSERT, UPDATE ON incident TO rastro_web;
GRANT SELECT ON app_user, agreement, agreement_grant TO rastro_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON app_user, staff_session, sign_in_attempt, api_client, refresh_token, family_access, family_session
    TO rastro_auth;
GRANT SELECT, INSERT, UPDATE ON authority, agreement, agreement_grant, mandate TO rastro_auth;
GRANT SELECT (id, authority_id, folio, person_id) ON missing_person_case TO rastro_auth;
GRANT INSERT ON audit_event, change_feed TO rastro_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON job, change_feed, outbox, mail_message, idempotency_key, sign_in_attempt TO rastro_jobs;
GRANT SELECT (id, email, language, authority_id, disabled_at) ON app_user TO rastro_jobs;
GRANT SELECT ON import_run TO rastro_jobs;
GRANT INSERT ON audit_event TO rastro_jobs;
GRANT INSERT, DELETE ON gazetteer_place, corridor_route, corridor_edge, corridor_membership, corridor_stop TO rastro_jobs;
GRANT INSERT ON incident TO rastro_jobs;
GRANT SELECT ON change_feed TO rastro_matcher;
GRANT SELECT ON missing_person_case, found_record, person, person_name, disappearance_event, route_leg, consent, mandate, agreement, agreement_grant,
    app_user TO rastro_policy;
GRANT SELECT, INSERT, UPDATE ON hypothesis, exclusion TO rastro_policy;
GRANT SELECT, INSERT ON notice, mail_message, outbox, change_feed, job TO rastro_policy;
DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO rastro_web', current_database()); END $$;

-- ---------------------------------------------------------------------------------------------- the matcher's narrow functions
-- Who beside the owner may see a subject for the purpose of search.
CREATE FUNCTION matcher_recipients(owner uuid, kind text, subject uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    RETURN (
    SELECT COALESCE(array_agg(DISTINCT g.to_authority), '{}')
      FROM agreement_grant g
     WHERE g.from_authority = owner AND g.purpose = 'search' AND g.subject_kind = kind
       AND cardinality(shared_categories(owner, kind, subject, g.to_authority, 'search')) > 0);
END
$$;

-- May the engine compare it at all: a live consent to search, or a record on which no consent was ever asked (ex officio, own authority only).
CREATE FUNCTION matchable(subject uuid, level text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    RETURN (
    SELECT level <> 'sealed' AND (
        NOT EXISTS (SELECT FROM consent k WHERE k.subject_id = subject)
        OR EXISTS (SELECT FROM consent k WHERE k.subject_id = subject AND k.purpose = 'search' AND k.withdrawn_at IS NULL
                   AND (k.expires_at IS NULL OR k.expires_at > now()))));
END
$$;

CREATE FUNCTION matcher_subjects(wanted_kind text, only_ids uuid[])
RETURNS TABLE (id uuid, authority_id uuid, rev integer, recipients uuid[], record_kind text, language text,
               sex text, birth_from date, birth_to date, age_min smallint, age_max smallint, age_as_of date, nationalities text[],
               height_min_cm real, height_max_cm real, build text, hair_color text, eye_color text, marks jsonb, dental jsonb, clothing jsonb,
               belongings jsonb, phones text[], documents text[], companions text[], names jsonb,
               place_name text, country text, lat float8, lon float8, uncertainty_m float8, event_from date, event_to date, pmi_min_days integer,
               pmi_max_days integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public ROWS 100000 AS $$
    SELECT c.id, c.authority_id, c.rev, matcher_recipients(c.authority_id, 'case', c.id), 'case', c.report_language,
           p.sex, p.birth_from, p.birth_to, p.age_min, p.age_max, p.age_as_of, p.nationalities, p.height_min_cm, p.height_max_cm, p.build,
           p.hair_color, p.eye_color, p.marks, p.dental, p.clothing, p.belongings, p.phones, p.documents, p.companions,
           (SELECT jsonb_agg(jsonb_build_object('k', n.kind, 'g', n.given_names, 'f', n.first_surname, 's', n.second_surname, 't', n.full_text)
                             ORDER BY n.seq) FROM person_name n WHERE n.person_id = p.id),
           e.place_name, e.country, e.lat, e.lon, e.uncertainty_m, e.contact_from, e.contact_to, NULL::integer, NULL::integer
      FROM missing_person_case c
      JOIN person p ON p.id = c.person_id
      LEFT JOIN disappearance_event e ON e.case_id = c.id
     WHERE wanted_kind = 'case' AND (only_ids IS NULL OR c.id = ANY (only_ids))
       AND c.state NOT IN ('draft', 'duplicate_linked', 'withdrawn_by_family', 'closed', 'restituted', 'contact_restored', 'contact_refused')
       AND matchable(c.id, c.confidentiality)
    UNION ALL
    SELECT f.id, f.authority_id, f.rev, matcher_recipients(f.authority_id, 'found_record', f.id), f.kind, f.language,
           p.sex, p.birth_from, p.birth_to, p.age_min, p.age_max, p.age_as_of, p.nationalities, p.height_min_cm, p.height_max_cm, p.build,
           p.hair_color, p.eye_color, p.marks, p.dental, p.clothing, p.belongings, p.phones, p.documents, p.companions,
           (SELECT jsonb_agg(jsonb_build_object('k', n.kind, 'g', n.given_names, 'f', n.first_surname, 's', n.second_surname, 't', n.full_text)
                             ORDER BY n.seq) FROM person_name n WHERE n.person_id = p.id),
           f.place_name, f.country, f.lat, f.lon, f.uncertainty_m, f.found_from, f.found_to, f.pmi_min_days, f.pmi_max_days
      FROM found_record f
      JOIN person p ON p.id = f.person_id
     WHERE wanted_kind = 'found_record' AND (only_ids IS NULL OR f.id = ANY (only_ids))
       AND f.state = 'open' AND matchable(f.id, f.confidentiality)
$$;

-- Writes what the engine found for one subject: one open hypothesis per pair, exclusions remembered, stale proposals superseded.
-- `pairs`: [{"case", "found", "odds", "prior", "probability", "coverage", "band", "evidence"}]; ids of new hypotheses come back.
CREATE FUNCTION matcher_propose(model_id text, subject_kind text, subject uuid, pairs jsonb, at timestamptz)
RETURNS TABLE (hypothesis_id uuid, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
-- Everything is looked up by key; plans are kept from when the tables were small, and a scan would then stay one.
SET enable_seqscan = off AS $$
DECLARE
    pair record;
    excluded record;
    held record;
    audience uuid[];
    fresh text;
    new_id uuid;
    kept uuid[] := '{}';
BEGIN
    FOR pair IN
        SELECT x.*, c.authority_id AS case_owner, c.rev AS case_rev, f.authority_id AS found_owner, f.rev AS found_rev
          FROM jsonb_to_recordset(pairs) AS x("case" uuid, found uuid, id uuid, odds float8, prior float8, probability float8, coverage float8,
                                              band text, evidence jsonb)
          JOIN missing_person_case c ON c.id = x."case"
          JOIN found_record f ON f.id = x.found
         WHERE matchable(c.id, c.confidentiality) AND matchable(f.id, f.confidentiality) AND f.state = 'open'
    LOOP
        audience := hypothesis_audience(pair."case", pair.case_owner, pair.found, pair.found_owner);
        CONTINUE WHEN cardinality(audience) = 0;

        fresh := 'proposed';
        SELECT * INTO excluded FROM exclusion e WHERE e.case_id = pair."case" AND e.found_id = pair.found AND e.reopened_at IS NULL
         ORDER BY (e.strength = 'absolute') DESC, e.created_at DESC LIMIT 1;
        IF FOUND THEN
            CONTINUE WHEN excluded.strength = 'absolute' OR (excluded.case_rev = pair.case_rev AND excluded.found_rev = pair.found_rev);
            UPDATE exclusion SET reopened_at = at WHERE exclusion.id = excluded.id;
            fresh := 'reopened';
        END IF;

        SELECT * INTO held FROM hypothesis h WHERE h.case_id = pair."case" AND h.found_id = pair.found
            AND h.state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn') FOR UPDATE;
        IF FOUND THEN
            kept := kept || held.id;
            UPDATE hypothesis h SET log10_odds = pair.odds, log10_prior = pair.prior, probability = pair.probability, coverage = pair.coverage,
                   band = pair.band, evidence = pair.evidence, model = model_id, case_rev = pair.case_rev, found_rev = pair.found_rev,
                   visible_to = audience, updated_at = at, rev = h.rev + 1
             WHERE h.id = held.id AND (h.evidence, h.log10_odds, h.visible_to, h.model)
                   IS DISTINCT FROM (pair.evidence, pair.odds, audience, model_id);
            IF FOUND THEN
                hypothesis_id := held.id; outcome := 'updated'; RETURN NEXT;
            END IF;
        ELSE
            INSERT INTO hypothesis (id, case_id, found_id, case_authority, found_authority, visible_to, origin, state, model, case_rev, found_rev,
                                    log10_odds, log10_prior, probability, coverage, band, evidence, created_at, updated_at)
            VALUES (pair.id, pair."case", pair.found, pair.case_owner, pair.found_owner, audience, 'automatic', fresh, model_id,
                    pair.case_rev, pair.found_rev, pair.odds, pair.prior, pair.probability, pair.coverage, pair.band, pair.evidence, at, at)
            ON CONFLICT (case_id, found_id) WHERE state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn')
            DO NOTHING
            RETURNING hypothesis.id INTO new_id;
            IF new_id IS NOT NULL THEN
                kept := kept || new_id;
                hypothesis_id := new_id; outcome := fresh; RETURN NEXT;
            END IF;
        END IF;
    END LOOP;
    -- What the engine proposed earlier for this subject, nobody has touched and does not hold any more.
    IF subject IS NOT NULL THEN
        IF subject_kind = 'case' THEN
            UPDATE hypothesis h SET state = 'superseded', updated_at = at, rev = h.rev + 1
             WHERE h.case_id = subject AND h.origin = 'automatic' AND h.state = 'proposed' AND NOT (h.id = ANY (kept));
        ELSE
            UPDATE hypothesis h SET state = 'superseded', updated_at = at, rev = h.rev + 1
             WHERE h.found_id = subject AND h.origin = 'automatic' AND h.state = 'proposed' AND NOT (h.id = ANY (kept));
        END IF;
    END IF;
END
$$;

-- Both owners when they are one; otherwise each side that may see the other's record for search. Empty: the pair may not be proposed.
CREATE FUNCTION hypothesis_audience(case_id uuid, case_owner uuid, found_id uuid, found_owner uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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

-- After a consent, an agreement or a level of confidentiality changed: who still sees the hypotheses of this subject. Run in the same transaction.
CREATE FUNCTION refresh_sight(wanted_kind text, subject uuid, at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    h record;
    audience uuid[];
    changed integer := 0;
    may_match boolean;
BEGIN
    FOR h IN SELECT x.*, c.confidentiality AS case_level, f.confidentiality AS found_level, f.state AS found_state
               FROM hypothesis x JOIN missing_person_case c ON c.id = x.case_id JOIN found_record f ON f.id = x.found_id
              WHERE (wanted_kind = 'case' AND x.case_id = subject) OR (wanted_kind = 'found_record' AND x.found_id = subject)
    LOOP
        audience := hypothesis_audience(h.case_id, h.case_authority, h.found_id, h.found_authority);
        may_match := matchable(h.case_id, h.case_level) AND matchable(h.found_id, h.found_level) AND h.found_state <> 'withdrawn';
        IF NOT may_match OR cardinality(audience) = 0 THEN
            -- The history stays with the owner of what was withdrawn.
            audience := ARRAY[CASE WHEN wanted_kind = 'case' THEN h.case_authority ELSE h.found_authority END];
        END IF;
        IF audience IS DISTINCT FROM h.visible_to OR NOT may_match THEN
            UPDATE hypothesis SET visible_to = audience, updated_at = at, rev = rev + 1,
                   state = CASE WHEN NOT may_match AND state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded')
                                THEN 'withdrawn' ELSE state END
             WHERE id = h.id;
            changed := changed + 1;
        END IF;
    END LOOP;
    RETURN changed;
END
$$;

-- The alert of a consulate or defender: a national's case that it may see was registered. A notice in the portal and a mail that says only that.
CREATE FUNCTION relay_registered(wanted_kind text, subject uuid, at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
    RETURN told;
END
$$;

-- Which authorities' open pages a hypothesis concerns: ids only.
CREATE FUNCTION hypothesis_viewers(ids uuid[]) RETURNS TABLE (hypothesis_id uuid, viewers uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT h.id, h.visible_to FROM hypothesis h WHERE h.id = ANY (ids)
$$;

-- How many verdicts a hypothesis has from other institutions: a number, so that the second review stays blind.
CREATE FUNCTION review_count(hypothesis uuid, in_round smallint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT count(*) FROM review r WHERE r.hypothesis_id = hypothesis AND r.round = in_round
$$;
-- The present round of verdicts: a round is over once two institutions have spoken.
CREATE FUNCTION review_round(hypothesis uuid) RETURNS smallint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT (1 + COALESCE((SELECT max(round) FROM (SELECT r.round FROM review r WHERE r.hypothesis_id = hypothesis
                                                   GROUP BY r.round HAVING count(*) >= 2) over_rounds), 0))::smallint
$$;
-- The verdicts of a round, only once the asking user has given theirs (called by the deciding transaction after its own insert).
CREATE FUNCTION round_verdicts(hypothesis uuid, in_round smallint)
RETURNS TABLE (reviewer uuid, authority_id uuid, verdict text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT r.reviewer, r.authority_id, r.verdict FROM review r
     WHERE r.hypothesis_id = hypothesis AND r.round = in_round
       AND EXISTS (SELECT FROM review mine WHERE mine.hypothesis_id = hypothesis AND mine.round = in_round AND mine.reviewer = app_user_id())
$$;

DO $$
DECLARE
    f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['shared_categories(uuid, text, uuid, uuid, text)', 'app_partners()', 'matcher_recipients(uuid, text, uuid)',
            'matchable(uuid, text)', 'matcher_subjects(text, uuid[])', 'matcher_propose(text, text, uuid, jsonb, timestamptz)',
            'hypothesis_audience(uuid, uuid, uuid, uuid)', 'refresh_sight(text, uuid, timestamptz)',
            'relay_registered(text, uuid, timestamptz)', 'hypothesis_viewers(uuid[])', 'review_count(uuid, smallint)',
            'round_verdicts(uuid, smallint)', 'review_round(uuid)'] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO rastro_policy', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    END LOOP;
END
$$;
GRANT SELECT ON review TO rastro_policy;
GRANT EXECUTE ON FUNCTION shared_categories(uuid, text, uuid, uuid, text), app_partners(), refresh_sight(text, uuid, timestamptz),
    review_count(uuid, smallint), round_verdicts(uuid, smallint), review_round(uuid) TO rastro_web;
GRANT EXECUTE ON FUNCTION matcher_subjects(text, uuid[]), matcher_propose(text, text, uuid, jsonb, timestamptz), hypothesis_viewers(uuid[])
    TO rastro_matcher;
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

-- An audit row is written once. Grants already say so; this also stops the owner's mistakes.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_event is append-only';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Hypotheses tell the open pages through the change feed, in the same transaction.
CREATE FUNCTION feed_hypotheses() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO change_feed (kind, ids) SELECT 'hypothesis', array_agg(id) FROM changed HAVING count(*) > 0;
    RETURN NULL;
END
$$;
ALTER FUNCTION feed_hypotheses() OWNER TO rastro_policy;
CREATE TRIGGER hypothesis_added AFTER INSERT ON hypothesis REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_hypotheses();
CREATE TRIGGER hypothesis_changed AFTER UPDATE ON hypothesis REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_hypotheses();

REVOKE CREATE ON SCHEMA public FROM rastro_policy;
