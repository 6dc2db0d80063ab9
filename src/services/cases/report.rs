//! A report of a missing person as it is taken in: its parts and what is checked of it.

use crate::db::cases::{InquirerRow, LastContact};
use crate::domain::authority::{AuthorityKind, Purpose};
use crate::domain::case::{IntakeChannel, Risk};
use crate::domain::dates::PartialDate;
use crate::domain::disclosure::Category;
use crate::domain::person::Description;
use crate::domain::place::Place;
use crate::domain::violations::Violations;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A point or leg of the journey as reported.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Leg {
    /// departure, contact, sighting or planned.
    pub kind: String,
    /// Where.
    pub place: Place,
    /// When.
    pub at: Option<PartialDate>,
    /// Transport.
    pub transport: Option<String>,
    /// confirmed, reported, estimated or unknown.
    pub certainty: Option<String>,
}

/// Who searches, as reported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Inquirer {
    /// Name.
    pub name: String,
    /// Relation to the person (V-KIN).
    pub relation: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Electronic mail.
    pub email: Option<String>,
    /// Language to speak with them.
    pub language: Option<String>,
    /// When and how it is safe to call.
    pub safe_to_call: Option<String>,
}

impl Inquirer {
    /// As held.
    pub(super) fn of(row: &InquirerRow) -> Self {
        Self {
            name: row.name.clone(),
            relation: row.relation.clone(),
            phone: row.phone.clone(),
            email: row.email.clone(),
            language: Some(row.language.clone()),
            safe_to_call: row.safe_to_call.clone(),
        }
    }
}

/// One consent as given: what for, to which class of recipient, which categories.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentGrant {
    /// What for.
    pub purpose: Purpose,
    /// Which class of recipient.
    pub recipient: AuthorityKind,
    /// Which categories of data.
    pub categories: Vec<Category>,
}

/// A consent form as filled in.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentForm {
    /// What was consented to.
    pub grants: Vec<ConsentGrant>,
    /// The language it was explained in (ISO 639).
    pub language: String,
    /// Who explained it.
    pub explained_by: String,
    /// Who gave it, in relation to the person.
    pub granted_by: String,
    /// Version of the form.
    #[serde(default = "form_version")]
    pub form_version: String,
}

fn form_version() -> String {
    "1".to_owned()
}

/// A report of a missing person. Everything but the source of the report may be missing; what is missing is shown, never a reason to refuse.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewCase {
    /// The reporting office's own number, with `scheme`.
    pub external_id: Option<String>,
    /// What kind of number that is (FUB, RNPDNO_ID, ICRC_TRACING …).
    pub scheme: Option<String>,
    /// How the report came in.
    pub channel: Option<IntakeChannel>,
    /// Language of the report.
    pub report_language: Option<String>,
    /// Day of the report.
    pub report_date: Option<NaiveDate>,
    /// The person sought.
    pub person: Description,
    /// The last confirmed contact.
    pub last_contact: LastContact,
    /// The journey.
    pub journey: Vec<Leg>,
    /// Country of origin.
    pub origin_country: Option<String>,
    /// Countries crossed, in order.
    pub transit_countries: Vec<String>,
    /// Country of destination.
    pub destination_country: Option<String>,
    /// Place of destination.
    pub destination_place: Option<String>,
    /// Risks (V-RISK).
    pub risk_flags: Vec<String>,
    /// Who searches.
    pub inquirer: Option<Inquirer>,
    /// Consents. Without any, the case is restricted to the authority and said to be so.
    pub consent: Option<ConsentForm>,
}

/// Most entries of a list in a report.
const LIST_ITEMS: usize = 200;

