-- Identification, notification, restitution. An identification is the two institutions' of its hypothesis; telling the family is the case's alone; giving back
-- what is the family's is done by the case's institution and the one that keeps the remains. Nothing here is read by a family's page.

GRANT CREATE ON SCHEMA public TO rastro_policy;
ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check CHECK (kind IN ('own_national', 'own_client', 'hypothesis', 'call_request', 'question', 'answer', 'review_waiting',
    'sample_recalled', 'hand_over_overdue', 'identification_waiting', 'identification_issued', 'identification_revoked', 'notification_overdue'));

-- ------------------------------------------------------------------------------------------------ identification
CREATE TABLE identification (
    id               uuid PRIMARY KEY,
    -- What people call it, e.g. HND-CBA-2026-D000001-K: of the institution that drafts it.
    number           text NOT NULL UNIQUE,
    hypothesis_id    uuid NOT NULL REFERENCES hypothesis,
    case_id          uuid NOT NULL REFERENCES missing_person_case,
    found_id         uuid NOT NULL REFERENCES found_record,
    case_authority   uuid NOT NULL REFERENCES authority,
    found_authority  uuid NOT NULL REFERENCES authority,
    -- As they were when it was drafted: the other's record may go out of sight.
    case_folio       text NOT NULL,
    found_folio      text NOT NULL,
    state            text NOT NULL CHECK (state IN ('draft', 'in_review', 'signed', 'issued', 'revocation_proposed', 'revoked')),
    -- Raised by every return to the draft: signatures of an earlier round do not count.
    round            smallint NOT NULL DEFAULT 1,
    methods          text[] NOT NULL CHECK (methods <@ ARRAY['dna', 'dental', 'fingerprint', 'implant_serial', 'reasoned_combination', 'anthropology',
                         'medical_record', 'body_marks', 'circumstances', 'personal_effects', 'visual_recognition']),
    reasoning        text NOT NULL DEFAULT '',
    conclusion       text NOT NULL DEFAULT '',
    limits           text NOT NULL DEFAULT '',
    -- What DNA says, in words and sums: {"markers", "excluding", "log10_lr", "frequencies", "mutation", "stamp", "words", "authority", "by", "at"}. No genotype.
    opinion          jsonb,
    -- What it rests on, held fast when it is handed in: weights, prior, coverage, sizes of the registries, models, alternatives with their comparison.
    snapshot         jsonb,
    drafted_by       uuid NOT NULL REFERENCES app_user,
    drafted_name     text NOT NULL,
    drafted_authority uuid NOT NULL REFERENCES authority,
    rev              integer NOT NULL DEFAULT 1,
    issued_at        timestamptz,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CHECK (case_authority <> found_authority),
    CHECK ((state = 'draft') = (snapshot IS NULL)),
    CHECK ((state IN ('issued', 'revocation_proposed', 'revoked')) = (issued_at IS NOT NULL))
);
-- One at a time on a hypothesis.
CREATE UNIQUE INDEX identification_live ON identification (hypothesis_id) WHERE state <> 'revoked';
CREATE INDEX identification_case ON identification (case_id);
CREATE INDEX identification_found ON identification (found_id);
CREATE INDEX identification_case_authority ON identification (case_authority, created_at DESC, id DESC);
CREATE INDEX identification_found_authority ON identification (found_authority, created_at DESC, id DESC);

-- The written comparison with another open hypothesis on one of the sides. Each institution writes of those it may see; both read.
CREATE TABLE identification_alternative (
    identification_id uuid NOT NULL REFERENCES identification,
    hypothesis_id    uuid NOT NULL REFERENCES hypothesis,
    authority_id     uuid NOT NULL REFERENCES authority,
    author           uuid NOT NULL REFERENCES app_user,
    comparison       text NOT NULL CHECK (length(comparison) BETWEEN 1 AND 4000),
    at               timestamptz NOT NULL,
    PRIMARY KEY (identification_id, hypothesis_id, authority_id)
);

