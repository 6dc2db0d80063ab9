//! The gazetteer in a report's form: asking it by a button, taking the place that was chosen. Works without a script.

use super::case_form::{ReportChoices, leg_count, take_place};
use super::error::PortalError;
use super::forms::Fields;
use super::i18n::Lang;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::services::{ServiceError, layers};

/// What a button of the form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// Save.
    Send,
    /// Show places of the gazetteer for the fields that begin with this.
    Find(String),
    /// Take the places that were chosen.
    Take,
    /// Room for one more leg.
    Leg,
}

impl Ask {
    /// Of the button that was pressed.
    pub fn of(typed: &Fields) -> Self {
        match typed.get("do") {
            "leg" => Self::Leg,
            "take" => Self::Take,
            button => button.strip_prefix("find-").map_or(Self::Send, |prefix| Self::Find(prefix.to_owned())),
        }
    }
}

/// Puts the chosen places into the fields, and does what only concerns the form. What was typed stays.
pub(super) async fn settle(app: &App, actor: &Actor, ask: &Ask, typed: &mut Fields) -> Result<(), PortalError> {
    let legs = (0..leg_count(typed)).map(|i| format!("leg{i}"));
    for prefix in std::iter::once("contact".to_owned()).chain(legs) {
        let Ok(id) = typed.get(&format!("{prefix}-pick")).parse::<i64>() else { continue };
        match layers::place(app, actor, id).await {
            Ok(row) => take_place(typed, &prefix, &row),
            Err(ServiceError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
    }
    if *ask == Ask::Leg {
        let legs = leg_count(typed) + 1;
        typed.0.retain(|(name, _)| name != "legs");
        typed.0.push(("legs".to_owned(), legs.to_string()));
    }
    Ok(())
}

/// Offers places of the gazetteer where they were asked for.
pub(super) async fn offer(
    app: &App,
    actor: &Actor,
    ask: &Ask,
    typed: &Fields,
    choices: &mut ReportChoices,
    lang: Lang,
) -> Result<(), PortalError> {
    let Ask::Find(prefix) = ask else { return Ok(()) };
    let Some(form) = choices.place_mut(prefix) else { return Ok(()) };
    let country = typed.opt(&format!("{prefix}-country"));
    let rows = layers::suggest_places(app, actor, typed.get(&format!("{prefix}-place")), country.as_deref()).await?;
    form.offer(lang, &rows);
    Ok(())
}
