//! The tables as diesel sees them. Made from the migrated catalogue: `tests/it/schema.rs` compares, and writes it with `UPDATE_SCHEMA=1`.

diesel::table! {
    agreement (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        legal_basis -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        suspended_at -> Nullable<Timestamptz>,
        suspended_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    agreement_grant (agreement_id, from_authority, to_authority, purpose, subject_kind) {
        agreement_id -> Uuid,
        from_authority -> Uuid,
        to_authority -> Uuid,
        purpose -> Text,
        subject_kind -> Text,
        categories -> Array<Text>,
        place_precision -> Text,
    }
}

diesel::table! {
    api_client (id) {
        id -> Uuid,
        authority_id -> Uuid,
        name -> Text,
        secret_hash -> Bytea,
        user_id -> Uuid,
        created_at -> Timestamptz,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    app_user (id) {
        id -> Uuid,
        authority_id -> Uuid,
        email -> Text,
        name -> Text,
        roles -> Array<Text>,
        password_hash -> Text,
        totp_secret -> Nullable<Bytea>,
        totp_last_step -> Nullable<BigInt>,
        language -> Text,
        phone -> Nullable<Text>,
        created_at -> Timestamptz,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    audit_event (id) {
        id -> Uuid,
        authority_id -> Uuid,
        at -> Timestamptz,
        actor_kind -> Text,
        user_id -> Nullable<Uuid>,
        purpose -> Text,
        action -> Text,
        subject_kind -> Text,
        subject_ids -> Array<Uuid>,
        subject_owner -> Nullable<Uuid>,
        fields -> Array<Text>,
        query_digest -> Nullable<Bytea>,
        result_count -> Nullable<Integer>,
        detail -> Jsonb,
    }
}

diesel::table! {
    authority (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        country -> Text,
        kind -> Text,
        represents -> Nullable<Text>,
        contact_email -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    bank.kinship_result (pedigree_id, individual, found_id) {
        pedigree_id -> Uuid,
        authority_id -> Uuid,
        individual -> Text,
        case_id -> Uuid,
        found_id -> Uuid,
        state -> Text,
        log10_lr -> Double,
        excluding -> SmallInt,
        compared -> SmallInt,
        model -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    bank.pedigree (id) {
        id -> Uuid,
        authority_id -> Uuid,
        code -> Text,
        state -> Text,
        content -> Bytea,
        rev -> Integer,
        epoch -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    bank.pedigree_donor (pedigree_id, individual) {
        pedigree_id -> Uuid,
        authority_id -> Uuid,
        individual -> Text,
        donor_id -> Uuid,
    }
}

diesel::table! {
    bank.pedigree_missing (pedigree_id, individual) {
        pedigree_id -> Uuid,
        authority_id -> Uuid,
        individual -> Text,
        case_id -> Uuid,
    }
}

diesel::table! {
    bank.profile (id) {
        id -> Uuid,
        authority_id -> Uuid,
        code -> Text,
        sample_id -> Uuid,
        state -> Text,
        flags -> Array<Text>,
        loci -> SmallInt,
        content -> Nullable<Bytea>,
        fingerprint -> Nullable<Bytea>,
        rev -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    bank.reading (id) {
        id -> Uuid,
        authority_id -> Uuid,
        profile_id -> Uuid,
        analyst -> Uuid,
        kit -> Text,
        laboratory -> Text,
        run_on -> Date,
        content -> Bytea,
        file_digest -> Nullable<Bytea>,
        at -> Timestamptz,
    }
}

diesel::table! {
    bank.search_chunk (run_id, n) {
        run_id -> Uuid,
        n -> Integer,
        pedigrees -> Array<Uuid>,
        pairs -> Nullable<BigInt>,
        kept -> Nullable<Integer>,
        worker -> Nullable<Text>,
        done_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    bank.search_run (id) {
        id -> Uuid,
        authority_id -> Nullable<Uuid>,
        pedigrees -> Integer,
        chunks -> Integer,
        cancelled_at -> Nullable<Timestamptz>,
        began_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    case_information (case_id) {
        case_id -> Uuid,
        authority_id -> Uuid,
        model -> Text,
        band -> Text,
        fields -> Jsonb,
        at -> Timestamptz,
    }
}

diesel::table! {
    case_message (id) {
        id -> Uuid,
        authority_id -> Uuid,
        case_id -> Uuid,
        kind -> Text,
        author_kind -> Text,
        author_authority -> Nullable<Uuid>,
        author_user -> Nullable<Uuid>,
        body -> Text,
        in_reply_to -> Nullable<Uuid>,
        created_at -> Timestamptz,
        answered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    change_feed (seq) {
        seq -> BigInt,
        kind -> Text,
        ids -> Array<Uuid>,
        at -> Timestamptz,
    }
}

diesel::table! {
    consent (id) {
        id -> Uuid,
        authority_id -> Uuid,
        subject_kind -> Text,
        subject_id -> Uuid,
        form_id -> Uuid,
        purpose -> Text,
        recipient_kind -> Text,
        categories -> Array<Text>,
        basis -> Text,
        language -> Text,
        explained_by -> Text,
        granted_by -> Text,
        form_version -> Text,
        granted_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        withdrawn_at -> Nullable<Timestamptz>,
        withdrawn_reason -> Nullable<Text>,
    }
}

diesel::table! {
    correction (id) {
        id -> Uuid,
        authority_id -> Uuid,
        subject_kind -> Text,
        subject_id -> Uuid,
        field -> Text,
        old_value -> Nullable<Jsonb>,
        new_value -> Nullable<Jsonb>,
        reason -> Text,
        author -> Uuid,
        at -> Timestamptz,
    }
}

diesel::table! {
    corridor_edge (id) {
        id -> Integer,
        lats -> Array<Double>,
        lons -> Array<Double>,
        length_km -> Double,
    }
}

diesel::table! {
    corridor_membership (route_id, seq) {
        route_id -> Text,
        seq -> Integer,
        edge_id -> Integer,
        reversed -> Bool,
        from_km -> Double,
    }
}

diesel::table! {
    corridor_route (id) {
        id -> Text,
        name -> Text,
        medium -> Text,
        mode -> Text,
        length_km -> Double,
        half_width_km -> Double,
        schematic -> Bool,
        geometry_source -> Text,
    }
}

diesel::table! {
    corridor_stop (route_id, seq) {
        route_id -> Text,
        seq -> Integer,
        name -> Text,
        lat -> Double,
        lon -> Double,
        measure_km -> Double,
    }
}

diesel::table! {
    custody_event (id) {
        id -> Uuid,
        authority_id -> Uuid,
        user_id -> Uuid,
        sample_id -> Uuid,
        seq -> Integer,
        kind -> Text,
        answers -> Nullable<Uuid>,
        to_authority -> Nullable<Uuid>,
        to_name -> Nullable<Text>,
        seal -> Nullable<Text>,
        condition -> Nullable<Text>,
        location -> Nullable<Text>,
        temperature -> Nullable<Text>,
        discrepancy -> Nullable<Text>,
        reason -> Nullable<Text>,
        witness -> Nullable<Text>,
        due_at -> Nullable<Timestamptz>,
        at -> Timestamptz,
        prev_hash -> Bytea,
        hash -> Bytea,
    }
}

diesel::table! {
    disappearance_event (case_id) {
        case_id -> Uuid,
        authority_id -> Uuid,
        contact_from -> Nullable<Date>,
        contact_to -> Nullable<Date>,
        contact_precision -> Nullable<Text>,
        means -> Nullable<Text>,
        place_name -> Nullable<Text>,
        country -> Nullable<Text>,
        admin1 -> Nullable<Text>,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        uncertainty_m -> Nullable<Double>,
        place_precision -> Nullable<Text>,
        transport -> Nullable<Text>,
        circumstances -> Nullable<Text>,
    }
}

diesel::table! {
    donor (id) {
        id -> Uuid,
        authority_id -> Uuid,
        code -> Text,
        case_id -> Uuid,
        relation -> Text,
        name -> Text,
        sex -> Nullable<Text>,
        created_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    duplicate_step (id) {
        id -> Uuid,
        possible_duplicate_id -> Uuid,
        authority_id -> Nullable<Uuid>,
        author -> Nullable<Uuid>,
        command -> Text,
        from_state -> Nullable<Text>,
        to_state -> Text,
        reason -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    exclusion (id) {
        id -> Uuid,
        authority_id -> Uuid,
        case_id -> Uuid,
        found_id -> Uuid,
        hypothesis_id -> Nullable<Uuid>,
        basis -> Text,
        strength -> Text,
        case_rev -> Integer,
        found_rev -> Integer,
        created_by -> Uuid,
        created_at -> Timestamptz,
        reopened_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    external_identifier (id) {
        id -> Uuid,
        authority_id -> Uuid,
        subject_kind -> Text,
        subject_id -> Uuid,
        scheme -> Text,
        value -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
    }
}

diesel::table! {
    family_access (id) {
        id -> Uuid,
        authority_id -> Uuid,
        case_id -> Uuid,
        pin_hash -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    family_session (token_hash) {
        token_hash -> Bytea,
        authority_id -> Uuid,
        case_id -> Uuid,
        csrf -> Text,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    folio_counter (authority_id, kind, year) {
        authority_id -> Uuid,
        kind -> Text,
        year -> SmallInt,
        last -> BigInt,
    }
}

diesel::table! {
    found_record (id) {
        id -> Uuid,
        authority_id -> Uuid,
        folio -> Text,
        scheme -> Nullable<Text>,
        external_id -> Nullable<Text>,
        person_id -> Uuid,
        kind -> Text,
        state -> Text,
        found_from -> Nullable<Date>,
        found_to -> Nullable<Date>,
        found_precision -> Nullable<Text>,
        place_name -> Nullable<Text>,
        country -> Nullable<Text>,
        admin1 -> Nullable<Text>,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        uncertainty_m -> Nullable<Double>,
        place_precision -> Nullable<Text>,
        body_state -> Nullable<Text>,
        pmi_min_days -> Nullable<Integer>,
        pmi_max_days -> Nullable<Integer>,
        wants_contact -> Nullable<Text>,
        held_at -> Nullable<Text>,
        language -> Nullable<Text>,
        confidentiality -> Text,
        source_name -> Nullable<Text>,
        extras -> Jsonb,
        rev -> Integer,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    gazetteer_place (id) {
        id -> BigInt,
        name -> Text,
        norm -> Text,
        country -> Text,
        admin1 -> Nullable<Text>,
        lat -> Double,
        lon -> Double,
        population -> BigInt,
    }
}

diesel::table! {
    hypothesis (id) {
        id -> Uuid,
        case_id -> Uuid,
        found_id -> Uuid,
        case_authority -> Uuid,
        found_authority -> Uuid,
        visible_to -> Array<Uuid>,
        origin -> Text,
        state -> Text,
        model -> Text,
        case_rev -> Integer,
        found_rev -> Integer,
        log10_odds -> Double,
        log10_prior -> Double,
        probability -> Double,
        coverage -> Double,
        band -> Text,
        evidence -> Jsonb,
        rev -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    hypothesis_score (id) {
        id -> BigInt,
        hypothesis_id -> Uuid,
        model -> Text,
        case_rev -> Integer,
        found_rev -> Integer,
        log10_odds -> Double,
        log10_prior -> Double,
        band -> Text,
        evidence -> Jsonb,
        replaced_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_key (authority_id, user_id, key) {
        authority_id -> Uuid,
        user_id -> Uuid,
        key -> Text,
        request_hash -> Bytea,
        status -> SmallInt,
        location -> Nullable<Text>,
        body -> Nullable<Jsonb>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    identification (id) {
        id -> Uuid,
        number -> Text,
        hypothesis_id -> Uuid,
        case_id -> Uuid,
        found_id -> Uuid,
        case_authority -> Uuid,
        found_authority -> Uuid,
        case_folio -> Text,
        found_folio -> Text,
        state -> Text,
        round -> SmallInt,
        methods -> Array<Text>,
        reasoning -> Text,
        conclusion -> Text,
        limits -> Text,
        opinion -> Nullable<Jsonb>,
        snapshot -> Nullable<Jsonb>,
        drafted_by -> Uuid,
        drafted_name -> Text,
        drafted_authority -> Uuid,
        rev -> Integer,
        issued_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    identification_alternative (identification_id, hypothesis_id, authority_id) {
        identification_id -> Uuid,
        hypothesis_id -> Uuid,
        authority_id -> Uuid,
        author -> Uuid,
        comparison -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    identification_report (id) {
        id -> Uuid,
        identification_id -> Uuid,
        authority_id -> Uuid,
        version -> SmallInt,
        language -> Text,
        bytes -> Bytea,
        sha256 -> Bytea,
        code -> Text,
        issued_at -> Timestamptz,
    }
}

diesel::table! {
    identification_signature (id) {
        id -> Uuid,
        identification_id -> Uuid,
        round -> SmallInt,
        authority_id -> Uuid,
        signer -> Uuid,
        name -> Text,
        office -> Text,
        content_hash -> Bytea,
        at -> Timestamptz,
    }
}

diesel::table! {
    identification_step (id) {
        id -> Uuid,
        identification_id -> Uuid,
        authority_id -> Uuid,
        user_id -> Uuid,
        command -> Text,
        from_state -> Text,
        to_state -> Text,
        reason -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    import_difference (id) {
        id -> Uuid,
        run_id -> Uuid,
        authority_id -> Uuid,
        subject_kind -> Text,
        subject_id -> Uuid,
        row_no -> BigInt,
        rev -> Integer,
        fields -> Jsonb,
        proposed -> Jsonb,
        state -> Text,
        reason -> Nullable<Text>,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    import_file (run_id) {
        run_id -> Uuid,
        authority_id -> Uuid,
        content -> Bytea,
    }
}

diesel::table! {
    import_problem (run_id, seq) {
        run_id -> Uuid,
        authority_id -> Uuid,
        seq -> BigInt,
        row_no -> BigInt,
        column_name -> Nullable<Text>,
        value -> Nullable<Text>,
        code -> Text,
        reason -> Text,
        severity -> Text,
    }
}

diesel::table! {
    import_run (id) {
        id -> Uuid,
        authority_id -> Uuid,
        user_id -> Nullable<Uuid>,
        kind -> Text,
        file_name -> Text,
        file_digest -> Bytea,
        file_bytes -> BigInt,
        options -> Jsonb,
        scheme -> Text,
        state -> Text,
        cancel_requested -> Bool,
        done_bytes -> BigInt,
        next_row -> BigInt,
        rows_read -> BigInt,
        accepted -> BigInt,
        warned -> BigInt,
        rejected -> BigInt,
        skipped -> BigInt,
        unchanged -> BigInt,
        differing -> BigInt,
        failure -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    incident (id) {
        id -> Uuid,
        scheme -> Text,
        external_id -> Text,
        occurred_from -> Nullable<Date>,
        occurred_to -> Nullable<Date>,
        region -> Nullable<Text>,
        country -> Nullable<Text>,
        place_text -> Nullable<Text>,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        dead -> Nullable<Integer>,
        missing -> Nullable<Integer>,
        survivors -> Nullable<Integer>,
        females -> Nullable<Integer>,
        males -> Nullable<Integer>,
        children -> Nullable<Integer>,
        cause -> Nullable<Text>,
        cause_class -> Text,
        route -> Nullable<Text>,
        source -> Nullable<Text>,
        source_quality -> Nullable<SmallInt>,
        url -> Nullable<Text>,
        extras -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    inquirer (id) {
        id -> Uuid,
        authority_id -> Uuid,
        case_id -> Uuid,
        name -> Text,
        relation -> Text,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        language -> Text,
        safe_to_call -> Nullable<Text>,
        do_not_leave_message -> Bool,
        paused -> Bool,
        is_primary -> Bool,
    }
}

diesel::table! {
    job (id) {
        id -> BigInt,
        kind -> Text,
        payload -> Jsonb,
        dedupe_key -> Nullable<Text>,
        priority -> SmallInt,
        run_after -> Timestamptz,
        tries -> SmallInt,
        claimed_by -> Nullable<Text>,
        lease_until -> Nullable<Timestamptz>,
        failed_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    mail_message (id) {
        id -> Uuid,
        authority_id -> Uuid,
        to_user -> Uuid,
        template -> Text,
        language -> Text,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        failed_at -> Nullable<Timestamptz>,
        tries -> SmallInt,
    }
}

diesel::table! {
    mandate (id) {
        id -> Uuid,
        authority_id -> Uuid,
        case_id -> Uuid,
        association_id -> Uuid,
        granted_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        next_contact_on -> Nullable<Date>,
    }
}

diesel::table! {
    missing_person_case (id) {
        id -> Uuid,
        authority_id -> Uuid,
        folio -> Text,
        scheme -> Nullable<Text>,
        external_id -> Nullable<Text>,
        person_id -> Uuid,
        state -> Text,
        presumption -> Text,
        intake_channel -> Text,
        report_language -> Nullable<Text>,
        report_date -> Nullable<Date>,
        origin_country -> Nullable<Text>,
        transit_countries -> Array<Text>,
        destination_country -> Nullable<Text>,
        destination_place -> Nullable<Text>,
        risk_flags -> Array<Text>,
        search_types -> Array<Text>,
        confidentiality -> Text,
        family_phase -> SmallInt,
        family_updated_at -> Timestamptz,
        contact_user_id -> Nullable<Uuid>,
        incident_id -> Nullable<Uuid>,
        duplicate_of -> Nullable<Uuid>,
        source_name -> Nullable<Text>,
        extras -> Jsonb,
        rev -> Integer,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    notice (id) {
        id -> Uuid,
        authority_id -> Uuid,
        user_id -> Nullable<Uuid>,
        kind -> Text,
        subject_kind -> Text,
        subject_id -> Uuid,
        created_at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    notification (id) {
        id -> Uuid,
        authority_id -> Uuid,
        case_id -> Uuid,
        identification_id -> Nullable<Uuid>,
        kind -> Text,
        state -> Text,
        due_at -> Timestamptz,
        plan -> Nullable<Jsonb>,
        scheduled_at -> Nullable<Timestamptz>,
        delivery -> Nullable<Jsonb>,
        delivered_at -> Nullable<Timestamptz>,
        rev -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    notification_step (id) {
        id -> Uuid,
        notification_id -> Uuid,
        authority_id -> Uuid,
        user_id -> Nullable<Uuid>,
        command -> Text,
        from_state -> Text,
        to_state -> Text,
        reason -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    outbox (id) {
        id -> Uuid,
        authority_id -> Uuid,
        subject_kind -> Text,
        subject_id -> Uuid,
        kind -> Text,
        created_at -> Timestamptz,
        delivered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    partner_query (id) {
        id -> Uuid,
        authority_id -> Uuid,
        user_id -> Uuid,
        purpose -> Text,
        legal_basis -> Text,
        criteria -> Jsonb,
        words -> Array<Text>,
        birth_from -> Nullable<Date>,
        birth_to -> Nullable<Date>,
        grade -> Text,
        subject_owner -> Nullable<Uuid>,
        subject_kind -> Nullable<Text>,
        subject_id -> Nullable<Uuid>,
        at -> Timestamptz,
    }
}

diesel::table! {
    person (id) {
        id -> Uuid,
        authority_id -> Uuid,
        moment -> Text,
        sex -> Nullable<Text>,
        gender_identity -> Nullable<Text>,
        birth_from -> Nullable<Date>,
        birth_to -> Nullable<Date>,
        birth_precision -> Nullable<Text>,
        birth_place -> Nullable<Text>,
        age_min -> Nullable<SmallInt>,
        age_max -> Nullable<SmallInt>,
        age_as_of -> Nullable<Date>,
        nationalities -> Array<Text>,
        languages -> Array<Text>,
        people -> Nullable<Text>,
        height_min_cm -> Nullable<Float>,
        height_max_cm -> Nullable<Float>,
        height_method -> Nullable<Text>,
        build -> Nullable<Text>,
        hair_color -> Nullable<Text>,
        eye_color -> Nullable<Text>,
        marks -> Jsonb,
        dental -> Jsonb,
        medical -> Jsonb,
        clothing -> Jsonb,
        belongings -> Jsonb,
        phones -> Array<Text>,
        documents -> Array<Text>,
        companions -> Array<Text>,
        absent -> Jsonb,
    }
}

diesel::table! {
    person_name (id) {
        id -> Uuid,
        authority_id -> Uuid,
        person_id -> Uuid,
        seq -> SmallInt,
        kind -> Text,
        given_names -> Nullable<Text>,
        first_surname -> Nullable<Text>,
        second_surname -> Nullable<Text>,
        particle -> Nullable<Text>,
        full_text -> Text,
        norm -> Text,
    }
}

diesel::table! {
    possible_duplicate (id) {
        id -> Uuid,
        kind -> Text,
        one_id -> Uuid,
        two_id -> Uuid,
        one_authority -> Uuid,
        two_authority -> Uuid,
        visible_to -> Array<Uuid>,
        origin -> Text,
        state -> Text,
        agreed_by -> Nullable<Uuid>,
        model -> Text,
        log10_odds -> Double,
        log10_prior -> Double,
        probability -> Double,
        coverage -> Double,
        band -> Text,
        evidence -> Jsonb,
        rev -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    refresh_token (token_hash) {
        token_hash -> Bytea,
        authority_id -> Uuid,
        client_id -> Uuid,
        family_id -> Uuid,
        purpose -> Text,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        successor -> Nullable<Bytea>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    restitution (id) {
        id -> Uuid,
        authority_id -> Uuid,
        keeper_authority -> Uuid,
        identification_id -> Uuid,
        case_id -> Uuid,
        state -> Text,
        frozen_from -> Nullable<Text>,
        receiver -> Nullable<Text>,
        destination -> Nullable<Text>,
        carrier -> Nullable<Text>,
        payer -> Nullable<Text>,
        wishes -> Nullable<Text>,
        papers -> Jsonb,
        delivered_at -> Nullable<Timestamptz>,
        rev -> Integer,
        created_by -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    restitution_item (id) {
        id -> Uuid,
        restitution_id -> Uuid,
        authority_id -> Uuid,
        kind -> Text,
        description -> Text,
        added_by -> Uuid,
        added_at -> Timestamptz,
        received_by -> Nullable<Text>,
        handed_over_by -> Nullable<Text>,
        receipt -> Nullable<Text>,
        handed_over_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    restitution_step (id) {
        id -> Uuid,
        restitution_id -> Uuid,
        authority_id -> Uuid,
        user_id -> Nullable<Uuid>,
        command -> Text,
        from_state -> Text,
        to_state -> Text,
        reason -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    review (id) {
        id -> Uuid,
        hypothesis_id -> Uuid,
        authority_id -> Uuid,
        reviewer -> Uuid,
        round -> SmallInt,
        verdict -> Text,
        reason_codes -> Array<Text>,
        strength -> Nullable<Text>,
        note -> Text,
        conflict_of_interest -> Bool,
        at -> Timestamptz,
    }
}

diesel::table! {
    reweighing (id) {
        id -> Uuid,
        model -> Text,
        expected -> Double,
        cases -> BigInt,
        found_records -> BigInt,
        total -> BigInt,
        done -> BigInt,
        after_case -> Uuid,
        began_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    route_leg (id) {
        id -> Uuid,
        authority_id -> Uuid,
        case_id -> Uuid,
        seq -> SmallInt,
        kind -> Text,
        place_name -> Nullable<Text>,
        country -> Nullable<Text>,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        uncertainty_m -> Nullable<Double>,
        at_from -> Nullable<Date>,
        at_to -> Nullable<Date>,
        transport -> Nullable<Text>,
        corridor_id -> Nullable<Text>,
        certainty -> Text,
    }
}

diesel::table! {
    sample (id) {
        id -> Uuid,
        authority_id -> Uuid,
        code -> Text,
        source -> Text,
        donor_id -> Nullable<Uuid>,
        case_id -> Nullable<Uuid>,
        found_id -> Nullable<Uuid>,
        staff_id -> Nullable<Uuid>,
        parent_id -> Nullable<Uuid>,
        material -> Text,
        amount -> Nullable<Text>,
        preservation -> Nullable<Text>,
        kit_lot -> Nullable<Text>,
        taken_on -> Nullable<Date>,
        taken_by -> Nullable<Text>,
        taken_where -> Nullable<Text>,
        state -> Text,
        note -> Nullable<Text>,
        rev -> Integer,
        created_by -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    sample_identifier (sample_id, scheme, value) {
        sample_id -> Uuid,
        authority_id -> Uuid,
        scheme -> Text,
        value -> Text,
        norm -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    search_action (id) {
        id -> Uuid,
        authority_id -> Uuid,
        case_id -> Uuid,
        kind -> Text,
        addressee -> Nullable<Text>,
        note -> Nullable<Text>,
        assigned_to -> Nullable<Uuid>,
        requested_at -> Timestamptz,
        due_at -> Timestamptz,
        done_at -> Nullable<Timestamptz>,
        result -> Nullable<Text>,
    }
}

diesel::table! {
    sign_in_attempt (key_hash, at) {
        key_hash -> Bytea,
        at -> Timestamptz,
    }
}

diesel::table! {
    staff_session (token_hash) {
        token_hash -> Bytea,
        authority_id -> Uuid,
        user_id -> Uuid,
        purpose -> Text,
        csrf -> Text,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(missing_person_case, person, disappearance_event, found_record, person_name);