CREATE TABLE identification_signature (
    id               uuid PRIMARY KEY,
    identification_id uuid NOT NULL REFERENCES identification,
    round            smallint NOT NULL,
    authority_id     uuid NOT NULL REFERENCES authority,
    signer           uuid NOT NULL REFERENCES app_user,
    -- As the report names them.
    name             text NOT NULL,
    office           text NOT NULL,
    -- SHA-256 of what was signed.
    content_hash     bytea NOT NULL,
    at               timestamptz NOT NULL,
    UNIQUE (identification_id, round, signer),
    UNIQUE (identification_id, round, authority_id)
);

CREATE TABLE identification_step (
    id               uuid PRIMARY KEY,
    identification_id uuid NOT NULL REFERENCES identification,
    authority_id     uuid NOT NULL REFERENCES authority,
    user_id          uuid NOT NULL REFERENCES app_user,
    command          text NOT NULL,
    from_state       text NOT NULL,
    to_state         text NOT NULL,
    reason           text NOT NULL DEFAULT '',
    at               timestamptz NOT NULL
);
CREATE INDEX identification_step_of ON identification_step (identification_id, at);

-- The sealed reports. A version is never overwritten.
CREATE TABLE identification_report (
    id               uuid PRIMARY KEY,
    identification_id uuid NOT NULL REFERENCES identification,
    authority_id     uuid NOT NULL REFERENCES authority,
    version          smallint NOT NULL CHECK (version > 0),
    language         text NOT NULL CHECK (language IN ('es', 'en')),
    bytes            bytea NOT NULL,
    sha256           bytea NOT NULL CHECK (length(sha256) = 32),
    -- 128 random bits: what the report's address of verification ends in.
    code             text NOT NULL UNIQUE CHECK (code ~ '^[0-9a-f]{32}$'),
    issued_at        timestamptz NOT NULL,
    UNIQUE (identification_id, version)
);

-- ------------------------------------------------------------------------------------------------ notification
CREATE TABLE notification (
    id               uuid PRIMARY KEY,
    authority_id     uuid NOT NULL REFERENCES authority,
    case_id          uuid NOT NULL REFERENCES missing_person_case,
    identification_id uuid REFERENCES identification,
    kind             text NOT NULL CHECK (kind IN ('identified_deceased', 'partial_remains', 'misidentification', 'located_alive', 'search_status', 'no_match_result')),
    state            text NOT NULL CHECK (state IN ('need_identified', 'planned', 'authorised', 'scheduled', 'family_postponed', 'failed_attempt', 'delivered',
                         'contested', 'independent_review', 'reaffirmed', 'acknowledged', 'follow_up', 'completed', 'cancelled')),
    -- When it has to be told by.
    due_at           timestamptz NOT NULL,
    -- Who tells it, in which language, where, with whom (services::notification::Plan).
    plan             jsonb,
    scheduled_at     timestamptz,
    -- How it was told (services::notification::Delivery).
    delivery         jsonb,
    delivered_at     timestamptz,
    rev              integer NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CHECK ((kind IN ('identified_deceased', 'partial_remains', 'misidentification')) = (identification_id IS NOT NULL)),
    CHECK ((delivery IS NULL) = (delivered_at IS NULL))
);
CREATE INDEX notification_case ON notification (case_id);
CREATE INDEX notification_authority ON notification (authority_id, due_at);
-- What a family is told of an identification is planned once.
CREATE UNIQUE INDEX notification_once ON notification (identification_id, (kind = 'misidentification')) WHERE identification_id IS NOT NULL;

CREATE TABLE notification_step (
    id               uuid PRIMARY KEY,
    notification_id  uuid NOT NULL REFERENCES notification,
    authority_id     uuid NOT NULL REFERENCES authority,
    -- Nobody where it followed from an identification.
    user_id          uuid REFERENCES app_user,
    command          text NOT NULL,
    from_state       text NOT NULL,
    to_state         text NOT NULL,
    reason           text NOT NULL DEFAULT '',
    at               timestamptz NOT NULL
);
CREATE INDEX notification_step_of ON notification_step (notification_id, at);

