//! Mail by `lettre`, behind an enum: SMTP, a folder, memory for tests. Texts come from an allow-list of neutral ones: a mail can say
//! that something waits in the portal, and nothing else.

use crate::config::{Mail as MailSettings, MailTransport};
use lettre::message::Mailbox;
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a mail server may take to answer: well under the lease of the job that asks it.
const PATIENCE: Duration = Duration::from_secs(20);

crate::vocabulary! {
    /// The mails there are.
    Template {
        /// Something waits in the portal.
        SomethingWaits => "something_waits",
        /// How you sign in was changed.
        SignInChanged => "sign_in_changed",
    }
}

/// A mail as it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
}

/// Why a mail could not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The recipient's address is none.
    #[error("an address cannot be read; check the user's address")]
    Address(#[source] lettre::address::AddressError),
    /// The sender is none.
    #[error("the sender cannot be read; check mail.from")]
    Sender(#[source] lettre::address::AddressError),
    /// The letter could not be put together.
    #[error("the letter could not be put together")]
    Letter(#[source] lettre::error::Error),
    /// The SMTP server refused or could not be reached.
    #[error("the mail server refused or could not be reached; check mail.url")]
    Smtp(#[source] lettre::transport::smtp::Error),
    /// The folder could not be written.
    #[error("the mail folder could not be written; check mail.folder")]
    File(#[source] lettre::transport::file::Error),
    /// Mail is switched off.
    #[error("mail is switched off (mail.transport)")]
    Off,
}

impl MailError {
    /// Whether this letter can never be delivered: its address is none, or the server refused the recipient for good (550, 551, 553, 556). A
    /// server that refuses everybody (credentials, greeting, policy) or cannot be reached is asked again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Address(_) | Self::Letter(_) => true,
            Self::Smtp(error) => error.status().is_some_and(|code| matches!(u16::from(code), 550 | 551 | 553 | 556)),
            Self::Sender(_) | Self::File(_) | Self::Off => false,
        }
    }

    /// Whether no other letter would leave either at present.
    #[must_use]
    pub fn is_about_the_server(&self) -> bool {
        match self {
            Self::Smtp(error) => error.status().is_none(),
            Self::Sender(_) | Self::File(_) | Self::Off => true,
            Self::Address(_) | Self::Letter(_) => false,
        }
    }
}

#[derive(Clone)]
enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    File(AsyncFileTransport<Tokio1Executor>),
    Memory(Arc<Mutex<Vec<Letter>>>),
    Off,
}

/// Sends mail.
#[derive(Clone)]
pub struct Mailer {
    from: String,
    public_url: String,
    transport: Transport,
}

impl Mailer {
    /// From settings. `public_url` is where the link leads.
    ///
    /// # Errors
    /// [`MailError::Smtp`] when the URL cannot be read.
    pub fn new(settings: &MailSettings, public_url: &str) -> Result<Self, MailError> {
        let transport = match settings.transport {
            MailTransport::Off => Transport::Off,
            MailTransport::File => Transport::File(AsyncFileTransport::new(&settings.folder)),
            MailTransport::Smtp => {
                let smtp = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.url.0).map_err(MailError::Smtp)?;
                Transport::Smtp(smtp.timeout(Some(PATIENCE)).build())
            }
        };
        Ok(Self { from: settings.from.clone(), public_url: public_url.to_owned(), transport })
    }

    /// Keeps letters in memory, for tests.
    #[must_use]
    pub fn memory() -> (Self, Arc<Mutex<Vec<Letter>>>) {
        let letters = Arc::new(Mutex::new(Vec::new()));
        let mailer = Self {
            from: "Portal <portal@rastro.invalid>".to_owned(),
            public_url: "http://127.0.0.1".to_owned(),
            transport: Transport::Memory(letters.clone()),
        };
        (mailer, letters)
    }

    /// Whether mails leave at all.
    #[must_use]
    pub const fn is_off(&self) -> bool {
        matches!(self.transport, Transport::Off)
    }

    /// Puts a letter together.
    #[must_use]
    pub fn letter(&self, template: Template, language: &str, to: &str) -> Letter {
        let (subject, body) = match (template, language) {
            (Template::SomethingWaits, "en") => ("Portal", "Something is waiting for you in the portal. Open it when it suits you:"),
            (Template::SomethingWaits, _) => ("Portal", "Tiene un aviso en el portal. Entre cuando usted quiera:"),
            (Template::SignInChanged, "en") => ("Portal", "The way you sign in was changed. If it was not you, call your administrator."),
            (Template::SignInChanged, _) => ("Portal", "Cambió su forma de entrar. Si no fue usted, llame a su administración."),
        };
        Letter { to: to.to_owned(), subject: subject.to_owned(), body: format!("{body}\r\n\r\n{}/\r\n", self.public_url) }
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// [`MailError`], naming what to check.
    pub async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        if let Transport::Memory(letters) = &self.transport {
            if let Ok(mut letters) = letters.lock() {
                letters.push(letter.clone());
            }
            return Ok(());
        }
        let from: Mailbox = self.from.parse().map_err(MailError::Sender)?;
        let to: Mailbox = letter.to.parse().map_err(MailError::Address)?;
        let message =
            Message::builder().from(from).to(to).subject(letter.subject.clone()).body(letter.body.clone()).map_err(MailError::Letter)?;
        match &self.transport {
            Transport::Smtp(smtp) => smtp.send(message).await.map(|_| ()).map_err(MailError::Smtp),
            Transport::File(file) => file.send(message).await.map(|_| ()).map_err(MailError::File),
            Transport::Off => Err(MailError::Off),
            Transport::Memory(_) => Ok(()),
        }
    }
}
