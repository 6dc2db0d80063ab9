//! Giving back to a family what is theirs (entrega digna; domain.md 6.4, OB-35): remains, belongings, documents, with the paperwork that takes them home.

crate::vocabulary! {
    /// State of a restitution.
    RestitutionState {
        /// Offered to the family.
        Offered => "offered",
        /// The family considers it.
        DecisionPending => "decision_pending",
        /// The family accepts.
        Accepted => "accepted",
        /// Not now; it stays offered.
        RefusedForNow => "refused_for_now",
        /// Certificates, permits and visas are being got.
        Paperwork => "paperwork",
        /// On the way.
        Transfer => "transfer",
        /// The family has what is theirs.
        Delivered => "delivered",
        /// The ceremony is accompanied.
        CeremonySupport => "ceremony_support",
        /// Nothing is left to do.
        Closed => "closed",
        /// The identification behind it was revoked: nothing moves any more.
        Frozen => "frozen",
    }
}

crate::vocabulary! {
    /// A named move of a restitution.
    RestitutionCommand {
        /// Write down receiver, carrier, costs, wishes, paperwork or what is handed over.
        Edit => "edit",
        /// The family takes its time.
        AwaitDecision => "await_decision",
        /// The family accepts.
        Accept => "accept",
        /// The family does not want it now.
        RefuseForNow => "refuse_for_now",
        /// Get the papers.
        BeginPaperwork => "begin_paperwork",
        /// Send on the way.
        BeginTransfer => "begin_transfer",
        /// The family has it.
        Deliver => "deliver",
        /// Accompany the ceremony.
        BeginCeremonySupport => "begin_ceremony_support",
        /// Nothing is left to do.
        Close => "close",
        /// Stop: the identification behind it was revoked. Follows from that alone.
        Freeze => "freeze",
    }
}

crate::vocabulary! {
    /// What is given back.
    ItemKind {
        /// Remains.
        Remains => "remains",
        /// A thing of the person's.
        Belonging => "belonging",
        /// A document: report, certificate, list of belongings.
        Document => "document",
    }
}

crate::vocabulary! {
    /// A paper that may be needed to take somebody home across a border.
    Paper {
        /// The death certificate with its apostille.
        DeathCertificateApostille => "death_certificate_apostille",
        /// The transit permit of the health authority.
        TransitPermit => "transit_permit",
        /// The certificate of embalming or cremation.
        EmbalmingOrCremationCertificate => "embalming_or_cremation_certificate",
        /// The consulate's visa.
        ConsularVisa => "consular_visa",
    }
}

crate::vocabulary! {
    /// How far a paper is.
    PaperState {
        /// To be got.
        Pending => "pending",
        /// It is there.
        Obtained => "obtained",
        /// It is not needed here.
        NotNeeded => "not_needed",
    }
}

/// A command that the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{command}\" is not possible while the restitution is \"{state}\"")]
pub struct IllegalRestitutionMove {
    /// Where the restitution is.
    pub state: RestitutionState,
    /// What was asked.
    pub command: RestitutionCommand,
    /// What would be possible.
    pub legal: Vec<RestitutionCommand>,
}

impl RestitutionCommand {
    /// Whether the move needs a reason.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::RefuseForNow)
    }

    /// Whether only the institution that speaks with the family makes it; the others are also made by the one that keeps the remains.
    #[must_use]
    pub const fn is_the_familys(self) -> bool {
        matches!(self, Self::AwaitDecision | Self::Accept | Self::RefuseForNow | Self::BeginCeremonySupport | Self::Close)
    }

    /// Whether a person may make it; freezing follows from a revocation.
    #[must_use]
    pub const fn by_hand(self) -> bool {
        !matches!(self, Self::Freeze)
    }
}

impl RestitutionState {
    /// Where a command leads from here; `None` when it is not allowed.
    #[must_use]
    pub const fn after(self, command: RestitutionCommand) -> Option<Self> {
        use RestitutionCommand as C;
        use RestitutionState as S;
        Some(match (self, command) {
            (S::Frozen | S::Closed, C::Edit) | (S::Frozen, _) => return None,
            (state, C::Edit) => state,
            (S::Offered | S::RefusedForNow, C::AwaitDecision) => S::DecisionPending,
            (S::Offered | S::DecisionPending | S::RefusedForNow, C::Accept) => S::Accepted,
            (S::Offered | S::DecisionPending | S::Accepted | S::Paperwork, C::RefuseForNow) => S::RefusedForNow,
            (S::Accepted, C::BeginPaperwork) => S::Paperwork,
            (S::Paperwork, C::BeginTransfer) => S::Transfer,
            (S::Transfer, C::Deliver) => S::Delivered,
            (S::Delivered, C::BeginCeremonySupport) => S::CeremonySupport,
            (S::Delivered | S::CeremonySupport, C::Close) => S::Closed,
            (_, C::Freeze) => S::Frozen,
            _ => return None,
        })
    }

    /// The commands a person can give here.
    #[must_use]
    pub fn legal(self) -> Vec<RestitutionCommand> {
        RestitutionCommand::ALL.iter().copied().filter(|c| c.by_hand() && self.after(*c).is_some()).collect()
    }

    /// Applies a command.
    ///
    /// # Errors
    /// [`IllegalRestitutionMove`] with the legal commands.
    pub fn apply(self, command: RestitutionCommand) -> Result<Self, IllegalRestitutionMove> {
        self.after(command).ok_or_else(|| IllegalRestitutionMove { state: self, command, legal: self.legal() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_restitution_takes_no_move_and_every_other_can_be_frozen() {
        for state in RestitutionState::ALL {
            if *state == RestitutionState::Frozen {
                assert!(RestitutionCommand::ALL.iter().all(|c| state.after(*c).is_none()));
            } else {
                assert_eq!(state.after(RestitutionCommand::Freeze), Some(RestitutionState::Frozen));
            }
            assert!(!state.legal().contains(&RestitutionCommand::Freeze));
        }
    }

    #[test]
    fn nothing_is_on_its_way_that_the_family_did_not_accept() {
        use RestitutionState as S;
        for state in S::ALL {
            for command in RestitutionCommand::ALL {
                match state.after(*command) {
                    Some(S::Transfer) => assert!(matches!(state, S::Paperwork | S::Transfer)),
                    Some(S::Paperwork) => assert!(matches!(state, S::Accepted | S::Paperwork)),
                    _ => {}
                }
            }
        }
        assert_eq!(S::Offered.after(RestitutionCommand::BeginPaperwork), None);
    }
}
