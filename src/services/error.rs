//! What can go wrong in a use case, in classes that faces turn into answers.

use crate::db::DbError;
use crate::domain::actor::MissingRight;
use crate::domain::case::IllegalCaseMove;
use crate::domain::duplicate::IllegalDuplicateStep;
use crate::domain::hypothesis::{IllegalHypothesisMove, VerdictRefused};
use crate::domain::identification::{IllegalIdentificationMove, SignatureRefused};
use crate::domain::notification::IllegalNotificationMove;
use crate::domain::restitution::IllegalRestitutionMove;
use crate::domain::sample::IllegalSampleMove;
use crate::domain::violations::Violations;

/// Why a use case did not happen. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such thing, or none that the caller may know of: the two are one answer.
    #[error("there is no such record")]
    NotFound,
    /// Nobody is signed in, or with wrong or ended credentials.
    #[error("sign in first")]
    Unauthenticated,
    /// Too many attempts; the seconds to wait.
    #[error("too many attempts; wait {0} seconds")]
    TooMany(u32),
    /// A right is missing for something the caller may know of.
    #[error(transparent)]
    Forbidden(#[from] MissingRight),
    /// The input has faults.
    #[error("the input has faults")]
    Invalid(#[from] Violations),
    /// The life cycle of a case does not allow it.
    #[error(transparent)]
    IllegalCase(#[from] IllegalCaseMove),
    /// The life cycle of a hypothesis does not allow it.
    #[error(transparent)]
    IllegalHypothesis(#[from] IllegalHypothesisMove),
    /// The life cycle of a possible duplicate does not allow it.
    #[error(transparent)]
    IllegalDuplicate(#[from] IllegalDuplicateStep),
    /// The life cycle of a sample does not allow it.
    #[error(transparent)]
    IllegalSample(#[from] IllegalSampleMove),
    /// The life cycle of an identification does not allow it.
    #[error(transparent)]
    IllegalIdentification(#[from] IllegalIdentificationMove),
    /// The life cycle of a notification does not allow it.
    #[error(transparent)]
    IllegalNotification(#[from] IllegalNotificationMove),
    /// The life cycle of a restitution does not allow it.
    #[error(transparent)]
    IllegalRestitution(#[from] IllegalRestitutionMove),
    /// The rule of two people of two institutions does not allow it.
    #[error(transparent)]
    Verdict(#[from] VerdictRefused),
    /// The same rule, of signatures and revocations.
    #[error(transparent)]
    Signature(#[from] SignatureRefused),
    /// Somebody changed it in the meantime; the present revision.
    #[error("somebody changed it in the meantime; read it again (revision {0})")]
    Stale(i32),
    /// Something of that kind is there already.
    #[error("{0} is taken already")]
    Taken(String),
    /// A request's key was used for another request.
    #[error("this key was used for another request; draw a new one")]
    Reused,
    /// Another open hypothesis on one of the sides is as strong.
    #[error("another open hypothesis for the same case or record is as strong; decide that one first")]
    Rival,
    /// It cannot be done in the present situation; the sentence says why.
    #[error("{0}")]
    Refused(String),
    /// No comparison engine answers in this process, or not yet.
    #[error("no comparison engine is ready in this process; ask again in a minute, or ask a process of the node that also works the queue")]
    NoEngine,
    /// No key to seal profiles with.
    #[error("this node keeps no profiles: its operator has set no [keys] bank_key")]
    NoBank,
    /// The database.
    #[error(transparent)]
    Database(DbError),
    /// Anything inside that should not happen.
    #[error("something failed inside")]
    Internal(#[source] anyhow::Error),
}

impl From<DbError> for ServiceError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotFound => Self::NotFound,
            DbError::Unique(what) => Self::Taken(what),
            other => Self::Database(other),
        }
    }
}

impl From<super::bank::seal::SealError> for ServiceError {
    fn from(error: super::bank::seal::SealError) -> Self {
        Self::Internal(error.into())
    }
}
