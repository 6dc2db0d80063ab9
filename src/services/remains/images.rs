//! Images of remains: kept without anything but the picture, shown blurred until a member of the owner's staff asks for one. Every showing is audited.

use super::picture::{self, PictureError};
use super::{check_texts, told};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::forms::OnceKey;
use crate::db::remains;
use crate::db::remains_images::{self, ImageRow};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::{ElementId, ImageId, RemainsId};
use crate::domain::remains::ImagePurpose;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::once::{self, Done};

/// Most images of remains.
const MOST_IMAGES: usize = 500;

/// An image as sent.
#[derive(Debug, Clone)]
pub struct NewImage {
    /// What it is for.
    pub purpose: ImagePurpose,
    /// Of which element, if of one.
    pub element: Option<ElementId>,
    /// What it shows, in words.
    pub caption: Option<String>,
    /// Whether it is shown blurred until asked for.
    pub sensitive: bool,
    /// JPEG or PNG.
    pub file: Vec<u8>,
}

/// Keeps an image of remains, once per key.
///
/// # Errors
/// [`ServiceError::Invalid`] for a file that is no image or beyond the bounds; [`ServiceError::NotFound`].
pub async fn add(app: &App, actor: &Actor, of: RemainsId, key: Option<&OnceKey>, new: NewImage) -> Result<Done<ImageId>, ServiceError> {
    actor.require(Right::WriteFound)?;
    let mut faults = Violations::default();
    check_texts(&[("/caption", &new.caption, 400)], &mut faults);
    if new.file.is_empty() {
        faults.add("/file", "empty", "choose a file");
    }
    faults.into_result()?;
    // Nobody makes us decode what they may not keep.
    let mut tx = app.pool.begin_for(actor).await?;
    remains::get(&mut tx, of).await?;
    tx.commit().await?;
    let file = new.file;
    let picture = tokio::task::spawn_blocking(move || picture::prepare(&file)).await.map_err(|e| ServiceError::Internal(e.into()))?;
    let picture = picture.map_err(|e| {
        let code = match e {
            PictureError::TooLarge => "too_large",
            PictureError::Format => "image_format",
            PictureError::Pixels => "image_pixels",
            PictureError::Unreadable => "image_unreadable",
        };
        super::fault("/file", code, &e.to_string())
    })?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let id = ImageId::new(&*app.ids);
    if let Some(made) = once::claim(&mut tx, app, actor, key, id.0).await? {
        return Ok(Done::again(ImageId(made)));
    }
    remains::lock(&mut tx, of).await?;
    if remains_images::of_remains(&mut tx, of).await?.len() >= MOST_IMAGES {
        return Err(super::fault("/file", "too_many", "these remains have as many images as can be kept here"));
    }
    if let Some(element) = new.element
        && remains::element(&mut tx, element).await?.remains_id != of.0
    {
        return Err(super::fault("/element", "other_remains", "the element was found in other remains"));
    }
    let pixels = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let row = ImageRow {
        id: id.0,
        authority_id: actor.authority.0,
        remains_id: of.0,
        element_id: new.element.map(|e| e.0),
        purpose: new.purpose.as_str().to_owned(),
        sensitive: new.sensitive,
        caption: told(new.caption),
        width: pixels(picture.width),
        height: pixels(picture.height),
        content: picture.content,
        blurred: picture.blurred,
        sha256: picture.sha256.to_vec(),
        created_by: actor.user.0,
        at: now,
    };
    remains_images::insert(&mut tx, &row).await?;
    let detail = serde_json::json!({ "remains": of, "sha256": hex::encode(picture.sha256) });
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("create", "remains_image", id, actor.authority).detail(detail)).await?;
    tx.commit().await?;
    Ok(Done::first(id))
}

/// The image as it is shown unasked: blurred where it is sensitive. JPEG; audited.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the owner's staff.
pub async fn unasked(app: &App, actor: &Actor, id: ImageId) -> Result<Vec<u8>, ServiceError> {
    actor.require(Right::ReadFound)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let line = remains_images::line(&mut tx, id).await?;
    let bytes = if line.sensitive { remains_images::blurred(&mut tx, id).await? } else { remains_images::content(&mut tx, id).await? };
    let fields = vec![if line.sensitive { "blurred" } else { "content" }.to_owned()];
    let event = Event::on("read", "remains_image", id, actor.authority).fields(fields);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(bytes)
}

/// The image as it is, for whoever asked to see it. JPEG; audited.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the owner's staff.
pub async fn shown(app: &App, actor: &Actor, id: ImageId) -> Result<Vec<u8>, ServiceError> {
    actor.require(Right::ReadFound)?;
    let mut tx = app.pool.begin_for(actor).await?;
    remains_images::line(&mut tx, id).await?;
    let bytes = remains_images::content(&mut tx, id).await?;
    let event = Event::on("show", "remains_image", id, actor.authority).fields(vec!["content".to_owned()]);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(bytes)
}
