//! Images of remains on pages: a blurred one wherever they are listed, the sharp one as the answer to a form by which somebody asks for it.

use super::error::PortalError;
use super::forms::{Errors, Posted};
use super::remains_file;
use super::remains_new::fault;
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::upload::Uploaded;
use crate::app::App;
use crate::db::forms::OnceKey;
use crate::domain::authority::Right;
use crate::domain::ids::{ImageId, RemainsId};
use crate::domain::remains::ImagePurpose;
use crate::services::ServiceError;
use crate::services::remains::images::{self, NewImage};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, web};

fn jpeg(bytes: Vec<u8>) -> HttpResponse {
    // Nothing of it stays on a shared machine; the frame says so for every answer.
    HttpResponse::Ok().insert_header(ContentType::jpeg()).insert_header((header::CONTENT_DISPOSITION, "inline")).body(bytes)
}

pub(super) async fn unasked(app: web::Data<App>, who: SignedIn, id: web::Path<ImageId>) -> Answer {
    Ok(jpeg(images::unasked(&app, who.actor(), *id).await?))
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<ImageId>, _form: Posted) -> Answer {
    Ok(jpeg(images::shown(&app, who.actor(), *id).await?))
}

pub(super) async fn add(app: web::Data<App>, who: SignedIn, id: web::Path<RemainsId>, form: Uploaded) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let lang = who.visit.lang;
    let mut errors = Errors::default();
    let purpose: Option<ImagePurpose> = form.fields.word(lang, "purpose", &mut errors);
    if purpose.is_none() && errors.is_empty() {
        errors.add(lang, "purpose", "error-required");
    }
    let file = form.file.map(|f| f.content).unwrap_or_default();
    if file.is_empty() {
        errors.add(lang, "file", "remains-error-file");
    }
    if let (Some(purpose), true) = (purpose, errors.is_empty()) {
        let new = NewImage { purpose, element: None, caption: form.fields.opt("caption"), sensitive: !form.fields.ticked("plain", "yes"), file };
        let key = form.fields.opt("once").map(|once| OnceKey::of_form(&format!("image {once}")));
        match images::add(&app, who.actor(), *id, key.as_ref(), new).await {
            Ok(_) => return Ok(respond::see_with(&app.settings, &format!("/restos/{id}#imagenes"), "success", "flash-remains-image")),
            Err(ServiceError::Invalid(faults)) => {
                errors.0.extend(faults.0.iter().map(|f| fault(lang, f, f.pointer.trim_start_matches('/').to_owned())));
            }
            Err(other) => return Err(PortalError::from(other)),
        }
    }
    remains_file::again(&app, &who, *id, form.fields, errors, StatusCode::UNPROCESSABLE_ENTITY).await
}
