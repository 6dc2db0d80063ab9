//! Many rows at once. PostgreSQL takes no COPY into a table under row-level security, so rows are copied (binary) into temporary tables and go
//! from there by `INSERT … SELECT` in the same transaction: the policies hold as for a single row.

use super::audit::{AuditRow, Event, Who};
use super::tx::{DbError, Scope, connect};
use crate::domain::ids::{AuthorityId, IdSource};
use chrono::{DateTime, Utc};
use postgres_types::{ToSql, Type};
use std::collections::HashSet;
use std::pin::pin;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use uuid::Uuid;

/// A row that can be copied: its table, its columns and their values in the same order.
pub trait Staged {
    /// The table it ends in.
    const TABLE: &'static str;
    /// Its columns.
    const COLUMNS: &'static [&'static str];
    /// Their types.
    fn types() -> Vec<Type>;
    /// The values.
    fn values(&self) -> Vec<&(dyn ToSql + Sync)>;
}

/// Says how a row struct is copied: `staged!(Row, "table", { column: TYPE, … })`.
macro_rules! staged {
    ($row:ty, $table:literal, { $($column:ident: $type:ident),+ $(,)? }) => {
        impl $crate::db::bulk::Staged for $row {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];
            fn types() -> Vec<postgres_types::Type> { vec![$(postgres_types::Type::$type),+] }
            fn values(&self) -> Vec<&(dyn postgres_types::ToSql + Sync)> {
                vec![$(&self.$column as &(dyn postgres_types::ToSql + Sync)),+]
            }
        }
    };
}
pub(super) use staged;

/// A connection of its own for writing many rows, transaction by transaction, in one scope.
pub struct Loader {
    client: tokio_postgres::Client,
    scope: Scope,
    staging: HashSet<&'static str>,
}

impl Loader {
    /// Connects.
    ///
    /// # Errors
    /// [`DbError::Unavailable`].
    pub async fn connect(url: &str, scope: Scope) -> Result<Self, DbError> {
        let client = connect(url, "rastro-import", &tokio::runtime::Handle::current()).await.map_err(|e| DbError::Unavailable(Box::new(e)))?;
        Ok(Self { client, scope, staging: HashSet::new() })
    }

    /// Holds something for this connection alone until it ends; false when another connection keeps it for ten seconds.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn hold(&mut self, what: Uuid) -> Result<bool, DbError> {
        let (high, low) = what.as_u64_pair();
        match self.client.execute("SELECT pg_advisory_lock($1)", &[&(high ^ low).cast_signed()]).await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some(&tokio_postgres::error::SqlState::LOCK_NOT_AVAILABLE) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins a transaction under `rastro_web` and the scope.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(&mut self) -> Result<Load<'_>, DbError> {
        let tx = self.client.transaction().await?;
        let [authority, user, purpose] = self.scope.settings();
        tx.execute(
            "SELECT set_config('role', 'rastro_web', true), set_config('app.authority', $1, true), set_config('app.user', $2, true), \
             set_config('app.purpose', $3, true)",
            &[&authority, &user, &purpose],
        )
        .await?;
        Ok(Load { tx, made: &mut self.staging, new: Vec::new() })
    }
}

/// An open transaction of a [`Loader`]; dropped without commit, it is rolled back.
pub struct Load<'a> {
    tx: tokio_postgres::Transaction<'a>,
    made: &'a mut HashSet<&'static str>,
    new: Vec<&'static str>,
}

