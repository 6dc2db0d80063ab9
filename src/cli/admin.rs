//! `admin`: what the operator of a node sets up by hand.

use super::{Out, describe};
use crate::app::App;
use crate::config::Settings;
use crate::domain::authority::{AuthorityKind, Purpose, Role};
use crate::domain::disclosure::Category;
use crate::domain::ids::{AuthorityId, UserId};
use crate::services::admin::{self, NewAgreement, NewAuthority, NewGrant, NewUser};
use anyhow::Context;
use std::process::ExitCode;

/// What to set up.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Registers an authority.
    Authority {
        /// Short code in capitals, part of its folios, e.g. CBPD.
        code: String,
        /// Name.
        name: String,
        /// Country, three letters (ISO 3166-1).
        #[arg(long)]
        country: String,
        /// search_commission, forensic_bank, consulate, public_defender, association, hospital …
        #[arg(long)]
        kind: AuthorityKind,
        /// For a consulate: whose nationals it serves.
        #[arg(long)]
        represents: Option<String>,
    },
    /// Registers a user; the password is read from standard input. The first administrator is made this way.
    User {
        /// Code of the authority.
        authority: String,
        /// Address to sign in with.
        email: String,
        /// Name.
        name: String,
        /// Roles, one or more: search_officer, reviewer, forensic_officer, consular_officer, public_defender, association_member,
        /// administrator.
        #[arg(long, required = true)]
        role: Vec<Role>,
        /// Language of the pages.
        #[arg(long, default_value = "es")]
        language: String,
    },
    /// Sets up a second factor for a user and prints the secret once.
    SecondFactor {
        /// Address of the user.
        email: String,
    },
    /// Registers an API client that works in a user's name and prints its secret once.
    Client {
        /// Address of the user.
        email: String,
        /// Name of the client.
        name: String,
    },
    /// Records an agreement by which both authorities let each other see cases and found records, as far as consents go.
    Agreement {
        /// Short code.
        code: String,
        /// Name.
        name: String,
        /// On what it rests.
        #[arg(long)]
        legal_basis: String,
        /// Codes of the two authorities.
        #[arg(long, num_args = 2, required = true)]
        between: Vec<String>,
        /// Purposes.
        #[arg(long, required = true)]
        purpose: Vec<Purpose>,
        /// Categories of data: identity, description, circumstances, health, identifiers, contact.
        #[arg(long, required = true)]
        category: Vec<Category>,
    },
    /// Suspends an agreement at once, or resumes it.
    Suspend {
        /// Its code.
        code: String,
        /// Resume instead.
        #[arg(long)]
        resume: bool,
    },
    /// Lists the authorities.
    List,
}

async fn find(app: &App, code: &str) -> anyhow::Result<AuthorityId> {
    let all = admin::authorities(app).await?;
    all.iter()
        .find(|a| a.code == code)
        .map(|a| AuthorityId(a.id))
        .with_context(|| format!("there is no authority {code}; `rastro admin list` shows them"))
}

async fn find_user(app: &App, email: &str) -> anyhow::Result<UserId> {
    admin::find_user(app, email).await?.with_context(|| format!("there is no user with the address {email}"))
}

/// `rastro admin …`.
///
/// # Errors
/// With what to do about it.
pub async fn run(settings: Settings, command: Command) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(!settings.database.url.0.is_empty(), "no database is set: set DATABASE_URL or [database] url");
    let app = App::from_settings(settings)?;
    match command {
        Command::Authority { code, name, country, kind, represents } => {
            let id = admin::put_authority(&app, &NewAuthority { code, name, country, kind, represents, phone: None }).await?;
            Out.line(id.to_string());
        }
        Command::User { authority, email, name, role, language } => {
            let authority = find(&app, &authority).await?;
            let mut password = String::new();
            std::io::stdin().read_line(&mut password).context("the password is read from standard input")?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            let new = NewUser { authority, email, name, roles: role, password, language, phone: None };
            let id = admin::add_user(&app, new).await.map_err(describe)?;
            Out.line(id.to_string());
        }
        Command::SecondFactor { email } => {
            let user = find_user(&app, &email).await?;
            Out.line(admin::set_second_factor(&app, user).await?);
        }
        Command::Client { email, name } => {
            let user = find_user(&app, &email).await?;
            let client = admin::add_client(&app, user, &name).await?;
            Out.line(format!("client_id {}\nclient_secret {}", client.id, client.secret));
        }
        Command::Agreement { code, name, legal_basis, between, purpose, category } => {
            let mut parties = Vec::new();
            for party in &between {
                parties.push(find(&app, party).await?);
            }
            let mut grants = Vec::new();
            for (from, to) in parties.iter().zip(parties.iter().rev()) {
                for purpose in &purpose {
                    for subject_kind in ["case", "found_record"] {
                        grants.push(NewGrant { from: *from, to: *to, purpose: *purpose, subject_kind, categories: category.clone() });
                    }
                }
            }
            let new = NewAgreement { code, name, legal_basis, valid_from: app.clock.today(), valid_to: None, grants };
            Out.line(admin::add_agreement(&app, &new).await?.to_string());
        }
        Command::Suspend { code, resume } => {
            admin::suspend_agreement(&app, &code, !resume).await?;
            Out.line(if resume { "resumed" } else { "suspended" });
        }
        Command::List => {
            for a in admin::authorities(&app).await? {
                Out.line(format!("{:<10} {:<4} {:<18} {}", a.code, a.country, a.kind, a.name));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
