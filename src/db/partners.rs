//! The one question a partner's query asks the registry, under row-level security: is there a related record?

use super::tx::DbError;
use crate::domain::dates::PartialDate;
use crate::domain::ids::AuthorityId;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A related record: whose and which. Not shown to the asking side beyond the owner's name.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct Related {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = SqlUuid)]
    pub authority_id: Uuid,
    #[diesel(sql_type = Text)]
    pub authority: String,
}

/// Finds one record of another authority by document number where identifiers are shared, or, where the identity is, by all words of a name and a birth interval that meets it (a missing birth or
/// nationality in the record speaks neither way).
///
/// # Errors
/// [`DbError`].
pub async fn find_related(
    conn: &mut AsyncPgConnection,
    asking: AuthorityId,
    words: &[String],
    birth: Option<PartialDate>,
    nationality: Option<&str>,
    document: Option<&str>,
) -> Result<Option<Related>, DbError> {
    Ok(diesel::sql_query(
        "WITH hit AS ( \
            SELECT p.id FROM person p WHERE p.authority_id IN (SELECT app_partners()) AND p.authority_id <> $1 AND $6 IS NOT NULL \
               AND p.documents @> ARRAY[$6] AND disclosed(p.id, p.authority_id, 'identifiers') \
            UNION \
            SELECT p.id FROM person p WHERE p.authority_id IN (SELECT app_partners()) AND p.authority_id <> $1 AND cardinality($2) >= 2 \
               AND EXISTS (SELECT FROM person_name n WHERE n.person_id = p.id \
                            AND string_to_array(n.norm, ' ') @> $2) \
               AND ($3 IS NULL OR p.birth_from IS NULL OR (p.birth_from <= $4 AND p.birth_to >= $3)) \
               AND ($5 IS NULL OR cardinality(p.nationalities) = 0 OR $5 = ANY (p.nationalities)) \
               AND disclosed(p.id, p.authority_id, 'identity')) \
         SELECT s.id, s.kind, s.authority_id, a.name AS authority FROM ( \
            SELECT c.id, 'case' AS kind, c.authority_id, c.created_at FROM missing_person_case c JOIN hit ON hit.id = c.person_id \
            UNION ALL \
            SELECT f.id, 'found_record', f.authority_id, f.created_at FROM found_record f JOIN hit ON hit.id = f.person_id) s \
         JOIN authority a ON a.id = s.authority_id ORDER BY s.created_at LIMIT 1",
    )
    .bind::<SqlUuid, _>(asking.0)
    .bind::<Array<Text>, _>(words)
    .bind::<Nullable<Date>, _>(birth.map(|b| b.from))
    .bind::<Nullable<Date>, _>(birth.map(|b| b.to))
    .bind::<Nullable<Text>, _>(nationality)
    .bind::<Nullable<Text>, _>(document)
    .get_result(conn)
    .await
    .optional()?)
}
