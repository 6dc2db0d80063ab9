//! The life cycle of a case (domain.md 6.1) as a total function: every state and command has an answer, legal or not.
//!
//! There is no way from any state to "presumed dead", and the passing of time moves nothing.

crate::vocabulary! {
    /// What is feared for the person (V-RISK).
    Risk {
        /// A ransom is demanded.
        RansomDemand => "ransom_demand",
        /// Extortion.
        Extortion => "extortion",
        /// Threats.
        Threats => "threats",
        /// Forced recruitment.
        Recruitment => "recruitment",
        /// Trafficking.
        Trafficking => "trafficking",
        /// A disease that needs care.
        Disease => "disease",
        /// Lost in the desert.
        Desert => "desert",
        /// At sea.
        Maritime => "maritime",
        /// On a train.
        Train => "train",
        /// Detained.
        Detention => "detention",
        /// In the hands of a gang.
        Gang => "gang",
    }
}

crate::vocabulary! {
    /// State of a case (V-CASE).
    CaseState {
        /// Being written down.
        Draft => "draft",
        /// On record; the first action is due.
        Registered => "registered",
        /// Waiting for information that was asked for.
        InformationRequested => "information_requested",
        /// The search is on.
        SearchActive => "search_active",
        /// The search rests, with a reason and a review date.
        SearchSuspended => "search_suspended",
        /// A hypothesis is being verified.
        PossibleLocation => "possible_location",
        /// Located alive; the located adult decides what follows.
        LocatedAlive => "located_alive",
        /// In touch with the family again.
        ContactRestored => "contact_restored",
        /// Located alive, wants no contact now.
        ContactRefused => "contact_refused",
        /// Located alive, contact withheld to protect the person.
        ProtectionHold => "protection_hold",
        /// An identification was confirmed.
        IdentifiedDeceased => "identified_deceased",
        /// A person told the family.
        FamilyNotified => "family_notified",
        /// Remains, belongings and papers are on their way.
        RestitutionInProgress => "restitution_in_progress",
        /// Returned.
        Restituted => "restituted",
        /// After-care.
        FollowUp => "follow_up",
        /// Ended with an outcome.
        Closed => "closed",
        /// Rests under the master case of the same person, of the same authority.
        DuplicateLinked => "duplicate_linked",
        /// The family withdrew the report.
        WithdrawnByFamily => "withdrawn_by_family",
        /// Opened again.
        Reopened => "reopened",
        /// An identification turned out wrong.
        IdentificationRevoked => "identification_revoked",
    }
}

crate::vocabulary! {
    /// A named move of a case. There is no free update of the state.
    CaseCommand {
        /// Put on record.
        Register => "register",
        /// Ask the inquirer or an authority for more.
        RequestInformation => "request_information",
        /// Start or resume the search.
        ActivateSearch => "activate_search",
        /// Rest the search (reason, second person, family informed, review within 90 days).
        SuspendSearch => "suspend_search",
        /// A hypothesis is being verified.
        OpenPossibleLocation => "open_possible_location",
        /// The hypothesis did not hold.
        DiscardPossibleLocation => "discard_possible_location",
        /// Located alive, verified by an authority that had contact.
        ConfirmLocatedAlive => "confirm_located_alive",
        /// The adult wants contact, and it was made.
        RestoreContact => "restore_contact",
        /// The adult wants no contact.
        RecordContactRefused => "record_contact_refused",
        /// Contact would endanger the person.
        HoldForProtection => "hold_for_protection",
        /// An identification in state confirmed exists.
        ConfirmIdentified => "confirm_identified",
        /// A person told the family.
        RecordFamilyNotified => "record_family_notified",
        /// Restitution begins.
        BeginRestitution => "begin_restitution",
        /// Restitution done.
        CompleteRestitution => "complete_restitution",
        /// After-care begins.
        BeginFollowUp => "begin_follow_up",
        /// Close with an outcome.
        Close => "close",
        /// Let it rest under the case of the same person that it is linked to.
        LinkDuplicate => "link_duplicate",
        /// The family withdraws.
        WithdrawByFamily => "withdraw_by_family",
        /// Open again, with a reason.
        Reopen => "reopen",
        /// Revoke a wrong identification.
        RevokeIdentification => "revoke_identification",
    }
}

impl CaseCommand {
    /// Whether the move needs a reason: every one that ends, rests, undoes or reopens.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(
            self,
            Self::SuspendSearch
                | Self::DiscardPossibleLocation
                | Self::Close
                | Self::LinkDuplicate
                | Self::WithdrawByFamily
                | Self::Reopen
                | Self::RevokeIdentification
        )
    }

    /// Whether a person may make the move by itself. That the family was told follows from the delivery of a notification, and that an identification is
    /// revoked from the word of two institutions on it.
    #[must_use]
    pub const fn by_hand(self) -> bool {
        !matches!(self, Self::RecordFamilyNotified | Self::RevokeIdentification)
    }
}

/// A command that the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{command}\" is not possible while the case is \"{state}\"")]
pub struct IllegalCaseMove {
    /// Where the case is.
    pub state: CaseState,
    /// What was asked.
    pub command: CaseCommand,
    /// What would be possible.
    pub legal: Vec<CaseCommand>,
}