-- ------------------------------------------------------------------------------------------------ restitution
CREATE TABLE restitution (
    id               uuid PRIMARY KEY,
    -- The case's institution, and the one that keeps the remains.
    authority_id     uuid NOT NULL REFERENCES authority,
    keeper_authority uuid NOT NULL REFERENCES authority,
    identification_id uuid NOT NULL REFERENCES identification,
    case_id          uuid NOT NULL REFERENCES missing_person_case,
    state            text NOT NULL CHECK (state IN ('offered', 'decision_pending', 'accepted', 'refused_for_now', 'paperwork', 'transfer', 'delivered',
                         'ceremony_support', 'closed', 'frozen')),
    -- Where it was when the identification behind it was revoked.
    frozen_from      text,
    receiver         text,
    destination      text,
    carrier          text,
    payer            text,
    wishes           text,
    -- {"transit_permit": {"state", "reference", "on"}, …}
    papers           jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(papers) = 'object'),
    delivered_at     timestamptz,
    rev              integer NOT NULL DEFAULT 1,
    created_by       uuid NOT NULL REFERENCES app_user,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CHECK ((state = 'frozen') = (frozen_from IS NOT NULL))
);
CREATE UNIQUE INDEX restitution_live ON restitution (identification_id);
CREATE INDEX restitution_case ON restitution (case_id);

-- What is handed over, each with its receipt.
CREATE TABLE restitution_item (
    id               uuid PRIMARY KEY,
    restitution_id   uuid NOT NULL REFERENCES restitution,
    authority_id     uuid NOT NULL REFERENCES authority,
    kind             text NOT NULL CHECK (kind IN ('remains', 'belonging', 'document')),
    description      text NOT NULL CHECK (length(description) BETWEEN 1 AND 1000),
    added_by         uuid NOT NULL REFERENCES app_user,
    added_at         timestamptz NOT NULL,
    -- The receipt: who took it, who handed it over, its number, when.
    received_by      text,
    handed_over_by   text,
    receipt          text,
    handed_over_at   timestamptz,
    CHECK ((received_by IS NULL) = (handed_over_at IS NULL)),
    CHECK ((receipt IS NULL) = (handed_over_at IS NULL)),
    CHECK ((handed_over_by IS NULL) = (handed_over_at IS NULL))
);
CREATE INDEX restitution_item_of ON restitution_item (restitution_id, added_at);

CREATE TABLE restitution_step (
    id               uuid PRIMARY KEY,
    restitution_id   uuid NOT NULL REFERENCES restitution,
    authority_id     uuid NOT NULL REFERENCES authority,
    -- Nobody where it followed from a revocation.
    user_id          uuid REFERENCES app_user,
    command          text NOT NULL,
    from_state       text NOT NULL,
    to_state         text NOT NULL,
    reason           text NOT NULL DEFAULT '',
    at               timestamptz NOT NULL
);
CREATE INDEX restitution_step_of ON restitution_step (restitution_id, at);

