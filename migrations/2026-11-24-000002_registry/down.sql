DROP TABLE import_difference, import_problem, import_file, import_run, idempotency_key, outbox, change_feed, job, audit_event, mail_message,
    notice, partner_query, case_information, exclusion, review, reweighing, hypothesis_score, hypothesis, duplicate_step, possible_duplicate, agreement_grant, agreement, consent, correction, external_identifier, folio_counter,
    found_record, search_action, mandate, case_message, family_session, family_access, inquirer, route_leg, disappearance_event,
    missing_person_case, person_name, person, incident, corridor_stop, corridor_membership, corridor_edge, corridor_route, gazetteer_place,
    refresh_token, api_client, sign_in_attempt, staff_session, app_user, authority;
