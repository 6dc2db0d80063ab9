//! Who acts: every use case is called in somebody's name and for a stated purpose.

use super::authority::{Purpose, Right, Role};
use super::ids::{AuthorityId, CaseId, UserId};

/// A signed-in member of an authority's staff, or its API client acting in a user's name.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Whose tenant the work happens in.
    pub authority: AuthorityId,
    /// The person.
    pub user: UserId,
    /// What the person does there.
    pub roles: Vec<Role>,
    /// What for. Stated at sign-in, changeable, audited.
    pub purpose: Purpose,
    /// Whether a program acts in the person's name.
    pub via_api: bool,
}

/// An actor without the right a use case needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the right \"{0}\", which none of your roles has")]
pub struct MissingRight(pub Right);

impl Actor {
    /// Whether one of the roles has the right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.roles.iter().any(|r| r.rights().contains(&right))
    }

    /// Asks for a right.
    ///
    /// # Errors
    /// [`MissingRight`] when no role has it.
    pub fn require(&self, right: Right) -> Result<(), MissingRight> {
        if self.may(right) { Ok(()) } else { Err(MissingRight(right)) }
    }
}

/// A family signed in to one case by folio and PIN.
#[derive(Debug, Clone, Copy)]
pub struct FamilyActor {
    /// The authority that leads the case.
    pub authority: AuthorityId,
    /// The case.
    pub case: CaseId,
}