-- ------------------------------------------------------------------------------------------------ rights
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['identification', 'identification_alternative', 'identification_signature', 'identification_step', 'identification_report', 'notification',
            'notification_step', 'restitution', 'restitution_item', 'restitution_step'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY functions ON %I TO rastro_policy USING (true) WITH CHECK (true)', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['identification_alternative', 'identification_signature', 'identification_step', 'identification_report'] LOOP
        EXECUTE format('CREATE POLICY parties ON %I FOR SELECT TO rastro_web USING (EXISTS (SELECT FROM identification i WHERE i.id = %I.identification_id))', t, t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['identification_alternative', 'identification_step', 'identification_report'] LOOP
        EXECUTE format('CREATE POLICY own ON %I FOR INSERT TO rastro_web WITH CHECK (authority_id = (SELECT app_authority())
                        AND EXISTS (SELECT FROM identification i WHERE i.id = %I.identification_id))', t, t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['notification', 'notification_step'] LOOP
        EXECUTE format('CREATE POLICY own ON %I TO rastro_web USING (authority_id = (SELECT app_authority())) WITH CHECK (authority_id = (SELECT app_authority()))', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['restitution_item', 'restitution_step'] LOOP
        EXECUTE format('CREATE POLICY parties ON %I FOR SELECT TO rastro_web USING (EXISTS (SELECT FROM restitution r WHERE r.id = %I.restitution_id))', t, t);
        EXECUTE format('CREATE POLICY own ON %I FOR INSERT TO rastro_web WITH CHECK (authority_id = (SELECT app_authority())
                        AND EXISTS (SELECT FROM restitution r WHERE r.id = %I.restitution_id))', t, t);
    END LOOP;
END
$$;
CREATE POLICY parties ON identification FOR SELECT TO rastro_web USING ((SELECT app_authority()) IN (case_authority, found_authority));
CREATE POLICY moved ON identification FOR UPDATE TO rastro_web
    USING ((SELECT app_authority()) IN (case_authority, found_authority)) WITH CHECK ((SELECT app_authority()) IN (case_authority, found_authority));
CREATE POLICY drafted ON identification FOR INSERT TO rastro_web
    WITH CHECK (state = 'draft' AND round = 1 AND drafted_authority = (SELECT app_authority()) AND drafted_by = (SELECT app_user_id())
                AND EXISTS (SELECT FROM hypothesis h WHERE h.id = identification.hypothesis_id AND h.state = 'confirmed'
                               AND (h.case_id, h.found_id, h.case_authority, h.found_authority)
                                 = (identification.case_id, identification.found_id, identification.case_authority, identification.found_authority)));
CREATE POLICY rewritten ON identification_alternative FOR UPDATE TO rastro_web
    USING (authority_id = (SELECT app_authority())) WITH CHECK (authority_id = (SELECT app_authority()) AND author = (SELECT app_user_id()));
CREATE POLICY signed ON identification_signature FOR INSERT TO rastro_web
    WITH CHECK (authority_id = (SELECT app_authority()) AND signer = (SELECT app_user_id())
                AND EXISTS (SELECT FROM identification i WHERE i.id = identification_signature.identification_id AND i.round = identification_signature.round
                               AND i.state IN ('in_review', 'signed')));
CREATE POLICY parties ON restitution TO rastro_web
    USING ((SELECT app_authority()) IN (authority_id, keeper_authority)) WITH CHECK ((SELECT app_authority()) IN (authority_id, keeper_authority));
CREATE POLICY receipt ON restitution_item FOR UPDATE TO rastro_web
    USING (handed_over_at IS NULL AND EXISTS (SELECT FROM restitution r WHERE r.id = restitution_item.restitution_id))
    WITH CHECK (EXISTS (SELECT FROM restitution r WHERE r.id = restitution_item.restitution_id));
-- What the functions below read and write of others.
CREATE POLICY identification_functions ON audit_event FOR SELECT TO rastro_policy USING (true);
CREATE POLICY identification_functions ON search_action FOR INSERT TO rastro_policy WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE ON identification, identification_alternative, notification, restitution TO rastro_web;
GRANT SELECT, INSERT ON identification_signature, identification_step, identification_report, notification_step, restitution_item, restitution_step TO rastro_web;
GRANT UPDATE (received_by, handed_over_by, receipt, handed_over_at) ON restitution_item TO rastro_web;
GRANT SELECT ON identification, identification_report, identification_signature, audit_event TO rastro_policy;
GRANT SELECT, INSERT, UPDATE ON notification, restitution TO rastro_policy;
GRANT INSERT ON notification_step, restitution_step, search_action TO rastro_policy;
GRANT UPDATE (state, rev, updated_at) ON missing_person_case TO rastro_policy;

-- ------------------------------------------------------------------------------------------------ the rules as functions
-- What an identification is of, for the two institutions of a hypothesis that they have confirmed: the other's record may be out of sight.
CREATE FUNCTION identification_subjects(wanted_hypothesis uuid) RETURNS TABLE (case_folio text, found_folio text, found_kind text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.folio, f.folio, f.kind FROM hypothesis h JOIN missing_person_case c ON c.id = h.case_id JOIN found_record f ON f.id = h.found_id
     WHERE h.id = wanted_hypothesis AND app_authority() IN (h.case_authority, h.found_authority) AND h.state = 'confirmed'
$$;

-- The other open hypotheses on either side, confirmed ones on the same remains too (they are one person's), and whether the asking institution may see each: of the others it is told that they are there, as by has_rival.
-- Records that are linked as one person's do not compete.
CREATE FUNCTION identification_alternatives(wanted_hypothesis uuid)
RETURNS TABLE (hypothesis_id uuid, case_id uuid, found_id uuid, shares text, seen boolean, band text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT other.id, other.case_id, other.found_id, CASE WHEN other.case_id = mine.case_id THEN 'case' ELSE 'found_record' END,
           app_authority() = ANY (other.visible_to), other.band
      FROM hypothesis mine JOIN hypothesis other ON other.id <> mine.id AND (other.case_id = mine.case_id OR other.found_id = mine.found_id)
           AND other.state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn')
           AND (other.state <> 'confirmed' OR other.found_id = mine.found_id)
     WHERE mine.id = wanted_hypothesis AND app_authority() IN (mine.case_authority, mine.found_authority)
       AND NOT (other.case_id = mine.case_id AND are_linked('found_record', mine.found_id, other.found_id))
       AND NOT (other.found_id = mine.found_id AND are_linked('case', mine.case_id, other.case_id))
     ORDER BY other.log10_odds DESC, other.id
$$;

-- Whether the remains of a hypothesis are identified as somebody else's, by anybody: remains are one person's. Whoever asks holds the remains until the transaction
-- ends, so that two who sign at once do not both hear no.
CREATE FUNCTION identified_as_another(wanted_hypothesis uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(h.found_id::text, 5)) FROM hypothesis h WHERE h.id = wanted_hypothesis;
    RETURN EXISTS (SELECT FROM hypothesis h JOIN identification i ON i.found_id = h.found_id AND i.case_id <> h.case_id AND i.state IN ('issued', 'revocation_proposed')
                    WHERE h.id = wanted_hypothesis AND app_authority() IN (h.case_authority, h.found_authority)
                      AND NOT are_linked('case', h.case_id, i.case_id));
END
$$;

-- Whether the genetic opinion of an identification still rests on a result that the bank holds: a consent may have ended since it was attached.
CREATE FUNCTION opinion_stands(wanted uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM identification i
                    WHERE i.id = wanted AND app_authority() IN (i.case_authority, i.found_authority)
                      AND (i.opinion IS NULL OR EXISTS (
                           SELECT FROM bank.kinship_result r
                            WHERE r.case_id = i.case_id AND r.found_id = i.found_id AND r.state = 'weighed'
                              AND r.excluding = (i.opinion ->> 'excluding')::smallint AND abs(r.log10_lr - (i.opinion ->> 'log10_lr')::float8) <= 0.051)))
$$;

-- Whether a family was told, by a person, of an identification of remains that stands: before that nothing of them leaves.
CREATE FUNCTION family_was_told(wanted_found uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM identification i JOIN notification n ON n.identification_id = i.id
                    WHERE i.found_id = wanted_found AND i.state = 'issued' AND n.delivered_at IS NOT NULL AND n.kind <> 'misidentification'
                      AND app_authority() IN (i.case_authority, i.found_authority))
$$;

-- How many missing persons and how many remains the node compares: what a prior is read against.
CREATE FUNCTION registry_sizes() RETURNS TABLE (cases bigint, remains bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (SELECT count(*) FROM missing_person_case c
             WHERE c.state NOT IN ('draft', 'duplicate_linked', 'withdrawn_by_family', 'closed', 'restituted', 'contact_restored', 'contact_refused')),
           (SELECT count(*) FROM found_record f WHERE f.state = 'open' AND f.kind IN ('remains_named', 'remains_unnamed'))
$$;

-- Notes for the other institution of an identification, or for both, that it waits for them, was issued or was revoked.
CREATE FUNCTION tell_of_identification(wanted uuid, notice_kind text, to_both boolean, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO notice (id, authority_id, kind, subject_kind, subject_id, created_at)
    SELECT gen_random_uuid(), party, notice_kind, 'identification', i.id, tell_of_identification.at
      FROM identification i CROSS JOIN LATERAL unnest(ARRAY[i.case_authority, i.found_authority]) AS party
     WHERE i.id = wanted AND app_authority() IN (i.case_authority, i.found_authority) AND (to_both OR party <> app_authority())
       AND notice_kind IN ('identification_waiting', 'identification_issued')
    ON CONFLICT DO NOTHING
$$;

-- An issued identification is to be told: opens the case's plan, whichever institution signed last. More remains of somebody whose family was told are told as
-- such. Answers nothing where it is open already.
CREATE FUNCTION open_notification(wanted_identification uuid, new_id uuid, step_id uuid, due timestamptz, at timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    i identification%ROWTYPE;
    what text;
BEGIN
    SELECT * INTO i FROM identification x WHERE x.id = wanted_identification AND x.state = 'issued' AND app_authority() IN (x.case_authority, x.found_authority);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    what := CASE WHEN EXISTS (SELECT FROM notification n JOIN identification e ON e.id = n.identification_id AND e.state <> 'revoked'
                               WHERE n.case_id = i.case_id AND n.kind = 'identified_deceased' AND n.delivered_at IS NOT NULL)
                 THEN 'partial_remains' ELSE 'identified_deceased' END;
    INSERT INTO notification (id, authority_id, case_id, identification_id, kind, state, due_at, created_at, updated_at)
    VALUES (new_id, i.case_authority, i.case_id, i.id, what, 'need_identified', due, open_notification.at, open_notification.at)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO notification_step (id, notification_id, authority_id, command, from_state, to_state, at)
    VALUES (step_id, new_id, i.case_authority, 'open', 'need_identified', 'need_identified', open_notification.at);
    RETURN what;
END
$$;

-- What follows from the word of two institutions that an identification is wrong, in the transaction that revokes it: the case and the hypothesis go back, the
-- restitution stops where it was, what was not told is not told, what was told is to be put right in person, and whoever read or holds it is told. Answers whether
-- the case moved. The moves are those of domain::case, hypothesis, notification and restitution; a test compares.
CREATE FUNCTION revoke_identified(wanted uuid, new_id uuid, at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    i identification%ROWTYPE;
    told boolean;
    moved boolean := false;
BEGIN
    SELECT * INTO i FROM identification x WHERE x.id = wanted AND x.state = 'revoked' AND app_authority() IN (x.case_authority, x.found_authority);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no revoked identification';
    END IF;
    UPDATE hypothesis h SET state = 'reopened', rev = h.rev + 1, updated_at = revoke_identified.at WHERE h.id = i.hypothesis_id AND h.state = 'confirmed';
    -- Another identification of the same person that stands keeps the case where it is.
    IF NOT EXISTS (SELECT FROM identification e WHERE e.case_id = i.case_id AND e.state IN ('issued', 'revocation_proposed')) THEN
        UPDATE missing_person_case c SET state = 'identification_revoked', rev = c.rev + 1, updated_at = revoke_identified.at
         WHERE c.id = i.case_id AND c.state IN ('identified_deceased', 'family_notified', 'restitution_in_progress', 'restituted', 'follow_up', 'closed');
        moved := FOUND;
    END IF;
    WITH frozen AS (
        UPDATE restitution r SET state = 'frozen', frozen_from = old.state, rev = r.rev + 1, updated_at = revoke_identified.at
          FROM restitution old WHERE old.id = r.id AND r.identification_id = i.id AND r.state <> 'frozen'
        RETURNING r.id, r.authority_id, r.frozen_from
    )
    INSERT INTO restitution_step (id, restitution_id, authority_id, command, from_state, to_state, at)
    SELECT gen_random_uuid(), f.id, f.authority_id, 'freeze', f.frozen_from, 'frozen', revoke_identified.at FROM frozen f;
    -- Whoever is writing down that the family was told is waited for.
    PERFORM FROM notification n WHERE n.identification_id = i.id ORDER BY n.id FOR UPDATE;
    told := EXISTS (SELECT FROM notification n WHERE n.identification_id = i.id AND n.delivered_at IS NOT NULL AND n.kind <> 'misidentification');
    WITH ended AS (
        UPDATE notification n SET state = 'cancelled', rev = n.rev + 1, updated_at = revoke_identified.at
          FROM notification old
         WHERE old.id = n.id AND n.identification_id = i.id AND n.delivered_at IS NULL AND n.state <> 'cancelled'
        RETURNING n.id, n.authority_id, old.state AS was
    )
    INSERT INTO notification_step (id, notification_id, authority_id, command, from_state, to_state, at)
    SELECT gen_random_uuid(), e.id, e.authority_id, 'cancel', e.was, 'cancelled', revoke_identified.at FROM ended e;
    IF told THEN
        INSERT INTO notification (id, authority_id, case_id, identification_id, kind, state, due_at, created_at, updated_at)
        VALUES (new_id, i.case_authority, i.case_id, i.id, 'misidentification', 'need_identified', revoke_identified.at + interval '72 hours', revoke_identified.at,
                revoke_identified.at);
        INSERT INTO notification_step (id, notification_id, authority_id, command, from_state, to_state, at)
        VALUES (gen_random_uuid(), new_id, i.case_authority, 'open', 'need_identified', 'need_identified', revoke_identified.at);
        INSERT INTO search_action (id, authority_id, case_id, kind, requested_at, due_at)
        VALUES (gen_random_uuid(), i.case_authority, i.case_id, 'tell_family_in_person', revoke_identified.at, revoke_identified.at + interval '72 hours');
    END IF;
    INSERT INTO notice (id, authority_id, kind, subject_kind, subject_id, created_at)
    SELECT gen_random_uuid(), holder, 'identification_revoked', 'identification', i.id, revoke_identified.at
      FROM (SELECT i.case_authority AS holder UNION SELECT i.found_authority
            UNION SELECT r.keeper_authority FROM restitution r WHERE r.identification_id = i.id
            UNION SELECT e.authority_id FROM audit_event e WHERE e.subject_ids @> ARRAY[i.id] AND e.subject_kind = 'identification') x
    ON CONFLICT DO NOTHING;
    INSERT INTO change_feed (kind, ids) VALUES ('case', ARRAY[i.case_id]);
    INSERT INTO job (kind, payload, priority) VALUES ('match_records', jsonb_build_object('kind', 'case', 'ids', jsonb_build_array(i.case_id)), 10);
    IF moved THEN
        INSERT INTO outbox (id, authority_id, subject_kind, subject_id, kind, created_at)
        VALUES (gen_random_uuid(), i.case_authority, 'case', i.case_id, 'changed', revoke_identified.at);
    END IF;
    RETURN moved;
END
$$;

-- Whether a report is authentic: nothing of whom it is about. That it was wrong a person says first: until then the page sends to the institution. `drafted` is whose audit keeps that it was asked.
CREATE FUNCTION verify_report(wanted_code text)
RETURNS TABLE (report_id uuid, drafted uuid, issued_at timestamptz, institutions text[], sha256 bytea, standing text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT r.id, i.drafted_authority, r.issued_at,
           ARRAY(SELECT a.name FROM authority a WHERE a.id IN (i.case_authority, i.found_authority) ORDER BY a.name), r.sha256,
           CASE WHEN i.state = 'revoked' AND EXISTS (SELECT FROM notification n WHERE n.identification_id = i.id AND n.kind = 'misidentification'
                                                        AND n.delivered_at IS NULL AND n.state <> 'cancelled') THEN 'consult'
                WHEN i.state = 'revoked' THEN 'revoked'
                WHEN EXISTS (SELECT FROM identification_report n WHERE n.identification_id = r.identification_id AND n.language = r.language
                                AND n.version > r.version) THEN 'replaced'
                ELSE 'valid' END
      FROM identification_report r JOIN identification i ON i.id = r.identification_id
     WHERE r.code = wanted_code
$$;

-- Tells the institutions of families that were to be told and are not: past the day it was due, or a day after the hour that was agreed on. How many were told.
CREATE FUNCTION remind_notifications(at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    told bigint;
BEGIN
    INSERT INTO notice (id, authority_id, kind, subject_kind, subject_id, created_at)
    SELECT gen_random_uuid(), n.authority_id, 'notification_overdue', 'case', n.case_id, remind_notifications.at
      FROM notification n
     WHERE n.state IN ('need_identified', 'planned', 'authorised', 'scheduled', 'family_postponed', 'failed_attempt')
       AND CASE n.state WHEN 'scheduled' THEN n.scheduled_at + interval '24 hours' WHEN 'family_postponed' THEN n.updated_at + interval '30 days' ELSE n.due_at END
           < remind_notifications.at
       AND NOT EXISTS (SELECT FROM notice x WHERE x.authority_id = n.authority_id AND x.kind = 'notification_overdue' AND x.subject_id = n.case_id
                          AND x.created_at > n.updated_at)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS told = ROW_COUNT;
    RETURN told;
END
$$;

DO $$
DECLARE
    f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['identification_subjects(uuid)', 'identification_alternatives(uuid)', 'identified_as_another(uuid)', 'opinion_stands(uuid)', 'family_was_told(uuid)', 'registry_sizes()',
            'tell_of_identification(uuid, text, boolean, timestamptz)', 'open_notification(uuid, uuid, uuid, timestamptz, timestamptz)',
            'revoke_identified(uuid, uuid, timestamptz)', 'verify_report(text)', 'remind_notifications(timestamptz)'] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO rastro_policy', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION identification_subjects(uuid), identification_alternatives(uuid), identified_as_another(uuid), opinion_stands(uuid), family_was_told(uuid), registry_sizes(),
    tell_of_identification(uuid, text, boolean, timestamptz), open_notification(uuid, uuid, uuid, timestamptz, timestamptz),
    revoke_identified(uuid, uuid, timestamptz) TO rastro_web;
GRANT EXECUTE ON FUNCTION verify_report(text) TO rastro_auth;
GRANT EXECUTE ON FUNCTION remind_notifications(timestamptz) TO rastro_jobs;

-- ------------------------------------------------------------------------------------------------ what is sealed
-- What an identification says changes in its draft alone, and it is issued by two signatures of its round: the net under the program.
CREATE FUNCTION guard_identification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.hypothesis_id, OLD.case_id, OLD.found_id, OLD.case_authority, OLD.found_authority, OLD.number)
           IS DISTINCT FROM (NEW.hypothesis_id, NEW.case_id, NEW.found_id, NEW.case_authority, NEW.found_authority, NEW.number) THEN
        RAISE EXCEPTION 'an identification stays of whom it is';
    END IF;
    IF OLD.state <> 'draft' AND (OLD.methods, OLD.reasoning, OLD.conclusion, OLD.limits, OLD.opinion)
           IS DISTINCT FROM (NEW.methods, NEW.reasoning, NEW.conclusion, NEW.limits, NEW.opinion) THEN
        RAISE EXCEPTION 'an identification that was handed in is not rewritten';
    END IF;
    IF OLD.snapshot IS NOT NULL AND NEW.state <> 'draft' AND OLD.snapshot IS DISTINCT FROM NEW.snapshot THEN
        RAISE EXCEPTION 'what an identification rests on is held fast';
    END IF;
    IF OLD.state IN ('issued', 'revocation_proposed', 'revoked') AND NEW.state NOT IN ('issued', 'revocation_proposed', 'revoked') THEN
        RAISE EXCEPTION 'an identification that was issued is only revoked';
    END IF;
    IF NEW.state = 'revoked' AND OLD.state <> 'revoked'
       AND (OLD.state <> 'revocation_proposed'
            OR (SELECT s.authority_id FROM identification_step s WHERE s.identification_id = NEW.id AND s.command = 'propose_revocation'
                 ORDER BY s.at DESC, s.id DESC LIMIT 1) IS NOT DISTINCT FROM app_authority()) THEN
        RAISE EXCEPTION 'an identification is revoked by the word of two institutions';
    END IF;
    IF OLD.state = 'revoked' AND NEW.state <> 'revoked' THEN
        RAISE EXCEPTION 'a revoked identification stays revoked';
    END IF;
    IF OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'in_review') THEN
        RAISE EXCEPTION 'an identification is handed in before it is signed';
    END IF;
    IF NEW.issued_at IS NOT NULL AND OLD.issued_at IS NULL
       AND (SELECT count(DISTINCT s.authority_id) FROM identification_signature s WHERE s.identification_id = NEW.id AND s.round = NEW.round) < 2 THEN
        RAISE EXCEPTION 'an identification is issued by two signatures of two institutions';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER identification_guarded BEFORE UPDATE ON identification FOR EACH ROW EXECUTE FUNCTION guard_identification();
CREATE TRIGGER identification_kept BEFORE DELETE OR TRUNCATE ON identification FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signature_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON identification_signature FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON identification_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER report_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON identification_report FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notification_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON restitution_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

REVOKE CREATE ON SCHEMA public FROM rastro_policy;
