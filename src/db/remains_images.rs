//! Images of remains: the sharp one and the blurred one apart, so that no list carries either.

use super::schema::remains_image;
use super::tx::DbError;
use crate::domain::ids::{ImageId, RemainsId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `remains_image`.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = remains_image, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ImageRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub remains_id: Uuid,
    pub element_id: Option<Uuid>,
    pub purpose: String,
    pub sensitive: bool,
    pub caption: Option<String>,
    pub width: i32,
    pub height: i32,
    pub content: Vec<u8>,
    pub blurred: Vec<u8>,
    pub sha256: Vec<u8>,
    pub created_by: Uuid,
    pub at: DateTime<Utc>,
}

/// An image without its bytes.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = remains_image, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ImageLine {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub remains_id: Uuid,
    pub element_id: Option<Uuid>,
    pub purpose: String,
    pub sensitive: bool,
    pub caption: Option<String>,
    pub width: i32,
    pub height: i32,
    pub sha256: Vec<u8>,
    pub at: DateTime<Utc>,
}

/// Writes an image.
///
/// # Errors
/// [`DbError`].
pub async fn insert(conn: &mut AsyncPgConnection, row: &ImageRow) -> Result<(), DbError> {
    diesel::insert_into(remains_image::table).values(row).execute(conn).await?;
    Ok(())
}

/// The images of remains, in order, without their bytes.
///
/// # Errors
/// [`DbError`].
pub async fn of_remains(conn: &mut AsyncPgConnection, id: RemainsId) -> Result<Vec<ImageLine>, DbError> {
    Ok(remains_image::table
        .filter(remains_image::remains_id.eq(id.0))
        .order((remains_image::at, remains_image::id))
        .select(ImageLine::as_select())
        .load(conn)
        .await?)
}

/// An image without its bytes.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn line(conn: &mut AsyncPgConnection, id: ImageId) -> Result<ImageLine, DbError> {
    Ok(remains_image::table.find(id.0).select(ImageLine::as_select()).first(conn).await?)
}

/// The blurred image, JPEG.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn blurred(conn: &mut AsyncPgConnection, id: ImageId) -> Result<Vec<u8>, DbError> {
    Ok(remains_image::table.find(id.0).select(remains_image::blurred).first(conn).await?)
}

/// The sharp image, JPEG.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn content(conn: &mut AsyncPgConnection, id: ImageId) -> Result<Vec<u8>, DbError> {
    Ok(remains_image::table.find(id.0).select(remains_image::content).first(conn).await?)
}
