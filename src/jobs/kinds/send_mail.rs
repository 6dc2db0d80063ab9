//! Sends the mails that wait. A mail that left and was not noted as sent (a crash in between) is sent again: it says nothing but that something
//! waits in the portal.

use crate::db::{Role, Scope, queue};
use crate::jobs::runner::{JobError, Worker};
use crate::mail::Template;

pub(super) async fn run(worker: &Worker) -> Result<(), JobError> {
    if worker.app.mailer.is_off() {
        return Ok(());
    }
    let mut failed = 0;
    let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
    let waiting = queue::waiting_mail(&mut tx, 500).await?;
    tx.commit().await?;
    for mail in waiting {
        let template: Template = mail.template.parse().map_err(|_| JobError::Fail("an unknown mail template".to_owned()))?;
        let letter = worker.app.mailer.letter(template, &mail.language, &mail.email);
        let sent = match worker.app.mailer.send(&letter).await {
            Ok(()) => true,
            Err(error) => {
                // The error names settings, never the address.
                tracing::warn!(mail.id = %mail.id, %error, "a mail could not be sent");
                failed += 1;
                false
            }
        };
        let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
        queue::mail_done(&mut tx, mail.id, sent, worker.app.now()).await?;
        tx.commit().await?;
    }
    if failed > 0 { Err(JobError::Retry(format!("{failed} mails could not be sent"))) } else { Ok(()) }
}
