//! A case's past in words: its timeline, its corrections with the old values, its consents, its messages.

use super::compare::field_name;
use super::i18n::Lang;
use super::page::Page;
use super::views::TimelineEvent;
use crate::db::audit::MoveLine;
use crate::db::consents::ConsentRow;
use crate::db::corrections::CorrectionLine;
use crate::db::messages::MessageRow;
use crate::services::cases::CaseFile;
use chrono::{DateTime, NaiveTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

fn moved(p: &Page, line: &MoveLine) -> TimelineEvent {
    let title = line.command.as_deref().map(|c| p.word("case-command", c)).unwrap_or_default();
    let text = [line.reason.clone(), line.user.clone()].into_iter().flatten().collect::<Vec<_>>().join(" – ");
    TimelineEvent { when: p.moment(line.at), title, text, state: "done" }
}

/// What happened, newest first, what is due on top.
pub(super) fn timeline(p: &Page, file: &CaseFile, now: DateTime<Utc>) -> Vec<TimelineEvent> {
    let row = &file.view.row;
    let day = |d: chrono::NaiveDate| d.and_time(NaiveTime::MIN).and_utc();
    let plain = |when: String, title: String| TimelineEvent { when, title, text: String::new(), state: "done" };
    let mut events: Vec<(DateTime<Utc>, TimelineEvent)> = file.moves.iter().map(|m| (m.at, moved(p, m))).collect();
    if let Some(at) = file.view.last_contact.as_ref().and_then(|c| c.at) {
        events.push((day(at.from), plain(p.partial(at), p.t("intake-last-contact"))));
    }
    if let Some(reported) = row.report_date.filter(|d| *d != row.created_at.date_naive()) {
        events.push((day(reported), plain(p.day(reported), p.t("desk-reported"))));
    }
    events.push((row.created_at, plain(p.moment(row.created_at), p.t("found-registered"))));
    for action in &file.actions {
        let title = p.word("action", &action.kind);
        match action.done_at {
            Some(at) => {
                let text = action.result.as_deref().map(|r| p.word("action-result", r)).unwrap_or_default();
                events.push((at, TimelineEvent { when: p.moment(at), title, text, state: "done" }));
            }
            None => {
                let text = if action.due_at < now { p.t("sla-overdue") } else { String::new() };
                events.push((action.due_at, TimelineEvent { when: p.moment(action.due_at), title, text, state: "due" }));
            }
        }
    }
    for message in &file.messages {
        events.push((message.created_at, plain(p.moment(message.created_at), p.word("message", &message.kind))));
    }
    events.sort_by_key(|e| std::cmp::Reverse(e.0));
    events.into_iter().map(|(_, e)| e).collect()
}

/// A value that was corrected, in words.
fn corrected(lang: Lang, field: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => match field {
            "sex" => lang.word("sex", text),
            "birth" | "at" => text.parse().map_or_else(|_| text.clone(), |date| lang.partial(date)),
            "nationalities" | "country" | "destination" | "origin_country" | "transit_countries" if text.len() == 3 => lang.country(text),
            "risk_flags" => lang.word("risk", text),
            "relation" => lang.word("kin", text),
            "language" => lang.word("spoken", text),
            "means" | "transport" | "certainty" => lang.word(field, text),
            "kind" => lang.word("leg-kind", text),
            _ => text.clone(),
        },
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(list) => list.iter().map(|v| corrected(lang, field, v)).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("; "),
        Value::Object(parts) => match parts.get("text").or_else(|| parts.get("full_text")) {
            Some(Value::String(text)) if !text.is_empty() => text.clone(),
            _ => [
                "given_names",
                "first_surname",
                "second_surname",
                "kind",
                "name",
                "place_name",
                "admin1",
                "country",
                "place",
                "at",
                "at_from",
                "means",
                "transport",
                "circumstances",
                "relation",
                "phone",
                "email",
                "language",
                "safe_to_call",
            ]
            .iter()
            .filter(|k| field != "names" || **k != "kind")
            .filter_map(|k| parts.get(*k).map(|v| corrected(lang, k, v)))
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(if field == "names" { " " } else { ", " }),
        },
    }
}

