//! What is done with an identification: writing it, the genetic opinion, comparing alternatives, the named moves, and reading a sealed report.

use super::error::PortalError;
use super::forms::{Errors, Posted};
use super::identification::{FAMILY, again};
use super::life::{failed, revision};
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::identification::{IdentificationCommand, ReportLanguage};
use crate::domain::ids::{HypothesisId, IdentificationId};
use crate::services::ServiceError;
use crate::services::identification::{self, Comparison, IdentificationMove, IdentificationText, NewOpinion};
use crate::web::sealed;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use uuid::Uuid;

fn address(id: IdentificationId) -> String {
    format!("/identificaciones/{id}")
}

pub(super) async fn edit(app: web::Data<App>, who: SignedIn, id: web::Path<IdentificationId>, form: Posted) -> Answer {
    who.actor().require(Right::Identify).map_err(ServiceError::from)?;
    let (id, lang, rev) = (id.into_inner(), who.visit.lang, revision(&form)?);
    let text = IdentificationText {
        methods: form.all("methods").iter().filter_map(|m| m.parse().ok()).collect(),
        reasoning: form.get("reasoning").to_owned(),
        conclusion: form.get("conclusion").to_owned(),
        limits: form.get("limits").to_owned(),
    };
    match identification::edit(&app, who.actor(), id, rev, text).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &address(id), "success", "flash-identification-saved")),
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |pointer| pointer.trim_start_matches('/').to_owned())?;
            again(&app, &who, id, &form, wrong).await
        }
    }
}

pub(super) async fn attach_opinion(app: web::Data<App>, who: SignedIn, id: web::Path<IdentificationId>, form: Posted) -> Answer {
    who.actor().require(Right::Genetics).map_err(ServiceError::from)?;
    let (id, lang, rev) = (id.into_inner(), who.visit.lang, revision(&form)?);
    let new = NewOpinion { words: form.get("words").to_owned() };
    match identification::attach_opinion(&app, who.actor(), id, rev, new).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &address(id), "success", "flash-identification-opinion")),
        Err(ServiceError::Refused(_)) => {
            let mut errors = Errors::default();
            errors.add(lang, "words", "identification-no-result");
            again(&app, &who, id, &form, (errors, StatusCode::CONFLICT)).await
        }
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |_| "words".to_owned())?;
            again(&app, &who, id, &form, wrong).await
        }
    }
}

pub(super) async fn compare(app: web::Data<App>, who: SignedIn, path: web::Path<(IdentificationId, Uuid)>, form: Posted) -> Answer {
    who.actor().require(Right::Identify).map_err(ServiceError::from)?;
    let (id, hypothesis) = path.into_inner();
    let (lang, rev) = (who.visit.lang, revision(&form)?);
    let field = format!("comparison-{hypothesis}");
    let new = Comparison { comparison: form.get(&field).to_owned() };
    match identification::compare(&app, who.actor(), id, rev, HypothesisId(hypothesis), new).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &format!("{}#otras", address(id)), "success", "flash-identification-compared")),
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |_| field.clone())?;
            again(&app, &who, id, &form, wrong).await
        }
    }
}

/// What is said after a move.
const fn flash(command: IdentificationCommand) -> &'static str {
    use IdentificationCommand as C;
    match command {
        C::Submit => "flash-identification-submitted",
        C::Sign => "flash-identification-signed",
        C::Reissue => "flash-identification-reissued",
        C::ProposeRevocation | C::Keep | C::Revoke | C::ReturnToDraft | C::Edit => "flash-identification-moved",
    }
}

pub(super) async fn command(app: web::Data<App>, who: SignedIn, id: web::Path<IdentificationId>, form: Posted) -> Answer {
    who.actor().require(Right::Identify).map_err(ServiceError::from)?;
    let (id, lang, rev) = (id.into_inner(), who.visit.lang, revision(&form)?);
    let command: IdentificationCommand = form.get("command").parse().map_err(|_| PortalError::Unreadable)?;
    let told = |name: &str| form.opt(&format!("{command}-{name}"));
    let language: Option<ReportLanguage> = told("language").and_then(|l| l.parse().ok());
    let wanted = IdentificationMove { command, reason: told("reason").unwrap_or_default(), language };
    match identification::command(&app, who.actor(), id, rev, wanted, sealed::draw).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &address(id), "success", flash(command))),
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |pointer| match pointer {
                "/reason" => format!("{command}-reason"),
                // What a draft lacks stands on the draft's own fields.
                "/methods" | "/reasoning" | "/conclusion" | "/limits" => pointer.trim_start_matches('/').to_owned(),
                _ => pointer.strip_prefix("/alternatives/").map(|h| format!("comparison-{h}")).unwrap_or_default(),
            })?;
            again(&app, &who, id, &form, wrong).await
        }
    }
}

pub(super) async fn report(app: web::Data<App>, who: SignedIn, path: web::Path<(IdentificationId, i16)>) -> Answer {
    let (id, version) = path.into_inner();
    let report = identification::report(&app, who.actor(), id, version).await?;
    // As the API names it: a file on somebody's desk says neither whom nor what it is about.
    let digest: String = hex::encode(&report.sha256).chars().take(8).collect();
    let name = format!("attachment; filename=\"{digest}-{version}.{}\"", sealed::ENDING);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, sealed::MEDIA_TYPE))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(report.bytes))
}
