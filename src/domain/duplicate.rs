//! Possible duplicates: two cases, or two found records of one class, that may be of one person. A link says so and merges nothing: both records stay
//! whole under their owners, with their consents and their history. It takes a word of every owner; any owner's word ends it.

crate::vocabulary! {
    /// Of which kind both records are.
    DuplicateKind {
        /// Missing persons' cases.
        Case => "case",
        /// Found records.
        FoundRecord => "found_record",
    }
}

crate::vocabulary! {
    /// State of a possible duplicate.
    DuplicateState {
        /// Put forward by the engine or a person.
        Proposed => "proposed",
        /// One authority says they are one person; the other's word is awaited.
        LinkProposed => "link_proposed",
        /// Linked as one person's.
        Linked => "linked",
        /// Not of one person: not put forward again.
        NotDuplicate => "not_duplicate",
        /// Was linked, and is not any more: not put forward again.
        Unlinked => "unlinked",
        /// The engine does not hold it any more.
        Superseded => "superseded",
        /// A consent or an agreement behind it ended.
        Withdrawn => "withdrawn",
    }
}

crate::vocabulary! {
    /// A step of a possible duplicate.
    DuplicateCommand {
        /// Put forward.
        Propose => "propose",
        /// Say that they are one person.
        Link => "link",
        /// Say that they are not.
        MarkNotDuplicate => "mark_not_duplicate",
        /// Take a link back.
        Unlink => "unlink",
        /// The engine ends what nobody has touched.
        Supersede => "supersede",
        /// A consent or an agreement ended.
        Withdraw => "withdraw",
    }
}

/// Whose words for a link are in once somebody has said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    /// Every owner's.
    All,
    /// One owner's; the other's is awaited.
    One,
}

/// A step that the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{command}\" is not possible while the possible duplicate is \"{state}\"")]
pub struct IllegalDuplicateStep {
    /// Where it is.
    pub state: DuplicateState,
    /// What was asked.
    pub command: DuplicateCommand,
    /// What would be possible.
    pub legal: Vec<DuplicateCommand>,
}

impl DuplicateState {
    /// Where a step by hand leads from here; `None` when it is not allowed. What was decided can be decided otherwise: people err.
    #[must_use]
    pub const fn after(self, command: DuplicateCommand, agreed: Agreed) -> Option<Self> {
        use DuplicateCommand as C;
        use DuplicateState as S;
        Some(match (self, command) {
            (S::Proposed | S::LinkProposed | S::NotDuplicate | S::Unlinked | S::Superseded, C::Link) => match agreed {
                Agreed::All => S::Linked,
                Agreed::One => S::LinkProposed,
            },
            (S::Proposed | S::LinkProposed, C::MarkNotDuplicate) => S::NotDuplicate,
            (S::LinkProposed | S::Linked, C::Unlink) => S::Unlinked,
            _ => return None,
        })
    }

    /// Whether somebody is still to decide.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Proposed | Self::LinkProposed)
    }

    /// The steps a person can make here.
    #[must_use]
    pub fn legal(self) -> Vec<DuplicateCommand> {
        DuplicateCommand::ALL.iter().copied().filter(|c| self.after(*c, Agreed::All).is_some()).collect()
    }

    /// Applies a step.
    ///
    /// # Errors
    /// [`IllegalDuplicateStep`] with the legal steps.
    pub fn apply(self, command: DuplicateCommand, agreed: Agreed) -> Result<Self, IllegalDuplicateStep> {
        self.after(command, agreed).ok_or_else(|| IllegalDuplicateStep { state: self, command, legal: self.legal() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_needs_every_owners_word_and_any_owner_ends_it() {
        use DuplicateCommand as C;
        use DuplicateState as S;
        for state in S::ALL {
            for command in C::ALL {
                if state.after(*command, Agreed::One) == Some(S::Linked) {
                    panic!("{state} {command}: linked by one word of two");
                }
            }
        }
        assert_eq!(S::LinkProposed.after(C::Link, Agreed::All), Some(S::Linked));
        for agreed in [Agreed::One, Agreed::All] {
            assert_eq!(S::Linked.after(C::Unlink, agreed), Some(S::Unlinked));
        }
    }

    #[test]
    fn every_pair_of_state_and_step_is_decided_and_legal_agrees_with_apply() {
        for state in DuplicateState::ALL {
            for command in DuplicateCommand::ALL {
                assert_eq!(state.apply(*command, Agreed::One).is_ok(), state.legal().contains(command));
            }
        }
    }

    #[test]
    fn what_a_withdrawal_ended_is_decided_by_nobody_and_what_the_engine_ended_can_still_be_linked() {
        assert!(DuplicateState::Withdrawn.legal().is_empty());
        assert_eq!(DuplicateState::Superseded.legal(), [DuplicateCommand::Link]);
    }
}
