//! Sends the mails that wait. A mail that left and was not noted as sent (a crash in between) is sent again: it says nothing but that something
//! waits in the portal. A refused recipient is given up and reported at once, anything else is tried again for three days.

use crate::db::queue::{self, MailOutcome};
use crate::db::{Role, Scope};
use crate::jobs::runner::{JobError, Worker};
use crate::mail::Template;

pub(super) async fn run(worker: &Worker) -> Result<(), JobError> {
    if worker.app.mailer.is_off() {
        return Ok(());
    }
    let mut waits = false;
    let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
    let waiting = queue::waiting_mail(&mut tx, 500).await?;
    tx.commit().await?;
    for mail in waiting {
        let template: Template = mail.template.parse().map_err(|_| JobError::Fail("an unknown mail template".to_owned()))?;
        let letter = worker.app.mailer.letter(template, &mail.language, &mail.email);
        let (outcome, stop) = match worker.app.mailer.send(&letter).await {
            Ok(()) => (MailOutcome::Sent, false),
            Err(error) => {
                let outcome = if error.is_final() { MailOutcome::Refused } else { MailOutcome::Later };
                // The error's own sentence names settings; a server's answer behind it may repeat the address and stays out of the log.
                tracing::warn!(mail.id = %mail.id, ?outcome, %error, "a mail could not be sent");
                (outcome, error.is_about_the_server())
            }
        };
        let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
        let given_up = queue::mail_done(&mut tx, mail.id, outcome, worker.app.now()).await?;
        tx.commit().await?;
        if given_up {
            tracing::error!(mail.id = %mail.id, "a mail is given up; the notice waits in the portal, but nobody was told of it");
        }
        waits |= outcome == MailOutcome::Later && !given_up;
        if stop {
            break;
        }
    }
    if waits { Err(JobError::Wait("mails wait for the mail server".to_owned())) } else { Ok(()) }
}
