-- The roles stay: another database of the cluster may use them.
REVOKE ALL ON SCHEMA public FROM rastro_web, rastro_auth, rastro_jobs, rastro_matcher, rastro_policy;