impl Load<'_> {
    /// Commits.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn commit(self) -> Result<(), DbError> {
        self.tx.commit().await?;
        self.made.extend(self.new);
        Ok(())
    }

    /// Writes rows: COPY into the temporary table, then INSERT from it. At most once per table and transaction.
    ///
    /// # Errors
    /// [`DbError`] of the first row that the table refuses.
    pub async fn write<T: Staged>(&mut self, rows: &[T]) -> Result<u64, DbError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let (table, columns) = (T::TABLE, T::COLUMNS.join(", "));
        if !self.made.contains(table) && !self.new.contains(&table) {
            let sql = format!("CREATE TEMPORARY TABLE staged_{table} ON COMMIT DELETE ROWS AS SELECT {columns} FROM {table} WITH NO DATA");
            self.tx.batch_execute(&sql).await?;
            self.new.push(table);
        }
        let sink = self.tx.copy_in(&format!("COPY staged_{table} ({columns}) FROM STDIN (FORMAT binary)")).await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &T::types()));
        for row in rows {
            writer.as_mut().write(&row.values()).await?;
        }
        writer.finish().await?;
        Ok(self.tx.execute(&format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM staged_{table}"), &[]).await?)
    }

    /// Reserves `by` numbers of a series of folios and gives the first: as [`super::cases::next_folio_number`].
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn next_folio_number(&mut self, owner: AuthorityId, kind: &str, year: i16, by: i64) -> Result<i64, DbError> {
        let row = self
            .tx
            .query_one(
                "INSERT INTO folio_counter (authority_id, kind, year, last) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (authority_id, kind, year) DO UPDATE SET last = folio_counter.last + $4 RETURNING last",
                &[&owner.0, &kind, &year, &by],
            )
            .await?;
        Ok(row.get::<_, i64>(0) - by + 1)
    }

    /// Appends an audit event.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn audit(&mut self, ids: &dyn IdSource, at: DateTime<Utc>, who: &Who, event: Event<'_>) -> Result<(), DbError> {
        self.write(&[AuditRow::new(ids.next(), at, who, event)]).await?;
        Ok(())
    }

    /// Notes changes for the followers and, for records, the matcher's job.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn announce(&mut self, kind: &str, ids: &[Uuid]) -> Result<(), DbError> {
        self.tx.execute("INSERT INTO change_feed (kind, ids) VALUES ($1, $2)", &[&kind, &ids]).await?;
        if kind != "incident" {
            let payload = serde_json::json!({ "kind": kind, "ids": ids });
            self.tx.execute("INSERT INTO job (kind, payload) VALUES ('match_records', $1)", &[&payload]).await?;
        }
        Ok(())
    }

    /// Notes new records for other authorities to be told and wakes the relay: as [`super::queue::post`].
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn post(
        &mut self,
        ids: &dyn IdSource,
        owner: AuthorityId,
        kind: &str,
        subjects: &[Uuid],
        at: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let notes: Vec<Uuid> = subjects.iter().map(|_| ids.next()).collect();
        self.tx
            .execute(
                "INSERT INTO outbox (id, authority_id, subject_kind, subject_id, kind, created_at) \
                 SELECT n, $3, $4, s, 'registered', $5 FROM unnest($1::uuid[], $2::uuid[]) AS t (n, s)",
                &[&notes, &subjects, &owner.0, &kind, &at],
            )
            .await?;
        self.tx.execute("INSERT INTO job (kind, payload, dedupe_key) VALUES ('relay', '{}', 'relay') ON CONFLICT DO NOTHING", &[]).await?;
        Ok(())
    }

    /// Runs one statement of this room.
    pub(super) async fn execute(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, DbError> {
        Ok(self.tx.execute(sql, values).await?)
    }

    /// Runs one query of this room that gives at most one row.
    pub(super) async fn query_opt(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<tokio_postgres::Row>, DbError> {
        Ok(self.tx.query_opt(sql, values).await?)
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState as S;
        let Some(db) = error.as_db_error() else { return Self::Unavailable(Box::new(error)) };
        let name = db.constraint().unwrap_or_default().to_owned();
        match *db.code() {
            S::UNIQUE_VIOLATION => Self::Unique(name),
            S::FOREIGN_KEY_VIOLATION => Self::Reference(name),
            S::CHECK_VIOLATION => Self::Check(name),
            S::T_R_SERIALIZATION_FAILURE | S::T_R_DEADLOCK_DETECTED => Self::Conflict,
            S::ADMIN_SHUTDOWN | S::CRASH_SHUTDOWN | S::CANNOT_CONNECT_NOW => Self::Unavailable(Box::new(error)),
            // Code and table only: the server's sentence can name values.
            _ => Self::Bulk(format!("{} {}", db.code().code(), db.table().unwrap_or_default())),
        }
    }
}

mod rows {
    use super::AuditRow;
    use crate::db::cases::{ActionRow, CaseRow, EventRow, InquirerRow};
    use crate::db::consents::ConsentRow;
    use crate::db::found::FoundRow;
    use crate::db::persons::{NameRow, PersonRow};
    use crate::db::places::IncidentRow;

    staged!(PersonRow, "person", {
        id: UUID, authority_id: UUID, moment: TEXT, sex: TEXT, gender_identity: TEXT, birth_from: DATE, birth_to: DATE, birth_precision: TEXT,
        birth_place: TEXT, age_min: INT2, age_max: INT2, age_as_of: DATE, nationalities: TEXT_ARRAY, languages: TEXT_ARRAY, people: TEXT,
        height_min_cm: FLOAT4, height_max_cm: FLOAT4, height_method: TEXT, build: TEXT, hair_color: TEXT, eye_color: TEXT, marks: JSONB,
        dental: JSONB, medical: JSONB, clothing: JSONB, belongings: JSONB, phones: TEXT_ARRAY, documents: TEXT_ARRAY, companions: TEXT_ARRAY,
        absent: JSONB,
    });
    staged!(NameRow, "person_name", {
        id: UUID, authority_id: UUID, person_id: UUID, seq: INT2, kind: TEXT, given_names: TEXT, first_surname: TEXT, second_surname: TEXT,
        particle: TEXT, full_text: TEXT, norm: TEXT,
    });
    staged!(CaseRow, "missing_person_case", {
        id: UUID, authority_id: UUID, folio: TEXT, scheme: TEXT, external_id: TEXT, person_id: UUID, state: TEXT, intake_channel: TEXT,
        report_language: TEXT, report_date: DATE, origin_country: TEXT, transit_countries: TEXT_ARRAY, destination_country: TEXT,
        destination_place: TEXT, risk_flags: TEXT_ARRAY, search_types: TEXT_ARRAY, confidentiality: TEXT, family_phase: INT2,
        family_updated_at: TIMESTAMPTZ, contact_user_id: UUID, incident_id: UUID, duplicate_of: UUID, source_name: TEXT, extras: JSONB, rev: INT4,
        created_by: UUID, created_at: TIMESTAMPTZ, updated_at: TIMESTAMPTZ,
    });
    staged!(EventRow, "disappearance_event", {
        case_id: UUID, authority_id: UUID, contact_from: DATE, contact_to: DATE, contact_precision: TEXT, means: TEXT, place_name: TEXT,
        country: TEXT, admin1: TEXT, lat: FLOAT8, lon: FLOAT8, uncertainty_m: FLOAT8, place_precision: TEXT, transport: TEXT, circumstances: TEXT,
    });
    staged!(ActionRow, "search_action", {
        id: UUID, authority_id: UUID, case_id: UUID, kind: TEXT, addressee: TEXT, note: TEXT, assigned_to: UUID, requested_at: TIMESTAMPTZ,
        due_at: TIMESTAMPTZ, done_at: TIMESTAMPTZ, result: TEXT,
    });
    staged!(InquirerRow, "inquirer", {
        id: UUID, authority_id: UUID, case_id: UUID, name: TEXT, relation: TEXT, phone: TEXT, email: TEXT, language: TEXT, safe_to_call: TEXT,
        do_not_leave_message: BOOL, paused: BOOL, is_primary: BOOL,
    });
    staged!(FoundRow, "found_record", {
        id: UUID, authority_id: UUID, folio: TEXT, scheme: TEXT, external_id: TEXT, person_id: UUID, kind: TEXT, state: TEXT, found_from: DATE,
        found_to: DATE, found_precision: TEXT, place_name: TEXT, country: TEXT, admin1: TEXT, lat: FLOAT8, lon: FLOAT8, uncertainty_m: FLOAT8,
        place_precision: TEXT, body_state: TEXT, pmi_min_days: INT4, pmi_max_days: INT4, wants_contact: TEXT, held_at: TEXT, language: TEXT,
        confidentiality: TEXT, source_name: TEXT, extras: JSONB, rev: INT4, created_by: UUID, created_at: TIMESTAMPTZ, updated_at: TIMESTAMPTZ,
    });
    staged!(ConsentRow, "consent", {
        id: UUID, authority_id: UUID, subject_kind: TEXT, subject_id: UUID, form_id: UUID, purpose: TEXT, recipient_kind: TEXT,
        categories: TEXT_ARRAY, basis: TEXT, language: TEXT, explained_by: TEXT, granted_by: TEXT, form_version: TEXT, granted_at: TIMESTAMPTZ,
        expires_at: TIMESTAMPTZ, withdrawn_at: TIMESTAMPTZ, withdrawn_reason: TEXT,
    });
    staged!(IncidentRow, "incident", {
        id: UUID, scheme: TEXT, external_id: TEXT, occurred_from: DATE, occurred_to: DATE, region: TEXT, country: TEXT, place_text: TEXT,
        lat: FLOAT8, lon: FLOAT8, dead: INT4, missing: INT4, survivors: INT4, females: INT4, males: INT4, children: INT4, cause: TEXT,
        cause_class: TEXT, route: TEXT, source: TEXT, source_quality: INT2, url: TEXT, extras: JSONB, created_at: TIMESTAMPTZ,
    });
    staged!(AuditRow, "audit_event", {
        id: UUID, authority_id: UUID, at: TIMESTAMPTZ, actor_kind: TEXT, user_id: UUID, purpose: TEXT, action: TEXT, subject_kind: TEXT,
        subject_ids: UUID_ARRAY, subject_owner: UUID, fields: TEXT_ARRAY, query_digest: BYTEA, result_count: INT4, detail: JSONB,
    });
}
