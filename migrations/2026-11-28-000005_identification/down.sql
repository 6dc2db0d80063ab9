DROP FUNCTION remind_notifications(timestamptz), verify_report(text), revoke_identified(uuid, uuid, timestamptz),
    open_notification(uuid, uuid, uuid, timestamptz, timestamptz), tell_of_identification(uuid, text, boolean, timestamptz), registry_sizes(),
    identified_as_another(uuid), opinion_stands(uuid), family_was_told(uuid), identification_alternatives(uuid), identification_subjects(uuid);
DROP POLICY identification_functions ON audit_event;
DROP POLICY identification_functions ON search_action;
REVOKE SELECT ON audit_event FROM rastro_policy;
REVOKE INSERT ON search_action FROM rastro_policy;
REVOKE UPDATE (state, rev, updated_at) ON missing_person_case FROM rastro_policy;
DROP TABLE restitution_step, restitution_item, restitution, notification_step, notification, identification_report, identification_step, identification_signature,
    identification_alternative, identification;
DROP FUNCTION guard_identification();
DELETE FROM notice WHERE kind IN ('identification_waiting', 'identification_issued', 'identification_revoked', 'notification_overdue');
ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check CHECK (kind IN ('own_national', 'own_client', 'hypothesis', 'call_request', 'question', 'answer', 'review_waiting',
    'sample_recalled', 'hand_over_overdue'));