impl CaseState {
    /// Where a command leads from here; `None` when it is not allowed.
    #[must_use]
    pub const fn after(self, command: CaseCommand) -> Option<Self> {
        use CaseCommand as C;
        use CaseState as S;
        Some(match (self, command) {
            (S::Draft, C::Register) => S::Registered,
            (S::Registered | S::SearchActive, C::RequestInformation) => S::InformationRequested,
            (S::Registered | S::InformationRequested | S::SearchSuspended | S::Reopened | S::IdentificationRevoked, C::ActivateSearch) => {
                S::SearchActive
            }
            (S::SearchActive, C::SuspendSearch) => S::SearchSuspended,
            (S::SearchActive, C::OpenPossibleLocation) => S::PossibleLocation,
            (S::PossibleLocation, C::DiscardPossibleLocation) => S::SearchActive,
            (S::PossibleLocation, C::ConfirmLocatedAlive) => S::LocatedAlive,
            (S::LocatedAlive, C::RestoreContact) => S::ContactRestored,
            (S::LocatedAlive, C::RecordContactRefused) => S::ContactRefused,
            (S::LocatedAlive, C::HoldForProtection) => S::ProtectionHold,
            (S::PossibleLocation, C::ConfirmIdentified) => S::IdentifiedDeceased,
            (S::IdentifiedDeceased, C::RecordFamilyNotified) => S::FamilyNotified,
            (S::FamilyNotified, C::BeginRestitution) => S::RestitutionInProgress,
            (S::RestitutionInProgress, C::CompleteRestitution) => S::Restituted,
            (S::ContactRestored | S::ContactRefused | S::Restituted, C::BeginFollowUp) => S::FollowUp,
            (S::FollowUp, C::Close) => S::Closed,
            (
                S::IdentifiedDeceased | S::FamilyNotified | S::RestitutionInProgress | S::Restituted | S::FollowUp | S::Closed,
                C::RevokeIdentification,
            ) => S::IdentificationRevoked,
            (S::Closed | S::DuplicateLinked | S::WithdrawnByFamily | S::ContactRefused | S::ProtectionHold, C::Reopen) => S::Reopened,
            (state, C::LinkDuplicate) if !state.is_terminal() => S::DuplicateLinked,
            (state, C::WithdrawByFamily) if !state.is_terminal() => S::WithdrawnByFamily,
            _ => return None,
        })
    }

    /// Whether the case has ended (it can still be reopened by name).
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Closed | Self::DuplicateLinked | Self::WithdrawnByFamily)
    }

    /// The commands a person can give here.
    #[must_use]
    pub fn legal(self) -> Vec<CaseCommand> {
        CaseCommand::ALL.iter().copied().filter(|c| c.by_hand() && self.after(*c).is_some()).collect()
    }

    /// Applies a command.
    ///
    /// # Errors
    /// [`IllegalCaseMove`] with the legal commands.
    pub fn apply(self, command: CaseCommand) -> Result<Self, IllegalCaseMove> {
        self.after(command).ok_or_else(|| IllegalCaseMove { state: self, command, legal: self.legal() })
    }
}

crate::vocabulary! {
    /// How a report came in (V-CHANNEL).
    IntakeChannel {
        /// At an office.
        Office => "office",
        /// Through a consulate.
        Consulate => "consulate",
        /// Through an association of families.
        Association => "association",
        /// By telephone.
        Phone => "phone",
        /// By a messaging app.
        Whatsapp => "whatsapp",
        /// By text message.
        Sms => "sms",
        /// By the web form.
        WebForm => "web_form",
        /// From a file.
        Import => "import",
        /// From another authority.
        Partner => "partner",
        /// Without a report, by duty.
        ExOfficio => "ex_officio",
    }
}

crate::vocabulary! {
    /// How far a case or record may travel (nivel de reserva).
    Confidentiality {
        /// As agreements and consents allow.
        Normal => "normal",
        /// Not across authorities: e.g. imported without consent columns.
        Restricted => "restricted",
        /// Not even compared.
        Sealed => "sealed",
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_state_can_be_reached_and_none_is_a_dead_end() {
        let mut reached = HashSet::from([CaseState::Draft]);
        loop {
            let next: HashSet<_> =
                reached.iter().flat_map(|s| CaseCommand::ALL.iter().filter_map(|c| s.after(*c))).chain(reached.iter().copied()).collect();
            if next == reached {
                break;
            }
            reached = next;
        }
        assert_eq!(reached.len(), CaseState::ALL.len());
        for state in CaseState::ALL {
            assert!(!state.legal().is_empty(), "{state} is a dead end");
        }
    }

    #[test]
    fn the_dead_are_only_reached_through_a_possible_location_and_a_confirmed_identification() {
        for state in CaseState::ALL {
            for command in CaseCommand::ALL {
                if state.after(*command) == Some(CaseState::IdentifiedDeceased) {
                    assert_eq!((*state, *command), (CaseState::PossibleLocation, CaseCommand::ConfirmIdentified));
                }
            }
        }
    }

    #[test]
    fn an_illegal_move_names_the_legal_ones() {
        let refused = CaseState::Draft.apply(CaseCommand::Close).unwrap_err();
        assert_eq!(refused.legal, vec![CaseCommand::Register, CaseCommand::LinkDuplicate, CaseCommand::WithdrawByFamily]);
    }

    #[test]
    fn every_pair_of_state_and_command_is_decided_and_legal_agrees_with_apply() {
        for state in CaseState::ALL {
            for command in CaseCommand::ALL {
                assert_eq!(state.apply(*command).is_ok() && command.by_hand(), state.legal().contains(command));
            }
        }
    }
}