impl NewCase {
    /// All faults of the report, with their places.
    ///
    /// # Errors
    /// [`Violations`].
    pub fn check(&self, today: NaiveDate) -> Result<(), Violations> {
        let mut found = Violations::default();
        self.person.check("/person", today, &mut found);
        self.last_contact.place.check("/last_contact/place", &mut found);
        if self.last_contact.at.is_some_and(|d| d.from > today) {
            found.add("/last_contact/at", "future", "the last contact lies in the future");
        }
        if let Some(text) = &self.last_contact.circumstances {
            found.check_text("/last_contact/circumstances", text, 4000);
        }
        if let Some(day) = self.report_date {
            found.check_day("/report_date", day);
            if day > today {
                found.add("/report_date", "future", "the day of the report lies in the future");
            }
        }
        if self.risk_flags.len() > LIST_ITEMS {
            found.add("/risk_flags", "too_many", format!("holds more than {LIST_ITEMS} entries"));
        }
        for (i, risk) in self.risk_flags.iter().take(LIST_ITEMS).enumerate() {
            if risk.parse::<Risk>().is_err() {
                let words: Vec<&str> = Risk::ALL.iter().map(|r| r.as_str()).collect();
                found.add(&format!("/risk_flags/{i}"), "unknown", format!("is none of {}", words.join(", ")));
            }
        }
        if self.transit_countries.len() > LIST_ITEMS {
            found.add("/transit_countries", "too_many", format!("holds more than {LIST_ITEMS} entries"));
        }
        if let (Some(birth), Some(contact)) = (self.person.birth, self.last_contact.at)
            && birth.from > contact.to
        {
            found.add("/person/birth", "after_contact", "the date of birth is later than the last contact");
        }
        found.check_country("/origin_country", self.origin_country.as_ref());
        found.check_country("/destination_country", self.destination_country.as_ref());
        for (i, country) in self.transit_countries.iter().take(LIST_ITEMS).enumerate() {
            found.check_country(&format!("/transit_countries/{i}"), Some(country));
        }
        if self.journey.len() > LIST_ITEMS {
            found.add("/journey", "too_many", format!("holds more than {LIST_ITEMS} entries"));
        }
        for (i, leg) in self.journey.iter().take(LIST_ITEMS).enumerate() {
            if let Some(transport) = &leg.transport {
                found.check_text(&format!("/journey/{i}/transport"), transport, 200);
            }
            leg.place.check(&format!("/journey/{i}/place"), &mut found);
            if !matches!(leg.kind.as_str(), "departure" | "contact" | "sighting" | "planned") {
                found.add(&format!("/journey/{i}/kind"), "unknown_word", "is not one of: departure, contact, sighting, planned");
            }
            if leg.certainty.as_deref().is_some_and(|c| !matches!(c, "confirmed" | "reported" | "estimated" | "unknown")) {
                found.add(&format!("/journey/{i}/certainty"), "unknown_word", "is not one of: confirmed, reported, estimated, unknown");
            }
        }
        if let Some(inquirer) = &self.inquirer {
            for (field, text) in [("name", &inquirer.name), ("relation", &inquirer.relation)] {
                if text.trim().is_empty() {
                    found.add(&format!("/inquirer/{field}"), "empty", "is needed to reach whoever searches");
                }
                found.check_text(&format!("/inquirer/{field}"), text, 200);
            }
            for (field, text) in [
                ("phone", &inquirer.phone),
                ("email", &inquirer.email),
                ("safe_to_call", &inquirer.safe_to_call),
                ("language", &inquirer.language),
            ] {
                if let Some(text) = text {
                    found.check_text(&format!("/inquirer/{field}"), text, 200);
                }
            }
        }
        let short = [
            ("/external_id", &self.external_id),
            ("/scheme", &self.scheme),
            ("/report_language", &self.report_language),
            ("/destination_place", &self.destination_place),
            ("/last_contact/means", &self.last_contact.means),
            ("/last_contact/transport", &self.last_contact.transport),
        ];
        for (pointer, text) in short {
            if let Some(text) = text {
                found.check_text(pointer, text, 200);
            }
        }
        if let Some(consent) = &self.consent {
            crate::services::consents::check_form(consent, "/consent", &mut found);
        }
        found.into_result()
    }
}
