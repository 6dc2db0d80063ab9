-- Roles are cluster-wide, so they may exist already (another database on the same cluster, an earlier release).
-- None can log in. The application's login role is a member of all four and inherits none: every transaction names its role.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['rastro_web', 'rastro_auth', 'rastro_jobs', 'rastro_matcher', 'rastro_policy'] LOOP
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

-- The owner must be a member of rastro_policy to give functions to it (said again where it already is: from PostgreSQL 16 on the role's
-- creator holds only the admin option).
DO $$ BEGIN EXECUTE format('GRANT rastro_policy TO %I', current_user); END $$;
GRANT USAGE ON SCHEMA public TO rastro_web, rastro_auth, rastro_jobs, rastro_matcher, rastro_policy;
GRANT CREATE ON SCHEMA public TO rastro_policy;
