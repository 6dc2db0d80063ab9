DROP TRIGGER custody_append_only ON custody_event;
DROP FUNCTION redraw_pedigree(uuid, timestamptz), remind_hand_overs(timestamptz, bigint), matcher_kinship(text, uuid[]), stop_search(uuid, timestamptz), bank.chunk_done(uuid, integer, text, bigint, integer, timestamptz), bank.chunk(uuid, integer),
    bank.withdraw_results(uuid[], uuid[], uuid[], timestamptz), end_expired_consents(timestamptz), bank.watched(uuid[], uuid[]), bank.keep_results(jsonb, float8, text, timestamptz),
    bank.pedigrees_of(uuid[], uuid[]), bank.searchable_pedigrees(uuid[]), bank.searchable_profiles(uuid[]);
DROP SCHEMA bank CASCADE;
DROP TABLE custody_event, sample_identifier, sample, donor CASCADE;
DROP FUNCTION move_sample(uuid, integer, text, timestamptz), donor_consents(uuid, uuid), may_write_custody(uuid, uuid), was_handed(uuid, uuid), handed_samples(uuid);
DELETE FROM consent WHERE subject_kind = 'donor';
DELETE FROM notice WHERE kind IN ('sample_recalled', 'hand_over_overdue');
ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check CHECK (kind IN ('own_national', 'own_client', 'hypothesis', 'call_request', 'question', 'answer', 'review_waiting'));
ALTER TABLE consent DROP CONSTRAINT consent_categories_check;
ALTER TABLE consent ADD CONSTRAINT consent_categories_check CHECK (categories <@ ARRAY['existence', 'identity', 'description', 'circumstances', 'health',
    'identifiers', 'contact']);
ALTER TABLE consent DROP CONSTRAINT consent_subject_kind_check;
ALTER TABLE consent ADD CONSTRAINT consent_subject_kind_check CHECK (subject_kind IN ('case', 'found_record'));
DELETE FROM change_feed WHERE kind IN ('profile', 'pedigree', 'donor');
ALTER TABLE change_feed DROP CONSTRAINT change_feed_kind_check;
ALTER TABLE change_feed ADD CONSTRAINT change_feed_kind_check CHECK (kind IN ('case', 'found_record', 'incident', 'policy', 'hypothesis'));
UPDATE app_user SET roles = array_remove(roles, 'geneticist') WHERE 'geneticist' = ANY (roles);
ALTER TABLE app_user DROP CONSTRAINT app_user_roles_check;
ALTER TABLE app_user ADD CONSTRAINT app_user_roles_check CHECK (roles <@ ARRAY['search_officer', 'reviewer', 'forensic_officer',
    'consular_officer', 'public_defender', 'association_member', 'administrator']);
REVOKE SELECT ON change_feed FROM rastro_kinship;
REVOKE USAGE ON SCHEMA public FROM rastro_genetics, rastro_kinship;
