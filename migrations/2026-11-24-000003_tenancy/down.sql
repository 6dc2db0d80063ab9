DROP TRIGGER score_append_only ON hypothesis_score;
DROP TRIGGER hypothesis_weighed ON hypothesis;
DROP TRIGGER hypothesis_changed ON hypothesis;
DROP TRIGGER hypothesis_added ON hypothesis;
DROP TRIGGER step_append_only ON duplicate_step;
DROP TRIGGER audit_append_only ON audit_event;
DROP TRIGGER change_added ON change_feed;
DROP TRIGGER job_added ON job;
DO $$
DECLARE
    p record;
    t text;
BEGIN
    FOR p IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' LOOP
        EXECUTE format('DROP POLICY %I ON %I', p.policyname, p.tablename);
    END LOOP;
    FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relrowsecurity LOOP
        EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', t);
    END LOOP;
    FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> '__diesel_schema_migrations' LOOP
        EXECUTE format('REVOKE ALL ON %I FROM rastro_web, rastro_auth, rastro_jobs, rastro_matcher, rastro_policy', t);
    END LOOP;
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM rastro_web', current_database());
END
$$;
DROP FUNCTION keep_score(), matcher_open_cases(uuid, integer), matcher_weighed(text), matcher_decided(), feed_hypotheses(), refuse_change(), notify_channel(), round_verdicts(uuid, smallint), review_round(uuid), review_count(uuid, smallint),
    disclosed(uuid, uuid, text), app_search_givers(text), confirmed_kinds(uuid), has_rival(uuid), matcher_records_of(text, uuid[]),
    hypothesis_viewers(uuid[]), relay_registered(text, uuid, timestamptz), refresh_sight(text, uuid, timestamptz),
    hypothesis_audience(uuid, uuid, uuid, uuid), refresh_duplicates(text, uuid, timestamptz), are_linked(text, uuid, uuid),
    matcher_propose_duplicates(text, text, jsonb, timestamptz), duplicate_audience(text, uuid, uuid, uuid, uuid), duplicable(text, uuid[]),
    matcher_open_duplicates(text, uuid[]), matcher_propose(text, jsonb, timestamptz), matcher_inform(text, jsonb, timestamptz), matcher_open_pairs(text, uuid[]), matcher_subjects(text, uuid[]),
    matchable(uuid, text), app_can_see(uuid, text, uuid), app_partners(),
    shared_categories(uuid, text, uuid, uuid, text), app_purpose(), app_user_id(), app_authority();
DROP VIEW shared_with, live_grant;
GRANT CREATE ON SCHEMA public TO rastro_policy;