/// The name of a corrected column.
pub(super) fn column_name(p: &Page, column: &str) -> String {
    match column {
        "last_contact" => p.t("intake-last-contact"),
        "journey" => p.t("desk-journey"),
        "destination" => p.t("intake-destination"),
        "origin_country" => p.t("desk-origin"),
        "transit_countries" => p.t("desk-transit"),
        "risk_flags" => p.t("desk-risks"),
        "inquirer" => p.t("intake-inquirer"),
        "absent" => p.t("desk-absent"),
        "names" => field_name(p, "name"),
        "age_min" => p.t("intake-age-from"),
        "age_max" => p.t("intake-age-to"),
        "height_min_cm" => p.t("found-height-from"),
        "height_max_cm" => p.t("found-height-to"),
        "nationalities" => field_name(p, "nationality"),
        "hair_color" => field_name(p, "hair"),
        "eye_color" => field_name(p, "eyes"),
        "phones" => field_name(p, "phone"),
        "documents" => field_name(p, "document"),
        other => field_name(p, other),
    }
}

/// A corrected field: what it was, what it is, who and why.
#[derive(Debug, Clone)]
pub(super) struct Corrected {
    pub field: String,
    pub old: String,
    pub new: String,
    pub who: String,
    pub when: String,
    pub why: String,
}

/// What was corrected, newest first; the day an age was taken on goes with the age.
pub(super) fn corrections(p: &Page, lines: &[CorrectionLine]) -> Vec<Corrected> {
    let none = |text: String| if text.is_empty() { p.t("desk-nothing") } else { text };
    let value = |line: &CorrectionLine, v: Option<&Value>| none(v.map(|v| corrected(p.language, &line.field, v)).unwrap_or_default());
    lines
        .iter()
        .filter(|l| l.field != "age_as_of")
        .map(|l| Corrected {
            field: column_name(p, &l.field),
            old: value(l, l.old_value.as_ref()),
            new: value(l, l.new_value.as_ref()),
            who: l.author.clone().unwrap_or_default(),
            when: p.moment(l.at),
            why: l.reason.clone(),
        })
        .collect()
}

/// When it was withdrawn, the form, the purpose and the categories: what the recipients of one entry have in common.
type ConsentKey = (Option<DateTime<Utc>>, Uuid, String, Vec<String>);

/// Consents in words: one entry per purpose, categories and form, with its recipients.
pub(super) fn consents(p: &Page, rows: &[ConsentRow]) -> Vec<TimelineEvent> {
    let mut groups: BTreeMap<ConsentKey, Vec<&ConsentRow>> = BTreeMap::new();
    for row in rows {
        groups.entry((row.withdrawn_at, row.form_id, row.purpose.clone(), row.categories.clone())).or_default().push(row);
    }
    groups
        .into_iter()
        .filter_map(|((withdrawn, _, purpose, categories), rows)| {
            let first = *rows.first()?;
            let recipients = rows.iter().map(|r| p.word("authority", &r.recipient_kind).to_lowercase()).collect::<Vec<_>>().join(", ");
            let categories = categories.iter().map(|c| p.word("data-category", c).to_lowercase()).collect::<Vec<_>>().join(", ");
            let told = p.language.text_with(
                "desk-consent-told",
                [
                    ("language", p.word("spoken", &first.language).into()),
                    ("explained", first.explained_by.clone().into()),
                    ("granted", p.word("kin", &first.granted_by).to_lowercase().into()),
                ],
            );
            let (text, state) = match withdrawn {
                Some(at) => {
                    let reason = first.withdrawn_reason.clone().filter(|r| !r.trim().is_empty());
                    (
                        [Some(p.t1("found-consent-withdrawn", "when", p.moment(at))), reason]
                            .into_iter()
                            .flatten()
                            .collect::<Vec<_>>()
                            .join(" – "),
                        "",
                    )
                }
                None => (p.t2("desk-consent-what", "categories", categories, "told", told), "done"),
            };
            let title = p.t2("desk-consent-title", "purpose", p.word("purpose", &purpose), "recipients", recipients);
            Some(TimelineEvent { when: p.moment(first.granted_at), title, text, state })
        })
        .collect()
}

/// Something a family or association wrote, with the answers.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub id: Uuid,
    pub what: String,
    pub when: String,
    pub body: String,
    pub waiting: bool,
    pub answers: Vec<(String, String)>,
}

/// The conversation, newest question first, what waits for an answer on top.
pub(super) fn messages(p: &Page, rows: &[MessageRow]) -> Vec<Message> {
    let mut all: Vec<Message> = rows
        .iter()
        .rev()
        .filter(|m| m.author_kind != "staff")
        .map(|m| Message {
            id: m.id,
            what: p.word("message", &m.kind),
            when: p.moment(m.created_at),
            body: m.body.clone(),
            waiting: m.answered_at.is_none(),
            answers: rows.iter().filter(|a| a.in_reply_to == Some(m.id)).map(|a| (p.moment(a.created_at), a.body.clone())).collect(),
        })
        .collect();
    all.sort_by_key(|m| !m.waiting);
    all
}
